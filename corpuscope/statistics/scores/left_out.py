"""Leave-one-out predictions of ridge regression."""

import numpy as np

from corpuscope.shapes import Affinity, DocumentDirections, DocumentMask, NumberPerDocument


def left_out_ridge(
    directions: DocumentDirections, has: DocumentMask, *, ridge: float
) -> NumberPerDocument:
    """Leave-one-out ridge predictions of `has` for each document, relative to its mean.

    Directions and `has` are centred by the means of all documents, so that uninformative directions
    favour neither value.

    Args:
        directions: Predictors, documents x directions.
        has: The target.
        ridge: Penalty, added to the sums of squares.

    Source: Allen 1974 (PRESS): the prediction of document i without it is y_i - e_i / (1 - h_i),
    with its residual e_i and its leverage h_i.

    Example:
        >>> known = np.array([[1.0], [0.9], [-1.0], [-0.9]])
        >>> left_out_ridge(known, np.array([True, True, False, False]), ridge=0.5).round(2)
        array([ 0.45,  0.39, -0.45, -0.39])
    """
    x = directions - directions.mean(axis=0)
    y = has - has.mean()
    through = np.linalg.solve(x.T @ x + ridge * np.eye(x.shape[1]), x.T)
    leverage = np.einsum("ij,ji->i", x, through)
    found: NumberPerDocument = y - (y - x @ (through @ y)) / (1 - leverage)
    return found


def left_out_kernel_ridge(inverse: Affinity, has: DocumentMask) -> NumberPerDocument:
    """The same from similarities of documents, for more directions than documents.

    Args:
        inverse: Inverse of the centred similarity matrix of the documents plus the ridge.
        has: The target.

    Source: Allen 1974 (PRESS): the prediction without document i is y_i - a_i / G_ii, where G is
    the inverse of the regularised kernel and a = G y.

    Example:
        >>> known = np.array([[1.0], [0.9], [-1.0], [-0.9]])
        >>> inverse = np.linalg.inv(known @ known.T + 0.5 * np.eye(4))
        >>> left_out_kernel_ridge(inverse, np.array([True, True, False, False])).round(2)
        array([ 0.45,  0.39, -0.45, -0.39])
    """
    value = has - has.mean()
    found: NumberPerDocument = value - inverse @ value / np.diag(inverse)
    return found
