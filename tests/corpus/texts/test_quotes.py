"""Quotations are found to the character, or not at all."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpuscope.corpus.texts.quotes import find_quote

TEXT = "First of all, breathe:\n there’s one — left in “your” size. (Really.)"


@pytest.mark.parametrize(
    ("quote", "found"),
    [
        ("breathe: there's one", "breathe:\n there’s one"),
        ("one - left in \"your\" size", "one — left in “your” size"),
        ("… there’s ‹one› …", "there’s one"),
        ("breathe: ⏎ there's", "breathe:\n there’s"),
        ("FIRST of all", "First of all"),
        ("(Really.)", "(Really.)"),
        ("all, breathe...", "all, breathe"),
    ],
)  # fmt: skip
def test_a_quotation_is_found_whatever_the_shape_of_its_marks(quote: str, found: str) -> None:
    place = find_quote(quote, TEXT)
    assert place is not None
    assert TEXT[place[0] : place[1]] == found


@pytest.mark.parametrize("quote", ["", " … ", "there is one", "size your", "Firstofall"])
def test_what_is_not_in_the_text_is_not_found(quote: str) -> None:
    assert find_quote(quote, TEXT) is None


@given(st.text(min_size=1), st.data())
def test_a_part_of_a_text_is_found_in_it(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text) - 1))
    end = data.draw(st.integers(start + 1, len(text)))
    quote = text[start:end]
    place = find_quote(quote, text)
    is_marks_alone = not "".join(one for one in quote if one not in "‹›⏎….").split()
    if is_marks_alone or any(one in quote for one in "‹›⏎"):
        return
    assert place is not None
