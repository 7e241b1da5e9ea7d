"""A row with several answers becomes a row for each of them."""

import pytest

from corpuscope.corpus.sources.rows import Place, Row
from corpuscope.corpus.sources.wide import check_names_are_free, unfolded
from corpuscope.errors import InputError
from tests.corpus.parts import Listed, broken


def test_each_answer_gets_a_row_with_the_other_columns_and_the_rows_number() -> None:
    part = Listed(({"q": "Why?", "a": "So.", "b": "No."}, {"q": "How?", "a": "Thus.", "b": "?"}))
    found = list(unfolded(part.rows(), ["b", "a"]))
    assert [one.values for one in found if isinstance(one, Row)] == [
        {"q": "Why?", "answer": "No.", "answer_of": "b", "row": "000000"},
        {"q": "Why?", "answer": "So.", "answer_of": "a", "row": "000000"},
        {"q": "How?", "answer": "?", "answer_of": "b", "row": "000001"},
        {"q": "How?", "answer": "Thus.", "answer_of": "a", "row": "000001"},
    ]
    assert [str(one.place) for one in found] == ["listed, row 1"] * 2 + ["listed, row 2"] * 2


def test_an_answer_that_is_not_there_is_no_value() -> None:
    (found,) = unfolded(Listed(({"q": "Why?"},)).rows(), ["a"])
    assert isinstance(found, Row)
    assert found.values == {"q": "Why?", "answer": None, "answer_of": "a", "row": "000000"}


def test_a_row_that_cannot_be_read_stays_one_and_is_counted() -> None:
    found = list(unfolded(Listed(("torn", {"a": "So."})).rows(), ["a", "b"]))
    place = Place("listed", "row", 1)
    assert (found[0].place, len(found)) == (place, 3)
    assert found[0][0] == broken("torn", place).reason
    assert [one.values["row"] for one in found[1:] if isinstance(one, Row)] == ["000001"] * 2


def test_without_rows_or_without_answers_there_is_nothing() -> None:
    assert list(unfolded([], ["a"])) == []
    assert list(unfolded(Listed(({"q": "Why?"},)).rows(), [])) == []


@pytest.mark.parametrize("name", ["answer", "answer_of", "row"])
def test_a_column_with_a_name_that_is_made_here_is_refused(name: str) -> None:
    with pytest.raises(InputError) as caught:
        check_names_are_free(["text", name], ["text"])
    assert caught.value.found == f"the table has the columns {name!r}"
    assert caught.value.next_step == "rename these columns"


def test_all_taken_names_are_told_but_not_those_of_the_answers_themselves() -> None:
    check_names_are_free(["a", "b"], ["a"])
    check_names_are_free(["answer", "b"], ["answer"])
    with pytest.raises(InputError, match="the columns 'answer', 'row'"):
        check_names_are_free(["row", "answer", "answer_of"], ["answer_of"])
