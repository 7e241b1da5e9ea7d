"""The documents with a label are grouped and split as their labels and groups say."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from corpuscope.errors import ColumnNotFound, NotEnoughData
from corpuscope.probing.documents.labelled_documents import (
    LabelledDocuments,
    SplitSettings,
    labelled_documents,
)
from corpuscope.probing.documents.targets import find_target
from corpuscope.store.store import Store
from tests.probing.worlds import rows
from tests.store.worlds import record, write

N = 90


def made(path: Path, texts: Sequence[dict[str, Any]]) -> Store:
    """A store of these texts, without features."""
    records = [
        record(f"d{i}", row["text"], metadata={k: v for k, v in row.items() if k != "text"})
        for i, row in enumerate(texts)
    ]
    return write(path, records, size=40)


def world() -> list[dict[str, Any]]:
    """Texts in groups of three, of two and of three classes; every tenth has no class."""
    texts = rows(N, seed=4)
    for i, row in enumerate(texts):
        row |= {"some": None if i % 10 == 0 else row["label"], "three": "abc"[i % 3]}
        row |= {"side": row["label"], "rare": None if i % 2 else f"k{i // 8}"}
    # Two copies of one text, far from each other.
    texts[80]["text"] = texts[6]["text"]
    return texts


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    return made(tmp_path_factory.mktemp("labelled") / "s.scope", world())


def split(
    store: Store,
    label: str = "label",
    *,
    group: str | None = None,
    test: float = 0.25,
    folds: int = 3,
    seed: int = 0,
) -> LabelledDocuments:
    values = store.column(label).tolist()
    aim = find_target(values, label=label)
    labels = aim.labels(values, where="s")
    return labelled_documents(store, aim, labels, SplitSettings(group, test, folds, seed))


@pytest.mark.parametrize("label", ["label", "some", "three", "number"])
def test_each_labelled_document_is_in_one_of_the_two_sets(store: Store, label: str) -> None:
    found = split(store, label)
    train, test = found.evaluated
    values = store.column(label).tolist()
    wanted = [i for i, value in enumerate(values) if value is not None]
    assert sorted([*train.rows.tolist(), *test.rows.tolist()]) == wanted
    assert (train.role, test.role) == (train.corpus, test.corpus) == ("train", "test")
    assert train.rows.tolist() == found.train.tolist()
    assert np.flatnonzero(found.mask(N)).tolist() == sorted(train.rows.tolist())
    assert found.texts == tuple(store.texts(wanted))


@pytest.mark.parametrize("label", ["label", "some", "number"])
def test_targets_stay_with_their_documents(store: Store, label: str) -> None:
    found = split(store, label)
    values = store.column(label)
    for part in found.evaluated:
        own = values[part.rows]
        expected = own.astype(float) if label == "number" else (own == "yes").astype(float)
        assert part.targets[:, 0] == pytest.approx(expected)


@pytest.mark.parametrize("group", ["g", "rare"])
def test_documents_of_one_key_are_in_one_set_and_one_fold(store: Store, group: str) -> None:
    found = split(store, group=group)
    keys = store.column(group)[found.labels.rows]
    places = np.where(found.is_test, -1, found.folds)
    for key in {one for one in keys if one is not None}:
        own = keys == key
        assert len(set(places[own].tolist())) == 1
        assert len(set(found.groups[own].tolist())) == 1
    n_keys = len({one for one in keys if one is not None})
    # One of the two copies may join two keys; documents without a key are alone.
    assert n_keys - 1 <= len(set(found.groups[keys != None].tolist())) <= n_keys  # noqa: E711


def test_copies_are_in_one_group_without_a_column(store: Store) -> None:
    found = split(store)
    assert found.groups[6] == found.groups[80]
    assert found.is_test[6] == found.is_test[80]
    for part in found.evaluated:
        assert part.groups.tolist() == found.groups[part.rows].tolist()


@pytest.mark.parametrize(("label", "n_strata"), [("label", 2), ("three", 3), ("number", 4)])
def test_every_set_and_fold_has_each_class_or_quartile(
    store: Store, label: str, n_strata: int
) -> None:
    found = split(store, label, folds=4)
    values = store.column(label)
    if label == "number":
        values = np.searchsorted(np.quantile(values, [0.25, 0.5, 0.75]), values, side="right")
    places = np.where(found.is_test, -1, found.folds)
    assert sorted(set(places.tolist())) == [-1, 0, 1, 2, 3]
    for place in range(-1, 4):
        assert len(set(values[found.labels.rows[places == place]].tolist())) == n_strata


@pytest.mark.parametrize("test", [0.2, 0.5])
def test_the_test_set_has_its_share(store: Store, test: float) -> None:
    found = split(store, test=test)
    is_yes = found.labels.targets[:, 0] > 0
    for own in (is_yes, ~is_yes):
        assert found.is_test[own].mean() == pytest.approx(test, abs=0.04)


def test_the_training_set_holds_targets_and_folds_of_training_documents(store: Store) -> None:
    for label, loss in (("label", "logistic"), ("number", "squared")):
        aim = find_target(store.column(label).tolist(), label=label)
        found = split(store, label)
        training_set = found.training_set(aim)
        assert training_set.loss == loss
        assert training_set.targets.tolist() == found.evaluated[0].targets.tolist()
        assert training_set.folds.tolist() == found.folds[~found.is_test].tolist()
        assert training_set.n_folds == 3


def test_the_seed_decides_the_split(store: Store) -> None:
    first, same, other = (split(store, seed=seed) for seed in (0, 0, 1))
    assert first.is_test.tolist() == same.is_test.tolist()
    assert first.folds.tolist() == same.folds.tolist()
    assert first.is_test.tolist() != other.is_test.tolist()


def test_numbers_that_are_mostly_the_same_are_split_into_fewer_strata(tmp_path: Path) -> None:
    texts = rows(60, seed=9)
    for i, row in enumerate(texts):
        row["number"] = float(i) if i < 25 else -1.0
    found = split(made(tmp_path / "s.scope", texts), "number")
    train, test = (part.targets[:, 0] for part in found.evaluated)
    for part in (train, test):
        assert (part == -1).any()
        assert (part >= 0).any()
    assert (test == -1).mean() == pytest.approx(35 / 60, abs=0.1)


def test_an_unknown_group_column_is_refused(store: Store) -> None:
    with pytest.raises(ColumnNotFound) as caught:
        split(store, group="nowhere")
    assert "'nowhere'" in caught.value.found
    assert "'side'" in caught.value.expected


@pytest.mark.parametrize(
    ("group", "folds", "by"), [("side", 3, "(texts and the column 'side')"), (None, 50, "(texts)")]
)
def test_too_few_groups_are_refused_with_what_made_them(
    store: Store, group: str | None, folds: int, by: str
) -> None:
    with pytest.raises(NotEnoughData) as caught:
        split(store, group=group, folds=folds)
    assert by in caught.value.found
    assert f"at least {folds + 1} groups" in caught.value.expected


def test_a_quartile_of_numbers_in_one_group_is_named(tmp_path: Path) -> None:
    texts = rows(48, seed=2)
    for i, row in enumerate(texts):
        row |= {"number": float(i), "g": "top" if i >= 36 else f"g{i}"}
    with pytest.raises(NotEnoughData, match="'quartile 4' has 12 documents in 1 groups"):
        split(made(tmp_path / "s.scope", texts), "number", group="g")
