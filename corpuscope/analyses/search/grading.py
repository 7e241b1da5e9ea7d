"""Grades the first hits of a search by reading each, and orders them by grade.

One text a request: its grade depends on no other text, and a text that tells the reader what to say
can lift only itself.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from corpuscope.analyses.search.expansion import Expansion
from corpuscope.corpus.texts.quotes import find_quote
from corpuscope.llm.client import LLM
from corpuscope.llm.fences import RULE, fenced
from corpuscope.llm.request import Answer, Request
from corpuscope.llm.schema import Schema, number, text

__all__ = ["MOST_CHARACTERS", "Grade", "graded", "grading_request"]

VERSION = "1"
MOST_CHARACTERS = 4_000
"""Longer texts are cut, and the reader is told."""

_UNREAD = 1
_BEST = 3

_RULES = f"""\
Somebody searches a collection for texts that have a property. You get the property and one text,
and grade how well the text has it:
{_BEST}: clearly, as a main trait of it;
2: it has it, though in part or in passing;
1: it only touches on it, or mentions it without having it;
0: not at all.
A property of manner or form is had by the text itself, not by what it is about. Go by the text
alone. First copy the words of the text that show the property best, at most twenty, exactly as they
stand there (nothing for 0); then give the grade."""


@dataclass(frozen=True, slots=True)
class Grade:
    """What a reader said of a text.

    Attributes:
        grade: From 0 to 3; None if nothing could be read.
        span: The characters of the quotation; None without one.
    """

    grade: int | None
    span: tuple[int, int] | None

    @property
    def rank_value(self) -> int:
        """The grade; 1 where there is none."""
        return _UNREAD if self.grade is None else self.grade


def grading_request(phrase: str, document: str, expansion: Expansion | None = None) -> Request:
    """The request to grade a text."""
    aside = f"\nNot meant: {expansion.not_meant}" if expansion and expansion.not_meant else ""
    shown = document[:MOST_CHARACTERS]
    cut = "" if len(document) <= MOST_CHARACTERS else "\nThe text goes on; this is its beginning."
    return Request(
        purpose="grade",
        system=f"{_RULES}\n\n{RULE}",
        user=f"The property:\n{fenced(phrase + aside)}\n\nThe text:\n{fenced(shown)}{cut}\n\n"
        "Quote and grade it.",
        schema=Schema("grade", {"quote": text(), "grade": number(least=0, most=_BEST)}),
        version=VERSION,
        max_output=200,
    )


def graded(
    phrase: str,
    documents: Sequence[str],
    llm: LLM,
    *,
    expansion: Expansion | None = None,
    progress: Callable[[str, int, int], None] | None = None,
) -> list[Grade]:
    """The grade of each text; one whose quotation is not in it gets 1 at most.

    Raises:
        EndpointRefused: The language model cannot be asked.
        AnswersMissing: Requests wait for answers.
    """
    asked = [grading_request(phrase, one, expansion) for one in documents]
    answers = llm.ask(
        asked, progress=None if progress is None else lambda done, n: progress("grade", done, n)
    )
    return [_read(one, document) for one, document in zip(answers, documents, strict=True)]


def _read(answer: Answer, document: str) -> Grade:
    if not answer.is_answered:
        return Grade(None, None)
    grade = int(answer.value["grade"])
    span = find_quote(answer.value["quote"], document[:MOST_CHARACTERS])
    return Grade(grade if span is not None else min(grade, _UNREAD), span if grade else None)
