"""Pairs that surprise somebody who knows the world come first."""

import math
import re

import pytest

from corpuscope.analyses.correlate.oddity import (
    NamedPair,
    alike_request,
    expected_request,
    judge_pairs,
    pair_requests,
)
from corpuscope.llm.client import LLM
from corpuscope.llm.function import Function
from corpuscope.llm.request import Request

PAIRS = [
    NamedPair(("rain", "umbrella"), (0.1, 0.1), 9.0),
    NamedPair(("tax law", "love of cats"), (0.02, 0.4), 8.0),
    NamedPair(("salt", "pepper"), (0.1, 0.7), 7.0),
]
RANDOM = [NamedPair((f"a{i}", f"b{i}"), (0.1, 0.1), 1.0) for i in range(20)]


def guesses(request: Request) -> dict[str, str]:
    """Expects what is known to go together, and takes equal names for the same."""
    answer = {}
    for line in re.findall(r"^(\d+)\. (.*)$", request.user, re.M):
        goes_together = any(word in line[1] for word in ("rain", "salt"))
        if request.purpose == "guess pairs":
            answer[f"pair_{line[0]}"] = "much more" if goes_together else "as often"
        else:
            answer[f"pair_{line[0]}"] = "related" if goes_together else "unrelated"
    return answer


def test_what_nobody_expects_is_odd() -> None:
    found = judge_pairs(PAIRS, RANDOM, LLM(Function(guesses, "g")), repetitions=1)
    rain, tax, salt = found.pairs
    assert found.is_calibrated
    assert tax.oddity > 0.3 > max(rain.oddity, salt.oddity)
    assert (tax.expected, rain.expected) == (0.0, 2.0)
    assert (tax.alike, rain.alike) == (0.0, 0.5)
    assert abs(found.of_random) < 0.1


def test_a_model_that_expects_nothing_of_random_pairs_is_not_trusted() -> None:
    def backwards(request: Request) -> dict[str, str]:
        answer = guesses(request)
        if request.purpose == "guess pairs":
            lines = dict(re.findall(r"^(\d+)\. (.*)$", request.user, re.M))
            answer = {
                f"pair_{n}": "much more" if re.search(r"[ab]\d", line) else "much less"
                for n, line in lines.items()
            }
        return answer

    found = judge_pairs(PAIRS, RANDOM[:3], LLM(Function(backwards, "b")), repetitions=1)
    assert not found.is_calibrated
    assert all(math.isnan(one.oddity) for one in found.pairs)


def test_unread_pairs_have_no_oddity() -> None:
    found = judge_pairs(PAIRS, RANDOM, LLM(Function(lambda _: None, "silent")), repetitions=1)
    assert all(math.isnan(one.oddity) and math.isnan(one.alike) for one in found.pairs)


def test_each_pair_is_asked_of_in_both_directions_and_as_often_as_wanted() -> None:
    asked = pair_requests([*PAIRS, *RANDOM], 3)
    assert len(asked) == 2 * 3 * 2 + 2 * 2  # Two batches of at most twenty pairs.
    assert len({request.key({}) for _, request in asked}) == len(asked)


def test_rates_are_told_in_words_and_names_alone_leave() -> None:
    asked = expected_request(PAIRS, is_turned=False, repetition=0)
    assert "2. A: tax law | B (in about half of the texts): love of cats" in asked.user
    assert "B (in most texts): pepper" in asked.user
    turned = expected_request(PAIRS, is_turned=True, repetition=0)
    assert "2. A: love of cats | B (rare): tax law" in turned.user
    assert "1. umbrella | rain" in alike_request(PAIRS, is_turned=True).user
    for request in (asked, turned):
        assert "9.0" not in request.user


@pytest.mark.parametrize("n", [0])
def test_no_pairs_ask_nobody(n: int) -> None:
    found = judge_pairs(PAIRS[:n], RANDOM, LLM(Function(guesses, "g")), repetitions=1)
    assert found.pairs == ()
