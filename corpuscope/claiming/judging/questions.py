"""What a judge is asked: statements about a pair of texts, or about one; blind to groups."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from corpuscope.llm.fences import RULE, fenced
from corpuscope.llm.request import Answer, Request, Shown
from corpuscope.llm.schema import Schema, choice, text

__all__ = ["Question", "Verdict", "reasons_in", "verdicts_in"]

VERSION = "1"

Verdict = Literal["first", "second", "both", "neither", "yes", "no", "unclear"]

_OF_PAIRS = ("first", "second", "both", "neither", "unclear")
_OF_ONE = ("yes", "no", "unclear")

_RULES_FOR_PAIRS = """\
You read two texts and decide for each of some statements of which text it is true:
"first" if it is true of the first text and not of the second; "second" the other way round; "both";
"neither"; "unclear" if the texts or the statement do not allow a decision.
A statement about how a text is, such as its tone, is true of "both" or "neither" unless the two
clearly differ in it."""

_RULES_FOR_ONE = """\
You read a text and decide for each of some statements whether it is true of that text: "yes", "no",
or "unclear" if the text or the statement does not allow a decision."""

_RULES_FOR_ALL = """\
Go by what stands in the text alone, not by how good, long or probable it is. Decide each statement
by itself, whatever you said of the others. For each, first give the reason in at most fifteen
words, then the verdict."""


@dataclass(frozen=True, slots=True)
class Question:
    """Statements about one text or two.

    Attributes:
        purpose: What it is for, as costs are counted.
        texts: One text, or two in the order in which they are shown.
        sentences: The statements.
        prompt: The request that the texts answer; None if there is none.
        repetition: Number of the repetition.
    """

    purpose: str
    texts: tuple[str, ...]
    sentences: tuple[str, ...]
    prompt: str | None = None
    repetition: int = 0

    def request(self) -> Request:
        """The request that asks it."""
        is_pair = len(self.texts) == 2
        verdicts = _OF_PAIRS if is_pair else _OF_ONE
        rules = _RULES_FOR_PAIRS if is_pair else _RULES_FOR_ONE
        n = len(self.sentences)
        form: dict[str, Mapping[str, Any]] = {}
        for i in range(1, n + 1):
            form |= {f"reason_{i}": text(), f"verdict_{i}": choice(verdicts)}
        return Request(
            purpose=self.purpose,
            system=f"{rules}\n{_RULES_FOR_ALL}\n\n{RULE}",
            user=self._in_words(verdicts),
            schema=Schema("verdicts", form),
            version=VERSION,
            max_output=160 * n,
            repetition=self.repetition,
            shown=self._shown(),
        )

    def _shown(self) -> Shown:
        names = ("first text", "second text") if len(self.texts) == 2 else ("text",)
        prompt = {} if self.prompt is None else {"prompt": self.prompt}
        return Shown(
            prompt | dict(zip(names, self.texts, strict=True)),
            {f"verdict_{i}": one for i, one in enumerate(self.sentences, start=1)},
        )

    def _in_words(self, verdicts: Sequence[str]) -> str:
        names = ("First text", "Second text") if len(self.texts) == 2 else ("Text",)
        parts = []
        if self.prompt is not None:
            whose = "Both texts answer" if len(self.texts) == 2 else "The text answers"
            parts.append(f"{whose} this request:\n{fenced(self.prompt, whose)}")
        parts += [
            f"{name}:\n{fenced(one, name)}" for name, one in zip(names, self.texts, strict=True)
        ]
        listed = "\n".join(f"{i}. {one}" for i, one in enumerate(self.sentences, start=1))
        parts.append(f"The statements:\n{listed}")
        parts.append(f"Give a reason and a verdict for each: {', '.join(verdicts)}.")
        return "\n\n".join(parts)


def verdicts_in(answer: Answer, n: int) -> list[Verdict | None]:
    """The verdict on each of `n` statements; None on all if the answer could not be read."""
    return [answer.value.get(f"verdict_{i}") for i in range(1, n + 1)]


def reasons_in(answer: Answer, n: int) -> list[str]:
    """The reason for each verdict; empty if the answer could not be read."""
    return [str(answer.value.get(f"reason_{i}", "")) for i in range(1, n + 1)]
