"""A text has one vote in each group; near copies belong together where they are many."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpuscope.duplicates import numbering
from corpuscope.duplicates.numbering import (
    copy_warnings,
    counted_once,
    near_copies,
    numbered_texts,
    text_numbers,
)
from corpuscope.labels.named_store import NamedStore
from tests.analyses.worlds import Made, vocabulary, write


@settings(max_examples=25)
@given(st.lists(st.lists(st.text("ab", max_size=2)), max_size=4))
def test_equal_texts_have_equal_numbers_in_the_order_of_their_first(
    batches: list[list[str]],
) -> None:
    texts = [text for batch in batches for text in batch]
    first = list(dict.fromkeys(texts))
    assert numbered_texts(batches).tolist() == [first.index(text) for text in texts]


def test_texts_of_several_stores_are_numbered_together_and_read_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = write(tmp_path / "a", [Made(["same"]), Made(["own"])])
    other = write(tmp_path / "b", [Made(["new"]), Made(["same"])])
    source = NamedStore([one, other])
    assert text_numbers(source).tolist() == [0, 1, 2, 0]
    monkeypatch.setattr(NamedStore, "text_batches", None)
    assert text_numbers(source).tolist() == [0, 1, 2, 0]


small = st.integers(0, 2)


@settings(max_examples=25)
@given(st.lists(st.tuples(small, small, st.integers(-1, 1), st.booleans()), max_size=12))
def test_of_each_text_group_and_key_the_first_that_takes_part_counts(
    documents: list[tuple[int, int, int, bool]],
) -> None:
    texts, codes, keys, rows = np.array(documents, dtype=np.int64).reshape(-1, 4).T
    found = counted_once(texts, codes, keys, rows=rows.astype(bool))
    seen: set[tuple[int, int, int]] = set()
    for (text, code, key, takes_part), counts in zip(documents, found, strict=True):
        is_first = takes_part and (text, code, key) not in seen
        assert counts == is_first
        if is_first:
            seen.add((text, code, key))


def warned(texts: list[int], codes: list[int], rows: list[int] | None = None) -> list[str]:
    numbers, groups = np.array(texts), np.array(codes)
    mask = np.ones(len(texts), dtype=bool) if rows is None else np.array(rows, dtype=bool)
    counted = counted_once(numbers, groups, np.full(len(texts), -1), rows=mask)
    return copy_warnings(numbers, groups, rows=mask, counted=counted)


def test_copies_are_counted_within_groups_and_among_those_that_take_part() -> None:
    assert warned([0, 1, 2], [0, 0, 0]) == []
    assert warned([0, 0, 0], [0, 1, 2]) == []
    assert "2 " in warned([0, 0, 0, 1], [0, 0, 0, 0])[0]
    assert "1 " in warned([0, 0, 0, 1], [0, 0, 0, 0], [0, 1, 1, 1])[0]
    assert warned([0, 0, 0, 1], [0, 0, 0, 0], [0, 0, 1, 1]) == []


@pytest.mark.parametrize(
    ("n_single", "is_multiplied"), [(0, True), (3, True), (4, False), (30, False)]
)
def test_a_join_is_told_where_nine_in_ten_documents_are_there_equally_often(
    n_single: int, is_multiplied: bool
) -> None:
    texts = [*np.repeat(np.arange(10), 3).tolist(), *range(100, 100 + n_single)]
    (said,) = warned(texts, [0] * len(texts))
    assert ("3 " in said) == is_multiplied
    assert ("20 " in said) != is_multiplied


def near(rng: np.random.Generator, n_alone: int, n_alike: int, size: int = 2) -> list[Made]:
    """Texts alone, and texts of `size` near copies each; groups take turns."""
    made = [Made(vocabulary(rng, 30)) for _ in range(n_alone)]
    for _ in range(n_alike // size):
        words = vocabulary(rng, 30)
        made += [Made([*words, f"name{'abcdefgh'[i % 8]}{i}"]) for i in range(size)]
    return made


def asked(folder: Path, made: list[Made]) -> tuple[np.ndarray | None, list[str]]:
    source = NamedStore(write(folder / "a", made))
    codes = np.arange(len(made)) % 2
    return near_copies(source, codes, np.ones(len(made), dtype=bool))


def test_many_near_copies_belong_together(tmp_path: Path) -> None:
    groups, said = asked(tmp_path, near(np.random.default_rng(0), 50, 10))
    assert groups is not None
    assert len(np.unique(groups[:50])) == 50
    assert (groups[50::2] == groups[51::2]).all()
    assert len(np.unique(groups)) == 55
    assert "10 of 60" in said[0]


@pytest.mark.parametrize(
    ("n_alone", "n_alike", "are_joined"), [(60, 0, None), (78, 4, False), (76, 4, True)]
)
def test_few_are_only_told_of(
    tmp_path: Path, n_alone: int, n_alike: int, are_joined: bool | None
) -> None:
    groups, said = asked(tmp_path, near(np.random.default_rng(1), n_alone, n_alike))
    assert (groups is not None) == bool(are_joined)
    assert len(said) == (are_joined is not None)
    assert all(f"{n_alike} of {n_alone + n_alike}" in one for one in said)


def test_where_hardly_any_are_no_copies_they_stay_independent(tmp_path: Path) -> None:
    """Ten templates of eight: each group is worth ten clusters."""
    groups, said = asked(tmp_path, near(np.random.default_rng(2), 0, 80, size=8))
    assert groups is None
    assert "80 of 80" in said[0]


def test_only_documents_that_count_are_copies_of_each_other(tmp_path: Path) -> None:
    made = near(np.random.default_rng(3), 40, 20)
    source, codes = NamedStore(write(tmp_path / "a", made)), np.arange(60) % 2
    one_of_each = np.ones(60, dtype=bool)
    one_of_each[41::2] = False
    assert near_copies(source, codes, one_of_each) == (None, [])
    assert near_copies(source, codes, np.zeros(60, dtype=bool)) == (None, [])


def test_of_too_many_documents_none_are_compared(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(numbering, "_MOST_COMPARED", 59)
    monkeypatch.setattr(numbering, "duplicates_in", None)
    assert asked(tmp_path, near(np.random.default_rng(0), 50, 10)) == (None, [])
