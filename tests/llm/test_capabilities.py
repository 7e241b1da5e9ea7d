"""A server that cuts prompts, or cannot keep to a form, is found out before money is spent."""

import json

import pytest

from corpuscope.llm.capabilities import capabilities
from corpuscope.llm.client import LLM
from corpuscope.llm.endpoint import Endpoint
from tests.llm.worlds import Behaviour, Response, completion, serving


def reading(window: int) -> Behaviour:
    """A server that sees the last `window` characters of all messages together."""

    def behave(body: dict[str, object], _call: int) -> Response:
        whole = "\n".join(one["content"] for one in body["messages"])  # type: ignore[attr-defined]
        seen = whole[-window:]
        if "two plus two" in seen:
            value: dict[str, str] = {"sum": "4"}
        else:
            value = {"code_word": "Marigold" if "word is marigold" in seen else "unknown"}
        usage = {"prompt_tokens": len(seen) // 4, "completion_tokens": 5}
        return 200, completion(json.dumps(value), usage=usage), {}

    return behave


def test_a_server_that_reads_all(monkeypatch: pytest.MonkeyPatch) -> None:
    with serving(reading(10**6)) as server:
        found = capabilities(LLM(Endpoint("tiny", server.url)), n_tokens=2_000)
    assert (found.model, found.is_readable, found.is_right) == ("tiny-1", True, True)
    assert not found.is_cut
    assert found.window >= 2_000


def test_a_server_that_cuts_without_a_word() -> None:
    with serving(reading(4_000)) as server:
        llm = LLM(Endpoint("tiny", server.url))
        assert capabilities(llm, n_tokens=2_000).is_cut
        assert not capabilities(llm, n_tokens=500).is_cut


def test_a_server_that_only_chats() -> None:
    def chat(_body: object, _call: int) -> Response:
        return 200, completion("Hello! How can I help you?"), {}

    with serving(chat) as server:
        found = capabilities(LLM(Endpoint("tiny", server.url)), n_tokens=500)
    assert not found.is_readable
    assert "no JSON object" in found.reason
