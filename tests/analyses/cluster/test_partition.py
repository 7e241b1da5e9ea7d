"""Documents divided by the features they share, or between the poles of an axis."""

import numpy as np
import pytest
import scipy.sparse as sp
from sklearn.metrics import adjusted_rand_score, silhouette_samples

from corpuscope.analyses.cluster import partition
from corpuscope.analyses.cluster.axis import Axis
from corpuscope.analyses.cluster.partition import (
    N_NEIGHBOURS,
    ByPoles,
    BySharedFeatures,
    Partition,
    k_means,
    partitioner_of,
)
from corpuscope.analyses.cluster.pole_scores import pole_scores
from corpuscope.statistics.similarity.jaccard import weighted_jaccard
from tests.statistics.similarity.test_jaccard import groups

N = 60
WEIGHTS = np.linspace(0.5, 1.5, 60)
PULL = np.zeros((3, 60))
for pole in range(3):
    PULL[pole, pole::3] = 1.0


@pytest.fixture(scope="module")
def shared() -> tuple[BySharedFeatures, Partition]:
    by = BySharedFeatures(groups(N, k=3), WEIGHTS, 0)
    return by, by.whole(3)


def test_planted_groups_are_the_clusters(shared: tuple[BySharedFeatures, Partition]) -> None:
    assert adjusted_rand_score(np.arange(N) % 3, shared[1].labels) > 0.9
    assert not shared[1].is_by_pole


def test_fit_and_centrality_are_mean_affinities(
    shared: tuple[BySharedFeatures, Partition],
) -> None:
    by, found = shared
    affinity = weighted_jaccard(by.presence, WEIGHTS)
    for row in range(N):
        each = [affinity[row, found.labels == label].mean() for label in range(3)]
        own = each.pop(int(found.labels[row]))
        assert found.centrality[row] == pytest.approx(own, rel=1e-4)
        assert found.fit[row] == pytest.approx((own - max(each)) / max(own, *each), rel=1e-3)


def test_neighbours_are_the_most_alike_others(
    shared: tuple[BySharedFeatures, Partition],
) -> None:
    by, found = shared
    affinity = weighted_jaccard(by.presence, WEIGHTS).copy()
    np.fill_diagonal(affinity, -1)
    np.testing.assert_allclose(found.affinity, -np.sort(-affinity, axis=1)[:, :N_NEIGHBOURS])
    rows = np.arange(N)[:, None]
    np.testing.assert_allclose(affinity[rows, found.near], found.affinity)
    assert all(len(set(own)) == N_NEIGHBOURS for own in found.near.tolist())


def test_those_who_share_nothing_are_no_neighbours(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(partition, "_ROWS_AT_ONCE", 3)
    presence = sp.csr_array(np.kron(np.eye(2), np.ones((4, 2))))
    found = BySharedFeatures(presence, np.ones(4), 0).whole(2)
    assert found.near.shape == (8, 7)
    for row in range(8):
        own = set(range(4)) if row < 4 else set(range(4, 8))
        assert set(found.near[row, :3].tolist()) == own - {row}
        assert found.near[row, 3:].tolist() == [-1] * 4
    assert found.affinity[:, 3:].tolist() == [[0] * 4] * 8
    assert found.fit.tolist() == pytest.approx([1.0] * 8)


def test_a_subset_is_divided_into_each_number_with_eigenvalues(
    shared: tuple[BySharedFeatures, Partition],
) -> None:
    rows = np.arange(0, N, 2)
    found = shared[0].divided(rows, [2, 3])
    assert set(found.labels) == {2, 3}
    assert all(len(labels) == 30 and labels.max() == n - 1 for n, labels in found.labels.items())
    assert adjusted_rand_score(rows % 3, found.labels[3]) > 0.8
    assert len(found.eigenvalues) == 4
    assert np.all(np.diff(found.eigenvalues) <= 1e-9)
    assert found.eigenvalues[0] == pytest.approx(1, abs=1e-3)
    # As many as there are documents, and no more.
    assert len(shared[0].divided(np.arange(4), [4]).eigenvalues) == 4


def test_other_documents_are_divided_alike(shared: tuple[BySharedFeatures, Partition]) -> None:
    other = groups(24, k=3, seed=5)
    found = shared[0].over(other)
    assert found.presence is other
    assert found.weights is WEIGHTS
    by = ByPoles(other, PULL, np.ones((24, 2)), 3)
    assert (by.over(other).vectors, by.over(other).pull is PULL, by.over(other).seed) == (
        None, True, 3,
    )  # fmt: skip


def test_of_many_documents_the_graph_of_neighbours_is_divided(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(partition, "MOST_COMPARED", N - 1)
    by = BySharedFeatures(groups(N, k=3), np.ones(60), 0)
    found = by.whole(3)
    assert adjusted_rand_score(np.arange(N) % 3, found.labels) > 0.9
    for row in range(N):
        each = [float(found.affinity[row][found.labels[found.near[row]] == label].sum())
                for label in range(3)]  # fmt: skip
        own = each.pop(int(found.labels[row]))
        assert found.centrality[row] == pytest.approx(own, rel=1e-4)
        assert found.fit[row] == pytest.approx((own - max(each)) / max(own, *each), abs=1e-4)


def by_poles(n: int = 3) -> tuple[np.ndarray, Partition]:
    presence = groups(N, k=3)
    ones = sp.csr_array(presence.astype(np.float32))
    scores = pole_scores(ones, PULL, None, seed=0)
    return scores, ByPoles(ones, PULL, None, 0).whole(n)


def test_each_document_is_of_the_pole_with_the_largest_score() -> None:
    scores, found = by_poles()
    assert found.is_by_pole
    assert found.labels.tolist() == scores.argmax(axis=1).tolist()
    assert (found.labels == np.arange(N) % 3).mean() > 0.9
    assert found.centrality == pytest.approx(scores.max(axis=1))
    centres = np.array([scores[found.labels == label].mean(axis=0) for label in range(3)])
    near = 1 / (1 + np.linalg.norm(scores[:, None] - centres[None], axis=2))
    own = near[np.arange(N), found.labels]
    near[np.arange(N), found.labels] = 0
    assert found.fit == pytest.approx((own - near.max(axis=1)) / np.maximum(own, near.max(axis=1)))
    # It goes with the silhouette of distances.
    assert np.corrcoef(found.fit, silhouette_samples(scores, found.labels))[0, 1] > 0.8


def test_another_number_than_that_of_poles_is_divided_by_scores() -> None:
    scores, found = by_poles(2)
    assert not found.is_by_pole
    assert set(found.labels.tolist()) == {0, 1}
    centres = np.array([scores[found.labels == label].mean(axis=0) for label in range(2)])
    distances = np.linalg.norm(scores[:, None] - centres[None], axis=2)
    assert found.labels.tolist() == distances.argmin(axis=1).tolist()
    assert found.centrality == pytest.approx(-distances.min(axis=1))


def test_neighbours_by_scores_are_the_nearest_points() -> None:
    scores, found = by_poles()
    distances = np.linalg.norm(scores[:, None] - scores[None], axis=2)
    np.fill_diagonal(distances, np.inf)
    nearest = np.sort(distances, axis=1)[:, :N_NEIGHBOURS]
    np.testing.assert_allclose(found.affinity, 1 / (1 + nearest), atol=1e-4)
    assert all(row not in own for row, own in enumerate(found.near.tolist()))


def test_documents_in_one_place_are_not_their_own_neighbours() -> None:
    ones = sp.csr_array(np.tile(np.array([[1, 0], [0, 1]], dtype=np.float32), (20, 1)))
    found = ByPoles(ones, np.eye(2), None, 0).whole(2)
    assert found.labels.tolist() == [0, 1] * 20
    assert all(
        row not in own and len(set(own)) == 15 for row, own in enumerate(found.near.tolist())
    )
    assert found.affinity.min() == pytest.approx(1)


def test_some_documents_are_divided_between_poles_with_their_vectors(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    seen = []

    def told(presence: sp.csr_array, pull: np.ndarray, vectors: object, *, seed: int) -> np.ndarray:
        seen.append((presence, vectors))
        return presence.toarray()[:, :3].astype(float)

    monkeypatch.setattr(partition, "pole_scores", told)
    rows, vectors = np.array([4, 9, 2]), np.arange(2.0 * N).reshape(N, 2)
    ones = sp.csr_array(groups(N, k=3).astype(np.float32))
    found = ByPoles(ones, PULL, vectors, 0).divided(rows, [3, 2])
    assert set(found.labels) == {3, 2}
    assert found.labels[3].tolist() == ones[rows].toarray()[:, :3].argmax(axis=1).tolist()
    assert len(found.eigenvalues) == 0
    np.testing.assert_array_equal(seen[0][1], vectors[rows])


def test_an_axis_of_several_phrases_has_poles() -> None:
    presence, columns = groups(10), np.array([4, 7])
    pull = np.array([[1.0, 0.0], [0.0, 2.0]])
    poles = partitioner_of(
        Axis(("a", "b"), False, columns, np.array([0.3, 0.6]), pull), presence, None, seed=5
    )
    assert isinstance(poles, ByPoles)
    assert (poles.pull[0, 4], poles.pull[1, 7], poles.pull.sum(), poles.seed) == (1, 2, 3, 5)
    assert poles.presence.shape == (10, 60)
    alone = partitioner_of(
        Axis(("a",), False, columns, np.array([0.3, 0.6]), pull[:1]), presence, None, seed=5
    )
    assert isinstance(alone, BySharedFeatures)
    assert alone.weights.tolist() == [0.3, 0.6]
    assert (alone.presence != presence[:, [4, 7]]).nnz == 0


@pytest.mark.filterwarnings("error")
def test_points_that_coincide_make_fewer_clusters_without_a_warning() -> None:
    points = np.array([[0.0, 0], [0, 1e-12], [5, 5], [5, 5]])
    assert k_means(points, 3, 0, starts=2).tolist() in ([0, 0, 1, 1], [1, 1, 0, 0])
    assert sorted(k_means(points + np.arange(4)[:, None], 4, 0, starts=1)) == [0, 1, 2, 3]
