"""Answers are complete, paid once, within the budget, and the same whatever failed on the way."""

import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest

from corpuscope.errors import EndpointRefused
from corpuscope.llm.budget import Budget, Prices
from corpuscope.llm.cache import ReplyCache
from corpuscope.llm.client import LLM
from corpuscope.llm.endpoint import Endpoint
from corpuscope.llm.request import Answer, Request
from tests.llm.worlds import (
    Behaviour,
    Response,
    completion,
    error,
    faulty,
    number_in,
    request,
    right,
    serving,
    verdict,
)

MANY = [request(number) for number in range(40)]


def llm(url: str, cache: Path | None = None, **options: object) -> LLM:
    return LLM(Endpoint("tiny", url, concurrency=4), ReplyCache(cache), **options)  # type: ignore[arg-type]


def values(answers: list[Answer]) -> list[object]:
    return [(one.status, dict(one.value)) for one in answers]


def expected(requests: list[Request]) -> list[object]:
    return [("answered", {"why": "parity", "verdict": "no" if int(one.tag) % 2 else "yes"})
            for one in requests]  # fmt: skip


def test_each_request_has_its_answer_in_order() -> None:
    with serving(right) as server:
        asked = [*MANY, MANY[3]]
        answers = llm(server.url).ask(asked)
        assert values(answers) == expected(asked)
        assert [one.request.tag for one in answers] == [one.tag for one in asked]
        assert server.n_calls == len(MANY)


def test_a_second_run_asks_nothing(tmp_path: Path) -> None:
    with serving(right) as server:
        first = llm(server.url, tmp_path / "c").ask(MANY)
        second = llm(server.url, tmp_path / "c")
        assert second.estimate(MANY).all.n_calls == 0
        assert values(second.ask(MANY)) == values(first)
        assert server.n_calls == len(MANY)
        receipt = second.receipt()
        assert (receipt.all.n_calls, receipt.all.n_cached) == (0, len(MANY))


@pytest.mark.parametrize("seed", range(3))
def test_a_faulty_server_changes_no_answer(tmp_path: Path, seed: int) -> None:
    """Those that could not be answered are asked again; none is answered wrongly."""
    with serving(faulty(seed)) as server:
        for _ in range(12):
            one = llm(server.url, tmp_path / "c")
            answers = one.ask(MANY)
            for answer, truth in zip(values(answers), expected(MANY), strict=True):
                assert answer == truth or answer[0] in ("failed", "truncated", "unreadable")  # type: ignore[index]
            if all(answer.is_answered for answer in answers):
                break
        assert values(answers) == expected(MANY)
        n_before = server.n_calls
        assert values(llm(server.url, tmp_path / "c").ask(MANY)) == expected(MANY)
        assert server.n_calls == n_before


def test_an_unreadable_reply_is_repaired_once_and_the_repair_is_remembered(tmp_path: Path) -> None:
    def behave(body: dict[str, object], _call: int) -> Response:
        asked_again = "Your reply was" in body["messages"][-1]["content"]  # type: ignore[index]
        content = verdict(number_in(body)) if asked_again else "Well, yes."
        return 200, completion(content), {}

    with serving(behave) as server:
        answers = llm(server.url, tmp_path / "c").ask(MANY[:3])
        assert values(answers) == expected(MANY[:3])
        assert server.n_calls == 6
        assert answers[0].usage.n_in == 80
        assert values(llm(server.url, tmp_path / "c").ask(MANY[:3])) == expected(MANY[:3])
        assert server.n_calls == 6


@pytest.mark.parametrize("tokens", [1, 1_000, 2_000])
def test_nothing_is_sent_beyond_the_budget(tokens: int) -> None:
    with serving(right) as server:
        one = llm(server.url, budget=Budget(tokens=tokens))
        answers = one.ask(MANY)
        usage = one.receipt().all.usage
        assert usage.n_in + usage.n_out <= tokens
        n_asked = sum(answer.is_answered for answer in answers)
        assert n_asked == server.n_calls < len(MANY)
        assert {answer.status for answer in answers if not answer.is_answered} == {"not_asked"}
        assert one.receipt().stopped_by_budget


def test_a_budget_in_money_holds() -> None:
    with serving(right) as server:
        one = llm(server.url, budget=Budget(money=0.02), prices=Prices(10.0, 30.0))
        one.ask(MANY)
        money = one.receipt().money
        assert money is not None
        assert money <= 0.02
        assert one.receipt().stopped_by_budget
        assert server.n_calls > 0


@pytest.mark.parametrize(
    "behaviour",
    [
        lambda _body, _call: error(401, "wrong key"),
        lambda _body, _call: error(404, "no such model"),
        lambda _body, _call: error(402, "payment required"),
        lambda _body, _call: error(429, "insufficient_quota: check your plan"),
    ],
)
def test_what_no_retry_can_mend_stops_at_once(behaviour: Behaviour) -> None:
    with serving(behaviour) as server:
        begun = time.monotonic()
        with pytest.raises(EndpointRefused):
            llm(server.url).ask(MANY)
        assert server.n_calls <= 4
        assert time.monotonic() - begun < 5


def test_credit_that_ends_midway_loses_nothing(tmp_path: Path) -> None:
    def behave(body: dict[str, object], call: int) -> Response:
        return right(body, call) if call < 15 else error(402, "no credit")

    with serving(behave) as server:
        with pytest.raises(EndpointRefused, match="402"):
            llm(server.url, tmp_path / "c").ask(MANY)
        assert ReplyCache(tmp_path / "c").counts() == {"verify": 15}
    with serving(right) as server:
        assert values(llm(server.url, tmp_path / "c").ask(MANY)) == expected(MANY)
        assert server.n_calls == len(MANY) - 15


def test_twenty_faults_running_stop_the_run(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("corpuscope.llm.endpoint.wait_after", lambda *_: 0.0)
    with serving(lambda _body, _call: error(500, "oops")) as server:
        with pytest.raises(EndpointRefused, match="20 faults running"):
            llm(server.url).ask(MANY)
        assert 20 <= server.n_calls <= 24


def test_a_parameter_that_is_refused_is_learned_and_remembered(tmp_path: Path) -> None:
    def behave(body: dict[str, object], call: int) -> Response:
        for name in ("max_completion_tokens", "temperature", "response_format"):
            if name in body:
                return error(400, f"Unsupported parameter: '{name}'")
        return right(body, call)

    with serving(behave) as server:
        assert values(llm(server.url, tmp_path / "c").ask(MANY[:1])) == expected(MANY[:1])
        assert server.n_calls == 5
        assert "max_tokens" in server.bodies[-1]
        assert values(llm(server.url, tmp_path / "c").ask(MANY[1:3])) == expected(MANY[1:3])
        assert server.n_calls == 7


def test_a_reply_that_was_all_thinking_is_asked_again_with_room(tmp_path: Path) -> None:
    def behave(body: dict[str, object], call: int) -> Response:
        if body["max_completion_tokens"] < 1_000:  # type: ignore[operator]
            return 200, completion("", finish_reason="length"), {}
        return right(body, call)

    with serving(behave) as server:
        assert values(llm(server.url, tmp_path / "c").ask(MANY[:1])) == expected(MANY[:1])
        assert server.n_calls == 2


def test_three_unreadable_replies_of_ten_ask_in_a_simpler_form() -> None:
    def behave(body: dict[str, object], call: int) -> Response:
        if "json_schema" in str(body.get("response_format")):
            return 200, completion("maybe"), {}
        return right(body, call)

    with serving(behave) as server:
        answers = llm(server.url).ask(MANY)
        assert sum(answer.is_answered for answer in answers) >= len(MANY) - 8
        assert server.bodies[-1]["response_format"] == {"type": "json_object"}


def test_the_key_is_in_no_reply_and_no_name(tmp_path: Path) -> None:
    with serving(right) as server:
        endpoint = Endpoint("tiny", server.url, api_key="sk-hidden")
        LLM(endpoint, ReplyCache(tmp_path / "c")).ask(MANY[:1])
        assert server.keys == ["Bearer sk-hidden"]
        endpoint = Endpoint("tiny", server.url.replace("//", "//me:secret@"))
        LLM(endpoint, ReplyCache(tmp_path / "c")).ask(MANY[1:2])
        assert "secret" not in endpoint.name
    written = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    assert b"sk-hidden" not in written
    assert b"secret" not in written
    assert (tmp_path / "c").stat().st_mode & 0o077 == 0


_KILLED = """
import sys
from corpuscope.llm.cache import ReplyCache
from corpuscope.llm.client import LLM
from corpuscope.llm.endpoint import Endpoint
from tests.llm.test_client import MANY
LLM(Endpoint("tiny", sys.argv[1], concurrency=4), ReplyCache(sys.argv[2])).ask(MANY)
"""


def test_a_kill_loses_no_more_than_the_calls_in_the_air(tmp_path: Path) -> None:
    def behave(body: dict[str, object], call: int) -> Response:
        time.sleep(0.02)
        return right(body, call)

    with serving(behave) as server:
        run = subprocess.Popen([sys.executable, "-c", _KILLED, server.url, str(tmp_path / "c")])
        while server.n_calls < 12:
            time.sleep(0.005)
        os.kill(run.pid, signal.SIGKILL)
        run.wait()
        n_killed = server.n_calls
        assert values(llm(server.url, tmp_path / "c").ask(MANY)) == expected(MANY)
        assert server.n_calls - len(MANY) <= 4
        assert n_killed < len(MANY)


def test_an_error_inside_a_good_status_is_tried_again() -> None:
    def behave(body: dict[str, object], call: int) -> Response:
        return right(body, call) if call else (200, {"error": {"message": "inner"}}, {})

    with serving(behave) as server:
        assert values(llm(server.url).ask(MANY[:1])) == expected(MANY[:1])
        assert server.n_calls == 2


def test_a_prompt_that_a_filter_rejects_is_refused_once(tmp_path: Path) -> None:
    def behave(body: dict[str, object], call: int) -> Response:
        if number_in(body) % 2:
            fault = {"code": "content_filter", "message": "The prompt triggered the filter."}
            return 400, {"error": fault}, {}
        return right(body, call)

    requests = [request(number) for number in range(6)]
    with serving(behave) as server:
        first = llm(server.url, tmp_path / "kept").ask(requests)
        again = llm(server.url, tmp_path / "kept").ask(requests)
        assert server.n_calls == 6
    assert [one.status for one in first] == ["answered", "refused"] * 3
    assert [one.status for one in again] == [one.status for one in first]


def test_what_can_never_be_answered_stops_the_run() -> None:
    with serving(lambda _body, _call: error(400, "the model is not a valid name")) as server:
        with pytest.raises(EndpointRefused, match="faults running"):
            llm(server.url).ask(MANY)
        assert server.n_calls < len(MANY)


def test_a_limit_that_is_too_large_is_not_given_another_name() -> None:
    def behave(body: dict[str, object], _call: int) -> Response:
        return error(400, "max_completion_tokens is too large: 100")

    with serving(behave) as server:
        (answer,) = llm(server.url).ask(MANY[:1])
        assert (answer.status, server.n_calls) == ("failed", 1)
        assert "too large" in answer.reason


def test_many_workers_stop_at_once_too() -> None:
    def behave(_body: object, _call: int) -> Response:
        time.sleep(0.05)
        return error(401, "wrong key")

    with serving(behave) as server:
        one = LLM(Endpoint("tiny", server.url, concurrency=16))
        with pytest.raises(EndpointRefused):
            one.ask(MANY)
        assert server.n_calls <= 4


def test_a_budget_is_used_up_where_replies_take_less_than_they_might() -> None:
    with serving(right) as server:
        one = llm(server.url, budget=Budget(tokens=2_200))
        answers = one.ask(MANY)
        # Each reply takes 52 tokens; the most that the last could take must fit as well.
        n_certain = (2_200 - MANY[0].most_tokens) // 52
        assert sum(answer.is_answered for answer in answers) >= n_certain
        assert server.n_calls <= 2_200 // 52


def test_thinking_is_within_the_budget() -> None:
    def behave(body: dict[str, object], _call: int) -> Response:
        return 200, completion(verdict(number_in(body)), usage={
            "prompt_tokens": 40, "completion_tokens": body["max_completion_tokens"],
        }), {}  # fmt: skip

    with serving(behave) as server:
        endpoint = Endpoint("tiny", server.url, concurrency=4, thinking_tokens=500)
        one = LLM(endpoint, budget=Budget(tokens=5_000))
        one.ask(MANY)
        usage = one.receipt().all.usage
        assert usage.n_in + usage.n_out <= 5_000


def test_a_key_is_neither_shown_nor_sent_to_a_local_server(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-of-another")
    with serving(right) as server:
        LLM(Endpoint("tiny", server.url)).ask(MANY[:1])
        assert server.keys == ["Bearer none"]
    shown = repr(Endpoint("tiny", "http://me:secret@x/v1", api_key="sk-hidden"))
    assert "secret" not in shown
    assert "sk-hidden" not in shown


def test_a_run_that_stops_wakes_those_that_wait_for_the_budget() -> None:
    """One request is in the air and has all of the budget; the others wait when it is refused."""

    def behave(_body: object, _call: int) -> Response:
        time.sleep(0.2)
        return error(401, "wrong key")

    with serving(behave) as server:
        one = llm(server.url, budget=Budget(tokens=MANY[0].most_tokens + 50))
        begun = time.monotonic()
        with pytest.raises(EndpointRefused, match="401"):
            one.ask(MANY[:6])
        assert time.monotonic() - begun < 10
        assert server.n_calls == 1


def test_a_server_that_cuts_prompts_is_left_at_the_third(tmp_path: Path) -> None:
    def cutting(body: dict[str, object], call: int) -> Response:
        status, reply, headers = right(body, call)
        return status, reply | {"usage": {"prompt_tokens": 512, "completion_tokens": 12}}, headers

    long = [replace(one, system=f"{one.system} {'word ' * 2_000}") for one in MANY]
    with serving(cutting) as server:
        with pytest.raises(EndpointRefused, match="it cut the prompt, and two others before"):
            llm(server.url, tmp_path / "c").ask(long)
        # Those in the air were sent already.
        assert server.n_calls <= 3 + 4
    with serving(right) as server:
        # What a cut prompt was answered is not taken for an answer later.
        answers = llm(server.url, tmp_path / "c").ask([replace(one) for one in MANY])
        assert values(answers) == expected(MANY)
