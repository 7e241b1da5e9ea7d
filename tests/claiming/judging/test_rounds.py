"""A round of calls: both orders, planted first, checks at the end; and what was said."""

from collections import Counter

from corpuscope.claiming.judging.planted import Planted
from corpuscope.claiming.judging.rounds import OTHER_MATTERS, Call, Readings, Unit, calls_of
from corpuscope.llm.request import Answer
from tests.claiming.worlds import statement

STATEMENTS = [statement(f"The text says 'w{i}'.") for i in range(7)]
UNITS = [Unit((f"target {i}", f"reference {i}")) for i in range(30)]
PLANTED = [Planted(2, "target", (0, 1), ("with it", "without"), (0, 1, 3))]


def made(*, checks: bool = True, per_call: int = 5) -> list[Call]:
    return calls_of(STATEMENTS, UNITS, PLANTED, per_call=per_call, checks=checks, seed=0)


def test_every_statement_is_asked_of_every_unit_in_both_orders() -> None:
    asked = Counter(
        (call.unit, call.is_turned, i)
        for call in made()
        if call.role == "verdict"
        for i in call.statements
    )
    assert set(asked.values()) == {1}
    assert len(asked) == 30 * 2 * 7


def test_texts_are_turned_with_the_order() -> None:
    for call in made():
        if call.role == "verdict":
            assert call.question.texts[0].startswith("reference" if call.is_turned else "target")


def test_the_default_numbers_of_calls() -> None:
    by_role = Counter(call.role for call in made())
    assert by_role == {
        "planted": 2, "verdict": 30 * 2 * 2, "alone": 10 * 7 * 2, "again": 20 * 2,
        "negated": 20 * 2 * 2, "other": 20 * 2 * 2,
    }  # fmt: skip
    assert {call.role for call in made(checks=False)} == {"planted", "verdict"}


def test_a_planted_call_asks_the_planted_statement_among_neutral_ones() -> None:
    for call in made()[:2]:
        assert call.role == "planted"
        assert set(call.statements) == {2, 0, 1, 3}
    for call in made(per_call=2)[:2]:
        assert 2 in call.statements
        assert len(call.statements) == 2


def test_no_call_asks_more_than_it_may() -> None:
    assert max(len(call.statements) for call in made(per_call=3)) == 3


def test_the_same_seed_asks_the_same() -> None:
    assert made() == made()


def test_readings_are_seen_from_the_target() -> None:
    calls = [call for call in made(checks=False) if call.unit == 4 and call.role == "verdict"]

    def answer(call: Call) -> Answer:
        # Whatever stands second has all of it.
        value = {f"verdict_{i + 1}": "second" for i in range(len(call.statements))}
        return Answer(call.question.request(), "answered", value)

    readings = Readings.of(calls, [answer(call) for call in calls])
    decision = readings.decision("verdict", 3, 4)
    assert decision is not None
    assert decision.has == (False, False)
    assert not decision.is_consistent
    assert readings.decision("verdict", 3, 5) is None
    assert set(readings.decisions("verdict", 3)) == {4}


def test_other_matters_say_nothing_of_the_usual_differences() -> None:
    assert len(OTHER_MATTERS) == 10
    assert all(one.startswith("The text") for one in OTHER_MATTERS)


def test_no_statements_ask_nothing() -> None:
    assert calls_of([], UNITS, [], per_call=5, checks=True, seed=0) == []
