"""A function answers as a model would."""

from corpuscope.llm.client import LLM
from corpuscope.llm.function import Function
from corpuscope.llm.request import Request
from tests.llm.worlds import request, verdict


def judge(asked: Request) -> object:
    """Values, texts, nonsense and refusals, by the number asked for."""
    number = int(asked.tag)
    return ({"why": "x", "verdict": "yes"}, verdict(1), "nonsense", None)[number % 4]


def test_values_texts_nonsense_and_refusals() -> None:
    answers = LLM(Function(judge, "judge")).ask([request(number) for number in range(4)])  # type: ignore[arg-type]
    assert [one.status for one in answers] == ["answered", "answered", "unreadable", "refused"]
    assert answers[0].model == "judge"
