"""The whole question, on corpora whose labels are told by a word."""

import json
from pathlib import Path

import numpy as np
import pytest

import corpuscope as cs
from corpuscope.probing.probe_names import DEFAULT_PROBES
from corpuscope.store.store import Store
from tests.probing.worlds import asked, rows, store_of

FEW = ("length", "words", "dense token mean", "dense token max", "sae token max k=2",
       "sae token max all")  # fmt: skip


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("probe")


@pytest.fixture(scope="module")
def store(folder: Path) -> Store:
    return store_of(folder, "s", rows(160))


@pytest.fixture(scope="module")
def like(folder: Path) -> Store:
    """Other texts of the same kind."""
    return store_of(folder, "like", rows(80, seed=5))


@pytest.fixture(scope="module")
def shifted(folder: Path) -> Store:
    """Texts in which another word tells the class."""
    return store_of(folder, "shifted", rows(80, seed=6, signal="dogs"))


@pytest.fixture(scope="module")
def found(store: Store, like: Store, shifted: Store) -> cs.ProbeResult:
    return asked(store, unseen=[like, shifted], probes=FEW)


def test_a_word_that_tells_is_found_and_length_is_not_enough(found: cs.ProbeResult) -> None:
    assert found.classes == ("no", "yes")
    words = found.named("words")
    assert words.on("test").auroc > 0.9
    assert words.on("like").auroc > 0.9
    assert found.named("length").on("like").auroc < 0.8


def test_the_last_token_tells_where_texts_end_with_the_word(folder: Path) -> None:
    texts = rows(100, seed=21, share=0.5)
    ends = {"yes": " dogs", "no": " oil"}
    texts = [row | {"text": row["text"] + ends[row["label"]]} for row in texts]
    names = ["dense token last", "reconstruction token last", "sae token last all", "length"]
    found = asked(store_of(folder, "ends", texts), probes=names)
    for name in names[:3]:
        assert found.named(name).on("test").auroc > 0.9
    assert found.named("length").on("test").auroc < 0.75


def test_the_drop_shows_where_it_does_not_hold(found: cs.ProbeResult) -> None:
    words = found.named("words")
    assert abs(words.on("like").drop) < 0.1
    assert words.on("shifted").drop > 0.2
    low, high = words.on("shifted").drop_interval
    assert 0.1 < low < words.on("shifted").drop < high


def test_shuffled_labels_are_not_told(folder: Path) -> None:
    texts = rows(160, seed=3)
    labels = np.random.default_rng(0).permutation([row["label"] for row in texts])
    mixed = [row | {"label": label} for row, label in zip(texts, labels.tolist(), strict=True)]
    store = store_of(folder, "mixed", mixed)
    tests = [
        one.on("test").auroc
        for seed in range(4)
        for one in asked(store, probes=["words", "dense token mean"], seed=seed).probes
    ]
    assert abs(np.mean(tests) - 0.5) < 0.12


def test_a_probe_of_features_names_them_with_evidence(found: cs.ProbeResult, store: Store) -> None:
    probe = found.named("sae token max k=2")
    assert len(probe.features) == probe.n_features == 2
    for one in probe.features:
        assert store.features["kind"].iloc[one.feature] == "token"
        assert set(one.rates) == {"no", "yes"}
        assert one.towards == ("yes" if one.weight > 0 else "no")
        shown = found.evidence(one.feature)
        assert shown
        assert all(entry.side in ("no", "yes") and entry.spans for entry in shown)


def test_no_document_is_on_both_sides_and_all_are_counted(found: cs.ProbeResult) -> None:
    one = found.probes[0]
    assert one.on("train").n + one.on("test").n == found.n_documents == 160
    assert one.on("like").n == 80


def test_json_holds_the_promised_names(found: cs.ProbeResult) -> None:
    every = json.loads(json.dumps(found.to_json(), allow_nan=False))
    assert {"analysis", "version", "store", "parameters", "n_documents", "warnings"} <= set(every)
    assert every["analysis"] == "probe"
    assert len(every["probes"]) == len(FEW)
    for one in every["probes"]:
        assert {"name", "kind", "n_features", "features", "evaluations"} <= set(one)
        roles = [each["role"] for each in one["evaluations"]]
        assert roles == ["train", "test", "unseen", "unseen"]
        for each in one["evaluations"]:
            assert {"corpus", "role", "n", "auroc", "interval"} <= set(each)
            assert each["interval"][0] <= each["auroc"] <= each["interval"][1]
    assert all(f["evidence"] for one in every["probes"] for f in one["features"])


def test_a_table_and_a_plot_show_all(found: cs.ProbeResult) -> None:
    table = found.to_frame()
    assert len(table) == len(FEW) * 4
    assert {"name", "corpus", "auroc", "lower", "upper", "drop"} <= set(table)
    labels = [tick.get_text() for tick in found.plot().get_yticklabels()]
    assert labels == list(FEW)


def test_the_same_question_gets_the_same_answer(found: cs.ProbeResult, store: Store, like: Store,
                                                shifted: Store) -> None:  # fmt: skip
    again = asked(store, unseen=[like, shifted], probes=FEW)
    assert again.to_json() == found.to_json()


def test_all_usual_probes_are_fitted(store: Store) -> None:
    found = asked(store)
    assert [one.name for one in found.probes] == list(DEFAULT_PROBES)
    assert all(0 <= one.on("test").auroc <= 1 for one in found.probes)
    (best,) = found.best
    chosen, plain = found.named(best.with_sae), found.named(best.without_sae)
    assert chosen.validation == max(one.validation for one in found.probes)
    assert not plain.uses_sae
    assert best.gain == pytest.approx(chosen.on("test").auroc - plain.on("test").auroc)


def test_features_that_are_struck_out_are_not_used_and_both_are_shown(store: Store) -> None:
    before = asked(store, probes=["sae token max k=2", "dense token max"])
    excluded = [one.feature for one in before.probes[0].features]
    found = asked(store, probes=["sae token max k=2", "dense token max"], without=excluded)
    names = ["sae token max k=2", "sae token max k=2 (2 excluded)", "dense token max"]
    assert [one.name for one in found.probes] == names
    assert [one.feature for one in found.probes[0].features] == excluded
    assert not {one.feature for one in found.probes[1].features} & set(excluded)
    assert found.probes[1].without == tuple(sorted(excluded))
    assert found.probes[1].on("test").auroc != found.probes[0].on("test").auroc


def test_a_number_is_told_by_correlation(folder: Path) -> None:
    store = store_of(folder, "numbers", rows(150, seed=8))
    found = asked(store, label="number", probes=["words", "length", "sae token max k=2"])
    assert found.classes == ()
    words = found.named("words").on("test")
    assert np.isnan(words.auroc)
    assert words.correlation > 0.7
    assert words.interval[0] < words.correlation < words.interval[1]
    assert found.plot().get_xlabel() == "correlation"
    assert found.to_json()["probes"][0]["evaluations"][0]["auroc"] is None


def test_several_classes_are_told_from_each_other(folder: Path) -> None:
    texts = [
        row | {"label": label, "text": f"{row['text']} {word}"}
        for label, word, seed in (("a", "onion", 1), ("b", "dogs", 2), ("c", "mat mat", 3))
        for row in rows(60, seed=seed, share=0.5)
    ]
    found = asked(store_of(folder, "three", texts), probes=["words", "sae token last k=4"])
    words = found.named("words").on("test")
    assert words.n_positive is None
    assert words.auroc > 0.9
    assert words.accuracy > 0.8
    assert {one.towards for one in found.probes[1].features} <= {"a", "b", "c"}


def test_copies_stay_together_and_known_texts_are_left_out(folder: Path, store: Store) -> None:
    texts = rows(60, seed=11)
    doubled = store_of(folder, "doubled", [row | {"id": str(i)} for i, row in enumerate(texts * 2)])
    twice = store_of(folder, "t", texts + rows(20, seed=12))
    found = asked(doubled, probes=["words"], unseen={"twice": twice})
    assert found.probes[0].on("twice").n == 20
    assert any("60 documents of twice are near-duplicates" in warning for warning in found.warnings)


def test_a_corpus_of_one_class_is_told_by_the_share_above(store: Store, like: Store) -> None:
    found = asked(store, probes=["words"], unseen={"all yes": cs.Unseen(like, all="yes")})
    one = found.probes[0].on("all yes")
    assert np.isnan(one.auroc)
    assert np.isnan(one.interval[0])
    assert one.n_positive == one.n
    # Half of them are of the other class, whatever they are called.
    assert one.share_above == one.accuracy == pytest.approx(0.5, abs=0.15)


def test_labels_may_be_in_another_column(folder: Path, store: Store) -> None:
    texts = [{"text": row["text"], "verdict": row["label"]} for row in rows(60, seed=14)]
    other = store_of(folder, "verdicts", texts)
    found = asked(store, probes=["words"], unseen={"v": cs.Unseen(other, label="verdict")})
    assert found.probes[0].on("v").auroc > 0.8


def test_the_target_is_the_class_that_scores_rise_with(store: Store) -> None:
    other = asked(store, probes=["words", "sae token max k=1"], target="no")
    usual = asked(store, probes=["words", "sae token max k=1"])
    assert other.classes == ("yes", "no")
    (one,), (its,) = other.probes[1].features, usual.probes[1].features
    assert one.feature == its.feature
    assert one.weight == pytest.approx(-its.weight, abs=0.05)
    assert other.named("words").on("test").n_positive == usual.named("words").on("test").n - (
        usual.named("words").on("test").n_positive or 0
    )
