"""From the body of a reply to an answer; a pure function, so kept replies can be read again.

Only the content counts: what a model wrote while thinking is never an answer. A server's promise
to enforce a schema is not trusted, so every object is validated here.
"""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from corpuscope.llm.request import CHARACTERS_PER_TOKEN, Answer, Request, Status, Usage

__all__ = [
    "error_in_words", "failed", "first_choice", "is_cut", "likely_usage", "read_reply", "usage_of",
    "without_thinking",
]  # fmt: skip

# Thinking that is closed, or never closed; a template may have opened it in the prompt.
_THINKING = re.compile(r"<think(?:ing)?>.*?(?:</think(?:ing)?>|\Z)", re.S)
_OPENED_BEFORE = re.compile(r"\A(?:(?!<think(?:ing)?>).)*?</think(?:ing)?>", re.S)
_MOST_SHOWN = 200
# A word takes a token at least, in any language that puts spaces between words.
_LEAST_TOKENS_OF_A_WORD, _MANY_WORDS = 0.7, 500


def read_reply(request: Request, body: Mapping[str, Any]) -> Answer:
    """The answer in the body of a Chat Completion, whatever a server made of it.

    Args:
        request: The request that it answers.
        body: The response, or an error object in its place.
    """
    if body.get("error"):
        return failed(request, error_in_words(body["error"]))
    first = first_choice(body)
    message = first.get("message")
    message = message if isinstance(message, dict) else {}
    content, finish = message.get("content"), first.get("finish_reason")
    text = content if isinstance(content, str) else ""
    usage, model = usage_of(request, body, text), str(body.get("model") or "")

    def answer(status: Status, reason: str, value: Mapping[str, Any] | None = None) -> Answer:
        return Answer(request, status, value or {}, text, model, usage, reason=reason)

    if is_cut(request, body):
        return answer(
            "failed", f"the server read {usage.n_in:,} tokens of {_n_words(request):,} words: it "
            "cut the prompt",
        )  # fmt: skip
    if message.get("refusal") or finish == "content_filter":
        return answer("refused", str(message.get("refusal") or "stopped by a content filter"))
    shown = without_thinking(text)
    if finish == "length":
        return answer("truncated", "the limit of tokens was reached" + (
            "" if shown else " before any answer: all of it was thinking"))  # fmt: skip
    if not shown:
        return answer("unreadable", "an empty reply")
    value, fault = _value_in(shown, request)
    return answer("unreadable", fault) if value is None else answer("answered", "", value)


def is_cut(request: Request, body: Mapping[str, Any]) -> bool:
    """Whether a server counted far fewer tokens than a long prompt has words."""
    usage = body.get("usage")
    n_in = usage.get("prompt_tokens") if isinstance(usage, dict) else None
    n_words = _n_words(request)
    return (
        isinstance(n_in, int)
        and n_words >= _MANY_WORDS
        and 0 < n_in < _LEAST_TOKENS_OF_A_WORD * n_words
    )


def _n_words(request: Request) -> int:
    return sum(len(one["content"].split()) for one in request.messages)


def first_choice(body: Mapping[str, Any]) -> dict[str, Any]:
    """The first choice of a completion; empty if it has none."""
    choices = body.get("choices")
    first = choices[0] if isinstance(choices, list) and choices else None
    return first if isinstance(first, dict) else {}


def without_thinking(text: str) -> str:
    """A reply without what the model wrote while thinking."""
    if _whole_object(text) is not None:
        return text.strip()
    return _THINKING.sub("", _OPENED_BEFORE.sub("", text)).strip()


def failed(request: Request, reason: str) -> Answer:
    """An answer that never came."""
    return Answer(request, "failed", reason=reason)


def likely_usage(request: Request, text: str) -> dict[str, int]:
    """About what a model would count, for the body of a reply of somebody who counts nothing."""
    return {
        "prompt_tokens": round(request.n_characters / CHARACTERS_PER_TOKEN),
        "completion_tokens": round(len(text) / CHARACTERS_PER_TOKEN),
    }


def usage_of(request: Request, body: Mapping[str, Any], text: str) -> Usage:
    """Tokens in and out: the server's count, or an upper bound where it gives none."""
    given = body.get("usage")
    given = given if isinstance(given, dict) else {}
    n_in, n_out = (given.get(name) for name in ("prompt_tokens", "completion_tokens"))
    return Usage(
        n_in if isinstance(n_in, int) and n_in > 0 else request.most_tokens - request.max_output,
        n_out if isinstance(n_out, int) and n_out >= 0 else len(text.encode("utf-8", "replace")),
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


def _whole_object(text: str) -> dict[str, Any] | None:
    """The text as one JSON object; None if it is not."""
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def _objects_in(text: str) -> Iterator[object]:
    """The outermost JSON objects in a text: all of it, or those in fences and in prose."""
    whole = _whole_object(text)
    if whole is not None:
        yield whole
        return
    decoder, at = json.JSONDecoder(), 0
    while (at := text.find("{", at)) >= 0:
        try:
            value, at = decoder.raw_decode(text, at)
        except ValueError:
            at += 1
        except RecursionError:
            return
        else:
            yield value


def error_in_words(error: object) -> str:
    """What an error object says."""
    if isinstance(error, dict):
        return str(error.get("message") or error)[:_MOST_SHOWN]
    return str(error)[:_MOST_SHOWN]
