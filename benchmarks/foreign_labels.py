"""Do trials by embedding tell right labels from wrong ones? `python -m benchmarks.foreign_labels`.

Labels in free words, as others give them, cannot be tested by words. Here a large language model
wrote labels for random features of the built-in dictionary from seven contexts of each, before any
of this was run; the trials take contexts that were held out. A unit is known by the vector of its
sentence, or of a token's surroundings. Each label is set beside labels of other features of the
same corpus and kind, on the same trials, and beside the name from words, tested by words.

Only development corpora (`benchmarks.axes`).
"""

from collections.abc import Callable

import numpy as np
import pandas as pd

from benchmarks.axes import DEVELOPMENT
from benchmarks.results import record, table
from corpuscope.embedding.embedder import load_phrase_embedder
from corpuscope.labels.context import FeatureContext
from corpuscope.labels.contexts import background, collect_contexts, present_rows
from corpuscope.labels.from_words import Labeller
from corpuscope.labels.score import credits
from corpuscope.labels.traits.token_traits import whole_word
from corpuscope.store.store import Store

LEAST_TRIALS, N_OTHERS = 4, 400

LABELS: dict[str, dict[int, str]] = {
    "tasks": {
        97: "function words and articles within instructions",
        592: "first-person statements of purpose or ongoing activity",
        1665: "fragments of compound or past-participle words",
        1666: "second person pronoun in a subordinate clause",
        219: "direct address to the reader with you",
        43: "commas in lists of abstract or concrete nouns",
        89: "underscores in code identifiers",
        159: "adjectives such as social, political, medical before a noun",
        310: "opening a file or declaring something public in code",
        2438: "assignment operator in program code",
        163: "nouns for measures, tips and cooperation",
        8356: "else branch in code",
        8303: "requests to write, debug or translate Python code",
        10362: "questions that ask how you would do something",
        8773: "human culture and society",
        8248: "recursive factorial function in code",
        8572: "return statement that returns zero",
        8962: "sentences about what they do",
        8631: "astronauts, Mars and space missions",
        8792: "historians and ancient history",
        8432: "requests to create a function that takes a string or array",
        9922: "code that returns or prints a result",
    },
    "products": {
        3918: "the software that comes with a product",
        148: "the words standard and normal",
        207: "verbs in the past or conditional perfect",
        73: "forms of the verb get",
        2121: "warnings about possible trouble",
        2207: "satisfied statements about what was bought",
        151: "word endings of rare words",
        8277: "problems with devices and technical support",
        8640: "praise for the quality of a product",
        8342: "mobile phones",
        8229: "cameras and devices that are slow or fail",
        8888: "owners telling about their MP3 player or camera",
        8284: "buttons and controls of a device",
        8845: "music software and file transfer",
    },
    "turns": {
        56: "airlines and flights",
        135: "the verb is in questions",
        179: "parts of place names and restaurant names",
        1801: "to after want or like",
        134: "announcing that something was found",
        1827: "the verb have in questions",
        8404: "asking when or from where someone is leaving",
        8308: "balance of a bank account",
        8609: "suggesting an alternative event or restaurant",
        8791: "agreement, that sounds good",
        8387: "asking what kind of food or which place is wanted",
        8272: "sentences with will be",
    },
}


def around(one: FeatureContext, n: int) -> str:
    """The token with some words on either side."""
    before, after = one.text[: one.start].split(), one.text[one.end :].split()
    return " ".join([*before[-n:], one.unit, *after[:n]])


KNOWN_BY: dict[str, Callable[[FeatureContext], str]] = {
    "the sentence": lambda one: one.text,
    "the whole word": whole_word,
    "two words on either side": lambda one: around(one, 2),
    "five words on either side": lambda one: around(one, 5),
}


def trials(store: Store, labels: dict[int, str]) -> list[dict[str, object]]:
    """A row for each feature and way to know a unit."""
    features = list(labels)
    contexts = collect_contexts(store, features, n=50)
    words = Labeller(store, None, 6_000, 0).labels(features, n_contexts=50, copies=False)
    words = words.set_index("feature")["score"]
    drawn = {kind: background(store, kind, n=N_OTHERS) for kind in ("token", "sentence")}
    embed = load_phrase_embedder().embed
    vectors = dict(zip(features, embed([labels[f] for f in features]), strict=True))
    rows: list[dict[str, object]] = []
    for kind in ("token", "sentence"):
        own = [f for f in features if contexts[f].kind == kind
               and len(contexts[f].held_out) >= LEAST_TRIALS]  # fmt: skip
        for name, known_by in KNOWN_BY.items():
            if kind == "sentence" and name != "the sentence":
                continue
            units = embed([known_by(one) for one in drawn[kind]])
            for feature in own:
                there = np.isin([one.row for one in drawn[kind]], present_rows(store, feature))
                held = embed([known_by(one) for one in contexts[feature].held_out])
                won = {
                    label: float(credits((held @ vectors[label]).astype(float),
                                         (units[~there] @ vectors[label]).astype(float)).mean())
                    for label in own
                }  # fmt: skip
                others = [won[label] for label in own if label != feature]
                rows.append({
                    "kind": kind, "known by": name, "label": won[feature],
                    "others": float(np.mean(others)),
                    "above": float(np.mean([won[feature] > one for one in others])),
                    "words": words[feature],
                })  # fmt: skip
    return rows


def main() -> None:
    """Record means over features."""
    stores = {one.name: one.store() for one in DEVELOPMENT if one.name in LABELS}
    rows = pd.DataFrame([row for name, store in stores.items()
                         for row in trials(store, LABELS[name])])  # fmt: skip
    body = []
    for (kind, name), some in rows.groupby(["kind", "known by"], sort=False):
        body.append([
            f"{kind}s", name, len(some), f"{some['label'].mean():.3f}",
            f"{some['others'].mean():.3f}", f"{some['above'].mean():.0%}",
            f"{some['words'].mean():.3f}", f"{some['label'].corr(some['words']):.2f}",
        ])  # fmt: skip
    record("Labels of others, tested by embedding", [
        "Share of trials won, chance .091; labels written by a large language model for random "
        f"features of {len(stores)} development corpora. Others: labels of other features on the "
        "same trials; above: how often the right label wins more of them. Words: the name from "
        "words, tested by words, and its correlation with the label's share.", "",
        *table(["features of", "known by", "n", "label", "others", "above", "words", "r"], body),
    ])  # fmt: skip


if __name__ == "__main__":
    main()
