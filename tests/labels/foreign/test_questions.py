"""Every question works on a store of another dictionary, labelled from a table."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import corpuscope as cs
from corpuscope.labels.foreign.attach import attach_labels
from corpuscope.labels.foreign.label_table import ForeignLabels, label_table
from corpuscope.labels.foreign.origin import LabelOrigin
from corpuscope.labels.foreign.recognise import read_labels
from corpuscope.store.store import Store, open_store
from corpuscope.store.writer import StoreWriter
from tests.analyses.worlds import Made, noise, record
from tests.probing import worlds as probed
from tests.store.worlds import feature_table

THANKS, SOUP, BESIDE = 7, 20, 2
SENTENCES = {
    THANKS: ("thank you so much", "many thanks indeed", "we are grateful", "much obliged to you"),
    SOUP: ("stir the soup", "chop an onion", "boil some water", "bake it for an hour"),
}
LABELS = {THANKS: "polite thanks", SOUP: "cooking instructions", BESIDE: "a label of theirs"}
PARTS = [{"unit": unit, "layers": [2], "n_features": 15} for unit in ("token", "sentence")]
SETTINGS = cs.ComparisonSettings(words=False, evidence=0)


def documents(n: int = 240) -> list[Made]:
    """Documents of two models over four months: the new one thanks, the later ones cook.

    Feature 2 is in most of the documents that cook, and in few others.
    """
    rng = np.random.default_rng(1)
    made = noise(rng, n, n_words=8)
    for number, one in enumerate(made):
        is_new, month = number % 2 == 1, number * 4 // n
        one.metadata = {
            "model": "new" if is_new else "old", "month": f"2024-{month + 1:02}",
        }  # fmt: skip
        one.features -= {THANKS, SOUP, BESIDE}
        one.n_sentences = 2
        for feature, rate in ((THANKS, 0.1 + 0.6 * is_new), (SOUP, 0.1 + 0.2 * month)):
            if rng.random() < rate:
                one.features.add(feature)
                one.peaks[feature] = len(one.words) if feature < 15 else 1
                one.words += SENTENCES[feature][int(rng.integers(4))].split()
        if SOUP in one.features and rng.random() < 0.9:
            one.features.add(BESIDE)
    return made


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    folder = tmp_path_factory.mktemp("foreign")
    about = {"dictionary": {"digest": "somebody else's", "parts": PARTS}}
    table = feature_table(30, n_sentence=15).drop_columns(["label"])
    with StoreWriter(folder / "s.scope", provenance=about, features=table) as writer:
        records = [record(f"d{at}", one) for at, one in enumerate(documents())]
        writer.add(0, records, source_digest="0")
        writer.finish()
    pd.DataFrame({"Index": list(LABELS), "Description": list(LABELS.values())}).to_csv(
        folder / "theirs.csv", index=False
    )
    attach_labels(open_store(folder / "s.scope"), read_labels(folder / "theirs.csv"))
    return open_store(folder / "s.scope")


def test_diff(store: Store) -> None:
    found = cs.diff(store, by="model", target="new", adjust=False, settings=SETTINGS)
    own = next(one for one in found.findings if one.feature == THANKS)
    assert (own.label, own.label_source) == ("polite thanks", "theirs.csv")


def test_trend(store: Store) -> None:
    found = cs.trend(
        store, by="month", adjust=False, settings=cs.TrendSettings(words=False, evidence=0)
    )
    own = next(one for one in found.findings if one.feature == SOUP)
    assert (own.label, own.label_source) == ("cooking instructions", "theirs.csv")


def test_correlate(store: Store) -> None:
    found = cs.correlate(store, settings=cs.CorrelateSettings(words=False, evidence=0))
    pairs = {frozenset((one.label_a, one.label_b)) for one in found.findings}
    assert frozenset(("a label of theirs", "cooking instructions")) in pairs
    assert {one.label_source_a for one in found.findings} == {"theirs.csv"}


def test_cluster_along_an_axis(store: Store) -> None:
    found = cs.cluster(store, along="politeness; cooking a meal", n_clusters=2)
    nearest = {one.phrase: one.label for one in found.axis}
    assert {one.label for one in found.axis} >= {"polite thanks", "cooking instructions"}
    assert len(nearest) == 2


def test_search(store: Store) -> None:
    found = cs.search(store, "an expression of gratitude", using=["features"], n=10)
    own = next(one for one in found.features if one.feature == THANKS)
    assert (own.label, own.label_source) == ("polite thanks", "theirs.csv")
    assert own.weight > 0
    assert len(found.hits) == 10


def test_audit(store: Store) -> None:
    found = cs.audit(store, label="model", checks=["shortcuts"])
    told = [(one.feature, one.label, one.label_source) for one in found.shortcuts]
    assert (THANKS, "polite thanks", "theirs.csv") in told


def test_probe(tmp_path: Path) -> None:
    store = probed.store_of(tmp_path, "s", probed.rows(40))
    labels = label_table(list(range(36)), [f"their label {f}" for f in range(36)], {"source": "s"})
    attach_labels(store, ForeignLabels("table", labels, LabelOrigin()))
    found = probed.asked(open_store(store.path), probes=["length", "sae token max k=4"])
    features = found.named("sae token max k=4").features
    assert features
    for one in features:
        assert (one.label, one.label_source) == (f"their label {one.feature}", "s")


def test_claims_in_the_words_of_labels(store: Store) -> None:
    found = cs.claims(store, by="model", target="new")
    assert any("polite thanks" in claim.sentence for claim in found.claims)
