"""What is read from a reply, and what is not taken for an answer."""

import json
from dataclasses import replace

import pytest

from corpuscope.llm.replies import is_cut, read_reply
from tests.llm.worlds import completion, request, verdict

YES = verdict(0)
NO = verdict(1)


@pytest.mark.parametrize(
    "content",
    [
        YES, f"  {YES}\n", f"```json\n{YES}\n```", f"```\n{YES}\n```", f"The answer: {YES}.",
        f"<think>perhaps {NO}</think>{YES}", f"perhaps {NO}</think>{YES}",
        '{"why": "they write <think> in it", "verdict": "yes"}', f"{YES}\n{YES}",
        '{"why": "parity", "verdict": " YES "}', f'Not {{"verdict": "no"}}, but {YES}',
        f"as {{braces}} go, {YES}",
    ],
)  # fmt: skip
def test_the_object_is_found(content: str) -> None:
    answer = read_reply(request(), completion(content))
    assert answer.status == "answered"
    assert answer.value["verdict"] == "yes"
    assert (answer.model, answer.usage.n_in, answer.usage.n_out) == ("tiny-1", 40, 12)


@pytest.mark.parametrize(
    ("content", "why"),
    [
        ("", "empty"), ("   ", "empty"), ("yes", "no JSON object"), ("[1, 2]", "no JSON object"),
        ('{"verdict": "yes"}', "'why' is a required property"),
        ('{"why": "x", "verdict": "perhaps"}', "not one of"),
        ('{"why": "x", "verdict": "yes", "more": 1}', "Additional properties"),
        ('{"why": 3, "verdict": "yes"}', "is not of type 'string'"),
        (f"{YES} or {NO}", "disagree"), (YES[:-3], "no JSON object"),
        (f"<think>{YES}", "empty"), (f"```json\n{YES}\n```\nNo: {NO}", "disagree"),
        (f"```json\n{YES}\n```\n```json\n{NO}\n```", "disagree"),
        (f"maybe {NO}</think>I cannot tell", "no JSON object"),
        ('{"a":' * 3_000, "no JSON object"),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_unreadable_and_never_a_no(content: str, why: str) -> None:
    answer = read_reply(request(), completion(content))
    assert (answer.status, dict(answer.value)) == ("unreadable", {})
    assert why in answer.reason


def test_thinking_is_never_the_answer() -> None:
    for name in ("reasoning", "reasoning_content", "thinking"):
        answer = read_reply(request(), completion(None, message={name: YES}))
        assert answer.status == "unreadable"


def test_a_reply_to_a_part_of_a_prompt_has_failed() -> None:
    long = replace(request(), user="word " * 1_000)
    cut = completion(YES, usage={"prompt_tokens": 512, "completion_tokens": 12})
    answer = read_reply(long, cut)
    assert is_cut(long, cut)
    assert answer.status == "failed"
    assert "read 512 tokens of 1,0" in answer.reason
    assert answer.usage.n_in == 512
    # Short prompts, and servers that count nothing, are left alone.
    assert not is_cut(request(), completion(YES))
    assert not is_cut(long, completion(YES, usage=None))
    assert not is_cut(long, completion(YES, usage={"prompt_tokens": 1_300}))


def test_a_refusal_is_an_answer_of_its_own() -> None:
    answer = read_reply(request(), completion(None, message={"refusal": "I cannot."}))
    assert (answer.status, answer.reason) == ("refused", "I cannot.")
    assert read_reply(request(), completion(YES, finish_reason="content_filter")).status == (
        "refused"
    )


def test_a_reply_that_was_cut_is_no_answer_even_if_it_could_be_read() -> None:
    assert read_reply(request(), completion(YES, finish_reason="length")).status == "truncated"
    cut = read_reply(request(), completion("", finish_reason="length"))
    assert "all of it was thinking" in cut.reason


def test_an_error_in_place_of_a_reply_has_failed() -> None:
    answer = read_reply(request(), {"error": {"message": "inner"}})
    assert (answer.status, answer.reason) == ("failed", "inner")
    assert read_reply(request(), {"error": "plain"}).reason == "plain"


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"choices": []},
        {"choices": [None]},
        {"choices": [{}]},
        {"choices": "x"},
        {"choices": [{"message": "yes"}]},
        {"choices": [{"message": {"content": [1]}}]},
    ],
)
def test_a_body_without_a_message_is_unreadable(body: dict[str, object]) -> None:
    assert read_reply(request(), body).status == "unreadable"


def test_where_the_server_counts_no_tokens_the_most_that_it_could_be_counts() -> None:
    for given in (None, {"prompt_tokens": "4o"}, "many"):
        usage = read_reply(request(), completion(YES) | {"usage": given}).usage
        assert usage.n_in == request().most_tokens - request().max_output
        assert usage.n_out == len(YES)


def test_an_answer_is_the_same_after_a_round_trip_of_its_body() -> None:
    body = completion(YES)
    again = json.loads(json.dumps(body))
    assert read_reply(request(), body) == read_reply(request(), again)
