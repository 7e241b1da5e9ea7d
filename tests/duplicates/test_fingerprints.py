"""Texts that share a passage share a number; others do not."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpuscope.duplicates.fingerprints import (
    SURE_LENGTH,
    end_to_end,
    fingerprints,
    overlap,
    pieces_of,
    plain_text,
)

letters = st.text("abcdefgh ", max_size=120)


@given(letters, letters, letters, letters, st.text("abcdefghij", min_size=SURE_LENGTH))
def test_a_common_passage_is_never_missed(
    before: str, after: str, other_before: str, other_after: str, passage: str
) -> None:
    one = fingerprints(f"{before}{passage}{after}")
    other = fingerprints(f"{other_before}{passage}{other_after}")
    assert overlap(one, other) >= 1


@given(letters)
def test_numbers_ascend_and_are_those_of_the_plain_text(text: str) -> None:
    bare = plain_text(text)
    for found in (fingerprints(bare), pieces_of(bare)):
        assert (np.diff(found.astype(object)) > 0).all()
        assert bool(len(found)) == bool(bare)
    assert bare == plain_text(f"  {text.upper()} !? ")


def test_pieces_are_the_stretches_of_four() -> None:
    text = "the theme of the thesis"
    assert len(pieces_of(text)) == len({text[i : i + 4] for i in range(len(text) - 3)})
    assert overlap(pieces_of("abcdef"), pieces_of("cdefgh")) == 1


@pytest.mark.parametrize("text", ["", "   ", "!?", "\n\t--"])
def test_a_text_of_signs_alone_has_no_number(text: str) -> None:
    assert len(fingerprints(plain_text(text))) == len(pieces_of(plain_text(text))) == 0


def test_random_texts_share_nothing() -> None:
    rng = np.random.default_rng(0)
    made = ["".join(rng.choice(list("abcdefghijklmnopqrstuvwxyz "), 300)) for _ in range(50)]
    prints = [fingerprints(text) for text in made]
    assert not any(overlap(a, b) for i, a in enumerate(prints) for b in prints[:i])
    # About two stretches of nine are kept.
    assert 45 < np.mean([len(one) for one in prints]) < 80


def test_sets_end_to_end_keep_their_places() -> None:
    numbers, places = end_to_end([fingerprints("one"), fingerprints(""), fingerprints("two")])
    assert places.tolist() == [0, 2]
    assert len(numbers) == 2


@given(st.lists(st.integers(0, 30)), st.lists(st.integers(0, 30)))
def test_the_overlap_is_that_of_sets(one: list[int], other: list[int]) -> None:
    first, second = (np.unique(np.array(numbers, dtype=np.uint64)) for numbers in (one, other))
    assert overlap(first, second) == len(set(one) & set(other))
