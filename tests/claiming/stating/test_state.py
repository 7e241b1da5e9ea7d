"""Claims are stated in one request, mended once, and merged where they say the same."""

from typing import Any

from corpuscope.claiming.stating.state import drawn_sides, state, state_in_words
from corpuscope.llm.client import LLM
from corpuscope.llm.function import Function
from corpuscope.llm.request import Request
from tests.claiming.worlds import shown

FINDINGS = [
    shown(), shown(label="assurance", row=2, text="Be sure, I certainly will."),
    shown(side="reference", label="doubt", row=4, text="I doubt it."),
]  # fmt: skip


def claim(sentence: str, findings: list[str], document: str, quote: str) -> dict[str, Any]:
    own = drawn_sides(0)["target"]
    return {
        "sentence": sentence, "negation": f"Not so: {sentence}", "group": own, "kind": "presence",
        "place": "sentence", "findings": findings,
        "quotes": [{"document": document, "quote": quote}],
    }  # fmt: skip


def answering(*values: Any) -> tuple[LLM, list[Request]]:
    """Answers requests to state with these, in turn, and calls all sentences the same."""
    asked: list[Request] = []
    waiting = list(values)

    def answer(request: Request) -> Any:
        asked.append(request)
        if request.purpose == "merge":
            return {"pairs": [{"first": 2, "second": 1, "reason": "", "relation": "same"}]}
        return waiting.pop(0)

    return LLM(Function(answer, "scripted")), asked


def value(*claims: dict[str, Any], left_over: tuple[str, ...] = ("F3",)) -> dict[str, Any]:
    return {
        "reason": "", "claims": list(claims),
        "left_over": [{"finding": name, "why": "unclear"} for name in left_over],
    }  # fmt: skip


def stated(model: LLM) -> Any:
    return state(FINDINGS, model, n=5, is_paired=True, group_names=["new", "old"], seed=0)


SURE = claim("The text is sure of itself.", ["F1"], "D1", "I certainly do")
KEEN = claim("The text assures the reader.", ["F2"], "D3", "I certainly will")


def test_what_says_the_same_is_merged() -> None:
    model, asked = answering(value(SURE, KEEN))
    found = stated(model)
    (one,) = found.statements
    assert (one.sentence, one.findings) == ("The text is sure of itself.", (0, 1))
    assert len(one.quotes) == 2
    assert found.n_proposed == 2
    assert any("same as" in dropped.why for dropped in found.dropped)
    assert [request.purpose for request in asked] == ["state", "merge"]


def test_faults_are_mended_once() -> None:
    broken = claim("The text is more sure.", ["F1"], "D1", "I certainly do")
    model, asked = answering(
        value(broken, left_over=("F2", "F3")), value(SURE, left_over=("F2", "F3"))
    )
    found = stated(model)
    assert [one.sentence for one in found.statements] == ["The text is sure of itself."]
    assert [request.purpose for request in asked] == ["state", "state again"]
    assert "'more' compares" in asked[1].user


def test_what_stays_faulty_is_dropped_with_its_reason() -> None:
    broken = claim("The text is more sure.", ["F1"], "D1", "I certainly do")
    model, asked = answering(*[value(broken, left_over=("F2", "F3"))] * 2)
    found = stated(model)
    assert found.statements == ()
    assert len(asked) == 2
    assert any("compares" in one.why for one in found.dropped)


def test_a_repair_that_loses_claims_is_not_taken() -> None:
    model, _ = answering(value(SURE, left_over=("F2",)), value(left_over=("F1", "F2", "F3")))
    assert [one.sentence for one in stated(model).statements] == ["The text is sure of itself."]


def test_nothing_found_asks_nobody() -> None:
    model, asked = answering()
    found = state([], model, n=5, is_paired=True, group_names=[], seed=0)
    assert found.statements == ()
    assert asked == []


def test_labels_make_claims_without_asking() -> None:
    found = state_in_words(FINDINGS, n=2)
    assert [one.sentence for one in found.statements] == [
        "The text contains this: certainty.", "The text contains this: assurance.",
    ]  # fmt: skip
    assert [one.why for one in found.dropped] == ["beyond the limit"]
    assert found.statements[0].quotes[0].passage == "certainly"


def test_letters_of_sides_are_drawn() -> None:
    assert {drawn_sides(seed)["target"] for seed in range(20)} == {"A", "B"}
    assert all(set(drawn_sides(seed).values()) == {"A", "B"} for seed in range(5))
