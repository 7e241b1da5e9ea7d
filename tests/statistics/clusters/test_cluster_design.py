"""What clusters add is what loops over their documents say."""

from collections.abc import Sequence

import numpy as np
import pytest
import scipy.sparse as sp

from corpuscope.statistics.clusters import cluster_design
from corpuscope.statistics.clusters.cluster_design import ClusterDesign, blocks, effective
from tests.statistics.worlds import Flags, Integers, Numbers

World = tuple[Numbers, Integers, Integers, Flags]


def world(seed: int, n: int = 60) -> World:
    """A regressor, strata, clusters (both with gaps in their numbers), and three features."""
    generator = np.random.default_rng(seed)
    strata, clusters = 3 * generator.integers(0, 4, n), 2 * generator.integers(0, 15, n)
    return generator.random(n), strata, clusters, generator.random((n, 3)) < [0.1, 0.5, 0.9]


def design(
    regressor: Sequence[float], clusters: list[int], strata: list[int] | None = None
) -> ClusterDesign:
    own = np.zeros(len(clusters), dtype=np.int64) if strata is None else np.array(strata)
    return ClusterDesign(np.array(regressor, dtype=np.float64), own, np.array(clusters))


def test_two_clusters_of_two_sides_by_hand() -> None:
    found = design([1, 1, 0, 0], [9, 9, 5, 5])
    assert found.clusters.tolist() == [1, 1, 0, 0]
    assert (found.n_clusters, found.sizes.tolist(), found.spread) == (2, [2, 2], 1.0)
    assert found.away.tolist() == [0.5, 0.5, -0.5, -0.5]
    assert (found.total.tolist(), found.mean.tolist()) == ([-1.0, 1.0], [-0.5, 0.5])
    assert found.within.tolist() == [0.0] * 4
    assert found.adds.tolist() == [1.0, 1.0]
    # Whole clusters of two on one side each: twice the variance, and one cluster a side.
    assert (found.moulton, found.freedom) == (1.0, 1.0)


@pytest.mark.parametrize("scale", [0.05, 20.0])
def test_the_scale_of_the_regressor_does_not_matter(scale: float) -> None:
    found = design([scale, scale, 0, 0], [9, 9, 5, 5])
    assert (found.moulton, found.freedom) == (pytest.approx(1), pytest.approx(1))


def test_clusters_that_hold_both_sides_are_compared_within() -> None:
    found = design([1, 0, 1, 0, 1, 0], [0, 0, 1, 1, 2, 2])
    assert found.total.tolist() == [0.0] * 3
    assert found.within.tolist() == found.away.tolist() == [0.5, -0.5] * 3
    assert found.adds.tolist() == [0.5] * 3
    assert found.moulton == -1.0
    assert found.freedom == pytest.approx(2.0)
    assert found.sizes_are_like


def test_degrees_of_freedom_are_those_of_welch_over_effective_clusters() -> None:
    # Eight documents alone on one side, two clusters of four on the other, all .5 from the middle.
    found = design([1] * 8 + [0] * 8, [*range(8), *[8] * 4, *[9] * 4])
    # The sides add 8 * .25 and 2 * (4 * .5)^2.
    assert found.freedom == pytest.approx((2 + 8) ** 2 / (2**2 / 7 + 8**2 / 1))


def test_where_nothing_varies_within_strata_nothing_is_compared() -> None:
    found = design([1, 1, 0, 0], [0, 1, 2, 3], [0, 0, 1, 1])
    assert (found.spread, found.moulton, found.freedom) == (0.0, -1.0, 4.0)
    assert found.sizes_are_like
    assert found.stratum_spread.tolist() == [0.0, 0.0]


@pytest.mark.parametrize(("large", "are_like"), [(4, True), (5, False)])
def test_sizes_are_like_up_to_twice_as_many_documents(large: int, are_like: bool) -> None:
    clusters = [0] * large + [1, 1, 2, 2, 3, 3]
    assert design([1] * large + [0] * 6, clusters).sizes_are_like is are_like
    assert design([0] * large + [1] * 6, clusters).sizes_are_like is are_like


def test_a_cluster_in_the_middle_is_on_neither_side() -> None:
    sides = [1.0] * 4 + [0.0] * 4
    assert design([*sides, *[0.5] * 20], [0, 0, 1, 1, 2, 2, 3, 3, *[4] * 20]).sizes_are_like


@pytest.mark.parametrize("seed", range(3))
def test_what_documents_are_set_against_is_their_distance_from_the_stratum(seed: int) -> None:
    regressor, strata, clusters, _ = world(seed)
    found = ClusterDesign(regressor, strata, clusters)
    for at in range(len(regressor)):
        middle = regressor[strata == strata[at]].mean()
        assert found.away[at] == pytest.approx(regressor[at] - middle)
        own = found.away[clusters == clusters[at]]
        assert found.within[at] == pytest.approx(found.away[at] - own.mean())
        assert found.mean[found.clusters[at]] == pytest.approx(own.mean())
    assert found.n_clusters == len(np.unique(clusters))
    assert found.adds.sum() >= found.spread * (found.moulton + 1)


@pytest.mark.parametrize("seed", range(3))
def test_scores_are_sums_over_the_documents_of_each_cluster(seed: int) -> None:
    regressor, strata, clusters, has = world(seed)
    found = ClusterDesign(regressor, strata, clusters)
    scores = found.scores(sp.csc_array(has.astype(np.float32)))
    rates = np.array([has[strata == one].mean(axis=0) for one in strata])
    residual = has - rates
    for at, cluster in enumerate(np.unique(clusters)):
        own = clusters == cluster
        assert scores.residual[at] == pytest.approx(residual[own].sum(axis=0), abs=1e-5)
        weighted = found.within[own] @ residual[own]
        assert scores.weighted[at] == pytest.approx(weighted, abs=1e-5)
        # The two ways in which a cluster pulls add up to that of its documents.
        assert scores.pull[at] == pytest.approx(found.away[own] @ residual[own], abs=1e-5)
    assert scores.within_strata == pytest.approx((residual**2).sum(axis=0), rel=1e-5)
    size = np.bincount(strata)[strata]
    unbiased = rates * (1 - rates) * (size / np.maximum(size - 1, 1))[:, None]
    assert scores.ordinary_variance == pytest.approx(found.away**2 @ unbiased, rel=1e-5)


def test_features_in_all_documents_or_in_none_pull_nowhere() -> None:
    regressor, strata, clusters, has = world(0)
    has[:, 0], has[:, 1] = False, True
    scores = ClusterDesign(regressor, strata, clusters).scores(sp.csc_array(has.astype(np.float32)))
    assert np.abs(scores.pull[:, :2]).max() < 1e-6
    assert scores.ordinary_variance[:2].tolist() == scores.within_strata[:2].tolist() == [0, 0]
    assert np.abs(scores.pull[:, 2]).max() > 0.01


def test_the_order_of_documents_does_not_matter() -> None:
    regressor, strata, clusters, has = world(1)
    order = np.random.default_rng(0).permutation(len(regressor))
    one = ClusterDesign(regressor, strata, clusters)
    other = ClusterDesign(regressor[order], strata[order], clusters[order])
    assert other.freedom == pytest.approx(one.freedom)
    assert other.moulton == pytest.approx(one.moulton)
    ones = sp.csr_array(has.astype(np.float32))
    pulls = [found.scores(sp.csc_array(rows)).pull
             for found, rows in ((one, ones), (other, ones[order]))]  # fmt: skip
    assert pulls[1] == pytest.approx(pulls[0], abs=1e-5)


def test_effective_numbers_by_hand() -> None:
    for weights, expected in [([1, 1, 1], 3), ([5, 0, 0], 1), ([2, 1], 9 / 5), ([0, 0], 0)]:
        assert effective(np.array(weights, dtype=np.float64)) == pytest.approx(expected)


def test_features_come_in_blocks_that_fit(monkeypatch: pytest.MonkeyPatch) -> None:
    four = design([0, 1, 0, 1], [0, 1, 2, 3])
    assert blocks(four, 100_000) == [slice(0, 4_000_000)]
    assert blocks(four, 0) == []
    monkeypatch.setattr(cluster_design, "_BLOCK", 10)
    assert blocks(four, 5) == [slice(0, 2), slice(2, 4), slice(4, 6)]
    monkeypatch.setattr(cluster_design, "_BLOCK", 3)
    assert blocks(four, 2) == [slice(0, 1), slice(1, 2)]
