"""How well scores discriminate a class from other documents, with a test."""

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
    """Probability that a document of the class has a higher score than another; ties count half.

    The area under the receiver operating characteristic, in [0, 1]; .5 is chance. NaN if one side
    has no documents.

    Source: Hanley and McNeil 1982, equation 2.

    Example:
        >>> auroc(np.array([0.1, 0.4, 0.35, 0.8]), np.array([False, False, True, True]))
        0.75
    """
    if not is_positive.any() or is_positive.all():
        return float("nan")
    return float(placements(scores, is_positive)[is_positive].mean())


def placements(scores: NumberPerDocument, is_positive: DocumentMask) -> NumberPerDocument:
    """For each document, the share of the other side against which it is ranked correctly.

    For a positive document the share of negatives below it, for a negative one the share of
    positives above it; ties count half. The mean over either side is the AUROC. Both sides must
    have a document.

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
    """z-score and two-sided p-value of the AUROC against one half, corrected for ties.

    Normal approximation; adequate from about ten documents a side. (0, 1) if a side is empty or all
    scores are tied.

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
    """Mean over classes of the one-versus-rest AUROC; classes of no or all documents are left out.

    Source: Provost and Domingos 2000, without their weights: each class counts the same.
    """
    found = [auroc(one, of) for one, of in zip(scores.T, is_of.T, strict=True)]
    known = [value for value in found if not np.isnan(value)]
    return float(np.mean(known)) if known else float("nan")


def precision_of_scores(scores: NumberPerDocument, is_positive: DocumentMask) -> float:
    """Average precision: the mean precision at the ranks of the class, ties taken together.

    In [0, 1]; for uninformative scores it is the share of the class. NaN if the class is empty.

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
    """The score threshold above which predicting the class is most accurate.

    Among equally accurate thresholds, the middle of the widest gap.
    """
    order = np.argsort(scores, kind="stable")
    ordered, positive = scores[order], is_positive[order]
    # Accuracy of each cut, up to a constant: negatives minus positives below it.
    below = np.concatenate([[0], np.cumsum(np.where(positive, -1, 1))])
    with np.errstate(invalid="ignore"):
        gaps = np.diff(ordered, prepend=-np.inf, append=np.inf)
    # There is no threshold between equal scores.
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
