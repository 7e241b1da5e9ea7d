"""The halves are of one size in each group, divide no block, and depend on ids alone."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpuscope.analyses.comparison.holdout import blocks_of, held_out, split
from corpuscope.labels.named_store import NamedStore
from tests.analyses.worlds import Made, write

numbers = st.lists(st.tuples(*[st.integers(-1, 5)] * 3), min_size=1, max_size=15)


@settings(max_examples=40)
@given(numbers)
def test_documents_are_in_one_block_where_a_chain_of_equal_numbers_links_them(
    rows: list[tuple[int, int, int]],
) -> None:
    columns = np.array(rows, dtype=np.int64).T
    found = blocks_of(*columns)
    n = len(rows)
    linked = np.eye(n, dtype=bool)
    for column in columns:
        linked |= (column[:, None] == column) & (column >= 0)[:, None]
    for _ in range(n):
        linked = linked @ linked
    assert (linked == (found[:, None] == found)).all()
    assert list(dict.fromkeys(found.tolist())) == list(range(found.max() + 1))


def test_numbers_of_two_columns_are_no_links_between_them() -> None:
    found = blocks_of(np.array([0, 1, 2]), np.array([1, 2, 0]))
    assert found.tolist() == [0, 1, 2]


def held(
    blocks: list[int], groups: list[int], *, share: float = 0.5, seed: int = 0,
    ids: list[str] | None = None,
) -> np.ndarray:  # fmt: skip
    names = np.array(ids or [f"d{i}" for i in range(len(blocks))], dtype=object)
    found: np.ndarray = held_out(
        np.array(blocks, dtype=np.int64), groups=np.array(groups, dtype=np.int64), ids=names,
        share=share, seed=seed,
    )  # fmt: skip
    return found


@pytest.mark.parametrize("share", [0.1, 0.5, 0.8])
@pytest.mark.parametrize("seed", range(4))
def test_of_each_group_the_share_is_held_out_to_the_document(share: float, seed: int) -> None:
    groups = [0] * 40 + [1] * 30 + [2] * 10
    found = held(list(range(80)), groups, share=share, seed=seed)
    n_held = np.bincount(groups, weights=found)
    assert np.abs(n_held - share * np.array([40, 30, 10])).max() <= 1


@settings(max_examples=30)
@given(
    st.lists(st.tuples(st.integers(0, 9), st.integers(0, 2)), min_size=1, max_size=40),
    st.integers(0, 99),
)
def test_a_block_is_never_divided(documents: list[tuple[int, int]], seed: int) -> None:
    block, group = np.array(documents).T
    block = np.unique(block, return_inverse=True)[1]
    found = held(block.tolist(), group.tolist(), seed=seed)
    for number in range(block.max() + 1):
        assert len(set(found[block == number].tolist())) == 1


def test_large_blocks_are_made_good_by_small_ones() -> None:
    """One author of 20 texts, and 20 of one each: half of all texts, give or take one."""
    blocks = [0] * 20 + list(range(1, 21))
    n_held = [int(held(blocks, [0] * 40, seed=seed).sum()) for seed in range(12)]
    assert all(19 <= n <= 21 for n in n_held)
    assert len({bool(held(blocks, [0] * 40, seed=seed)[0]) for seed in range(12)}) == 2


def test_blocks_of_both_groups_are_held_out_as_such() -> None:
    """Pairs stay together, and half of them is held out."""
    blocks, groups = [n // 2 for n in range(40)], [n % 2 for n in range(40)]
    found = held(blocks, groups)
    assert (found[::2] == found[1::2]).all()
    assert found[::2].sum() == 10


def test_the_order_of_the_documents_does_not_matter_and_the_seed_does() -> None:
    ids = [f"d{i}" for i in range(60)]
    groups = [i % 3 for i in range(60)]
    there = dict(zip(ids, held(list(range(60)), groups, ids=ids), strict=True))
    turned = held(list(range(60)), groups[::-1], ids=ids[::-1])
    assert dict(zip(ids[::-1], turned, strict=True)) == there
    others = [held(list(range(60)), groups, ids=ids, seed=seed).tolist() for seed in (1, 2, 3)]
    assert len({tuple(one) for one in [list(there.values()), *others]}) == 4


def test_nobody_is_divided_into_nobody() -> None:
    assert held([], []).tolist() == []


def test_a_split_divides_those_who_take_part(tmp_path: Path) -> None:
    n = 40
    source = NamedStore(write(tmp_path / "a", [Made([f"w{i}"]) for i in range(n)]))
    rows = np.arange(n) % 4 > 0
    texts, clusters = np.arange(n) // 2, np.where(np.arange(n) < 8, 0, -1)
    first, second = split(source, rows, np.arange(n) % 2, [texts, clusters], share=0.4, seed=3)
    assert ((first | second) == rows).all()
    assert not (first & second).any()
    assert second.sum() == pytest.approx(0.4 * rows.sum(), abs=3)
    assert len(set(second[rows & (clusters == 0)].tolist())) == 1
    for text in range(20):
        assert len(set(second[rows & (texts == text)].tolist())) <= 1
