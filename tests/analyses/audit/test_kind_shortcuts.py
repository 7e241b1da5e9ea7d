"""Kinds of sentences: found without labels, told where the rest of a text does not tell them."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import corpuscope as cs
from corpuscope.analyses.audit.kind_shortcuts import Kinds, without_repeats
from corpuscope.analyses.audit.sentence_clusters import sentence_clusters
from corpuscope.analyses.audit.sentence_context import kind_predictability
from corpuscope.analyses.audit.shortcut import Shortcut
from corpuscope.labels.named_store import NamedStore
from corpuscope.store.store import Store
from tests.analyses.worlds import Made, vocabulary, write
from tests.asking import ask

N, N_TOPICS, OF_A_TOPIC = 400, 4, 12
N_FEATURES, FOREIGN = 54, range(48, 54)
"""Features that stand in one sentence of its own kind."""


def document(rng: np.random.Generator, label: str, *, topic: int, is_foreign: bool) -> Made:
    """Two sentences of a topic, and perhaps one in between that nothing goes with."""
    own = rng.permutation(OF_A_TOPIC)[:4] + OF_A_TOPIC * topic
    peaks = {int(feature): int(2 * (at >= 2)) for at, feature in enumerate(own)}
    if is_foreign:
        peaks |= {int(feature): 1 for feature in rng.choice(FOREIGN, 3, replace=False)}
    return Made(vocabulary(rng, 24), set(peaks), {"label": label}, peaks, n_sentences=3)


@pytest.fixture(scope="module")
def planted(tmp_path_factory: pytest.TempPathFactory) -> Store:
    """A fifth of class b has a foreign sentence; b is more often about topic 3, too."""
    rng = np.random.default_rng(0)
    made = []
    for number in range(N):
        label = "ab"[number % 2]
        topic = int(rng.choice(N_TOPICS, p=[0.1, 0.2, 0.2, 0.5] if label == "b" else [0.25] * 4))
        made.append(document(rng, label, topic=topic, is_foreign=label == "b" and number % 10 == 1))
    return write(tmp_path_factory.mktemp("planted") / "s", made, n_features=N_FEATURES)


def kinds(store: Store, label: str | np.ndarray = "label", **options: object) -> list[Shortcut]:
    found = ask(cs.audit, store, label=label, checks=["shortcuts"], rename=False, **options)  # type: ignore[arg-type]
    return [one for one in found.shortcuts if one.sentences]


def test_a_kind_that_stands_alone_is_told_by_its_sentences(planted: Store) -> None:
    first, *others = kinds(planted)
    assert first.value == "b"
    assert first.nature == "isolated"
    assert 0.15 < first.rate < 0.25
    assert first.rate_elsewhere < 0.02
    rows = {row for row, _ in first.sentences}
    assert np.mean([row % 10 == 1 for row in rows]) > 0.9
    assert {number for row, number in first.sentences if row % 10 == 1} == {1}
    assert set(first.member_features) <= set(FOREIGN)
    # Topic 3 is as sure, but the other sentence of a text tells it.
    assert not others


def test_its_evidence_is_its_sentences(planted: Store) -> None:
    (first, *_) = cs.audit(
        planted, label="label", checks=["shortcuts"], settings=cs.AuditSettings(evidence=3)
    ).shortcuts
    assert first.sentences
    assert len(first.evidence) == 3
    spans = {one.id: planted.documents([planted.ids.tolist().index(one.id)])[0].sentence_spans
             for one in first.evidence}  # fmt: skip
    assert all(one.spans == (tuple(spans[one.id][1].tolist()),) for one in first.evidence)


def test_with_shuffled_labels_no_kind_is_told(planted: Store) -> None:
    labels = planted.column("label")
    for seed in range(10):
        assert not kinds(planted, np.random.default_rng(seed).permutation(labels))


def test_where_its_documents_are_of_one_author_it_is_not_told(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    made = []
    for number in range(N):
        author = number // 10
        one = document(rng, "ab"[author % 2], topic=int(rng.integers(N_TOPICS)),
                       is_foreign=author in (1, 3))  # fmt: skip
        made.append(replace(one, metadata=one.metadata | {"author": f"w{author}"}))
    store = write(tmp_path / "s", made, n_features=N_FEATURES)
    assert kinds(store)
    assert not kinds(store, group="author")


def test_clusters_hold_each_sentence_once_at_each_size(planted: Store) -> None:
    found = sentence_clusters(NamedStore(planted), np.arange(N), np.arange(N_FEATURES), seed=0)
    n = found.sentences.presence.shape[0]
    there = np.linalg.norm(found.vectors, axis=1) > 0.5
    counts = np.bincount(np.concatenate(found.members), minlength=n)
    assert (counts[there] == counts.max()).all()
    assert (counts[~there] == 0).all()
    for at, own in enumerate(found.members[:5]):
        has = np.isin(np.arange(N), found.document[own])
        np.testing.assert_array_equal(found.presence[:, [at]].toarray()[:, 0], has)


def test_each_of_three_classes_has_its_own_kind(tmp_path: Path) -> None:
    rng = np.random.default_rng(1)
    made = [Made(vocabulary(rng, 9), {1, 2}, {"label": None}) for _ in range(20)]
    for number in range(600):
        one = document(rng, "abc"[number % 3], topic=int(rng.integers(N_TOPICS)),
                       is_foreign=number % 12 == 2)  # fmt: skip
        if number % 12 == 1:
            own = {int(feature): 1 for feature in 54 + rng.permutation(6)[:3]}
            one = replace(one, features=one.features | set(own), peaks=one.peaks | own)
        made.append(replace(one, metadata={"label": {"a": 1, "b": 2, "c": 3}["abc"[number % 3]]}))
    store = write(tmp_path / "s", made, n_features=60)
    found = {one.value: one for one in kinds(store)}
    assert set(found) == {"2", "3"}
    for value, remainder, first in (("2", 1, 54), ("3", 2, 48)):
        rows = {row for row, _ in found[value].sentences}
        assert np.mean([(row - 20) % 12 == remainder for row in rows]) > 0.9
        assert {(row - 20) % 3 for row in rows} == {remainder}
        assert set(found[value].member_features) <= set(range(first, first + 6))


def test_of_many_documents_some_are_looked_at_and_it_is_said(
    planted: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("corpuscope.analyses.audit.kind_shortcuts._MOST_DOCUMENTS", 300)
    found = cs.audit(planted, label="label", checks=["shortcuts"])
    assert "sentence clusters were searched in 300 of 400 documents" in found.warnings
    (kind,) = [one for one in found.shortcuts if one.sentences]
    # What is part of the kind is told with it, though it was counted in all documents.
    assert not {one.feature for one in found.shortcuts} & set(FOREIGN)
    assert len({row for row, _ in kind.sentences}) <= 40


def test_where_texts_have_one_sentence_nothing_is_told_of_them(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    made = [
        Made(vocabulary(rng, 9), {int(f) for f in rng.permutation(30)[:4]},
             {"label": "ab"[number % 2]})
        for number in range(300)
    ]  # fmt: skip
    store = write(tmp_path / "s", made)
    known = sentence_clusters(NamedStore(store), np.arange(300), np.arange(30), seed=0)
    assert np.isnan(kind_predictability(known, 0, np.ones(300, dtype=bool)).auroc)


@pytest.mark.filterwarnings("error")
def test_the_same_few_sentences_again_and_again_are_no_trouble(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    made = [
        Made(vocabulary(rng, 9), {number % 3, 3 + number % 2}, {"label": "ab"[number % 2]})
        for number in range(200)
    ]
    assert not kinds(write(tmp_path / "s", made))


def line(feature: int | str, rows: range, *, is_kind: bool = False) -> Shortcut:
    return Shortcut("b", feature, "", (), "isolated", 0.2, 0.0, 0.6, 0.5, 0.6, 5.0, 0.01,
                    sentences=tuple((row, 0) for row in rows) if is_kind else ())  # fmt: skip


def test_a_kind_and_what_it_is_made_of_are_told_once(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    made = [
        Made(vocabulary(rng, 9), {f for f, end in ((0, 40), (1, 10), (2, 190)) if number < end})
        for number in range(200)
    ]
    source, values = NamedStore(write(tmp_path / "s", made)), np.array(["b"] * 200, dtype=object)
    kind = line("sentences 0", range(40), is_kind=True)
    all_of_it, a_part, nearly_everywhere = line(0, range(0)), line(1, range(0)), line(2, range(0))

    def told(*found: Shortcut) -> list[int | str]:
        kinds = Kinds(tuple(one for one in found if one.sentences), np.ones(200, dtype=bool))
        return [one.feature for one in without_repeats(source, found, kinds, values, 5)]

    assert told(kind, all_of_it, a_part, nearly_everywhere) == ["sentences 0", 2]
    assert told(all_of_it, kind) == [0]
    assert told(a_part, kind) == [1, "sentences 0"]
    assert told(nearly_everywhere, kind) == [2, "sentences 0"]
    longer = replace(line("length", range(0)), nature="length")
    assert told(kind, longer) == ["sentences 0", "length"]
