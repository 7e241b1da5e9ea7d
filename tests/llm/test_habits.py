"""What an endpoint refuses is left out, once, and remembered."""

import pytest

from corpuscope.llm.habits import Habits
from tests.llm.worlds import request

FIRST = Habits()


def test_all_that_is_known_is_sent_at_first() -> None:
    found = FIRST.parameters(request(repetition=3, max_output=50))
    assert found["max_completion_tokens"] == 50
    assert (found["temperature"], found["seed"]) == (0.0, 3)
    assert found["response_format"]["json_schema"]["schema"] == request().schema.json


@pytest.mark.parametrize(
    ("fault", "expected"),
    [
        ("Unsupported parameter: 'max_completion_tokens'", Habits(limit=1)),
        ("'max_tokens' is not supported, use 'max_completion_tokens' instead", Habits(limit=1)),
        ("max_completion_tokens is too large: 100", None),
        ("Unsupported value: 'temperature' does not support 0", Habits(refused=("temperature",))),
        ("unknown field seed", Habits(refused=("seed",))),
        ("invalid response_format", Habits(form=1)),
        ("the model is not a valid name", None),
        ("", None),
    ],
)
def test_a_refusal_teaches_what_to_leave_out(fault: str, expected: Habits | None) -> None:
    assert FIRST.after(fault) == expected


def test_nothing_is_learned_twice() -> None:
    taught = Habits(form=2, limit=1, refused=("temperature", "seed"))
    for fault in ("unsupported max_tokens", "temperature", "seed", "response_format"):
        assert taught.after(fault) is None
    assert set(taught.parameters(request())) == {"max_tokens"}


def test_the_ladder_ends_with_words_alone() -> None:
    names = []
    habits: Habits | None = FIRST
    while habits is not None:
        names.append(
            (habits.form_name, habits.parameters(request()).get("response_format") is None)
        )
        habits = habits.simpler()
    assert names == [("json_schema", False), ("json_object", False), ("plain", True)]


def test_habits_come_back_from_json_and_thinking_is_never_less_than_asked_for() -> None:
    habits = Habits(form=1, limit=1, refused=("seed",), thinking=4096)
    assert Habits.of(habits.to_json() | {"of_tomorrow": 1}, thinking=0) == habits
    assert Habits.of({}, thinking=500) == Habits(thinking=500)
