"""What a judge is asked about one property of one text: blind to the pair, and to all numbers."""

from dataclasses import dataclass
from typing import Literal

from corpuscope.llm.fences import RULE, fenced
from corpuscope.llm.request import Answer, Request
from corpuscope.llm.schema import Schema, choice, text
from corpuscope.store.evidence import Evidence

__all__ = ["PURPOSE", "ReadProperty", "Verdict", "passage", "property_request", "verdict_in"]

VERSION = "1"
PURPOSE = "verify pairs"
Verdict = Literal["yes", "no", "unclear"]

_VERDICTS = ("yes", "no", "unclear")
_AROUND, _LONGEST_SPAN, _LONGEST_NAME = 150, 300, 160

_RULES = f"""\
You read a text and decide whether it has a property: "yes", "no", or "unclear" if the text or the
name of the property does not allow a decision. Say "yes" only if the text itself has the property,
in what it says or how it is written; not if it is merely related to it, near it, or might well
have it. Go by what stands in the text alone, not by how good, long or probable it is.
Properties are named by a program, mostly by words that mark them. Passages of other texts show
what a name means: the property is what their places between ‹ and › have in common. What else these
passages are about does not matter. First give the reason in at most fifteen words, then the
verdict.

{RULE}"""


@dataclass(frozen=True, slots=True)
class ReadProperty:
    """A property that texts are read for.

    Attributes:
        name: The name of its feature.
        passages: Passages of texts with the feature, its place marked.
    """

    name: str
    passages: tuple[str, ...]

    @property
    def sentence(self) -> str:
        """The name in a fixed sentence that can be true or false of a text."""
        name = " ".join(self.name.split())[:_LONGEST_NAME]
        return f"The text contains this: {name}."


def passage(one: Evidence) -> str:
    """The text around the first span, on one line, with the span between ‹ and ›."""
    start, end = one.spans[0] if one.spans else (0, 0)
    end = min(end, start + _LONGEST_SPAN)
    first, last = max(0, start - _AROUND), min(len(one.text), end + _AROUND)
    words = (
        f"{'… ' if first else ''}{one.text[first:start]}‹{one.text[start:end]}›"
        f"{one.text[end:last]}{' …' if last < len(one.text) else ''}"
    )
    return " ".join(words.replace("\n", " ⏎ ").split())


def property_request(one: ReadProperty, document: str) -> Request:
    """The request to say whether a text has a property."""
    parts = [f"The statement: {one.sentence}"]
    if one.passages:
        listed = "\n".join(f"- {each}" for each in one.passages)
        parts.append(f"Passages of other texts of which it is true:\n{fenced(listed, 'Passages')}")
    parts.append(f"The text:\n{fenced(document, 'Text')}")
    parts.append("Is the statement true of the text: yes, no or unclear?")
    return Request(
        purpose=PURPOSE,
        system=_RULES,
        user="\n\n".join(parts),
        schema=Schema("verdict", {"reason": text(), "verdict": choice(_VERDICTS)}),
        version=VERSION,
        max_output=160,
    )


def verdict_in(answer: Answer) -> Verdict | None:
    """The verdict; None if the answer could not be read."""
    found: Verdict | None = answer.value.get("verdict")
    return found
