"""Features are listed where they stand out, and at most so many for a document."""

from pathlib import Path

import numpy as np
import pytest

from corpuscope.errors import InputError
from corpuscope.export.atlas_rule import AtlasSettings, FeatureLevels, feature_levels, listed
from corpuscope.store.pieces import pieces
from corpuscope.store.store import Store
from tests.store.worlds import random_records, record, write


@pytest.fixture
def store(tmp_path: Path) -> Store:
    """Feature 0 is in all documents, 1 in four with strengths 1 to 4, 2 never present."""
    strengths = [{0: (2.0, 0), 1: (1.0 + i, 0), 2: (0.5, 0)} for i in range(4)]
    records = [record(f"d{i}", strengths=each) for i, each in enumerate(strengths)]
    return write(tmp_path / "s.scope", [*records, record("e", strengths={0: (1.0, 0)})])


def chosen(store: Store, settings: AtlasSettings) -> list[tuple[int, int]]:
    """Document and feature of what is listed, in order."""
    levels, found = feature_levels(store, settings), []
    for piece in pieces(store, []):
        at = listed(piece, levels, store.thresholds, most=settings.most_features)
        rows = piece.entry_rows[at] + piece.first_row
        found += list(zip(rows.tolist(), piece.strengths.features[at].tolist(), strict=True))
    return found


def test_a_feature_is_listed_from_its_quantile_on(store: Store) -> None:
    found = feature_levels(store, AtlasSettings(quantile=0.5, most_rate=0.9))
    assert found.counts.tolist()[:3] == [5, 4, 0]
    assert found.levels.tolist()[:3] == [np.inf, 2.0, np.inf]
    assert chosen(store, AtlasSettings()) == [(1, 1), (2, 1), (3, 1)]


def test_the_quantile_0_lists_a_feature_wherever_it_is_present(store: Store) -> None:
    every = chosen(store, AtlasSettings(quantile=0, most_rate=1))
    assert every == [(0, 0), (0, 1), (1, 0), (1, 1), (2, 1), (2, 0), (3, 1), (3, 0), (4, 0)]


def test_the_most_outstanding_come_first_and_the_others_are_left_out(store: Store) -> None:
    settings = AtlasSettings(quantile=0, most_rate=1, most_features=1)
    assert chosen(store, settings) == [(0, 0), (1, 0), (2, 1), (3, 1), (4, 0)]


def test_without_limits_what_is_listed_is_what_is_present(tmp_path: Path) -> None:
    store = write(tmp_path / "r.scope", random_records(40))
    settings = AtlasSettings(quantile=0, most_rate=1, most_features=40)
    present = store.presence().tocoo()
    expected = sorted(zip(present.row.tolist(), present.col.tolist(), strict=True))
    assert sorted(chosen(store, settings)) == expected


def test_a_document_lists_each_feature_once_and_no_more_than_allowed(tmp_path: Path) -> None:
    store = write(tmp_path / "r.scope", random_records(60, seed=5))
    found = chosen(store, AtlasSettings(most_features=2, quantile=0.25))
    assert len(set(found)) == len(found)
    assert max(np.bincount([row for row, _ in found])) == 2


@pytest.mark.parametrize(
    "settings",
    [{"most_features": 0}, {"quantile": 1.5}, {"quantile": -0.1}, {"most_rate": float("nan")}],
)
def test_numbers_out_of_range_are_named(settings: dict[str, float]) -> None:
    with pytest.raises(InputError, match=next(iter(settings))):
        AtlasSettings(**settings)  # type: ignore[arg-type]


def test_the_rule_is_a_sentence_with_its_numbers() -> None:
    value = AtlasSettings(most_features=7, quantile=0.25).to_json()
    assert value["most_features"] == 7
    assert "0.25 quantile" in value["rule"]
    assert "at most 7 for a document" in value["rule"]


def test_levels_are_held_as_they_are() -> None:
    found = FeatureLevels(np.array([1.0]), np.array([3]))
    assert (found.levels[0], found.counts[0]) == (1.0, 3)
