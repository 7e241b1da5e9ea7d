"""Strengths in long form point to the characters at which features are strongest."""

from pathlib import Path

import pytest

from corpuscope.errors import StoreDamaged
from corpuscope.export.features import PresentCounts
from corpuscope.export.strengths import STRENGTHS, UNIT_COLUMNS, strength_table
from corpuscope.labels.named_store import NamedStore
from corpuscope.store.pieces import pieces
from tests.export.worlds import TEXT, odd_features, odd_store
from tests.store.worlds import record, write


def test_every_strength_is_a_row_with_its_characters(tmp_path: Path) -> None:
    store = odd_store(tmp_path / "a.scope")
    source = NamedStore(store)
    counts = PresentCounts(source)
    tables = [
        strength_table(piece, source, counts.add(piece)) for piece in pieces(store, UNIT_COLUMNS)
    ]
    assert all(table.schema == STRENGTHS for table in tables)
    rows = [row for table in tables for row in table.to_pylist()]
    found = [(row["document"], row["feature"], row["strength"]) for row in rows]
    assert found == [
        (0, 0, 0.25), (0, 1, 2.0), (0, 4, 1.5),
        (2, 1, 1.0), (2, 2, 0.75), (2, 3, 3.0), (2, 5, 1.25),
    ]  # fmt: skip
    assert [row["is_present"] for row in rows] == [False] + [True] * 6
    texts = store.texts([0, 1, 2])
    quoted = [texts[row["document"]][row["start"] : row["end"]] for row in rows]
    assert quoted == ["good", "morning,", TEXT, "good", "morning", "all", texts[2]]


def test_spans_are_those_of_the_store(tmp_path: Path) -> None:
    store = odd_store(tmp_path / "a.scope")
    piece = list(pieces(store, UNIT_COLUMNS))[1]
    table = strength_table(piece, NamedStore(store), PresentCounts(NamedStore(store)).add(piece))
    for row in table.to_pylist():
        expected = store.peak_span([row["document"]], row["feature"])[0]
        assert (row["start"], row["end"]) == tuple(expected)


def test_a_peak_beyond_the_units_of_its_document_is_named(tmp_path: Path) -> None:
    # Three tokens, one sentence: a sentence feature cannot peak at the second.
    records = [record("a", strengths={4: (1.0, 1)})]
    store = write(tmp_path / "a.scope", records, n_features=6, features=odd_features())
    (piece,) = pieces(store, UNIT_COLUMNS)
    source = NamedStore(store)
    with pytest.raises(StoreDamaged, match="beyond the sentences"):
        strength_table(piece, source, PresentCounts(source).add(piece))
