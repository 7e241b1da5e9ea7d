import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpuscope.statistics.multiplicity import benjamini_hochberg
from corpuscope.statistics.rates.counts import stratum_counts
from corpuscope.statistics.rates.lengths import length_quantiles, length_strata
from corpuscope.statistics.rates.stratified import (
    cochran_mantel_haenszel_p,
    cochran_mantel_haenszel_z,
    mantel_haenszel_difference,
)
from tests.statistics.worlds import densities, fires, lognormal_lengths, sparse


@given(st.lists(st.integers(0, 5000), min_size=1, max_size=60), st.floats(1.01, 2))
def test_a_stratum_is_narrow_and_strata_follow_length(values: list[int], ratio: float) -> None:
    lengths = np.array(values)
    strata = length_strata(lengths, ratio=ratio)
    assert sorted(set(strata)) == list(range(strata.max() + 1))
    for stratum in range(strata.max() + 1):
        inside = lengths[strata == stratum]
        assert inside.max() <= max(inside.min() * ratio * (1 + 1e-9), inside.min())
    assert (np.diff(strata[np.argsort(lengths)]) >= 0).all()


@given(st.lists(st.integers(0, 30), min_size=1, max_size=80), st.integers(1, 12))
def test_quantiles_keep_ties_together_and_hold_enough(values: list[int], n_strata: int) -> None:
    lengths = np.array(values)
    strata = length_quantiles(lengths, n_strata=n_strata, min_documents=5)
    assert strata.max() + 1 <= min(n_strata, len(set(values)))
    assert all(len(set(strata[lengths == value])) == 1 for value in values)
    assert strata.max() == 0 or np.bincount(strata).min() >= 5


def test_no_documents_have_no_strata() -> None:
    nobody = np.zeros(0, dtype=np.int64)
    assert len(length_strata(nobody)) == len(length_quantiles(nobody)) == 0
    assert length_strata(np.array([7])).tolist() == length_quantiles(np.array([7])).tolist() == [0]


def test_more_documents_make_narrower_strata() -> None:
    lengths = lognormal_lengths(200, seed=0)
    few, many = length_strata(lengths), length_strata(np.tile(lengths, 100))
    assert many.max() > 2 * few.max()


@pytest.mark.parametrize(("n", "spread"), [(60, 0.8), (600, 0.4), (5_000, 0.4)])
def test_texts_against_their_halves_differ_in_nothing_but_length(n: int, spread: float) -> None:
    lengths = lognormal_lengths(n, seed=1, spread=spread)
    both = np.concatenate([lengths, lengths // 2])
    target = np.arange(2 * n) < n
    presence = sparse(fires(both, densities(250), seed=2))
    counts = stratum_counts(presence, target, ~target, strata=length_strata(both))
    whole = stratum_counts(presence, target, ~target, strata=np.zeros(2 * n, dtype=int))
    z, p = cochran_mantel_haenszel_z(counts), cochran_mantel_haenszel_p(counts)
    assert cochran_mantel_haenszel_z(whole).mean() > 1.5
    assert abs(z.mean()) < 0.2
    assert np.mean(p <= 0.05) < 0.09
    assert np.sum(benjamini_hochberg(p) <= 0.05) == 0
    assert mantel_haenszel_difference(counts).overlap > 0.7


def test_deciles_leave_length_inside_where_narrow_strata_do_not() -> None:
    n = 10_000
    lengths = lognormal_lengths(n, seed=3, spread=0.6)
    both, target = np.concatenate([lengths, lengths // 2]), np.arange(2 * n) < n
    presence = sparse(fires(both, densities(60), seed=4))
    deciles, narrow = (
        cochran_mantel_haenszel_z(stratum_counts(presence, target, ~target, strata=strata))
        for strata in (length_quantiles(both), length_strata(both))
    )
    assert deciles.mean() > 2 * abs(narrow.mean()) + 0.2


def test_a_real_difference_survives_the_adjustment() -> None:
    n = 1_500
    lengths = lognormal_lengths(n, seed=5)
    both, target = np.concatenate([lengths, lengths // 2]), np.arange(2 * n) < n
    presence = fires(both, densities(200), seed=6)
    presence[:n, 7] |= np.random.default_rng(7).random(n) < 0.3
    counts = stratum_counts(sparse(presence), target, ~target, strata=length_strata(both))
    q = benjamini_hochberg(cochran_mantel_haenszel_p(counts))
    assert q[7] < 1e-6
    assert np.sum(q < 0.05) <= 2
