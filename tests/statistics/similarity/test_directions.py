import numpy as np

from corpuscope.statistics.similarity.directions import at_length_one, direction_sums


def test_vectors_are_divided_by_their_lengths_and_zeros_stay() -> None:
    found = at_length_one(np.array([[3.0, 4.0], [0.0, 0.0]]))
    np.testing.assert_allclose(found, [[0.6, 0.8], [0, 0]])


def test_a_long_vector_counts_as_a_short_one() -> None:
    vectors = np.array([[100.0, 0.0], [0.0, 0.5], [2.0, 0.0]])
    np.testing.assert_allclose(direction_sums(vectors, np.array([0, 2])), [[1, 1], [1, 0]])


def test_runs_are_summed_apart() -> None:
    vectors = np.random.default_rng(0).standard_normal((7, 5)).astype(np.float32)
    starts = np.array([0, 1, 4])
    expected = [at_length_one(part).sum(axis=0) for part in np.split(vectors, starts[1:])]
    np.testing.assert_allclose(direction_sums(vectors, starts), expected, rtol=1e-5)
