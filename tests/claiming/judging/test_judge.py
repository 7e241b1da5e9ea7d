"""What planted texts say of a judge."""

import math

import numpy as np

from corpuscope.claiming.judging.judge import judge_of
from corpuscope.claiming.judging.planted import Planted
from corpuscope.claiming.judging.rounds import Readings
from corpuscope.claiming.statement import Side
from tests.claiming.worlds import statement

SIDES: tuple[Side, Side] = ("target", "reference")


def planted(n: int = 60) -> list[Planted]:
    return [Planted(0, SIDES[i % 2], (0, 1), ("a", "b"), (1,)) for i in range(n)]


def said(right: dict[Side, int], *, wrong: int = 0, n: int = 60) -> Readings:
    """So many of each side's 30 pairs named rightly, and then some wrongly; else neither."""
    readings = Readings()
    counts = dict.fromkeys(SIDES, 0)
    for i, one in enumerate(planted(n)):
        assert one.side is not None
        counts[one.side] += 1
        verdict = "neither"
        if counts[one.side] <= right[one.side]:
            verdict = one.side
        elif counts[one.side] <= right[one.side] + wrong:
            verdict = "reference" if one.side == "target" else "target"
        readings.verdicts[("planted", 0, i)] = {False: verdict, True: verdict}  # type: ignore[dict-item]
        readings.verdicts[("planted", 1, i)] = {False: "neither", True: "neither"}
    return readings


STATEMENTS = [statement(), statement("The text says 'perhaps'.", findings=(1,))]


def test_right_and_wrong_sides_are_counted() -> None:
    judge = judge_of(said({"target": 25, "reference": 26}, wrong=2), STATEMENTS, planted())
    assert judge.planted is not None
    assert (judge.planted.right, judge.planted.wrong, judge.planted.n) == (51, 4, 60)
    assert judge.neutral == (0, 0, 60)
    assert judge.is_measured
    assert not judge.is_unfit
    assert not judge.is_uneven


def test_an_uneven_judge_is_flagged() -> None:
    judge = judge_of(said({"target": 26, "reference": 13}), STATEMENTS, planted())
    assert judge.is_uneven


def test_a_judge_who_finds_little_is_unfit() -> None:
    judge = judge_of(said({"target": 8, "reference": 8}, wrong=5), STATEMENTS, planted())
    assert judge.is_unfit


def test_few_planted_texts_measure_nothing() -> None:
    judge = judge_of(said({"target": 4, "reference": 4}, n=10), STATEMENTS, planted(10))
    assert not judge.is_measured
    assert not judge.is_unfit


def test_single_texts_give_sensitivity_and_specificity() -> None:
    readings = Readings()
    single = [Planted(0, None, (0,), ("a",), (1,)) for _ in range(40)]
    for i in range(40):
        readings.verdicts[("planted", 0, i)] = {False: "yes" if i < 36 else "no"}
        readings.verdicts[("planted", 1, i)] = {False: "yes" if i < 2 else "no"}
    judge = judge_of(readings, STATEMENTS, single)
    assert judge.known is not None
    assert (judge.known.hits, judge.known.n_positive) == (36, 40)
    assert (judge.known.false_alarms, judge.known.n_negative) == (2, 40)
    assert not judge.is_unfit


def test_negations_and_other_matters_that_pass_are_counted() -> None:
    readings = said({"target": 30, "reference": 30})
    for unit in range(20):
        readings.verdicts[("negated", 0, unit)] = {False: "target", True: "target"}
        readings.verdicts[("negated", 1, unit)] = {False: "neither", True: "neither"}
        readings.verdicts[("other", 3, unit)] = {False: "reference", True: "reference"}
    judge = judge_of(readings, STATEMENTS, planted())
    assert (judge.negations_passing, judge.n_negations) == (1, 2)
    assert (judge.others_passing, judge.n_others) == (1, 10)


def test_repetition_is_compared_verdict_by_verdict() -> None:
    readings = said({"target": 30, "reference": 30})
    rng = np.random.default_rng(0)
    for unit in range(20):
        readings.verdicts[("verdict", 0, unit)] = {False: "target", True: "target"}
        again = "target" if unit < 15 else "neither"
        readings.verdicts[("again", 0, unit)] = {False: again}
        alone = "target" if rng.random() < 2 else "neither"
        readings.verdicts[("alone", 0, unit)] = {False: alone, True: alone}
    judge = judge_of(readings, STATEMENTS, planted())
    assert judge.same_again == 0.75
    assert judge.same_alone == 1.0
    assert judge.consistency == 1.0


def test_without_checks_nothing_is_said_of_them() -> None:
    judge = judge_of(said({"target": 30, "reference": 30}), STATEMENTS, planted())
    assert judge.n_negations == judge.n_others == 0
    assert math.isnan(judge.same_again)
    assert math.isnan(judge.same_alone)
    assert math.isnan(judge.consistency)
    assert judge.to_json()["planted_pairs"]["n"] == 60
