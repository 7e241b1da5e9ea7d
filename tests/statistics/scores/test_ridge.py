"""The ridge equals the solution of its normal equations."""

import numpy as np
import pytest

from corpuscope.statistics.scores.ridge import ridge_fitted
from tests.statistics.worlds import Flags, Numbers, sparse


def world(seed: int = 0, n: int = 40, n_features: int = 12) -> tuple[Flags, Numbers]:
    generator = np.random.default_rng(seed)
    return generator.random((n, n_features)) < 0.3, generator.standard_normal((n, 2))


def solved(matrix: Numbers, wanted: Numbers, penalty: float) -> Numbers:
    gram = matrix.T @ matrix + penalty * np.eye(matrix.shape[1])
    fitted: Numbers = matrix @ np.linalg.solve(gram, matrix.T @ wanted)
    return fitted


def centred(has: Flags) -> Numbers:
    found: Numbers = has - has.mean(axis=0)
    return found


def test_one_feature_by_hand() -> None:
    """Centred presence is .75 and three times -.25, its square .75, its product with y 1."""
    wanted = np.array([[1.0], [0.0], [-1.0], [0.0]])
    found = ridge_fitted(sparse([[1], [0], [0], [0]]), wanted, penalty=0.25)
    assert found.ravel() == pytest.approx([0.75, -0.25, -0.25, -0.25])


@pytest.mark.parametrize("penalty", [0.01, 1.0, 100.0])
def test_it_solves_the_normal_equations(penalty: float) -> None:
    has, wanted = world()
    found = ridge_fitted(sparse(has), wanted, penalty=penalty)
    assert found == pytest.approx(solved(centred(has), wanted, penalty), abs=2e-3)


def test_further_columns_are_neither_centred_nor_made_ones() -> None:
    has, wanted = world()
    beside = 2 + np.random.default_rng(5).standard_normal((40, 3))
    found = ridge_fitted(sparse(has), wanted, penalty=3.0, beside=beside)
    both = np.hstack([centred(has), beside])
    assert found == pytest.approx(solved(both, wanted, 3.0), abs=2e-3)
    alone = ridge_fitted(sparse(has[:, :0] * 1), wanted, penalty=3.0, beside=beside)
    assert alone == pytest.approx(solved(beside, wanted, 3.0), abs=2e-3)


def test_only_whether_a_feature_is_present_counts() -> None:
    has, wanted = world()
    strengths = has * (1 + np.arange(12.0))
    expected = ridge_fitted(sparse(has), wanted, penalty=1.0)
    assert ridge_fitted(sparse(strengths), wanted, penalty=1.0) == pytest.approx(expected)


def test_the_more_it_costs_the_less_is_fitted() -> None:
    has, wanted = world()
    sizes = [
        float(np.linalg.norm(ridge_fitted(sparse(has), wanted, penalty=10.0**power)))
        for power in range(-1, 6, 2)
    ]
    assert sizes == sorted(sizes, reverse=True)
    assert sizes[-1] < 1e-3 * sizes[0]


def test_what_presence_says_nothing_of_is_fitted_by_nothing() -> None:
    has, wanted = world()
    has[:, 0], has[:, 1] = True, False
    constant = ridge_fitted(sparse(has), np.ones((40, 1)), penalty=1.0)
    assert constant == pytest.approx(np.zeros((40, 1)), abs=1e-9)
    same = ridge_fitted(sparse(has[:, :2]), wanted, penalty=1.0)
    assert same == pytest.approx(np.zeros((40, 2)), abs=1e-9)
    assert not ridge_fitted(sparse(has), np.zeros((40, 2)), penalty=1.0).any()


def test_documents_and_columns_may_come_in_any_order() -> None:
    has, wanted = world()
    order = np.random.default_rng(1).permutation(40)
    found = ridge_fitted(sparse(has), wanted, penalty=1.0)
    moved = ridge_fitted(sparse(has[order]), wanted[order], penalty=1.0)
    assert moved == pytest.approx(found[order], abs=2e-3)
    # A column that is solved at once does not stop the others, nor they it.
    both = ridge_fitted(sparse(has), np.hstack([wanted, np.zeros((40, 1))]), penalty=1.0)
    assert both[:, :2] == pytest.approx(found, abs=2e-3)
    assert both[:, 2] == pytest.approx(0.0)
    assert ridge_fitted(sparse(has), 1e6 * wanted, penalty=1.0) == pytest.approx(1e6 * found)
