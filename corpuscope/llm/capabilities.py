"""What an endpoint can do, found out by asking it: one short and one long request.

Some local servers cut a prompt that is too long without a word, from the front. So the long request
begins with a code word and asks for it at the end.
"""

from dataclasses import dataclass

from corpuscope.errors import EndpointRefused
from corpuscope.llm.client import LLM
from corpuscope.llm.request import Answer, Request
from corpuscope.llm.schema import Schema, choice, text

__all__ = ["Capabilities", "capabilities"]

_WORD = "marigold"
_FILLER = "The quick brown fox jumps over the lazy dog near the old river bank. "
_LEAST_SEEN = 0.7
# Characters per token: English text has about four, and servers differ little.
_CHARACTERS_PER_TOKEN = 4
_SHORT = Schema("check", {"sum": choice(["3", "4", "5"])})
_LONG = Schema("canary", {"code_word": text()})


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What was found out.

    Attributes:
        model: The model that answered, as the server names it.
        is_readable: Whether its answer fitted the form.
        is_right: Whether it can add two and two.
        window: Tokens of the longest prompt that it was seen to read whole.
        is_cut: Whether it lost the beginning of a prompt of that length.
        reason: Why an answer could not be read; empty otherwise.
    """

    model: str
    is_readable: bool
    is_right: bool
    window: int
    is_cut: bool
    reason: str


def capabilities(llm: LLM, *, n_tokens: int = 4_000) -> Capabilities:
    """Ask one short and one long request.

    Args:
        llm: The language model.
        n_tokens: Length of the long request.

    Raises:
        EndpointRefused: It answers no request.
    """
    short, long = llm.ask([_short(), _canary(n_tokens)])
    if short.status == long.status == "failed":
        raise EndpointRefused(
            f"no answer ({short.reason})",
            expected="a server that answers",
            next_step="check the address and the name of the model",
        )
    return Capabilities(
        model=short.model or long.model,
        is_readable=short.is_answered,
        is_right=short.value.get("sum") == "4",
        window=long.usage.n_in,
        is_cut=not _has_read_all(long, n_tokens),
        reason=short.reason or long.reason,
    )


def _has_read_all(answer: Answer, n_tokens: int) -> bool:
    """Whether the code word was found, or at least nearly all tokens were counted."""
    if answer.is_answered:
        return _WORD in str(answer.value["code_word"]).lower()
    return answer.usage.n_in >= _LEAST_SEEN * n_tokens


def _short() -> Request:
    return Request(
        purpose="check", system="You answer questions of arithmetic.",
        user="What is two plus two?", schema=_SHORT, version="1", max_output=60,
    )  # fmt: skip


def _canary(n_tokens: int) -> Request:
    n_fillers = max(1, n_tokens * _CHARACTERS_PER_TOKEN // len(_FILLER))
    return Request(
        purpose="check", system=f"The code word is {_WORD}. You will be asked for it.",
        user=f"{_FILLER * n_fillers}\n\nWhat is the code word that the first message names?",
        schema=_LONG, version="1", max_output=60,
    )  # fmt: skip
