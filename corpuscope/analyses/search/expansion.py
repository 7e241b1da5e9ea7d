"""A phrase in other words, by a language model: as fitting texts would say it, and as labels do."""

from dataclasses import dataclass

from corpuscope.errors import InputError
from corpuscope.llm.client import LLM
from corpuscope.llm.fences import RULE, fenced
from corpuscope.llm.request import Request
from corpuscope.llm.schema import Schema, listing, text

__all__ = ["Expansion", "expanded", "expansion_request"]

VERSION = "1"
_MOST_TEXTS, _MOST_LABELS = 18, 6
_LONGEST = 200

_RULES = f"""\
Somebody searches a collection of texts for a property and describes it in a phrase. Help to find
the texts.
- texts: up to {_MOST_TEXTS} short passages as they would stand inside texts that have the property,
  as different from one another as such texts would be: other words, other situations, the manner
  itself where the property is one of manner. Write what such a text says, not about it.
- labels: up to {_MOST_LABELS} labels of two to six words by which a tagger would mark the property.
- not_meant: one sentence on what the phrase could also mean, but probably does not.
Keep to the language of the phrase. Do not repeat the phrase itself."""


@dataclass(frozen=True)
class Expansion:
    """A phrase in other words.

    Attributes:
        texts: Passages as fitting texts would have them.
        labels: Names that features of fitting texts might have.
        not_meant: What the phrase could mean, but does not.
    """

    texts: tuple[str, ...]
    labels: tuple[str, ...]
    not_meant: str = ""


def expansion_request(phrase: str) -> Request:
    """The request for other words of a phrase."""
    return Request(
        purpose="expand",
        system=f"{_RULES}\n\n{RULE}",
        user=f"The phrase:\n{fenced(phrase)}",
        schema=Schema(
            "expansion",
            {"texts": listing(text()), "labels": listing(text()), "not_meant": text()},
        ),
        version=VERSION,
        max_output=2_400,
    )


def expanded(phrase: str, llm: LLM) -> Expansion:
    """The phrase in other words; none where the language model gives no readable answer.

    Raises:
        InputError: The phrase is empty.
        EndpointRefused: The language model cannot be asked.
        AnswersMissing: The request waits for its answer.
    """
    if not phrase.strip():
        raise InputError(
            "an empty phrase", expected="a property in words", next_step="describe it in words"
        )
    (answer,) = llm.ask([expansion_request(phrase)])
    if not answer.is_answered:
        return Expansion((), ())
    value = answer.value

    def kept(given: list[str], most: int) -> tuple[str, ...]:
        said = dict.fromkeys(" ".join(one.split())[:_LONGEST] for one in given)
        own = phrase.strip().lower()
        return tuple(one for one in said if one and one.lower() != own)[:most]

    return Expansion(
        kept(value["texts"], _MOST_TEXTS), kept(value["labels"], _MOST_LABELS), value["not_meant"]
    )
