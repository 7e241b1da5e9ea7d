"""Vectors say on which side of an axis a document is where it is their strongest one."""

import numpy as np
import pytest
import scipy.sparse as sp

from corpuscope.analyses.cluster.pole_scores import pole_scores

N = 400


@pytest.fixture
def world() -> tuple[np.ndarray, np.ndarray, sp.csr_array, np.ndarray]:
    """Two crossed divisions, and features that tell the first of them weakly."""
    generator = np.random.default_rng(0)
    side, other = (generator.integers(0, 2, N) for _ in range(2))
    chance = np.where(np.arange(30) % 2 == side[:, None], 0.3, 0.15)
    presence = sp.csr_array((generator.random((N, 30)) < chance).astype(np.float32))
    pull = np.zeros((2, 30))
    pull[0, 0:12:2] = pull[1, 1:12:2] = 1
    return side, other, presence, pull


def vectors(told: np.ndarray) -> np.ndarray:
    noise = np.random.default_rng(1).standard_normal((N, 16))
    noise[:, 0] += 6 * told
    return noise


def accuracy(scores: np.ndarray, side: np.ndarray) -> float:
    return float((scores.argmax(axis=1) == side).mean())


def test_vectors_that_divide_as_the_phrases_do_make_it_sharper(world) -> None:
    side, _, presence, pull = world
    alone = accuracy(pole_scores(presence, pull, None, seed=0), side)
    joined = accuracy(pole_scores(presence, pull, vectors(side), seed=0), side)
    assert alone < 0.8
    assert joined > 0.98


def test_vectors_that_divide_otherwise_change_nothing(world) -> None:
    _, other, presence, pull = world
    alone = pole_scores(presence, pull, None, seed=0)
    joined = pole_scores(presence, pull, vectors(other), seed=0)
    assert np.array_equal(alone, joined)
