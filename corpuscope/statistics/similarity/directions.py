"""Vectors of which only the direction counts."""

import numpy as np

from corpuscope.shapes import RunStarts, UnitVectors, VectorSums

_EPSILON = 1e-12


def at_length_one(vectors: UnitVectors) -> UnitVectors:
    """Each vector divided by its length; one of nothing but zeros stays as it is."""
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    scaled: UnitVectors = vectors / np.maximum(lengths, _EPSILON)
    return scaled


def direction_sums(vectors: UnitVectors, starts: RunStarts) -> VectorSums:
    """The sum of the directions of each run of vectors; a long vector counts as a short one.

    Args:
        vectors: One for each unit.
        starts: Where each run begins; ascending, the first 0.

    Example:
        >>> direction_sums(np.array([[3.0, 0.0], [0.0, 2.0], [0.0, 1.0]]), np.array([0, 2]))
        array([[1., 1.],
               [0., 1.]])
    """
    sums: VectorSums = np.add.reduceat(at_length_one(vectors), starts, axis=0)
    return sums
