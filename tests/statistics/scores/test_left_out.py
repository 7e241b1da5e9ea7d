"""What all other documents say of each, against the long way round."""

import numpy as np

from corpuscope.statistics.scores.discrimination import auroc
from corpuscope.statistics.scores.left_out import left_out_kernel_ridge, left_out_ridge


def test_each_document_is_told_by_all_others() -> None:
    rng = np.random.default_rng(0)
    known, has = rng.normal(size=(30, 5)), rng.random(30) < 0.4
    x, y = known - known.mean(axis=0), has - has.mean()
    expected = []
    for at in range(30):
        rest = np.delete(np.arange(30), at)
        weights = np.linalg.solve(x[rest].T @ x[rest] + 0.5 * np.eye(5), x[rest].T @ y[rest])
        expected.append(x[at] @ weights)
    np.testing.assert_allclose(left_out_ridge(known, has, ridge=0.5), expected, atol=1e-9)
    inverse = np.linalg.inv(x @ x.T + 0.5 * np.eye(30))
    np.testing.assert_allclose(left_out_kernel_ridge(inverse, has), expected, atol=1e-9)


def test_where_there_is_nothing_to_tell_neither_side_is_told_higher() -> None:
    rng = np.random.default_rng(0)
    found = []
    for _ in range(200):
        has = rng.permutation(100) < 20
        found.append(auroc(left_out_ridge(rng.normal(size=(100, 5)), has, ridge=0.5), has))
    assert abs(np.mean(found) - 0.5) < 0.03
