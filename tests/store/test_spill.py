"""Tests of entries spilled to disk."""

from pathlib import Path

import numpy as np
import pytest

from corpuscope.store.spill import hashes_of, spilled_blocks


def test_a_word_has_one_hash_whatever_its_company() -> None:
    found = hashes_of(["cat", "dog", "größe", "cat"])
    assert found.dtype == np.uint64
    assert found[0] == found[3]
    assert len(set(found.tolist())) == 3
    assert hashes_of([]).tolist() == []
    np.testing.assert_array_equal(hashes_of(["dog"]), found[1:2])


@pytest.mark.parametrize(
    ("at_once", "firsts"),
    [(1, [0, 1, 2, 4]), (3, [0, 1, 3, 4]), (5, [0, 3]), (100, [0])],
)  # fmt: skip
def test_blocks_hold_whole_documents(tmp_path: Path, at_once: int, firsts: list[int]) -> None:
    counts = np.array([2, 3, 0, 1, 4])
    entries = np.arange(10, dtype=np.uint16)
    spill = tmp_path / "entries.tmp"
    spill.write_bytes(entries.tobytes())
    blocks = list(spilled_blocks(spill, counts, dtype=np.uint16, at_once=at_once))
    assert [first for first, _, _ in blocks] == firsts
    for _, n_each, found in blocks:
        assert n_each.sum() == len(found)
        # A block exceeds the limit only where a single document does.
        assert len(found) <= at_once or np.count_nonzero(n_each) == 1
    np.testing.assert_array_equal(np.concatenate([n for _, n, _ in blocks]), counts)
    np.testing.assert_array_equal(np.concatenate([found for _, _, found in blocks]), entries)


def test_no_documents_make_no_blocks(tmp_path: Path) -> None:
    (tmp_path / "none").write_bytes(b"")
    none = np.empty(0, dtype=np.int64)
    assert not list(spilled_blocks(tmp_path / "none", none, dtype=np.uint16, at_once=3))
