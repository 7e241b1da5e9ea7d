"""A request to a language model, its answer, and what they cost."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from corpuscope.llm.schema import Schema

__all__ = [
    "CHARACTERS_PER_TOKEN", "Answer", "Request", "Shown", "Status", "Usage", "canonical",
    "in_order",
]  # fmt: skip

CHARACTERS_PER_TOKEN = 4.0
"""In English text, for most tokenizers; used where nothing was counted."""

Status = Literal["answered", "refused", "truncated", "unreadable", "failed", "not_asked"]
"""What became of a request. Only `answered` and `refused` are final; the others are asked again."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A request as a person reads it: its texts without fences, and a question for each field.

    Attributes:
        texts: What is asked about, by name, such as "first text".
        questions: What each field answers, by its name; fields of reasons need none.
    """

    texts: Mapping[str, str]
    questions: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Request:
    """One question, answered by one JSON object.

    Attributes:
        purpose: What it is for, such as "label" or "verify"; costs are counted by purpose.
        system: The rules.
        user: The question, with documents inside fences (`fences`).
        schema: The form of the answer.
        version: Version of the prompt.
        max_output: Limit of the answer's length in tokens, without thinking.
        temperature: Sampling temperature.
        repetition: Number of the repetition; equal requests with other numbers are asked anew.
        tag: The caller's name for the request; not part of its identity.
        shown: How people see it in a sheet; None shows the message. Not part of its identity.
    """

    purpose: str
    system: str
    user: str
    schema: Schema
    version: str
    max_output: int
    temperature: float = 0.0
    repetition: int = 0
    tag: str = ""
    shown: Shown | None = None

    @property
    def messages(self) -> list[dict[str, str]]:
        """The messages of Chat Completions."""
        # The form is shown, too: not every server that takes a schema shows it to the model.
        form = f"{self.system}\n\n{_FORM} {self.schema.in_words}"
        return [{"role": "system", "content": form}, {"role": "user", "content": self.user}]

    @property
    def n_characters(self) -> int:
        """The characters of all messages."""
        return sum(len(one["content"]) for one in self.messages)

    @property
    def most_tokens(self) -> int:
        """An upper bound of the tokens in and out, for any tokenizer that reads bytes."""
        written = canonical([self.messages, self.schema.json])
        return (
            len(written.encode("utf-8", "surrogatepass")) + self.max_output + _TOKENS_OF_A_TEMPLATE
        )

    def key(self, asked: Mapping[str, Any]) -> str:
        """A hash of everything that the answer depends on.

        Args:
            asked: The kind of endpoint, the model and the parameters that the user chose.
        """
        whole = {
            "messages": self.messages,
            "version": self.version,
            "max_output": self.max_output,
            "temperature": float(self.temperature),
            "repetition": self.repetition,
            "asked": dict(asked),
        }
        return hashlib.sha256(canonical(whole).encode("utf-8", "surrogatepass")).hexdigest()


_TOKENS_OF_A_TEMPLATE = 200
_FORM = "Reply with one JSON object of this form, all fields in this order, and nothing else:"


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens read and written, as the server counts them; estimated where it does not."""

    n_in: int = 0
    n_out: int = 0

    def __add__(self, other: "Usage") -> "Usage":
        """Both together."""
        return Usage(self.n_in + other.n_in, self.n_out + other.n_out)


_NOTHING = Usage()


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back for a request.

    Attributes:
        request: The request.
        status: What became of it.
        value: The validated JSON object; empty unless `answered`.
        text: The content as it came, for logs.
        model: The model that answered, as the server names it.
        usage: What it took, with retries and repairs.
        from_cache: Whether it was paid for earlier.
        reason: Why there is no value, in words.
    """

    request: Request
    status: Status
    value: Mapping[str, Any] = field(default_factory=dict)
    text: str = ""
    model: str = ""
    usage: Usage = _NOTHING
    from_cache: bool = False
    reason: str = ""

    @property
    def is_answered(self) -> bool:
        """Whether there is a value."""
        return self.status == "answered"


def in_order(value: Any) -> str:
    """JSON text with fields in the order of the schema, so that reasons come before verdicts."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def canonical(value: Any) -> str:
    """JSON text that is equal for equal values."""
    return json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
