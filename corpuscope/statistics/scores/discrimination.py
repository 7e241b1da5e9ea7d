"""How well scores tell documents of a class from others, and how surely."""

import numpy as np
from scipy.special import ndtr

from corpuscope.shapes import (
    ClassMask,
    DocumentMask,
    NumberPerDocument,
    NumberPerOther,
    ScorePerClass,
)


def auroc(scores: NumberPerDocument, is_positive: DocumentMask) -> float:
    """The chance that a document of the class has a higher score than another; ties count half.

    It is the area under the receiver operating characteristic, in [0, 1]; .5 says nothing, and
    NaN that one side has no document.

    Source: Hanley and McNeil 1982, equation 2.

    Example:
        >>> auroc(np.array([0.1, 0.4, 0.35, 0.8]), np.array([False, False, True, True]))
        0.75
    """
    if not is_positive.any() or is_positive.all():
        return float("nan")
    return float(placements(scores, is_positive)[is_positive].mean())


def placements(scores: NumberPerDocument, is_positive: DocumentMask) -> NumberPerDocument:
    """For each document the share of the other side that it is on the right side of.

    Of a positive one the negatives below it, of a negative one the positives above it; equal
    scores count half. The mean over either side is the AUROC. Both sides must have a document.

    Source: DeLong, DeLong and Clarke-Pearson 1988 (structural components).

    Example:
        >>> placements(np.array([0.1, 0.4, 0.35, 0.8]), np.array([False, False, True, True]))
        array([1. , 0.5, 0.5, 1. ])
    """
    positive, negative = scores[is_positive], scores[~is_positive]
    found = np.empty(len(scores))
    found[is_positive] = _share_below(positive, negative)
    found[~is_positive] = 1 - _share_below(negative, positive)
    return found


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


def mean_auroc(scores: ScorePerClass, is_of: ClassMask) -> float:
    """The mean over classes of the AUROC of each against all others; classes without any left out.

    Source: Provost and Domingos 2000, without their weights: each class counts the same.
    """
    found = [auroc(one, of) for one, of in zip(scores.T, is_of.T, strict=True)]
    known = [value for value in found if not np.isnan(value)]
    return float(np.mean(known)) if known else float("nan")


def precision_of_scores(scores: NumberPerDocument, is_positive: DocumentMask) -> float:
    """Average precision: the mean precision at each recall, those of equal score taken together.

    In [0, 1]; scores that say nothing reach the share of the class. NaN where it has none.

    Source: Manning, Raghavan and Schuetze 2008, chapter 8.4.

    Example:
        >>> precision_of_scores(np.array([0.1, 0.4, 0.8]), np.array([True, False, True]))
        0.8333333333333333
    """
    if not is_positive.any():
        return float("nan")
    order = np.argsort(-scores, kind="stable")
    ends = np.append(np.flatnonzero(np.diff(scores[order])), len(scores) - 1)
    hits = np.cumsum(is_positive[order])[ends]
    gained = np.diff(hits, prepend=0)
    return float((gained * hits / (ends + 1)).sum() / hits[-1])


def best_threshold(scores: NumberPerDocument, is_positive: DocumentMask) -> float:
    """The score above which documents are told to be of the class, so that most are told right.

    Of thresholds that do equally well the one in the middle of the widest gap is taken.
    """
    order = np.argsort(scores, kind="stable")
    ordered, positive = scores[order], is_positive[order]
    below = np.concatenate([[0], np.cumsum(np.where(positive, -1, 1))])
    with np.errstate(invalid="ignore"):
        gaps = np.diff(ordered, prepend=-np.inf, append=np.inf)
    right = np.where(gaps > 0, below, -len(scores) - 1)
    best = np.flatnonzero(right == right.max())
    inner = best[(best > 0) & (best < len(scores))]
    if not len(inner):
        return float(ordered[0] - 1) if best[0] == 0 else float(ordered[-1])
    at = inner[np.argmax(gaps[inner])]
    return float((ordered[at - 1] + ordered[at]) / 2)


def _share_below(scores: NumberPerDocument, others: NumberPerOther) -> NumberPerDocument:
    ordered = np.sort(others)
    below = np.searchsorted(ordered, scores, side="left")
    not_above = np.searchsorted(ordered, scores, side="right")
    share: NumberPerDocument = (below + not_above) / (2 * len(others))
    return share
