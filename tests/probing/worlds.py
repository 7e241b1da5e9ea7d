"""Small corpora whose labels are told by a word, read with tiny models made on the spot."""

import random
from pathlib import Path
from typing import Any

import corpuscope as cs
from corpuscope.corpus.read import read_corpus
from corpuscope.store.store import Store
from tests.asking import ask
from tests.reader.tiny import tiny_bert
from tests.sae.worlds import random_dictionary

WORDS = str.split("cat mat pan oil sleep warm sat knows one two three four five six seven ten")
CHEAP: dict[str, Any] = {"rename": False, "folds": 3}


def rows(
    n: int, *, seed: int = 0, signal: str = "onion", share: float = 0.95
) -> list[dict[str, Any]]:
    """Half of the texts are of the class "yes"; of these `share` have the word, few others do."""
    rng = random.Random(seed)
    found = []
    for i in range(n):
        words = rng.choices(WORDS, k=rng.randint(4, 14))
        is_yes = i % 2 == 1
        if rng.random() < (share if is_yes else 1 - share):
            words.insert(rng.randrange(len(words)), signal)
        label = "yes" if is_yes else "no"
        number = words.count(signal) + rng.random() / 5
        found.append({"text": " ".join(words) + ".", "label": label, "number": number, "g": i // 3})
    return found


def store_of(folder: Path, name: str, texts: list[dict[str, Any]], **options: Any) -> Store:
    """Their store."""
    corpus = read_corpus(texts)
    models: dict[str, Any] = {"dictionary": random_dictionary(), "reader": tiny_bert()}
    return cs.extract(corpus, into=folder / f"{name}.scope", **(models | options))


def asked(store: Store, **options: Any) -> cs.ProbeResult:
    """What probes say of the label."""
    models: dict[str, Any] = {"dictionary": random_dictionary(), "reader": tiny_bert()}
    return ask(cs.probe, store, **{"label": "label"} | CHEAP | models | options)
