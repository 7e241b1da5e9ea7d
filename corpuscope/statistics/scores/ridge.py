"""Ridge regression on sparse presence, without the features x features matrix."""

import numpy as np

from corpuscope.shapes import Coordinates, DocumentDirections, PresenceMatrix
from corpuscope.statistics.rates.counts import as_ones

# Maximum number of iterations, and the residual at which they end, relative to the first.
_MOST_STEPS = 60
_CLOSE = 1e-4


def ridge_fitted(
    presence: PresenceMatrix,
    wanted: Coordinates,
    *,
    penalty: float,
    beside: DocumentDirections | None = None,
) -> Coordinates:
    """Fitted values of a ridge regression of each column of `wanted` on centred presence.

    Minimises |wanted - X b|^2 + penalty |b|^2, where X is binary presence with each column centred,
    followed by the columns of `beside` as they are. Solved by conjugate gradients on the normal
    equations, so that time and memory are proportional to the entries of both.

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
        # Centring is applied to the products, so that the matrix stays sparse.
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
        # The lower bound only matters for columns with a residual of exactly 0.
        step = size / np.maximum((direction * image).sum(axis=0), 1e-300)
        coefficients += step * direction
        rest -= step * image
        before, size = size, (rest**2).sum(axis=0)
        direction = rest + size / np.maximum(before, 1e-300) * direction
    fitted: Coordinates = forward(coefficients)
    return fitted
