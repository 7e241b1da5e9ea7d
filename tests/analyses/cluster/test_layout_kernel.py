"""The forces of the map, by hand: neighbours draw each other, random others push away."""

import numpy as np
import pytest

from corpuscope.analyses.cluster.layout_kernel import settle

A, B = 1.577, 0.895


def pushed(place: float, other: float, *, times: int, step: float = 1.0) -> float:
    """Where a document is after it was pushed along a line by another so many times."""
    for _ in range(times):
        along = place - other
        force = 2 * B / ((0.001 + along**2) * (1 + A * abs(along) ** (2 * B)))
        place += step * float(np.clip(force * along, -4, 4))
    return place


def drawn(place: float, other: float, *, step: float = 1.0) -> tuple[float, float]:
    along = place - other
    square = along**2
    force = -2 * A * B * square ** (B - 1) / (1 + A * square**B)
    move = step * float(np.clip(force * along, -4, 4))
    return place + move, other - move


def settled(places: list[list[float]], near: list[list[int]], *, passes: int = 1,
            weight: float = 1.0, seed: int = 0) -> np.ndarray:  # fmt: skip
    return settle(
        np.array(places, dtype=np.float32), np.array(near, dtype=np.int64),
        np.full((len(near), len(near[0])), weight, dtype=np.float32), passes, seed,
    )  # fmt: skip


@pytest.mark.parametrize("axis", [0, 1])
@pytest.mark.parametrize("distance", [1.5, 12.0])
def test_a_neighbour_is_drawn_and_draws(axis: int, distance: float) -> None:
    far = [0.0, 0.0]
    far[axis] = distance
    # The third is so far away that it pushes nobody, and it is where half of the pushes are from.
    found = settled([far, [0.0, 0.0], [9e3, 9e3]], [[1], [-1], [-1]])
    first, second = drawn(distance, 0)
    possible = [pushed(first, second, times=n) for n in range(5)]
    assert found[1, axis] == pytest.approx(second, rel=1e-4)
    assert min(abs(found[0, axis] - one) for one in possible) < 1e-3
    assert found[:2, 1 - axis].tolist() == [0, 0]
    assert found[2].tolist() == [9e3, 9e3]


@pytest.mark.parametrize("distance", [0.01, 1.0, 3.0])
def test_a_random_other_pushes_by_its_distance_and_four_units_at_most(distance: float) -> None:
    # Two that lie at one place do not draw: what moves the first is the third.
    seen = set()
    for seed in range(20):
        found = settled([[distance, 0], [distance, 0], [0, 0]], [[1], [-1], [-1]], seed=seed)
        places = [pushed(distance, 0, times=n) for n in range(5)]
        # The second pushes, too, once they are apart: then it was moved by the third at first.
        at = int(np.argmin([abs(found[0, 0] - one) for one in places]))
        if abs(found[0, 0] - places[at]) < 1e-3:
            seen.add(at)
        assert found[1:].tolist() == pytest.approx(np.array([[distance, 0], [0, 0]]))
    assert len(seen) >= 2


def test_steps_shrink_from_turn_to_turn() -> None:
    found = settled([[30.0, 0.0], [0.0, 0.0], [9e5, 0.0]], [[1], [-1], [-1]], passes=4)
    places = (30.0, 0.0)
    for step in (1, 0.75, 0.5, 0.25):
        places = drawn(*places, step=step)
    # At such distances pushes are less than a thousandth of a draw.
    assert found[0, 0] - found[1, 0] == pytest.approx(places[0] - places[1], abs=0.01)


@pytest.mark.parametrize(
    ("near", "passes", "weight"),
    [([[-1], [-1]], 5, 1.0), ([[1], [0]], 0, 1.0), ([[1], [0]], 5, 0.0)],
)
def test_without_neighbours_turns_or_weights_nothing_moves(
    near: list[list[int]], passes: int, weight: float
) -> None:
    places = [[1.0, 2.0], [3.0, 5.0]]
    assert settled(places, near, passes=passes, weight=weight).tolist() == places


def test_a_light_neighbour_draws_less_often() -> None:
    def left(weight: float) -> float:
        found = settled(
            [[500.0, 0.0], [0.0, 0.0], [9e6, 0.0]], [[1], [-1], [-1]], passes=200, weight=weight
        )
        return float(500 - (found[0, 0] - found[1, 0]))

    assert 0.15 < left(0.25) / left(1.0) < 0.35


def test_it_works_in_place_and_alike_each_time() -> None:
    places = np.random.default_rng(0).standard_normal((8, 2)).astype(np.float32)
    near = (np.arange(8)[:, None] + [1, 2]) % 8
    weights = np.ones((8, 2), dtype=np.float32)
    one, other = places.copy(), places.copy()
    assert settle(one, near, weights, 3, 7) is one
    settle(other, near, weights, 3, 7)
    assert np.array_equal(one, other)
    assert not np.array_equal(one, places)
