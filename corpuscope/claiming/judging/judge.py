"""How far a judge can be trusted, from texts whose answer is known and from its own repetition."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from corpuscope.claiming.judging.decisions import Decision
from corpuscope.claiming.judging.planted import Planted
from corpuscope.claiming.judging.rounds import OTHER_MATTERS, Readings
from corpuscope.claiming.statement import Side, Statement
from corpuscope.statistics.judges.judged_differences import PlantedPairs
from corpuscope.statistics.judges.judged_rates import KnownAnswers
from corpuscope.statistics.rates.rate_tests import fisher_p, mcnemar_p

__all__ = ["Judge", "judge_of"]

_UNEVEN_BELOW = 0.05
# With fewer planted texts their rate says too little.
_LEAST_PLANTED = 16
_LEAST_YOUDEN = 0.3


@dataclass(frozen=True)
class Judge:
    """What is known of a judge.

    Attributes:
        planted: Verdicts on planted pairs; None if texts were read alone, or too few could be
            planted.
        planted_by_side: The same for sentences planted on the target's side, and the reference's.
        known: Verdicts on single texts with a planted sentence, and on statements that they should
            not show; None for pairs.
        neutral: How often the target, and the reference, was named where neither has a feature of
            the statement, and the number of such pairs.
        is_uneven: Whether it finds planted sentences on one side more often than on the other.
        consistency: Share of pairs with the same verdict in both orders; NaN without pairs.
        negations_passing: Negations that were found more often on the claim's side, at .05.
        n_negations: Negations tested.
        others_passing: Statements about other matters that were found more often on a side.
        n_others: Statements about other matters tested.
        same_again: Share of verdicts that are the same when asked once more; NaN if not asked.
        same_alone: Share of verdicts that are the same when a statement is asked alone.
        by_statement: Verdicts on planted pairs, by statement.
    """

    planted: PlantedPairs | None
    planted_by_side: dict[Side, PlantedPairs]
    known: KnownAnswers | None
    neutral: tuple[int, int, int]
    is_uneven: bool
    consistency: float
    negations_passing: int
    n_negations: int
    others_passing: int
    n_others: int
    same_again: float
    same_alone: float
    by_statement: dict[int, PlantedPairs] = field(default_factory=dict, repr=False)

    @property
    def is_measured(self) -> bool:
        """Whether its error is known."""
        return self.planted is not None or self.known is not None

    @property
    def is_unfit(self) -> bool:
        """Whether it finds too few planted sentences for a verdict to mean anything."""
        if self.planted is not None:
            return not self.planted.is_fit()
        return self.known is not None and not _youden_lower(self.known) >= _LEAST_YOUDEN

    def to_json(self) -> dict[str, Any]:
        """All of it as JSON values."""
        planted, known = self.planted, self.known
        return {
            "planted_pairs": None if planted is None else {
                "n": planted.n, "right": planted.right, "wrong": planted.wrong,
                "by_side": {side: {"n": one.n, "right": one.right, "wrong": one.wrong}
                            for side, one in self.planted_by_side.items()},
            },
            "planted_texts": None if known is None else {
                "n": known.n_positive, "found": known.hits,
                "n_without": known.n_negative, "false_alarms": known.false_alarms,
            },
            "neutral": {"target": self.neutral[0], "reference": self.neutral[1],
                        "n": self.neutral[2]},
            "is_uneven": self.is_uneven,
            "is_unfit": self.is_unfit,
            "consistency": self.consistency,
            "negations_passing": self.negations_passing,
            "n_negations": self.n_negations,
            "others_passing": self.others_passing,
            "n_others": self.n_others,
            "same_again": self.same_again,
            "same_alone": self.same_alone,
        }  # fmt: skip


def judge_of(
    readings: Readings, statements: Sequence[Statement], planted: Sequence[Planted]
) -> Judge:
    """What the planted texts and the checks say of the judge."""
    is_paired = any(one.side is not None for one in planted)
    by_side = {side: _of_planted(readings, planted, side=side) for side in _SIDES}
    whole = _together(list(by_side.values()))
    is_enough = whole.n >= _LEAST_PLANTED
    known = None if is_paired else _known(readings, planted)
    by_statement = {
        i: _together([_of_planted(readings, planted, side=side, statement=i) for side in _SIDES])
        for i in {one.statement for one in planted}
    }
    all_decisions = [
        one for i in range(len(statements)) for one in readings.decisions("verdict", i).values()
    ]
    negations = [_passes(readings, "negated", i, one.side) for i, one in enumerate(statements)]
    others = [
        any(_passes(readings, "other", i, side) for side in _SIDES)
        for i in range(len(OTHER_MATTERS))
    ]
    is_checked = any(role == "negated" for role, _, _ in readings.verdicts)
    return Judge(
        planted=whole if is_paired and is_enough else None,
        planted_by_side=by_side if is_paired else {},
        known=known if known and _is_enough(known) else None,
        neutral=_neutral(readings, planted),
        is_uneven=is_paired and _is_uneven(by_side),
        consistency=_consistency(all_decisions),
        negations_passing=sum(negations),
        n_negations=len(negations) if is_checked else 0,
        others_passing=sum(others),
        n_others=len(others) if is_checked else 0,
        same_again=_same_again(readings),
        same_alone=_same_alone(readings, len(statements)),
        by_statement=by_statement if is_paired else {},
    )


_SIDES: tuple[Side, Side] = ("target", "reference")


def _of_planted(
    readings: Readings, planted: Sequence[Planted], *, side: Side, statement: int | None = None
) -> PlantedPairs:
    """Verdicts on the pairs planted on a side, of one statement or of all."""
    right = wrong = n = 0
    for i, one in enumerate(planted):
        if one.side != side or statement not in (None, one.statement):
            continue
        found = readings.decision("planted", one.statement, i)
        if found is None or found.status != "decided":
            continue
        n += 1
        own, other = found.has if side == "target" else found.has[::-1]
        right += own and not other
        wrong += other and not own
    return PlantedPairs(right, wrong, n)


def _together(parts: Sequence[PlantedPairs]) -> PlantedPairs:
    return PlantedPairs(
        sum(one.right for one in parts),
        sum(one.wrong for one in parts),
        sum(one.n for one in parts),
    )


def _known(readings: Readings, planted: Sequence[Planted]) -> KnownAnswers:
    """Single texts with the sentence, and statements that they should not show."""
    hits = n_positive = false_alarms = n_negative = 0
    for i, one in enumerate(planted):
        found = readings.decision("planted", one.statement, i)
        if found is not None and found.status == "decided":
            n_positive += 1
            hits += found.has[0]
        for j in one.neutral:
            found = readings.decision("planted", j, i)
            if found is not None and found.status == "decided":
                n_negative += 1
                false_alarms += found.has[0]
    return KnownAnswers(hits, n_positive, false_alarms, n_negative)


def _neutral(readings: Readings, planted: Sequence[Planted]) -> tuple[int, int, int]:
    """How often each side was named where neither has the property, and of how many pairs."""
    target = reference = n = 0
    for i, one in enumerate(planted):
        for j in one.neutral if one.side is not None else ():
            found = readings.decision("planted", j, i)
            if found is not None and found.status == "decided":
                n += 1
                target += found.has == (True, False)
                reference += found.has == (False, True)
    return target, reference, n


def _is_uneven(by_side: dict[Side, PlantedPairs]) -> bool:
    one, other = by_side["target"], by_side["reference"]
    if not one.n or not other.n:
        return False
    p = fisher_p(np.array([one.right]), one.n, np.array([other.right]), other.n)
    return bool(p[0] < _UNEVEN_BELOW)


def _passes(readings: Readings, role: Any, statement: int, side: Side) -> bool:
    """Whether pairs name a side significantly more often; never for single texts."""
    found = [one for one in readings.decisions(role, statement).values() if len(one.has) == 2]
    own = sum(one.has == (side == "target", side != "target") for one in found)
    other = sum(one.has == (side != "target", side == "target") for one in found)
    p = mcnemar_p(np.array([own]), np.array([other]), alternative="greater")
    return bool(p[0] < _UNEVEN_BELOW)


def _consistency(decisions: Sequence[Decision]) -> float:
    known = [one.is_consistent for one in decisions if one.status == "decided" and len(one.has) > 1]
    return sum(known) / len(known) if known else math.nan


def _same_again(readings: Readings) -> float:
    same = n = 0
    for (role, statement, unit), turns in readings.verdicts.items():
        if role != "again":
            continue
        first = readings.verdicts[("verdict", statement, unit)]
        for turn, said in turns.items():
            if said is not None and first.get(turn) is not None:
                n += 1
                same += said == first[turn]
    return same / n if n else math.nan


def _same_alone(readings: Readings, n_statements: int) -> float:
    pairs = [
        (decision, readings.decision("verdict", i, unit))
        for i in range(n_statements)
        for unit, decision in readings.decisions("alone", i).items()
    ]
    both = [
        one.has == other.has
        for one, other in pairs
        if other is not None and one.status == other.status == "decided"
    ]
    return sum(both) / len(both) if both else math.nan


def _is_enough(known: KnownAnswers) -> bool:
    return min(known.n_positive, known.n_negative) >= _LEAST_PLANTED


def _youden_lower(known: KnownAnswers) -> float:
    """The lower end of the 95 % interval of Youden's index, each cell with one more."""
    hit = (known.hits + 1) / (known.n_positive + 2)
    alarm = (known.false_alarms + 1) / (known.n_negative + 2)
    variance = hit * (1 - hit) / (known.n_positive + 2) + alarm * (1 - alarm) / (
        known.n_negative + 2
    )
    return hit - alarm - 1.96 * math.sqrt(variance)
