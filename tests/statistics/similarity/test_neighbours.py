"""The nearest documents of a few are exact; what is kept of many is."""

import numpy as np
import pytest

from corpuscope.statistics.similarity import neighbours
from corpuscope.statistics.similarity.jaccard import weighted_jaccard
from corpuscope.statistics.similarity.neighbours import nearest_documents
from tests.statistics.worlds import Flags, Numbers, sparse


def drawn(seed: int, n: int = 11, n_features: int = 20) -> tuple[Flags, Numbers]:
    generator = np.random.default_rng(seed)
    return generator.random((n, n_features)) < 0.3, generator.random(n_features) + 0.1


def exact(has: Flags, weights: Numbers, n: int) -> np.ndarray:
    """The largest indices of each document with others, largest first."""
    found = weighted_jaccard(sparse(has), weights)
    np.fill_diagonal(found, 0)
    ordered: np.ndarray = -np.sort(-found, axis=1)[:, :n]
    return ordered


def test_neighbours_by_hand_nearest_first() -> None:
    has = np.array([[1, 1, 0], [1, 1, 1], [0, 0, 1]])
    near, affinity = nearest_documents(sparse(has), np.array([1.0, 1.0, 3.0]), n=2)
    assert near.tolist() == [[1, -1], [2, 0], [1, -1]]
    assert affinity == pytest.approx(np.array([[0.4, 0], [0.6, 0.4], [0.6, 0]]))


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("n", [1, 3, 15])
def test_of_a_few_documents_the_nearest_are_those_of_all_comparisons(seed: int, n: int) -> None:
    has, weights = drawn(seed)
    near, affinity = nearest_documents(sparse(has), weights, n=n, seed=seed)
    assert near.shape == affinity.shape == (11, n)
    expected = exact(has, weights, n)
    assert affinity[:, : expected.shape[1]] == pytest.approx(expected, abs=1e-6)
    all_pairs = weighted_jaccard(sparse(has), weights)
    for one, others in enumerate(near):
        known = others[others >= 0]
        assert affinity[one][: len(known)] == pytest.approx(all_pairs[one, known], abs=1e-6)
        assert len(set(known.tolist()) | {one}) == len(known) + 1


def test_most_neighbours_of_many_documents_are_found_and_the_seed_repeats_them() -> None:
    has, weights = drawn(9, n=300)
    near, affinity = nearest_documents(sparse(has), weights, n=5, seed=3)
    assert (affinity >= exact(has, weights, 5) - 1e-6).mean() > 0.9
    again = nearest_documents(sparse(has), weights, n=5, seed=3)
    assert again[0].tolist() == near.tolist()
    other = nearest_documents(sparse(has), weights, n=5, seed=4)
    assert other[0].tolist() != near.tolist()


def test_neighbours_of_neighbours_find_what_few_draws_do_not(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    generator = np.random.default_rng(10)
    kinds, weights = np.arange(400) % 8, generator.random(60) + 0.1
    has = generator.random((400, 60)) < np.where(kinds[:, None] == np.arange(60) % 8, 0.5, 0.05)
    best = exact(has, weights, 15) - 1e-6
    monkeypatch.setattr(neighbours, "_ROUNDS", 3)
    monkeypatch.setattr(neighbours, "_MOST_PASSES", 0)
    before = np.mean(nearest_documents(sparse(has), weights)[1] >= best)
    monkeypatch.setattr(neighbours, "_MOST_PASSES", 2)
    after = np.mean(nearest_documents(sparse(has), weights, n=15, seed=0)[1] >= best)
    assert before < 0.35
    assert after > 0.6


def test_strengths_the_scale_of_weights_and_features_without_any_do_not_matter() -> None:
    has, weights = drawn(5)
    _, expected = nearest_documents(sparse(has), weights, n=4)
    for presence, own in [
        (has * 3.5, weights),
        (has, 8 * weights),
        (np.hstack([has, ~has]), np.append(weights, np.zeros(20))),
    ]:
        _, found = nearest_documents(sparse(presence), own, n=4)
        assert found == pytest.approx(expected, abs=1e-6)


def test_documents_that_share_nothing_have_no_neighbours() -> None:
    for has in (np.eye(4), np.zeros((4, 4)), np.ones((1, 4))):
        near, affinity = nearest_documents(sparse(has), np.ones(4), n=2)
        assert near.tolist() == [[-1, -1]] * len(has)
        assert not affinity.any()
    near, _ = nearest_documents(sparse(np.zeros((0, 4))), np.ones(4), n=2)
    assert near.shape == (0, 2)


def test_copies_are_each_others_nearest() -> None:
    has, weights = drawn(6)
    twice = np.vstack([has, has])
    has_any = twice.any(axis=1)
    _, affinity = nearest_documents(sparse(twice), weights, n=3)
    assert affinity[has_any, 0] == pytest.approx(1.0)
