"""A map of the documents: neighbours are near, clusters apart, and the middle is zero."""

import numpy as np
import pytest

from corpuscope.analyses.cluster import layout as module
from corpuscope.analyses.cluster.layout import document_layout


def world(sizes: tuple[int, ...]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Each document has four neighbours of its own cluster."""
    labels = np.repeat(np.arange(len(sizes)), sizes)
    starts = np.cumsum((0, *sizes[:-1]))
    near = np.array([
        [starts[own] + (row - starts[own] + step) % sizes[own] for step in (1, 2, 3, 4)]
        for row, own in enumerate(labels.tolist())
    ])  # fmt: skip
    return labels, near, np.full(near.shape, 0.5, dtype=np.float32)


def drawn(labels: np.ndarray, near: np.ndarray, affinity: np.ndarray, seed: int = 0) -> np.ndarray:
    return document_layout(labels, near, affinity, seed=seed)


def test_clusters_are_apart_and_the_median_is_zero() -> None:
    labels, near, affinity = world((20, 20, 20))
    places = drawn(labels, near, affinity)
    assert places.shape == (60, 2)
    np.testing.assert_allclose(np.median(places, axis=0), 0, atol=1e-4)
    middles = np.array([places[labels == one].mean(axis=0) for one in range(3)])
    spread = max(places[labels == one].std() for one in range(3))
    apart = np.linalg.norm(middles[:, None] - middles[None], axis=2)[np.triu_indices(3, 1)]
    assert apart.min() > 2 * spread


def test_the_same_seed_draws_the_same_map_and_another_one_another() -> None:
    one, same, other = (drawn(*world((12, 12)), seed=seed) for seed in (1, 1, 2))
    assert np.array_equal(one, same)
    assert not np.allclose(one, other)


def test_clusters_begin_where_their_affinities_put_them(monkeypatch: pytest.MonkeyPatch) -> None:
    begun = []

    def stay(places: np.ndarray, near: np.ndarray, weights: np.ndarray, *more: int) -> np.ndarray:
        begun.append((places.copy(), weights, more))
        return places

    monkeypatch.setattr(module, "settle", stay)
    labels, near, affinity = world((30, 30))
    affinity[0, 0], affinity[3] = 0.25, 0
    drawn(labels, near, affinity)
    ((places, weights, more),) = begun
    # Two clusters with no affinity are at distance 1, ten units on the map, around the middle.
    means = np.array([places[labels == one].mean(axis=0) for one in (0, 1)])
    assert sorted(means[:, 0].tolist()) == pytest.approx([-5, 5], abs=0.6)
    assert means[:, 1] == pytest.approx([0, 0], abs=0.6)
    assert places[labels == 0].std(axis=0) == pytest.approx([1, 1], abs=0.35)
    # A neighbour draws in each turn if none is nearer, and half as often if half as near.
    assert weights[0].tolist() == [0.5, 1, 1, 1]
    assert weights[3].tolist() == [0, 0, 0, 0]
    assert more == (200, 0)


def test_the_first_cluster_is_the_farther_the_less_it_shares(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "settle", lambda places, *more: places)
    labels, near, affinity = world((40, 40, 40))
    # A quarter of the neighbours of cluster 0 are of cluster 1, and the other way round.
    near[labels == 0, 0], near[labels == 1, 0] = 45, 5
    places = drawn(labels, near, affinity)
    middles = np.array([places[labels == one].mean(axis=0) for one in range(3)])
    distance = {
        pair: np.linalg.norm(middles[pair[0]] - middles[pair[1]])
        for pair in ((0, 1), (0, 2), (1, 2))
    }
    # Classical scaling keeps distances: 1 - 1/3 of ten units, and ten.
    assert distance[0, 1] == pytest.approx(10 * 2 / 3, abs=0.8)
    assert distance[0, 2] == pytest.approx(10, abs=0.8)
    assert distance[1, 2] == pytest.approx(10, abs=0.8)


@pytest.mark.parametrize(("n_neighbours", "passes"), [(100, 200), (30_000, 100), (10_000_000, 20)])
def test_large_maps_take_fewer_turns(
    n_neighbours: int, passes: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_MOVES", 3_000_000 * 40 / n_neighbours)
    asked = []
    monkeypatch.setattr(module, "settle", lambda *given: asked.append(given[3]) or given[0])
    drawn(*world((10,)))
    assert asked == [passes]


def test_one_document_and_none_can_be_drawn() -> None:
    nothing = drawn(np.zeros(0, np.int64), np.zeros((0, 0), np.int64), np.zeros((0, 0), np.float32))
    assert nothing.shape == (0, 2)
    one = drawn(np.zeros(1, np.int64), np.full((1, 2), -1), np.zeros((1, 2), np.float32))
    assert one.tolist() == [[0, 0]]
