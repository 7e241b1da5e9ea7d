import numpy as np
import pytest

from corpuscope.statistics.multiplicity import benjamini_hochberg
from corpuscope.statistics.rates.paired_length import (
    AdjustedDifference,
    _intercept,
    paired_length_adjusted,
)
from tests.statistics.worlds import (
    Flags,
    Integers,
    densities,
    fires,
    lognormal_lengths,
    sparse,
)


def longer_answers(n: int, *, seed: int, stretch: float = 1.6) -> tuple[Integers, Integers]:
    shorter = lognormal_lengths(n, seed=seed)
    factor = np.exp(np.random.default_rng(seed + 1).normal(np.log(stretch), 0.5, n))
    return np.maximum((shorter * factor).astype(np.int64), 2), shorter


def adjusted(
    target: Flags, reference: Flags, lengths: tuple[Integers, Integers]
) -> AdjustedDifference:
    return paired_length_adjusted(
        sparse(target), sparse(reference), lengths_target=lengths[0], lengths_reference=lengths[1]
    )


@pytest.mark.parametrize("stretch", [1.0, 1.6, 3.0])
def test_longer_answers_with_nothing_new_show_nothing(stretch: float) -> None:
    lengths = longer_answers(1_000, seed=0, stretch=stretch)
    target, reference = (
        fires(side, densities(600), seed=seed) for seed, side in enumerate(lengths, start=2)
    )
    found = adjusted(target, reference, lengths)
    z = found.difference / found.standard_error
    assert abs(z.mean()) < 0.15
    assert 0.9 < z.std() < 1.1
    assert 0.93 < np.mean((found.lower <= 0) & (found.upper >= 0)) < 0.975
    assert np.sum(benjamini_hochberg(found.p_value) < 0.05) == 0


def test_bursty_features_do_not_pass_for_a_difference() -> None:
    generator = np.random.default_rng(4)
    lengths = longer_answers(1_000, seed=5)
    chances = [
        -np.expm1(-np.outer(side, densities(400)) * generator.gamma(1.0, 1.0, (1_000, 400)))
        for side in lengths
    ]
    target, reference = (generator.random(chance.shape) < chance for chance in chances)
    found = adjusted(target, reference, lengths)
    assert abs((found.difference / found.standard_error).mean()) < 0.2
    assert np.sum(benjamini_hochberg(found.p_value) < 0.05) == 0


def test_rare_features_are_not_found_by_accident() -> None:
    lengths = longer_answers(800, seed=6, stretch=2.5)
    rare = np.repeat(np.exp(np.linspace(np.log(3e-6), np.log(1e-4), 10)), 300)
    target, reference = (fires(side, rare, seed=seed) for seed, side in enumerate(lengths, 7))
    found = adjusted(target, reference, lengths)
    assert np.mean(found.p_value < 0.05) < 0.06
    assert np.mean(found.p_value < 0.001) < 0.003
    assert np.sum(benjamini_hochberg(found.p_value) < 0.05) == 0


def test_a_true_effect_is_kept_at_its_size() -> None:
    """Rare features added to 15 % of the target: that is the difference at equal lengths."""
    generator = np.random.default_rng(9)
    lengths = longer_answers(1_500, seed=10)
    rare = np.full(300, 2e-4)
    target, reference = (fires(side, rare, seed=seed) for seed, side in enumerate(lengths, 11))
    target |= generator.random(target.shape) < 0.15
    found = adjusted(target, reference, lengths)
    assert found.difference.mean() == pytest.approx(0.15, abs=0.012)
    assert np.mean(found.p_value < 0.001) > 0.95


def test_a_constant_ratio_of_lengths_falls_back_on_the_model() -> None:
    halves = lognormal_lengths(1_500, seed=13)
    lengths = (halves * 2, halves)
    target, reference = (
        fires(side, densities(400), seed=seed) for seed, side in enumerate(lengths, 14)
    )
    found = adjusted(target, reference, lengths)
    assert 0.91 < np.mean((found.lower <= 0) & (found.upper >= 0)) < 0.98
    assert np.sum(benjamini_hochberg(found.p_value) < 0.05) <= 1


def test_equal_lengths_leave_the_plain_difference() -> None:
    generator = np.random.default_rng(16)
    lengths = lognormal_lengths(200, seed=17)
    target, reference = (generator.random((200, 6)) < rate for rate in (0.4, 0.3))
    found = adjusted(target, reference, (lengths, lengths))
    assert found.difference == pytest.approx(target.mean(axis=0) - reference.mean(axis=0))


def test_swapping_the_sides_flips_the_sign() -> None:
    lengths = longer_answers(300, seed=18)
    target, reference = (fires(side, densities(20), seed=s) for s, side in enumerate(lengths))
    ahead = adjusted(target, reference, lengths)
    back = adjusted(reference, target, lengths[::-1])
    assert ahead.difference == pytest.approx(-back.difference)
    assert ahead.lower == pytest.approx(-back.upper)
    assert ahead.p_value == pytest.approx(back.p_value)


def test_the_intercept_and_its_error_equal_those_of_statsmodels() -> None:
    regression = pytest.importorskip("statsmodels.api")
    generator = np.random.default_rng(19)
    change = generator.integers(-1, 2, (80, 5))
    design = np.column_stack([np.ones(80), generator.normal(size=(80, 2))])
    estimate, error = _intercept(sparse(change).tocsc(), design)
    for feature in range(5):
        fit = regression.OLS(change[:, feature], design).fit(cov_type="HC3")
        assert estimate[feature] == pytest.approx(fit.params[0])
        assert error[feature] == pytest.approx(fit.bse[0])


def test_a_feature_present_nowhere_has_no_difference_and_an_honest_interval() -> None:
    lengths, nowhere = longer_answers(40, seed=20), np.zeros((40, 2), dtype=bool)
    found = adjusted(nowhere, nowhere, lengths)
    assert found.p_value.tolist() == [1.0, 1.0]
    assert (found.lower < 0).all()
    assert (found.upper > 0).all()


def test_a_feature_in_every_target_and_no_reference_is_found() -> None:
    lengths = longer_answers(40, seed=21)
    found = adjusted(np.ones((40, 1), dtype=bool), np.zeros((40, 1), dtype=bool), lengths)
    assert found.difference == pytest.approx([1.0])
    assert found.p_value[0] < 1e-9


@pytest.mark.parametrize("n", [0, 1])
def test_too_few_pairs_say_nothing(n: int) -> None:
    lengths, everywhere = longer_answers(n, seed=22), np.ones((n, 1), dtype=bool)
    found = adjusted(everywhere, ~everywhere, lengths)
    assert np.isnan(found.difference).all()
    assert (found.p_value[0], found.lower[0], found.upper[0]) == (1.0, -1.0, 1.0)
