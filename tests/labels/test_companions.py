"""Features with the same companions are near, though they never meet."""

import numpy as np
import scipy.sparse as sp

from corpuscope.labels.companions import companion_vectors


def two_topics() -> sp.csr_array:
    """Features 0 to 9 are of one topic, 10 to 19 of another; 0 and 1 never meet; 20 is rare."""
    rng = np.random.default_rng(0)
    presence = np.zeros((400, 21), dtype=np.float32)
    for row in range(400):
        topic = 10 * (row % 2)
        presence[row, topic : topic + 10] = rng.random(10) < 0.5
        presence[row, rng.integers(0, 20)] = 1
    presence[presence[:, 0] > 0, 1] = 0
    presence[:3, 20] = 1
    return sp.csr_array(presence)


def test_what_goes_with_the_same_features_is_near() -> None:
    vectors = companion_vectors(two_topics(), width=4)
    near = vectors @ vectors.T
    assert near[0, 1] > 0.7
    assert near[0, 11] < 0.3
    assert near[:10, :10].mean() > near[:10, 10:20].mean() + 0.5


def test_what_is_rare_has_no_vector_and_the_others_length_one() -> None:
    lengths = np.linalg.norm(companion_vectors(two_topics(), width=4), axis=1)
    assert lengths[20] == 0
    assert np.allclose(lengths[:20], 1)


def test_the_same_presence_gives_the_same_vectors() -> None:
    first, again = (companion_vectors(two_topics(), width=4) for _ in range(2))
    assert np.array_equal(first, again)
