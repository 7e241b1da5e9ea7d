import json
from pathlib import Path

import pytest

from corpuscope.analyses.describe.describe_document import describe_document
from corpuscope.corpus.document import Role
from corpuscope.errors import ColumnNotFound, InputError
from corpuscope.store.store import Store
from tests.analyses.describe.worlds import (
    BESIDE,
    EVERYWHERE,
    NEW,
    id_of,
    metadata_of,
    pairs_store,
    text_of,
)
from tests.store.worlds import feature_table, record, write


def test_a_document_is_told_by_hand(pairs: Store) -> None:
    found = describe_document(pairs, id_of(5), pair="pair", rename=False)
    shown = found.document
    assert (shown.id, shown.row, shown.text) == (id_of(5), 5, text_of(5))
    assert (shown.start, shown.end, shown.n_characters) == (0, len(text_of(5)), len(text_of(5)))
    assert dict(shown.metadata) == metadata_of(5)
    assert (found.previous, found.next) == (id_of(4), id_of(6))
    assert [(one.id, one.metadata["version"]) for one in found.partners] == [(id_of(4), "v1")]
    assert [(one.feature, one.over_threshold) for one in found.features] == [
        (EVERYWHERE, 4.0),
        (BESIDE, 3.0),
        (NEW, 2.5),
    ]
    for one, word in zip(found.features, ("the", "costs", "5"), strict=True):
        assert shown.text[slice(*one.span)] == word


def test_near_misses_are_not_listed(pairs: Store) -> None:
    features = describe_document(pairs, id_of(2), rename=False).features
    assert [one.feature for one in features] == [EVERYWHERE]


def test_the_nearest_are_by_vectors_and_not_itself(pairs: Store, tmp_path: Path) -> None:
    found = describe_document(pairs, id_of(6), nearest=3, rename=False).nearest
    assert len(found) == 3
    assert found[0].id == id_of(7)
    assert found[0].similarity == pytest.approx(1, abs=0.01)
    assert found[1].similarity == pytest.approx(0, abs=0.01)
    assert describe_document(pairs, id_of(6), nearest=0, rename=False).nearest == ()
    without = pairs_store(tmp_path / "s", vectors=False)
    assert describe_document(without, id_of(6), rename=False).nearest == ()


def test_more_neighbours_than_there_are_documents_are_all_others(tmp_path: Path) -> None:
    store = write(tmp_path / "s", [record("a", vector=[1.0] + [0.0] * 383)])
    found = describe_document(store, "a", rename=False)
    assert (found.nearest, found.previous, found.next) == ((), None, None)


def test_long_texts_come_in_windows(tmp_path: Path) -> None:
    text = " ".join(f"w{i:04d}" for i in range(1000))
    roles = (Role(0, 10, "user"), Role(11, 5999, "assistant"))
    long = record("a", text, strengths={1: (1.0, 999)}, roles=roles)
    store = write(tmp_path / "s", [long])
    first = describe_document(store, "a", window=100, rename=False)
    last = describe_document(store, "a", at=5900, window=100, rename=False)
    assert first.document.text == text[:100]
    assert (last.document.text, last.document.start, last.document.end) == (text[5900:], 5900, 5999)
    assert first.document.roles == last.document.roles == roles
    # Places are those of the whole text.
    assert first.features[0].span == last.features[0].span == (5994, 5999)
    with pytest.raises(InputError, match="5999"):
        describe_document(store, "a", at=5999)


def test_an_id_that_is_there_twice_is_said(pairs: Store) -> None:
    found = describe_document([pairs, pairs], id_of(3), pair="pair", rename=False)
    assert any("2 documents have the id" in line for line in found.warnings)
    assert found.n_partners == 3


def test_what_has_no_value_has_no_partners(pairs: Store) -> None:
    assert describe_document(pairs, id_of(1), pair="note", rename=False).n_partners == 0
    found = describe_document(pairs, id_of(3), pair="note", rename=False)
    assert found.n_partners == len(found.partners) == 13


def test_unknown_ids_and_columns_are_refused(pairs: Store) -> None:
    with pytest.raises(InputError) as caught:
        describe_document(pairs, "p03")
    assert "'p03/v1', 'p03/v2'" in caught.value.expected
    with pytest.raises(ColumnNotFound):
        describe_document(pairs, id_of(3), pair="par")
    with pytest.raises(InputError):
        describe_document(pairs, 3)  # type: ignore[arg-type]
    for wrong in ({"at": -1}, {"window": 0}, {"nearest": -1}):
        with pytest.raises(InputError):
            describe_document(pairs, id_of(3), **wrong)  # type: ignore[arg-type]


def test_thresholds_of_zero_leave_the_order_to_strengths(tmp_path: Path) -> None:
    table = feature_table(5, threshold=0.0)
    one = record("a", strengths={1: (0.5, 0), 2: (2.0, 0), 3: (1.0, 0)})
    found = describe_document(write(tmp_path / "s", [one], features=table), "a", rename=False)
    assert [one.feature for one in found.features] == [2, 3, 1]
    assert {one["over_threshold"] for one in found.to_json()["features"]} == {None}


def test_tables_and_json_have_all_features(pairs: Store) -> None:
    found = describe_document(pairs, id_of(5), pair="pair")
    assert found.to_frame()["feature"].tolist() == [one.feature for one in found.features]
    value = found.to_json()
    assert json.loads(json.dumps(value, allow_nan=False)) == value
    assert value["n_features"] == 3
    assert set(value["features"][0]) == set(found.to_frame().columns)
