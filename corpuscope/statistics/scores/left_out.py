"""What a regression on all other documents says of each."""

import numpy as np

from corpuscope.shapes import Affinity, DocumentDirections, DocumentMask, NumberPerDocument


def left_out_ridge(
    directions: DocumentDirections, has: DocumentMask, *, ridge: float
) -> NumberPerDocument:
    """What a ridge regression on all other documents says of each, but for the mean.

    Directions and `has` are centred by the means of all documents, so that where there is nothing
    to tell neither side is told higher.

    Args:
        directions: What is known of each document.
        has: What is told.
        ridge: Is added to the sums of squares.

    Source: Allen 1974 (PRESS): what is said of document i without it is y_i - e_i / (1 - h_i),
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
    """The same from how alike documents are, where directions are more than documents.

    Args:
        inverse: Of the likeness of documents with each other, centred, with a ridge.
        has: What is told.

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
