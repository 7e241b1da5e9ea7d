"""Documents that are far even from their nearest neighbours stand out, and no others."""

import numpy as np
import pytest
from sklearn.neighbors import NearestNeighbors

from corpuscope.analyses.audit.outliers import outlier_documents
from corpuscope.statistics.similarity.directions import at_length_one


def directions(n: int, *, seed: int = 0) -> np.ndarray:
    """A cloud around one direction."""
    noise = np.random.default_rng(seed).standard_normal((n, 40)) * 0.15
    noise[:, 0] += 1
    return at_length_one(noise)


def direction(first: float, second: float) -> np.ndarray:
    return at_length_one(np.array([[first, second, *([0.0] * 38)]]))[0]


def test_those_four_robust_deviations_below_the_median_are_found() -> None:
    vectors = directions(60)
    for row, share in enumerate(np.linspace(0.6, -0.3, 12)):
        vectors[row] = [share, *([0.0] * 39)]
        vectors[row, 1 + row] = np.sqrt(1 - share**2)
    found, median = outlier_documents(vectors, seed=0)
    # By an independent reference: cosine distances to the ten nearest others.
    search = NearestNeighbors(n_neighbors=11, metric="cosine").fit(vectors)
    similarity = 1 - search.kneighbors(vectors)[0][:, 1:].mean(axis=1)
    assert median == pytest.approx(np.median(similarity))
    below = (median - similarity) / (1.4826 * np.median(np.abs(similarity - median)))
    order = np.argsort(-below)
    expected = order[below[order] >= 4].tolist()
    assert [at for at, _, _ in found] == expected
    # Some are nearly odd, and some hardly.
    assert ((below > 2.5) & (below < 4)).any()
    assert ((below >= 4) & (below < 5.5)).any()
    for at, own, z in found:
        assert (own, z) == pytest.approx((similarity[at], below[at]))


def test_the_farthest_comes_first() -> None:
    vectors = directions(80)
    vectors[5] = direction(-1, 0)
    vectors[9] = direction(-0.3, 1)
    found, _ = outlier_documents(vectors, seed=0)
    assert [at for at, _, _ in found] == [5, 9]
    assert found[0][1] < found[1][1]
    assert found[0][2] > found[1][2] >= 4


def test_clouds_without_outliers_have_few() -> None:
    counts = [len(outlier_documents(directions(100, seed=seed), seed=0)[0]) for seed in range(10)]
    assert sum(counts) <= 3


@pytest.mark.parametrize("n", [1, 2, 20])
def test_of_few_documents_none_is_odd(n: int) -> None:
    vectors = directions(n)
    vectors[0] = -vectors[0]
    assert outlier_documents(vectors, seed=0)[0] == []


def test_from_twenty_one_documents_on_one_can_be_odd() -> None:
    vectors = directions(21)
    vectors[4] = -vectors[4]
    assert [at for at, _, _ in outlier_documents(vectors, seed=0)[0]] == [4]


def test_documents_that_are_all_the_same_have_no_outlier() -> None:
    found, median = outlier_documents(np.tile(directions(1), (40, 1)), seed=0)
    assert found == []
    assert median == pytest.approx(1)


def test_the_order_of_documents_does_not_matter() -> None:
    vectors = directions(50)
    vectors[3] = -vectors[3]
    order = np.random.default_rng(1).permutation(50)
    (one,), _ = outlier_documents(vectors, seed=0)
    (other,), _ = outlier_documents(vectors[order], seed=5)
    assert order[other[0]] == one[0] == 3
    assert other[1:] == pytest.approx(one[1:])


def test_documents_beyond_those_compared_are_looked_at_too(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("corpuscope.analyses.audit.outliers._MOST_COMPARED", 30)
    monkeypatch.setattr("corpuscope.analyses.audit.outliers._ROWS_AT_ONCE", 7)
    for odd in (0, 25, 59):
        vectors = directions(60)
        vectors[odd] = direction(-1, 0)
        assert [at for at, _, _ in outlier_documents(vectors, seed=0)[0]] == [odd]
