"""Texts are graded one by one; a quotation that is not there counts for little."""

from corpuscope.analyses.search.expansion import Expansion
from corpuscope.analyses.search.grading import MOST_CHARACTERS, Grade, graded, grading_request
from corpuscope.llm.client import LLM
from corpuscope.llm.function import Function
from corpuscope.llm.request import Request

TEXTS = ["I am so sorry for the delay.", "Your order is late.", "Sorry, not today."]


def judge(request: Request) -> object:
    text = request.user.split("The text:\n<<<")[1].split("\n")[1]
    if "so sorry" in text:
        return {"quote": "so sorry", "grade": 3}
    if "Sorry" in text:
        return {"quote": "deeply sorry", "grade": 3}
    return None


def test_a_grade_comes_with_the_characters_that_show_it() -> None:
    found = graded("apologises", TEXTS, LLM(Function(judge, "j")))  # type: ignore[arg-type]
    assert found[0] == Grade(3, (5, 13))
    assert TEXTS[0][5:13] == "so sorry"


def test_a_quotation_that_is_not_in_the_text_is_worth_one_at_most() -> None:
    found = graded("apologises", TEXTS, LLM(Function(judge, "j")))  # type: ignore[arg-type]
    assert found[2] == Grade(1, None)


def test_what_was_not_read_has_no_grade_and_counts_as_one() -> None:
    found = graded("apologises", TEXTS, LLM(Function(judge, "j")))  # type: ignore[arg-type]
    assert found[1] == Grade(None, None)
    assert found[1].rank_value == 1


def test_long_texts_are_cut_and_the_reader_is_told() -> None:
    asked = grading_request("apologises", "a" * (MOST_CHARACTERS + 1))
    assert "The text goes on" in asked.user
    assert "The text goes on" not in grading_request("apologises", "a" * MOST_CHARACTERS).user


def test_what_is_not_meant_is_said() -> None:
    asked = grading_request("light", "It is bright.", Expansion((), (), "little weight"))
    assert "Not meant: little weight" in asked.user
