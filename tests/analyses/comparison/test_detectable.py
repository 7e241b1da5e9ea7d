"""The smallest difference that a rule finds is that at which it finds four in five."""

from collections.abc import Callable
from itertools import pairwise

import numpy as np
import pytest
import scipy.sparse as sp

from corpuscope.analyses.comparison import detectable
from corpuscope.analyses.comparison.detectable import (
    BASE_RATE,
    detectable_difference,
    few_documents_warnings,
    smallest_detectable,
)

N = 300
HALF = (np.arange(N) < N // 2).astype(float)
NOTHING = sp.csr_array((N, 0), dtype=bool)

Rule = Callable[[sp.csr_array], np.ndarray]


def asked(
    rule: Rule, lift: np.ndarray = HALF, *, presence: sp.csr_array = NOTHING,
    places: np.ndarray | None = None, p: np.ndarray | None = None,
) -> float:  # fmt: skip
    p = np.ones(presence.shape[1]) if p is None else p
    return smallest_detectable(presence, p, lift, rule, places=places)


def differing_by(least: float) -> Rule:
    """A rule that finds what is more frequent in the first half by so much."""

    def rule(planted: sp.csr_array) -> np.ndarray:
        dense = planted.toarray()
        found: np.ndarray = dense[: N // 2].mean(axis=0) - dense[N // 2 :].mean(axis=0) >= least
        return found

    return rule


@pytest.mark.parametrize("least", [0.2, 0.5])
def test_a_rule_finds_what_exceeds_its_bar_by_little_more_than_chance(least: float) -> None:
    """80 % of normal draws are above their mean less .84 standard deviations."""
    rate = BASE_RATE + least
    spread = np.sqrt((rate * (1 - rate) + BASE_RATE * (1 - BASE_RATE)) / (N // 2))
    assert asked(differing_by(least)) == pytest.approx(least + 0.84 * spread, abs=0.025)


def test_a_rule_that_finds_nothing_or_everything() -> None:
    assert np.isnan(asked(lambda planted: np.zeros(planted.shape[1], dtype=bool)))
    assert asked(lambda planted: np.ones(planted.shape[1], dtype=bool)) == pytest.approx(0.9 / 2**9)


@pytest.mark.parametrize(("share", "is_enough"), [(0.79, False), (0.81, True)])
def test_four_in_five_are_enough(share: float, is_enough: bool) -> None:
    found = asked(lambda planted: np.arange(planted.shape[1]) < share * planted.shape[1])
    assert np.isnan(found) != is_enough


def test_who_takes_half_of_the_rise_shows_half_of_it() -> None:
    whole, half = asked(differing_by(0.2)), asked(differing_by(0.2), HALF / 2)
    assert half == pytest.approx(2 * whole, abs=0.01)


def test_the_same_question_has_the_same_answer() -> None:
    assert asked(differing_by(0.2)) == asked(differing_by(0.2))


def planted_with(**options: object) -> list[np.ndarray]:
    """What a rule was shown, from the largest difference on."""
    shown: list[np.ndarray] = []

    def rule(planted: sp.csr_array) -> np.ndarray:
        shown.append(planted.toarray() != 0)
        return np.ones(planted.shape[1], dtype=bool)

    asked(rule, **options)  # type: ignore[arg-type]
    return shown


def test_the_largest_difference_is_everywhere_and_the_rest_stay_at_the_base_rate() -> None:
    shown = planted_with()
    assert shown[0][: N // 2].all()
    assert shown[0][N // 2 :].mean() == pytest.approx(BASE_RATE, abs=0.01)
    assert (shown[0][N // 2 :] == shown[-1][N // 2 :]).all()
    # Smaller differences are in documents of the larger ones: one draw for all.
    assert all((less <= more).all() for more, less in pairwise(shown))


def known(rates: list[float], n: int = 20, seed: int = 0) -> sp.csr_array:
    """Features that so large a share of the documents has, exactly."""
    rng = np.random.default_rng(seed)
    columns = [rng.permutation(N) < rate * N for rate in rates for _ in range(n)]
    return sp.csr_array(np.array(columns).T)


def columns_of(dense: np.ndarray) -> set[bytes]:
    return {column.tobytes() for column in dense.T}


def test_features_of_the_base_rate_that_show_nothing_are_planted_in_as_they_are() -> None:
    presence = known([BASE_RATE])
    (base, *_) = planted_with(presence=presence, lift=np.zeros(N))
    assert base.shape[1] == 240
    assert columns_of(base) == columns_of(presence.toarray())


@pytest.mark.parametrize(
    ("rates", "p"), [([0.05], 1.0), ([0.17], 1.0), ([BASE_RATE], 0.2), ([], 1.0)]
)
def test_without_such_features_they_are_drawn(rates: list[float], p: float) -> None:
    presence = known(rates) if rates else NOTHING
    (base, *_) = planted_with(presence=presence, lift=np.zeros(N), p=np.full(presence.shape[1], p))
    assert base.mean() == pytest.approx(BASE_RATE, abs=0.01)
    assert not columns_of(base) & columns_of(presence.toarray())


@pytest.mark.parametrize("rate", [0.07, 0.15])
def test_other_rates_are_thinned_or_filled(rate: float) -> None:
    presence = known([rate], n=60)
    (base, *_) = planted_with(presence=presence, lift=np.zeros(N))
    assert base.mean() == pytest.approx(BASE_RATE, abs=0.01)
    own = presence.toarray()[:, :, None] == base[:, None, :]
    assert (own.mean(axis=0).max(axis=0) > 0.9).all()


def test_fewer_than_fifteen_are_not_enough() -> None:
    few, enough = known([BASE_RATE], n=14), known([BASE_RATE], n=15)
    for presence, are_used in ((few, False), (enough, True)):
        (base, *_) = planted_with(presence=presence, lift=np.zeros(N))
        assert (columns_of(base) == columns_of(presence.toarray())) == are_used


def test_features_are_shuffled_among_documents_of_one_place() -> None:
    presence, places = known([BASE_RATE]), np.arange(N) % 3
    (base, *_) = planted_with(presence=presence, lift=np.zeros(N), places=places)
    given = presence.toarray()
    counts = {tuple(column[places == at].sum() for at in range(3)) for column in given.T}
    assert {tuple(column[places == at].sum() for at in range(3)) for column in base.T} == counts
    assert len(columns_of(base)) == 240
    alone = planted_with(presence=presence, lift=np.zeros(N), places=np.arange(N))[0]
    assert columns_of(alone) == columns_of(given)


def test_no_more_is_planted_than_memory_may_hold(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(detectable, "_MOST_HELD", 50 * N)
    (base, *_) = planted_with(presence=known([BASE_RATE]), lift=np.zeros(N))
    assert base.shape[1] == 40


def test_a_rule_on_all_documents_sees_the_others_empty() -> None:
    presence = known([BASE_RATE])
    rows = np.flatnonzero(np.arange(N) % 3 == 1)
    seen: list[np.ndarray] = []

    def rule(planted: sp.csr_array) -> np.ndarray:
        seen.append(planted.toarray() != 0)
        return np.ones(planted.shape[1], dtype=bool)

    detectable_difference(
        presence, rows, np.ones(20), (rows > 100).astype(float), rule=rule, places=None
    )
    others = np.setdiff1d(np.arange(N), rows)
    assert seen[0].shape[0] == N
    assert not seen[0][others].any()
    assert seen[0][rows[rows > 100]].all()
    assert 0 < seen[0][rows[rows <= 100]].mean() < 0.3


@pytest.mark.parametrize(
    ("n_tested", "n_documents", "least", "says"),
    [
        (0, 30, None, "30 "),
        (0, 5000, None, "5,000 "),
        (3, 40, None, None),
        (3, 39, 0.456, "46 "),
        (3, 39, float("nan"), "39 "),
    ],
)
def test_few_documents_are_warned_of_and_many_are_not_reckoned(
    n_tested: int, n_documents: int, least: float | None, says: str | None
) -> None:
    asked: list[float] = []

    def reckoned() -> float:
        asked.append(0.0 if least is None else least)
        return asked[0]

    told = few_documents_warnings(n_tested, n_documents, reckoned)
    assert len(asked) == (least is not None)
    assert len(told) == (says is not None)
    assert says is None or says in told[0]
