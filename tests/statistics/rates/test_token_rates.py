"""What is merely longer has no more a token; a sentence that is added has."""

import numpy as np
import pytest
import scipy.sparse as sp

from corpuscope.statistics.rates.token_rates import length_difference, token_rate
from tests.statistics.worlds import densities, fires, lognormal_lengths, sparse

N = 400
GROUP = np.repeat([1.0, 0.0], N)
ALONE = np.zeros(2 * N, dtype=np.int64)


def longer(times: float, seed: int = 0) -> np.ndarray:
    """Lengths of which those of the first group are so many times as long."""
    drawn = lognormal_lengths(2 * N, seed=seed, spread=0.3)
    return np.where(GROUP > 0, drawn * times, drawn).astype(np.int64)


@pytest.mark.parametrize("times", [1.0, 1.3, 2.0])
def test_texts_that_are_merely_longer_have_no_more_a_token(times: float) -> None:
    lengths = longer(times)
    has = sparse(fires(lengths, np.full(2000, 0.0005), seed=1))
    p = token_rate(has, GROUP, lengths=lengths, strata=ALONE).p_value
    assert (p < 0.05).mean() < 0.075
    assert p.min() > 1e-5


def test_what_saturates_errs_on_the_safe_side() -> None:
    """Frequent features are in long texts less often than their length makes of them."""
    lengths = longer(1.5)
    has = sparse(fires(lengths, densities(500), seed=1))
    found = token_rate(has, GROUP, lengths=lengths, strata=ALONE)
    assert (found.z > 2.5).mean() < 0.01
    assert found.z[-100:].mean() < -1


def test_a_sentence_that_makes_all_the_difference_in_length_is_told() -> None:
    rng = np.random.default_rng(0)
    has = (rng.random(2 * N) < np.where(GROUP > 0, 0.95, 0.05))[:, None]
    lengths = 20 + 10 * has[:, 0].astype(np.int64)
    found = token_rate(sparse(has), GROUP, lengths=lengths, strata=ALONE)
    assert found.z[0] > 10
    assert found.p_value[0] < 1e-12


def test_clusters_of_one_document_are_none() -> None:
    lengths = longer(1.2)
    has = sparse(fires(lengths, densities(40), seed=2))
    alone = token_rate(has, GROUP, lengths=lengths, strata=ALONE)
    clustered = token_rate(has, GROUP, lengths=lengths, strata=ALONE, clusters=np.arange(2 * N))
    assert clustered.z == pytest.approx(alone.z)
    assert clustered.p_value == pytest.approx(alone.p_value)


def test_copies_say_no_more_than_one_where_they_belong_together() -> None:
    lengths = longer(1.2)[::10]
    few = fires(lengths, densities(40), seed=2)
    one = {"lengths": lengths, "strata": ALONE[::10]}
    fives = {key: np.repeat(value, 5) for key, value in one.items()}
    found = token_rate(sparse(few), GROUP[::10], **one)
    of_fives = token_rate(
        sparse(np.repeat(few, 5, axis=0)), np.repeat(GROUP[::10], 5),
        clusters=np.repeat(np.arange(len(lengths)), 5), **fives,
    )  # fmt: skip
    assert of_fives.z == pytest.approx(found.z)


def test_what_strata_explain_is_no_difference() -> None:
    """Features that are in one stratum alone, which has most of one group."""
    rng = np.random.default_rng(1)
    strata = (rng.random(2 * N) < np.where(GROUP > 0, 0.8, 0.2)).astype(np.int64)
    has = sparse((rng.random((2 * N, 300)) < 0.3) & (strata == 1)[:, None])
    lengths = longer(1.0)
    assert (token_rate(has, GROUP, lengths=lengths, strata=ALONE).z > 5).all()
    assert (np.abs(token_rate(has, GROUP, lengths=lengths, strata=strata).z) > 2).mean() < 0.1


@pytest.mark.parametrize("value", [0, 1])
def test_a_feature_of_no_or_all_texts_of_one_length_says_nothing(value: int) -> None:
    has = sp.csr_array(np.full((2 * N, 1), value))
    lengths = np.full(2 * N, 30)
    found = token_rate(has, GROUP, lengths=lengths, strata=ALONE)
    assert found.z.tolist() == [0.0]
    assert found.p_value.tolist() == [1.0]


def test_the_difference_in_length_has_a_sign_and_a_bound_below_it() -> None:
    lengths = longer(1.3)
    found = length_difference(lengths, GROUP, strata=ALONE)
    back = length_difference(lengths, 1 - GROUP, strata=ALONE)
    assert found.difference == pytest.approx(lengths[:N].mean() - lengths[N:].mean())
    assert back.difference == pytest.approx(-found.difference)
    assert 0 < found.at_least == pytest.approx(back.at_least)
    assert found.at_least < found.difference


def test_groups_of_one_length_surely_differ_by_nothing() -> None:
    bounds = [length_difference(longer(1.0, seed), GROUP, strata=ALONE).at_least
              for seed in range(40)]  # fmt: skip
    assert np.mean(np.array(bounds) > 0) < 0.25
    assert length_difference(np.full(2 * N, 7), GROUP, strata=ALONE) == (0.0, 0.0)
    assert length_difference(longer(1.0), np.zeros(2 * N), strata=ALONE) == (0.0, 0.0)
