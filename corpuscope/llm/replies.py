"""From the body of a reply to an answer; a pure function, so kept replies can be read again.

Only the content counts: what a model wrote while thinking is never an answer. A server's promise
to enforce a schema is not trusted, so every object is validated here.
"""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from corpuscope.llm.request import Answer, Request, Usage

__all__ = ["failed", "read_reply", "usage_of"]

_THINKING = re.compile(r"<think(?:ing)?>.*?(?:</think(?:ing)?>|\Z)", re.S)
_FENCE = re.compile(r"```[a-zA-Z]*\s*\n(.*?)```", re.S)
_MOST_SHOWN = 200
# A server that reports no usage: four characters a token is the usual rule for English.
_CHARACTERS_PER_TOKEN = 4


def read_reply(request: Request, body: Mapping[str, Any]) -> Answer:
    """The answer in the body of a Chat Completion.

    Args:
        request: The request that it answers.
        body: The response, or an error object in its place.
    """
    if body.get("error"):
        return failed(request, _error_in_words(body["error"]))
    choices = body.get("choices") or []
    first = choices[0] if choices and isinstance(choices[0], dict) else {}
    message = first.get("message") or {}
    content, finish = message.get("content"), first.get("finish_reason")
    text = content if isinstance(content, str) else ""
    usage, model = usage_of(request, body, text), str(body.get("model") or "")

    def answer(status: Any, reason: str, value: Mapping[str, Any] | None = None) -> Answer:
        return Answer(request, status, value or {}, text, model, usage, reason=reason)

    if message.get("refusal") or finish == "content_filter":
        return answer("refused", str(message.get("refusal") or "stopped by a content filter"))
    shown = _THINKING.sub("", text).strip()
    if finish == "length":
        return answer("truncated", "the limit of tokens was reached" + (
            "" if shown else " before any answer: all of it was thinking"))  # fmt: skip
    if not shown:
        return answer("unreadable", "an empty reply")
    value, fault = _value_in(shown, request)
    return answer("unreadable", fault) if value is None else answer("answered", "", value)


def failed(request: Request, reason: str) -> Answer:
    """An answer that never came."""
    return Answer(request, "failed", reason=reason)


def usage_of(request: Request, body: Mapping[str, Any], text: str) -> Usage:
    """Tokens in and out: the server's count, or an estimate where it gives none."""
    given = body.get("usage") or {}
    n_in, n_out = given.get("prompt_tokens"), given.get("completion_tokens")
    return Usage(
        int(n_in) if n_in else request.n_characters // _CHARACTERS_PER_TOKEN,
        int(n_out) if n_out is not None else len(text) // _CHARACTERS_PER_TOKEN,
    )


def _value_in(text: str, request: Request) -> tuple[dict[str, Any] | None, str]:
    """The valid object in a text, or None and what is wrong."""
    # A quoted verdict may precede the real one, so the last valid object counts, and two that
    # disagree are no answer.
    valid, faults = [], []
    for found in _objects_in(text):
        value = request.schema.tidied(found)
        wrong = request.schema.faults(value)
        if wrong:
            faults = wrong
        else:
            valid.append(value)
    if not valid:
        shown = text[:_MOST_SHOWN]
        return None, "; ".join(faults[:3]) if faults else f"no JSON object in {shown!r}"
    if any(one != valid[-1] for one in valid):
        return None, "two answers that disagree"
    last = valid[-1]
    return (last, "") if isinstance(last, dict) else (None, "no JSON object")


def _objects_in(text: str) -> Iterator[object]:
    """The outermost JSON objects in a text: all of it, or those in fences or in prose."""
    for piece in (text, *(_FENCE.findall(text))):
        try:
            value = json.loads(piece)
        except ValueError:
            continue
        if isinstance(value, dict):
            yield value
            return
    decoder, at = json.JSONDecoder(), 0
    while (at := text.find("{", at)) >= 0:
        try:
            value, at = decoder.raw_decode(text, at)
        except ValueError:
            at += 1
            continue
        yield value


def _error_in_words(error: object) -> str:
    if isinstance(error, dict):
        return str(error.get("message") or error)[:_MOST_SHOWN]
    return str(error)[:_MOST_SHOWN]
