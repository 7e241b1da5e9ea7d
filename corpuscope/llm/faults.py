"""Why a request has no reply yet, and what the response of a server says about it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from corpuscope.llm.replies import first_choice, without_thinking

__all__ = ["Fault", "body_of", "fault_of", "filtered_reply", "is_all_thinking"]

_FILTERED = {"content_filter", "content_policy_violation"}
_MOST_SHOWN = 400


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a request has no reply yet.

    Attributes:
        reason: The fault in words.
        may_pass: Whether the same request may be answered later.
        is_learned: Whether the endpoint taught how to ask it.
        status: The status of the response; 0 if there was none.
        headers: Headers of the response.
    """

    reason: str
    may_pass: bool = False
    is_learned: bool = False
    status: int = 0
    headers: Mapping[str, str] = field(default_factory=dict)


def body_of(raw: Any) -> dict[str, Any]:
    """The JSON body of a response of the client, whatever the client made of it.

    Raises:
        ValueError: It is no JSON object.
    """
    body = json.loads(raw.text if isinstance(raw.text, str) else raw.text())
    if not isinstance(body, dict):
        raise ValueError("a reply that is no JSON object")
    return body


def is_all_thinking(body: Mapping[str, Any]) -> bool:
    """Whether the limit was reached before the model had begun to answer."""
    first = first_choice(body)
    message = first.get("message")
    content = message.get("content") if isinstance(message, dict) else None
    shown = without_thinking(content) if isinstance(content, str) else ""
    return first.get("finish_reason") == "length" and not shown


def fault_of(error: Any) -> str:
    """What an error of the client says: code, parameter and message, or all of its body."""
    body = getattr(error, "body", None)
    inner = body.get("error", body) if isinstance(body, dict) else body
    if isinstance(inner, dict):
        named = [str(inner[name]) for name in ("code", "param", "message") if inner.get(name)]
        return ("; ".join(named) or json.dumps(inner))[:_MOST_SHOWN]
    return str(inner or error)[:_MOST_SHOWN]


def filtered_reply(error: Any) -> dict[str, Any] | None:
    """The reply that an error of a content filter stands for; None for other errors.

    Azure answers a prompt that its filter rejects with 400 and the code `content_filter`, where
    others return a completion with that finish reason.
    """
    body = getattr(error, "body", None)
    inner = body.get("error", body) if isinstance(body, dict) else None
    if not isinstance(inner, dict) or inner.get("code") not in _FILTERED:
        return None
    message = {"role": "assistant", "content": None}
    return {
        "choices": [{"message": message, "finish_reason": "content_filter"}],
        "usage": {"prompt_tokens": 0, "completion_tokens": 0},
    }
