"""The word for each outcome, and the numbers behind it."""

import math

import numpy as np
import pytest

from corpuscope.analyses.comparison.covariates import covariates_of
from corpuscope.claiming.claim import Claim
from corpuscope.claiming.judging.judge import judge_of
from corpuscope.claiming.judging.rounds import Readings
from corpuscope.claiming.judging.verdicts import Read, claims_of, not_read
from corpuscope.claiming.set_aside import units_of
from corpuscope.claiming.settings import ClaimSettings
from corpuscope.labels.named_store import NamedStore
from corpuscope.statistics.rates.rate_tests import mcnemar_p
from tests.claiming.test_set_aside import groups
from tests.claiming.worlds import shown, statement, store

SHOWN = [shown()]


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> NamedStore:
    return NamedStore(store(tmp_path_factory.mktemp("verdicts") / "planted.scope"))


def claim(
    source: NamedStore,
    said: str,
    *,
    is_independent: bool = True,
    side: str = "target",
    n_claims: int = 1,
) -> Claim:
    """The first of some claims; `said` has a letter for each pair, as t, r, b, n, u or x."""
    names = {
        "t": "target",
        "r": "reference",
        "b": "both",
        "n": "neither",
        "u": "unclear",
        "x": None,
    }
    contrast = units_of(groups(source, pair="prompt"), n=len(said), seed=0)
    readings = Readings()
    for number in range(n_claims):
        for unit, letter in enumerate(said if not number else "n" * len(said)):
            verdict = names[letter]
            readings.verdicts[("verdict", number, unit)] = {False: verdict, True: verdict}  # type: ignore[dict-item]
    statements = [statement(side=side)] * n_claims  # type: ignore[arg-type]
    judge = judge_of(readings, statements, [])
    read = Read(source, contrast, covariates_of(source, []), readings, judge, is_independent)
    return claims_of(statements, SHOWN, read, ClaimSettings())[0]


def test_a_clear_difference_holds_on_independent_texts_and_agrees_on_others(
    source: NamedStore,
) -> None:
    said = "t" * 40 + "r" * 5 + "n" * 105
    assert claim(source, said).outcome == "holds"
    assert claim(source, said, is_independent=False).outcome == "agrees"
    assert claim(source, said, side="reference").outcome == "refuted"


def test_numbers_are_counts_and_p_is_exact(source: NamedStore) -> None:
    found = claim(source, "t" * 40 + "r" * 10 + "b" * 20 + "n" * 80)
    assert found.difference == pytest.approx(30 / 150)
    assert found.rate_target == pytest.approx(60 / 150)
    assert found.rate_reference == pytest.approx(30 / 150)
    raw = float(mcnemar_p(np.array([40]), np.array([10]), alternative="greater")[0])
    assert found.p_value >= raw
    assert found.n == 150
    assert found.consistency == 1
    turned = claim(source, "t" * 10 + "r" * 40 + "b" * 20 + "n" * 80, side="reference")
    assert turned.difference == pytest.approx(found.difference)
    assert turned.interval == pytest.approx(found.interval, abs=0.02)


def test_many_claims_need_a_smaller_p(source: NamedStore) -> None:
    said = "t" * 16 + "r" * 5 + "n" * 129
    alone, among = claim(source, said), claim(source, said, n_claims=10)
    assert alone.outcome == "holds"
    assert among.outcome == "undecided"
    assert among.holm_p == pytest.approx(10 * among.p_value)
    assert among.detectable > alone.detectable


def test_unclear_and_unread_count_for_nothing_and_at_worst_against(source: NamedStore) -> None:
    found = claim(source, "t" * 40 + "u" * 20 + "x" * 5 + "n" * 85)
    assert (found.n, found.n_unclear, found.n_unread) == (125, 20, 5)
    assert found.difference == pytest.approx(40 / 125)
    assert found.worst_difference == pytest.approx((40 - 25) / 150)
    assert claim(source, "t" * 40 + "x" * 10 + "n" * 100).outcome == "incomplete"
    assert claim(source, "t" * 40 + "u" * 40 + "n" * 70).outcome == "incomplete"


def test_what_is_surely_small_is_refuted_and_what_may_be_large_undecided(
    source: NamedStore,
) -> None:
    assert claim(source, "n" * 150).outcome == "refuted"
    assert claim(source, "t" * 12 + "r" * 8 + "n" * 130).outcome == "undecided"


def test_nothing_decided_is_no_verdict(source: NamedStore) -> None:
    found = claim(source, "u" * 30)
    assert found.outcome == "incomplete"
    assert math.isnan(found.difference)
    (unread,) = not_read([statement()], SHOWN)
    assert unread.outcome == "not_read"
    assert unread.findings == ("certainty",)
    assert unread.found_difference == 0.3


def test_texts_for_and_against_are_kept_with_the_reason(source: NamedStore) -> None:
    found = claim(source, "t" * 40 + "r" * 5 + "n" * 105)
    assert [text.says for text in found.texts] == ["target"] * 4 + ["reference"] * 4
    assert all(len(text.ids) == 2 for text in found.texts)
