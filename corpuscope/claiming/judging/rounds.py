"""All that a judge is asked in one round: verdicts, planted texts and checks, in both orders."""

import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from corpuscope.claiming.judging.decisions import Decision, Reading, decided, seen_from_target
from corpuscope.claiming.judging.planted import Planted
from corpuscope.claiming.judging.questions import Question, reasons_in, verdicts_in
from corpuscope.claiming.statement import Statement
from corpuscope.llm.request import Answer

__all__ = ["OTHER_MATTERS", "Call", "Readings", "Unit", "calls_of"]

Role = Literal["verdict", "planted", "alone", "again", "negated", "other"]
"""What a call is for.

`verdict`: the statements, on the texts set aside; `planted`: texts whose answer is known; `alone`:
one statement a call; `again`: the same call once more; `negated`: the negations; `other`:
statements about other matters.
"""

CHECK = "check the judge"

_N_ALONE, _N_CHECKED = 10, 20

OTHER_MATTERS = (
    "The text mentions a chemical element.",
    "The text contains a line of program code.",
    "The text describes a dream.",
    "The text quotes a poem or a song.",
    "The text names a capital city.",
    "The text reports the result of a sports match.",
    "The text describes the weather.",
    "The text mentions a musical instrument.",
    "The text speaks of someone's childhood.",
    "The text mentions an animal.",
)
"""Sentences that no finding suggested: what a judge makes of them is what it makes of anything."""


@dataclass(frozen=True, slots=True)
class Unit:
    """A pair of texts, or a text.

    Attributes:
        texts: The target's first.
        prompt: The request that they answer.
    """

    texts: tuple[str, ...]
    prompt: str | None = None


@dataclass(frozen=True, slots=True)
class Call:
    """One request to the judge.

    Attributes:
        role: What it is for.
        unit: The number of the pair or text, among those of its role.
        is_turned: Whether the reference's text is shown first.
        statements: The statements asked about, in the order shown.
        question: The question.
    """

    role: Role
    unit: int
    is_turned: bool
    statements: tuple[int, ...]
    question: Question


def calls_of(
    statements: Sequence[Statement], units: Sequence[Unit], planted: Sequence[Planted], *,
    per_call: int, checks: bool, seed: int,
) -> list[Call]:  # fmt: skip
    """All calls, planted texts first.

    Args:
        statements: The statements.
        units: The pairs, or texts, to read.
        planted: Texts whose answer is known.
        per_call: Statements in one call.
        checks: Whether to add the checks.
        seed: The random seed.
    """
    if not statements:
        return []
    made = _Calls([one.sentence for one in statements], per_call, seed)
    found = [call for i, one in enumerate(planted) for call in made.of_planted(i, one)]
    first: dict[int, list[Call]] = {}
    # At random, so that a run that is cut short has read some of each group.
    order = sorted(range(len(units)), key=lambda i: made.number_of(units[i]))
    for i in order:
        first[i] = list(made.of_unit("verdict", i, units[i], made.sentences))
        found += first[i]
    if checks:
        for i in order[:_N_ALONE]:
            found += made.alone(i, units[i])
        for i in order[:_N_CHECKED]:
            found += [made.again(one) for one in first[i] if not one.is_turned]
            found += made.of_unit("negated", i, units[i], [one.negation for one in statements])
            found += made.of_unit("other", i, units[i], OTHER_MATTERS)
    return found


@dataclass(frozen=True, slots=True)
class _Calls:
    """Makes calls.

    What is random depends on the texts of a unit and the seed alone: more units ask nothing anew.
    """

    sentences: Sequence[str]
    per_call: int
    seed: int

    def number_of(self, unit: Unit, *about: object) -> int:
        """A random number that the texts of a unit always have."""
        return zlib.crc32(repr((self.seed, unit.texts, *about)).encode("utf-8", "replace"))

    def _shuffled(self, values: Sequence[int], unit: Unit, *about: object) -> list[int]:
        rng = np.random.default_rng(self.number_of(unit, *about))
        return [values[at] for at in rng.permutation(len(values))]

    def of_unit(
        self, role: Role, number: int, unit: Unit, sentences: Sequence[str]
    ) -> Iterator[Call]:
        """Calls about all sentences, in an order that is new for each unit and turn."""
        for is_turned in _turns(unit):
            order = self._shuffled(range(len(sentences)), unit, role, is_turned)
            for first in range(0, len(order), self.per_call):
                chosen = tuple(order[first : first + self.per_call])
                yield _call(role, number, unit, is_turned, chosen, sentences)

    def of_planted(self, number: int, one: Planted) -> Iterator[Call]:
        """Calls about the planted statement and a few neutral ones, in a random order."""
        unit = Unit(one.texts)
        others = self._shuffled(one.neutral, unit, "neutral")
        chosen = [one.statement, *others[: self.per_call - 1]]
        for is_turned in _turns(unit):
            order = tuple(self._shuffled(chosen, unit, "planted", is_turned))
            yield _call("planted", number, unit, is_turned, order, self.sentences)

    def alone(self, number: int, unit: Unit) -> Iterator[Call]:
        """A call for each statement."""
        for i in range(len(self.sentences)):
            for is_turned in _turns(unit):
                yield _call("alone", number, unit, is_turned, (i,), self.sentences)

    def again(self, call: Call) -> Call:
        """The call once more."""
        one = call.question
        question = Question(CHECK, one.texts, one.sentences, one.prompt, repetition=1)
        return Call("again", call.unit, call.is_turned, call.statements, question)


def _turns(unit: Unit) -> tuple[bool, ...]:
    return (False, True) if len(unit.texts) == 2 else (False,)


def _call(
    role: Role, number: int, unit: Unit, is_turned: bool, chosen: tuple[int, ...],
    sentences: Sequence[str],
) -> Call:  # fmt: skip
    texts = unit.texts[::-1] if is_turned else unit.texts
    purpose = {"verdict": "verify", "planted": "measure the judge"}.get(role, CHECK)
    question = Question(purpose, texts, tuple(sentences[i] for i in chosen), unit.prompt)
    return Call(role, number, is_turned, chosen, question)


@dataclass(eq=False)
class Readings:
    """What the judge said, by role, statement and unit."""

    verdicts: dict[tuple[Role, int, int], dict[bool, Reading | None]] = field(default_factory=dict)
    reasons: dict[tuple[Role, int, int], str] = field(default_factory=dict)

    @classmethod
    def of(cls, calls: Sequence[Call], answers: Sequence[Answer]) -> "Readings":
        """The readings in the answers to these calls."""
        found = cls()
        for call, answer in zip(calls, answers, strict=True):
            n = len(call.statements)
            said = zip(call.statements, verdicts_in(answer, n), reasons_in(answer, n), strict=True)
            for statement, verdict, reason in said:
                key = (call.role, statement, call.unit)
                reading = seen_from_target(verdict, is_turned=call.is_turned)
                found.verdicts.setdefault(key, {})[call.is_turned] = reading
                found.reasons.setdefault(key, reason)
        return found

    def decision(self, role: Role, statement: int, unit: int) -> Decision | None:
        """What counts of a statement and a unit; None if it was not asked."""
        turns = self.verdicts.get((role, statement, unit))
        return None if turns is None else decided([turns[turn] for turn in sorted(turns)])

    def decisions(self, role: Role, statement: int) -> dict[int, Decision]:
        """What counts of a statement, by unit."""
        return {
            unit: decided([turns[turn] for turn in sorted(turns)])
            for (its_role, its_statement, unit), turns in self.verdicts.items()
            if its_role == role and its_statement == statement
        }
