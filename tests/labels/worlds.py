"""Made-up sentences in which it is known what a feature is present for."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from corpuscope.labels.context import FeatureContext
from corpuscope.store.store import Store
from tests.store.worlds import feature_table, record, write


def split(words: str) -> list[str]:
    """The words of a string, which reads better than a quoted list of them."""
    return words.split()


_NOUNS = split("river engine garden letter market window teacher bridge candle forest kitchen")
_VERBS = split("crosses watches follows carries paints repairs remembers visits leaves opens")
_PLACES = ["near the station", "before sunrise", "with some care", "in the old town", "after lunch"]


def plain_sentence(rng: np.random.Generator) -> str:
    noun, other = rng.choice(_NOUNS, 2, replace=False)
    return f"The {noun} {rng.choice(_VERBS)} the {other} {rng.choice(_PLACES)}."


def some_word(rng: np.random.Generator) -> str:
    return str(rng.choice([*_NOUNS, *_VERBS]))


def token(
    text: str, unit: str, *, document: str = "d", strength: float = 1.0, **more: object
) -> FeatureContext:
    """A context whose unit is the first occurrence of `unit` in `text`."""
    start = text.index(unit)
    return FeatureContext(text, start, start + len(unit), strength, document, **more)  # type: ignore[arg-type]


def sentence(
    text: str, *, document: str = "d", strength: float = 1.0, **more: object
) -> FeatureContext:
    return FeatureContext(text, 0, len(text), strength, document, **more)  # type: ignore[arg-type]


def random_tokens(n: int, seed: int = 0) -> list[FeatureContext]:
    rng = np.random.default_rng(seed)
    contexts = []
    for i in range(n):
        text = plain_sentence(rng)
        words = text.rstrip(".").split()
        contexts.append(token(text, str(rng.choice(words)), document=f"b{i}", strength=0.0))
    return contexts


def random_sentences(n: int, seed: int = 0) -> list[FeatureContext]:
    rng = np.random.default_rng(seed)
    return [sentence(plain_sentence(rng), document=f"b{i}", strength=0.0) for i in range(n)]


def words_within(words: Sequence[str], n: int, seed: int = 1) -> list[FeatureContext]:
    """Token contexts on one of the words, within a plain sentence."""
    rng = np.random.default_rng(seed)
    contexts = []
    for i in range(n):
        word = str(rng.choice(words))
        first, rest = plain_sentence(rng).split(" ", 2)[:2], plain_sentence(rng).split(" ", 2)[2]
        text = f"{' '.join(first)} {word} {rest}"
        contexts.append(token(text, f"{word}", document=f"w{i}", strength=1 + rng.random()))
    return contexts


_APOLOGIES = (
    "I am so sorry about the {}.",
    "We apologise for the trouble with the {}.",
    "Please accept my apologies for the {}.",
    "Sorry, the {} is not ready yet.",
    "She apologized for breaking the {}.",
)


def apologies(n: int, seed: int = 2) -> list[FeatureContext]:
    rng = np.random.default_rng(seed)
    return [
        sentence(
            str(rng.choice(_APOLOGIES)).format(rng.choice(_NOUNS)),
            document=f"a{i}",
            strength=1 + rng.random(),
        )
        for i in range(n)
    ]


def questions(n: int, seed: int = 3) -> list[FeatureContext]:
    rng = np.random.default_rng(seed)
    return [
        sentence(plain_sentence(rng).replace(".", "?"), document=f"q{i}", strength=1 + rng.random())
        for i in range(n)
    ]


def store_of(path: Path, *, n: int = 200) -> Store:
    """Feature 0: the word "however"; 1: nothing; 2: at random; 3: apologies; 4: at random.

    Features 0 to 2 are of tokens, 3 and 4 of sentences. Every document is one sentence.
    """
    rng = np.random.default_rng(5)
    sorry = apologies(n)
    records = []
    for i in range(n):
        text = plain_sentence(rng)
        strengths: dict[int, tuple[float, int]] = {}
        if i % 4 == 0:
            text = text.replace(" the ", " however the ", 1)
            strengths[0] = (1 + rng.random(), text.split().index("however"))
        if i % 4 == 1:
            text = sorry[i].text
            strengths[3] = (1 + rng.random(), 0)
        if rng.random() < 0.3:
            strengths[2] = (1 + rng.random(), int(rng.integers(len(text.split()))))
        if rng.random() < 0.3:
            strengths[4] = (1 + rng.random(), 0)
        records.append(record(f"d{i}", text, strengths=strengths))
    return write(path, records, n_features=5, features=feature_table(5, n_sentence=2), size=64)
