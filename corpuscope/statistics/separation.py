"""How well a score tells two groups apart."""

import numpy as np
from scipy.special import ndtr
from scipy.stats import rankdata

from corpuscope.shapes import DocumentMask, NumberPerDocument


def auroc(scores: NumberPerDocument, is_positive: DocumentMask) -> float:
    """The chance that a positive has a higher score than a negative; ties count one half.

    NaN where there are no positives, or no negatives.

    Source: Mann and Whitney 1947; Hanley and McNeil 1982.

    Example:
        >>> auroc(np.array([0.1, 0.4, 0.4, 0.9]), np.array([False, False, True, True]))
        0.875
    """
    n_positive = int(is_positive.sum())
    n_negative = len(scores) - n_positive
    if not n_positive or not n_negative:
        return float("nan")
    excess = rankdata(scores)[is_positive].sum() - n_positive * (n_positive + 1) / 2
    return float(excess / (n_positive * n_negative))


def auroc_p(scores: NumberPerDocument, is_positive: DocumentMask) -> tuple[float, float]:
    """The z-score and the two-sided p-value of the AUROC against one half, ties accounted for.

    The normal approximation; good from some ten of each on. (0, 1) where nothing can be told.

    Source: Lehmann 1975, chapter 1, for the variance with ties.
    """
    n_positive, n = int(is_positive.sum()), len(scores)
    n_negative = n - n_positive
    _, ties = np.unique(scores, return_counts=True)
    tied = float((ties**3.0 - ties).sum()) / (n * max(n - 1, 1))
    if not n_positive or not n_negative or n + 1 <= tied:
        return 0.0, 1.0
    deviation = np.sqrt((n + 1 - tied) / (12 * n_positive * n_negative))
    z = (auroc(scores, is_positive) - 0.5) / deviation
    return float(z), float(2 * ndtr(-abs(z)))
