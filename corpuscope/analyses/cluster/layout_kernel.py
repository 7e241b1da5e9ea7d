"""The inner loop of the layout; compiled on first use, and cached on disk."""

from typing import no_type_check

import numba
import numpy as np

_N_PUSHED = 4

# UMAP's curve 1 / (1 + a d^(2b)), fitted for min_dist = 0.1.
_A, _B = 1.577, 0.895
_MOST = 4.0


@numba.njit(nogil=True, cache=True)
@no_type_check
def settle(places, near, weights, passes, seed):
    """Move documents towards their neighbours and away from random others.

    Args:
        places: Documents x 2, changed in place.
        near: Documents x neighbours; -1 where there is none.
        weights: Probability that each neighbour attracts in an epoch, in [0, 1].
        passes: Number of epochs; the step size decays linearly to zero.
        seed: Random seed.

    Returns:
        The coordinates.
    """
    np.random.seed(seed)
    n = len(places)
    for turn in range(passes):
        step = np.float32(1 - turn / passes)
        for one in range(n):
            for at in range(near.shape[1]):
                other = near[one, at]
                if other < 0 or np.random.random() > weights[one, at]:
                    continue
                _draw(places, one, other, step)
                for _ in range(_N_PUSHED):
                    pushed = np.random.randint(n)
                    if pushed != one:
                        _push(places, one, pushed, step)
    return places


@numba.njit(nogil=True, cache=True)
@no_type_check
def _draw(places, one, other, step):
    x, y = places[one, 0] - places[other, 0], places[one, 1] - places[other, 1]
    square = x * x + y * y
    if square > 0:
        # Gradient of log(1 / (1 + a d^(2b))), the attractive term.
        force = -2 * _A * _B * square ** (_B - 1) / (1 + _A * square**_B)
        for axis, along in ((0, x), (1, y)):
            move = step * min(max(force * along, -_MOST), _MOST)
            places[one, axis] += move
            places[other, axis] -= move


@numba.njit(nogil=True, cache=True)
@no_type_check
def _push(places, one, other, step):
    x, y = places[one, 0] - places[other, 0], places[one, 1] - places[other, 1]
    square = x * x + y * y
    # Gradient of the repulsive term; 0.001 avoids division by zero, as in umap-learn.
    force = 2 * _B / ((0.001 + square) * (1 + _A * square**_B))
    for axis, along in ((0, x), (1, y)):
        places[one, axis] += step * min(max(force * along, -_MOST), _MOST)
