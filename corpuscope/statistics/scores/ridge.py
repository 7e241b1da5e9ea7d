"""Ridge regression on sparse presence, without the matrix of features by features."""

import numpy as np

from corpuscope.shapes import Coordinates, DocumentDirections, PresenceMatrix
from corpuscope.statistics.rates.counts import as_ones

_MOST_STEPS = 60
_CLOSE = 1e-4


def ridge_fitted(
    presence: PresenceMatrix,
    wanted: Coordinates,
    *,
    penalty: float,
    beside: DocumentDirections | None = None,
) -> Coordinates:
    """What a ridge regression on centred presence fits to each column of `wanted`.

    Minimises |wanted - X b|^2 + penalty |b|^2, where X is presence as 0 and 1 with each column
    centred, and behind it the columns of `beside` as they are, by conjugate gradients on its
    normal equations, so that time and memory grow with the entries of the two.

    Source: Hoerl and Kennard 1970; Hestenes and Stiefel 1952.

    Example:
        >>> presence = sp.csr_array(np.array([[1], [1], [0], [0]]))
        >>> ridge_fitted(presence, np.array([[1.0], [1.0], [-1.0], [-1.0]]), penalty=1.0).tolist()
        [[0.5], [0.5], [-0.5], [-0.5]]
    """
    matrix = as_ones(presence).astype(np.float64)
    means = np.asarray(matrix.mean(axis=0))[None, :]
    other = matrix.T.tocsr()
    further = np.zeros((len(wanted), 0)) if beside is None else beside
    n = matrix.shape[1]

    def forward(coefficients: np.ndarray) -> np.ndarray:
        found: np.ndarray = matrix @ coefficients[:n] - means @ coefficients[:n]
        found += further @ coefficients[n:]
        return found

    def backward(values: np.ndarray) -> np.ndarray:
        found: np.ndarray = other @ values - means.T * values.sum(axis=0)
        return np.concatenate([found, further.T @ values])

    rest = backward(wanted)
    coefficients, direction = np.zeros_like(rest), rest.copy()
    size = (rest**2).sum(axis=0)
    enough = _CLOSE**2 * size
    for _ in range(_MOST_STEPS):
        if np.all(size <= enough):
            break
        image = backward(forward(direction)) + penalty * direction
        step = size / np.maximum((direction * image).sum(axis=0), 1e-300)
        coefficients += step * direction
        rest -= step * image
        before, size = size, (rest**2).sum(axis=0)
        direction = rest + size / np.maximum(before, 1e-300) * direction
    fitted: Coordinates = forward(coefficients)
    return fitted
