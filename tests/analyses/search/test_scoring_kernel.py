"""Sums over features and words, by hand; rows that are of no document are damage."""

import numpy as np
import pytest

from corpuscope.analyses.search.scoring_kernel import add_features, add_words
from corpuscope.errors import StoreDamaged

ROWS = np.array([0, 2, 1, 2, 3], dtype=np.int32)
SPANS = np.array([[2, 5], [0, 2]], dtype=np.int64)
"""Of two runs: rows 1, 2 and 3; and rows 0 and 2."""


def features(rows: np.ndarray = ROWS, n: int = 4) -> np.ndarray:
    total = np.array([100, 0, 0, 0, 0][:n], dtype=np.float32)
    add_features(
        total, rows=rows, strengths=np.array([1, 2, 0.5, 4, 0.25], dtype=np.float16), spans=SPANS,
        factors=np.array([2, -1], dtype=np.float32), caps=np.array([3, 1.5], dtype=np.float32),
    )  # fmt: skip
    return total


def words(rows: np.ndarray = ROWS, n: int = 4) -> np.ndarray:
    total = np.array([100, 0, 0, 0, 0][:n], dtype=np.float32)
    add_words(
        total, rows=rows, scores=np.array([1, 2, 0.5, 4, 0.25], dtype=np.float32), spans=SPANS,
        factors=np.array([2, -1], dtype=np.float32),
    )  # fmt: skip
    return total


def test_strengths_count_their_factor_and_no_more_than_their_cap() -> None:
    # 2 times .5, 4 capped at 3, and .25; less 1 and 2 capped at 1.5.
    assert features().tolist() == [100 - 1, 1, 6 - 1.5, 0.5]


def test_scores_of_words_count_their_factor() -> None:
    assert words().tolist() == [100 - 1, 1, 8 - 2, 0.5]


def test_every_strength_of_sixteen_bits_is_read_as_it_is() -> None:
    strengths = np.arange(0x7C00, dtype=np.uint16).view(np.float16)
    total = np.zeros(len(strengths), dtype=np.float32)
    add_features(
        total, rows=np.arange(len(strengths), dtype=np.int32), strengths=strengths,
        spans=np.array([[0, len(strengths)]]), factors=np.ones(1, dtype=np.float32),
        caps=np.array([np.inf], dtype=np.float32),
    )  # fmt: skip
    np.testing.assert_array_equal(total, strengths.astype(np.float32))


@pytest.mark.parametrize("add", [features, words])
@pytest.mark.parametrize(("row", "n"), [(-1, 4), (4, 4), (3, 3)])
def test_a_row_beyond_the_documents_is_damage(add: object, row: int, n: int) -> None:
    rows = ROWS.copy()
    rows[4] = row
    with pytest.raises(StoreDamaged, match=str(n)) as caught:
        add(rows, n)  # type: ignore[operator]
    assert "cache" in caught.value.next_step


def test_nothing_to_add_changes_nothing() -> None:
    total = np.ones(3, dtype=np.float32)
    nothing = np.empty(0, dtype=np.float32)
    spans = np.empty((0, 2), dtype=np.int64)
    add_words(total, rows=ROWS, scores=nothing, spans=spans, factors=nothing)
    assert total.tolist() == [1, 1, 1]
