"""A function in the place of a language model: rules, another library, or a person at a prompt."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from corpuscope.llm.replies import likely_usage
from corpuscope.llm.request import Request
from corpuscope.llm.transport import Exchange

__all__ = ["Function"]


@dataclass(frozen=True, slots=True)
class Function:
    """A function that answers one request after the other.

    Attributes:
        function: From a request to its value, or to the text of a reply; None refuses.
        name: What answers are recorded under.

    Example:
        >>> from corpuscope.llm.client import LLM
        >>> from corpuscope.llm.schema import Schema, choice
        >>> form = Schema("parity", {"verdict": choice(["yes", "no"])})
        >>> ask = Request("verify", "You judge.", "Is 4 even?", form, version="1", max_output=20)
        >>> (answer,) = LLM(Function(lambda request: {"verdict": "yes"}, "always yes")).ask([ask])
        >>> answer.status, answer.value
        ('answered', {'verdict': 'yes'})
    """

    function: Callable[[Request], Mapping[str, Any] | str | None]
    name: str

    @property
    def asked(self) -> dict[str, Any]:
        """What answers depend on: the name."""
        return {"kind": "function", "model": self.name}

    def send(self, requests: Sequence[Request], exchange: Exchange) -> None:
        """Call the function for each request."""
        for one in requests:
            if not exchange.may_send(one):
                continue
            value = self.function(one)
            message: dict[str, Any] = {"role": "assistant", "content": value}
            if value is None:
                message |= {"refusal": "no answer"}
            elif not isinstance(value, str):
                message["content"] = json.dumps(dict(value), ensure_ascii=False)
            body = {
                "model": self.name,
                "choices": [{"finish_reason": "stop", "message": message}],
                "usage": likely_usage(one, str(message["content"] or "")),
            }
            exchange.receive(one, body, 0.0)
