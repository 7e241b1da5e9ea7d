"""Vectors of which only the direction matters."""

import numpy as np

from corpuscope.shapes import RunStarts, UnitVectors, VectorSums

_EPSILON = 1e-12


def at_length_one(vectors: UnitVectors) -> UnitVectors:
    """The vectors scaled to unit length; zero vectors stay as they are."""
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    scaled: UnitVectors = vectors / np.maximum(lengths, _EPSILON)
    return scaled


def direction_sums(vectors: UnitVectors, starts: RunStarts) -> VectorSums:
    """The sum of the unit vectors of each run, so that the lengths of vectors do not matter.

    Args:
        vectors: One for each unit.
        starts: Start of each run; ascending, the first 0.

    Example:
        >>> direction_sums(np.array([[3.0, 0.0], [0.0, 2.0], [0.0, 1.0]]), np.array([0, 2]))
        array([[1., 1.],
               [0., 1.]])
    """
    sums: VectorSums = np.add.reduceat(at_length_one(vectors), starts, axis=0)
    return sums
