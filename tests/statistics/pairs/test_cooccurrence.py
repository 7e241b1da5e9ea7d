import numpy as np
import pytest
import scipy.sparse as sp
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import hypergeom

from corpuscope.statistics.pairs.cooccurrence import (
    cooccurrence_p,
    frequent_pairs,
    npmi,
    npmi_interval,
)


def presence(rows: int, columns: int, *, seed: int, most: float = 0.4) -> sp.csr_array:
    """Random columns of many rates, some of which are copies with a few documents changed."""
    generator = np.random.default_rng(seed)
    rates = most * generator.random(columns) ** 2
    dense = generator.random((rows, columns)) < rates
    for column in range(0, columns - 1, 3):
        dense[:, column + 1] = dense[:, column] ^ (generator.random(rows) < 0.02)
    return sp.csr_array(dense)


def by_hand(
    left: np.ndarray, right: np.ndarray, min_npmi: float, least: int, *, is_same: bool
) -> set[tuple[int, int, int]]:
    """From the definition, with logarithms."""
    n, found = len(left), set()
    for i in range(left.shape[1]):
        for j in range(i + 1 if is_same else 0, right.shape[1]):
            both, a, b = (left[:, i] & right[:, j]).sum(), left[:, i].sum(), right[:, j].sum()
            if both < least or n in (a, b) or both == 0:
                continue
            value = np.log(both * n / (a * b)) / -np.log(both / n)
            if value >= min_npmi - 1e-9:
                found.add((i, j, int(both)))
    return found


@pytest.mark.parametrize("compiled", [True, False])
@given(
    seed=st.integers(0, 10_000),
    min_npmi=st.sampled_from([0.0, 0.2, 0.3, 0.5, 0.8]),
    least=st.integers(1, 6),
    is_same=st.booleans(),
)
@settings(max_examples=25, deadline=None)
def test_pairs_are_those_of_the_definition(
    compiled: bool, seed: int, min_npmi: float, least: int, is_same: bool
) -> None:
    left = presence(60, 14, seed=seed)
    right = None if is_same else presence(60, 9, seed=seed + 1)
    found = frequent_pairs(left, right, min_npmi=min_npmi, min_support=least, compiled=compiled)
    other = left if right is None else right
    expected = by_hand(left.toarray(), other.toarray(), min_npmi, least, is_same=is_same)
    assert set(zip(found.left, found.right, found.both, strict=True)) == expected


def test_kernel_and_reference_agree_on_many_columns() -> None:
    matrix = presence(800, 1500, seed=3, most=0.2)
    one, other = (
        frequent_pairs(matrix, min_npmi=0.3, min_support=5, compiled=compiled)
        for compiled in (True, False)
    )
    assert len(one) > 500
    for name in ("left", "right", "both"):
        assert np.array_equal(getattr(one, name), getattr(other, name))


def test_columns_of_no_document_or_of_all_are_in_no_pair() -> None:
    matrix = sp.csr_array(np.array([[1, 1, 1, 0], [1, 1, 1, 0], [1, 0, 0, 0]]))
    found = frequent_pairs(matrix, min_npmi=0.0)
    assert (found.left.tolist(), found.right.tolist()) == ([1], [2])


def test_stored_zeros_are_not_present() -> None:
    matrix = sp.csr_array(np.array([[1, 1], [1, 1], [1, 0], [0, 0]], dtype=np.float64))
    matrix.data[0] = 0
    assert frequent_pairs(matrix, min_npmi=0.0).both.tolist() == [1]


def test_nothing_in_nothing_out() -> None:
    for compiled in (True, False):
        assert len(frequent_pairs(sp.csr_array((5, 0)), min_npmi=0.3, compiled=compiled)) == 0
        assert len(frequent_pairs(sp.csr_array((5, 3)), min_npmi=0.3, compiled=compiled)) == 0


def test_npmi_of_identical_independent_and_ever_present_columns() -> None:
    both, left, right = (
        np.array([10, 1, 0, 100]),
        np.array([10, 10, 5, 100]),
        np.array([10, 10, 5, 100]),
    )
    assert npmi(both, left, right, 100) == pytest.approx([1, 0, -1, 0])


def test_the_interval_holds_the_truth_about_as_often_as_it_says() -> None:
    generator = np.random.default_rng(0)
    n, together, first, second = 2000, 0.02, 0.05, 0.06
    shares = [together, first - together, second - together, 1 - first - second + together]
    truth = np.log(together / (first * second)) / -np.log(together)
    cells = generator.multinomial(n, shares, size=4000)
    both = cells[:, 0]
    low, high = npmi_interval(both, both + cells[:, 1], both + cells[:, 2], n)
    covered = np.mean((low <= truth) & (truth <= high))
    assert 0.93 < covered < 0.97


def test_p_of_one_stratum_bounds_fisher_closely() -> None:
    n, left, right = 1000, 40, 60
    both = np.arange(5, 20)
    exact = hypergeom.sf(both - 1, n, left, right)
    ones = np.ones(len(both), dtype=np.int64)
    p = cooccurrence_p(both, (left * ones)[None], (right * ones)[None], np.array([n]))
    assert (p >= exact).all()
    assert (p[both < 12] < 2 * exact[both < 12]).all()


def test_p_of_frequent_features_is_near_the_exact_one_and_not_below_it() -> None:
    for n, left, right in ((1000, 500, 500), (1000, 700, 700), (10_000, 2000, 2000)):
        both = np.arange(n)
        exact = hypergeom.sf(both - 1, n, left, right)
        both = both[(exact > 1e-12) & (both > left * right / n + 1)]
        ones = np.ones(len(both), dtype=np.int64)
        p = cooccurrence_p(both, (left * ones)[None], (right * ones)[None], np.array([n]))
        ratio = p / hypergeom.sf(both - 1, n, left, right)
        assert ratio.min() > 0.99
        assert ratio.max() < 1.75


def test_p_holds_its_level_in_strata_that_drive_both() -> None:
    """Long documents have more of everything; within strata nothing is together."""
    generator = np.random.default_rng(1)
    size = np.array([500, 300, 200])
    rates = np.array([0.01, 0.05, 0.3])
    strata = np.repeat(np.arange(3), size)
    left, right = (generator.random((len(strata), 400)) < rates[strata, None] for _ in range(2))

    def counted(has: np.ndarray) -> np.ndarray:
        return np.stack([has[strata == s].sum(axis=0) for s in range(3)])

    both = (left & right).sum(axis=0)
    p = cooccurrence_p(both, counted(left), counted(right), size)
    assert np.mean(p < 0.05) < 0.08
    blind = cooccurrence_p(
        both, left.sum(axis=0)[None], right.sum(axis=0)[None], np.array([len(strata)])
    )
    assert np.mean(blind < 0.05) > 0.5
