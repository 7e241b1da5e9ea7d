import time
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from corpuscope.labels import from_words
from corpuscope.labels.context import UnitKind
from corpuscope.labels.contexts import background
from corpuscope.labels.from_words import label_features
from corpuscope.labels.traits import kept_background
from corpuscope.labels.traits.trait_table import Background
from corpuscope.store.store import Store, open_store
from tests.labels.worlds import store_of

KINDS: tuple[UnitKind, ...] = ("token", "sentence")


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return store_of(tmp_path)


def fresh(store: Store, kind: UnitKind, *, among: np.ndarray | None = None) -> Background:
    return Background.of(background(store, kind, n=500, among=among, seed=3), kind)


def kept(store: Store, kind: UnitKind, *, among: np.ndarray | None = None) -> Background:
    return kept_background.kept_background(store, kind, n=500, among=among, seed=3)


def same(left: Background, right: Background) -> bool:
    tables = [(left.by_context, right.by_context), (left.by_trait, right.by_trait)]
    arrays = [
        (getattr(a, name), getattr(b, name))
        for a, b in tables
        for name in ("data", "indices", "indptr")
    ]
    arrays += [(left.rows, right.rows), (left.counts, right.counts)]
    return (
        left.traits.names == right.traits.names
        and left.traits.column == right.traits.column
        and all(a.dtype == b.dtype and a.tobytes() == b.tobytes() for a, b in arrays)
    )


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_kept_is_what_would_be_drawn(store: Store, kind: UnitKind) -> None:
    some = np.arange(store.n_documents) % 3 == 0
    for among in (None, some):
        assert same(kept(store, kind, among=among), fresh(store, kind, among=among))
        # From the disk, by another process.
        again = open_store(store.path)
        assert same(kept(again, kind, among=among), fresh(store, kind, among=among))


def test_names_are_byte_for_byte_those_without_keeping(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    label_features(store)
    later = label_features(open_store(store.path), with_examples=True)
    monkeypatch.setattr(
        from_words,
        "kept_background",
        lambda store, kind, n, among, seed: Background.of(
            background(store, kind, n=n, among=among, seed=seed), kind
        ),
    )
    pd.testing.assert_frame_equal(later, label_features(store, with_examples=True))
    assert later.to_json() == label_features(store, with_examples=True).to_json()


def test_units_are_drawn_once_for_each_mask(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    drawn = []

    def counted(*arguments: object, **given: object) -> list[object]:
        drawn.append(given)
        return background(*arguments, **given)  # type: ignore[arg-type,return-value]

    monkeypatch.setattr(kept_background, "background", counted)
    every, some = np.ones(store.n_documents, dtype=bool), np.arange(store.n_documents) > 9
    assert kept(store, "token") is kept(store, "token", among=every)
    kept(store, "token", among=some)
    kept(store, "token", among=some.copy())
    kept(open_store(store.path), "token", among=some)
    assert len(drawn) == 2


def test_only_the_last_few_stay_in_memory(store: Store) -> None:
    masks = [np.arange(store.n_documents) >= first for first in range(1, 8)]
    for mask in masks:
        kept(store, "sentence", among=mask)
    assert len(kept_background._KEPT[store]) == 4


def test_a_change_of_the_rules_renews_what_is_kept(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = kept(store, "token")
    monkeypatch.setattr(kept_background, "_rules_digest", lambda: "another")
    assert kept(store, "token") is not first
    folders = [path.name for path in store.path.glob("cache/*/background-*")]
    assert len(folders) == 2


def test_damage_is_mended(store: Store) -> None:
    before = kept(store, "token")
    # A file is remembered as whole once it is older than a tick of the clock.
    time.sleep(0.1)
    (array,) = store.path.glob("cache/*/background-token-*/traits.npy")
    array.write_bytes(array.read_bytes()[:-8] + b"\xff" * 8)
    assert same(kept(open_store(store.path), "token"), before)


def test_nothing_is_drawn_from_nothing(store: Store) -> None:
    nobody = np.zeros(store.n_documents, dtype=bool)
    assert len(kept(store, "token", among=nobody).rows) == 0
    assert label_features(store, features=[0], among=nobody)["label"].isna().all()
