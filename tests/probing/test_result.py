"""A result's probes as objects, table, JSON and evidence, from probes made by hand."""

import json
import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from corpuscope.analyses.results.naming import Names
from corpuscope.errors import InputError
from corpuscope.labels.named_store import NamedStore
from corpuscope.probing.finding import Probe, ProbeFeature
from corpuscope.probing.metrics import BestOf, CorpusRole, ProbeEvaluation
from corpuscope.probing.result import ProbeResult
from tests.store.worlds import record, write

NAN = float("nan")
N = 12
WORDS = (
    "sun", "moon", "tide", "river", "stone", "winter", "candle", "ladder", "forest", "copper",
    "mirror", "button",
)  # fmt: skip
STRENGTHS = [float(one) for one in (1, 9, 3, 9.5, 5, 2, 8, 4, 6, 10, 11, 12)]
SIDES = ["no", "yes", None] * 4


def evaluation(corpus: str, role: CorpusRole, auroc: float, **changed: Any) -> ProbeEvaluation:
    plain = ProbeEvaluation(
        corpus=corpus, role=role, n=20, n_positive=8, auroc=auroc, correlation=NAN,
        interval=(auroc - 0.1, auroc + 0.05), average_precision=0.7, accuracy=0.75,
        share_above=0.4, drop=NAN, drop_interval=(NAN, NAN),
    )  # fmt: skip
    return replace(plain, **changed)


def feature(number: int, weight: float) -> ProbeFeature:
    return ProbeFeature(number, "old", 0.1, "x", weight, "yes", {"no": 0.25, "yes": NAN})


TRAIN, TEST = evaluation("train", "train", 0.9), evaluation("test", "test", 0.8)
FAR = evaluation("größe", "unseen", 0.6, drop=0.2, drop_interval=(0.1, 0.3))
SAE = Probe(
    "sae token max k=2", "sae", True, 2, (4, 9), 3.0, 0.85, (feature(5, 1.5), feature(7, -0.5)),
    (TRAIN, TEST, FAR),
)  # fmt: skip
LENGTH = Probe("length", "length", False, 1, (), 10.0, 0.55, (), (TRAIN, TEST))


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> NamedStore:
    """Feature 5 is in all documents, 7 in the first alone; the texts of 3 and 9 are the same."""
    records = [
        record(
            f"d{i}", WORDS[i if i != 9 else 3] + " and one more word",
            strengths={5: (strength, 0)} | ({7: (1.0, 0)} if not i else {}),
        )
        for i, strength in enumerate(STRENGTHS)
    ]  # fmt: skip
    return NamedStore(write(tmp_path_factory.mktemp("result") / "s.scope", records))


def result(source: NamedStore, *probes: Probe, n_evidence: int = 2) -> ProbeResult:
    return ProbeResult(
        every=probes or (SAE, LENGTH), label="kind", classes=("no", "yes"),
        best=(BestOf("test", "test", SAE.name, LENGTH.name, 0.25, (0.1, NAN)),),
        names=Names(source, np.ones(N, dtype=bool), here=False), source=source,
        sides=np.array(SIDES, dtype=object), n_evidence=n_evidence, parameters={"label": "kind"},
        store="s.scope", digest="f00", n_documents=N, warnings=("watch out",),
    )  # fmt: skip


def test_features_are_named_by_the_source_and_keep_all_else(source: NamedStore) -> None:
    found = result(source).probes[0].features
    assert [one.label for one in found] == [source.label(5), source.label(7)]
    assert [one.label_source for one in found] == [source.label_source(one) for one in (5, 7)]
    for before, after in zip(SAE.features, found, strict=True):
        assert (after.feature, after.weight, after.towards) == (
            before.feature, before.weight, before.towards,
        )  # fmt: skip
    # What was fitted keeps the dictionary's own labels.
    assert [one.label for one in result(source).every[0].features] == ["old", "old"]


def test_probes_and_corpora_are_found_by_name(source: NamedStore) -> None:
    found = result(source)
    assert len(found) == 2
    assert found.named("length") == LENGTH
    assert found.named(SAE.name).on("größe") == FAR
    with pytest.raises(InputError) as caught:
        found.named("words")
    assert caught.value.expected == "one of ['sae token max k=2', 'length']"
    with pytest.raises(InputError) as of_corpus:
        LENGTH.on("größe")
    assert of_corpus.value.found == "no corpus 'größe'"
    assert of_corpus.value.expected == "one of ['train', 'test']"


@pytest.mark.parametrize("n", [0, 1, 2, 10])
def test_evidence_is_the_strongest_of_each_class_without_copies(n: int, source: NamedStore) -> None:
    shown = result(source, n_evidence=n).evidence(5)
    # The documents 9 and 3 have one text and are the strongest two of the class "no".
    own = {side: [i for i in range(N) if SIDES[i] == side] for side in ("no", "yes")}
    expected: list[tuple[float, str, str]] = []
    for side, places in own.items():
        ranked = sorted(places, key=lambda i: -STRENGTHS[i])
        kept = [i for i in ranked if not (i == 3 and 9 in ranked)]
        expected += [(STRENGTHS[i], f"d{i}", side) for i in kept[:n]]
    expected.sort(reverse=True)
    assert [(one.strength, one.id, one.side) for one in shown] == expected


def test_a_feature_of_one_document_is_shown_once(source: NamedStore) -> None:
    (shown,) = result(source).evidence(7)
    assert (shown.id, shown.side, shown.spans) == ("d0", "no", ((0, 3),))
    assert result(source).evidence(30) == []


def test_the_table_has_a_row_for_each_probe_and_corpus(source: NamedStore) -> None:
    table = result(source).to_frame()
    assert table[["name", "corpus"]].to_numpy().tolist() == [
        [SAE.name, "train"], [SAE.name, "test"], [SAE.name, "größe"],
        ["length", "train"], ["length", "test"],
    ]  # fmt: skip
    far = table.iloc[2]
    assert (far["lower"], far["upper"]) == FAR.interval
    assert (far["drop"], far["drop_lower"], far["drop_upper"]) == (0.2, 0.1, 0.3)
    assert (far["kind"], far["penalty"], far["validation"]) == ("sae", 3.0, 0.85)
    assert table["drop"].isna().tolist() == [True, True, False, True, True]
    assert not {"interval", "drop_interval", "features"} & set(table)


def test_json_has_evidence_for_each_feature_and_none_for_what_is_unknown(
    source: NamedStore,
) -> None:
    found = json.loads(json.dumps(result(source).to_json(), allow_nan=False))
    assert found["analysis"] == "probe"
    assert found["store"] == {"path": "s.scope", "digest": "f00"}
    assert (found["label"], found["classes"]) == ("kind", ["no", "yes"])
    assert found["warnings"] == ["watch out"]
    sae, length = found["probes"]
    assert length["features"] == []
    assert sae["without"] == [4, 9]
    assert [one["feature"] for one in sae["features"]] == [5, 7]
    assert sae["features"][0]["rates"] == {"no": 0.25, "yes": None}
    for one in sae["features"]:
        shown = [entry.id for entry in result(source).evidence(one["feature"])]
        assert [entry["id"] for entry in one["evidence"]] == shown
    train, _, far = sae["evaluations"]
    assert train["drop"] is None
    assert train["drop_interval"] == [None, None]
    assert far["drop_interval"] == [0.1, 0.3]
    (best,) = found["best"]
    assert best["gain"] == 0.25
    assert best["interval"] == [0.1, None]


def test_a_feature_of_two_probes_has_the_same_evidence_in_both(source: NamedStore) -> None:
    other = replace(SAE, name="sae token max all", features=(feature(5, 0.2),))
    found = result(source, SAE, other).to_json()["probes"]
    assert found[0]["features"][0]["evidence"] == found[1]["features"][0]["evidence"]
    assert found[1]["features"][0]["weight"] == 0.2


def test_a_number_is_measured_by_its_correlation() -> None:
    number = evaluation("test", "test", NAN, correlation=0.6)
    assert number.measure == 0.6
    assert TEST.measure == 0.8
    assert math.isnan(evaluation("test", "test", NAN).measure)


def test_results_of_the_same_probes_are_equal(source: NamedStore) -> None:
    assert result(source) == result(source, n_evidence=2)
    assert result(source) != result(source, LENGTH)
