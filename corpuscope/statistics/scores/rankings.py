"""Rankings: their quality, and fusion of several into one."""

from collections.abc import Sequence

import numpy as np

from corpuscope.shapes import DocumentMask, DocumentOrder, NumberPerDocument

# As in Cormack, Clarke and Buettcher 2009.
_KAPPA = 60


def ranked(scores: NumberPerDocument, *, depth: int | None = None, seed: int = 0) -> DocumentOrder:
    """Documents by decreasing score, ties in random order.

    Args:
        scores: One for each document.
        depth: Maximum number of documents; None for all. The best few of many are found about
            five times as fast as all are sorted.
        seed: The order of ties depends on it and on the number of documents, not on the position of
            a document: a score that most documents lack would otherwise rank by row, not by text.

    Example:
        >>> ranked(np.array([0.1, 0.7, 0.3])).tolist()
        [1, 2, 0]
    """
    generator = np.random.default_rng(seed)
    draw = generator.permutation(_best(scores, depth, generator))
    order: DocumentOrder = draw[np.argsort(-scores[draw], kind="stable")]
    return order


def _best(
    scores: NumberPerDocument, depth: int | None, generator: np.random.Generator
) -> DocumentOrder:
    """The documents with the `depth` highest scores, in no order; ties are broken at random.

    Among documents of score minus infinity, about which nothing is known, any may be returned.
    """
    if depth is None or depth >= len(scores):
        return np.arange(len(scores))
    least = _nth_highest(scores, depth)
    above, equal = np.flatnonzero(scores > least), np.flatnonzero(scores == least)
    if least > -np.inf:
        equal = generator.permutation(equal)
    return np.concatenate([above, equal[: depth - len(above)]])


def _nth_highest(scores: NumberPerDocument, n: int) -> float:
    """The score of rank `n`.

    If a method has little information, most documents share the lowest score. Partitioning so many
    ties would be slow, so they are left out.
    """
    lowest = scores.min()
    is_above = scores > lowest
    n_above = np.count_nonzero(is_above)
    if n_above < n:
        return float(lowest)
    own = scores[is_above] if n_above < len(scores) / 8 else scores
    return float(np.partition(own, len(own) - n)[len(own) - n])


def reciprocal_rank_fusion(
    scores: Sequence[NumberPerDocument],
    *,
    weights: Sequence[float] | None = None,
    kappa: float = _KAPPA,
    depth: int | None = None,
    seed: int = 0,
) -> NumberPerDocument:
    """Fused score: the sum over methods of weight / (kappa + rank), with ranks from 1.

    Args:
        scores: One array for each method; only their order matters.
        weights: Weight of each method; by default all equal.
        kappa: The larger, the less the first ranks stand out.
        depth: Documents beyond this rank all share the next one; None ranks all. So do documents
            of score minus infinity, about which a method has no information.
        seed: Random seed for breaking ties.

    Source: Cormack, Clarke and Buettcher 2009, SIGIR, equation 1; the weights are an extension.

    Example:
        >>> reciprocal_rank_fusion([np.array([2.0, 1.0]), np.array([3.0, 1.0])]).round(4)
        array([0.0328, 0.0323])
    """
    total: NumberPerDocument = np.zeros(len(scores[0]))
    for method, weight in zip(scores, weights or [1.0] * len(scores), strict=True):
        order = ranked(method, depth=depth, seed=seed)
        order = order[method[order] > -np.inf]
        beyond = weight / (kappa + len(order) + 1) if len(order) < len(total) else 0.0
        total += beyond
        total[order] += weight / (kappa + np.arange(1, len(order) + 1)) - beyond
    return total


def average_precision(order: DocumentOrder, is_relevant: DocumentMask) -> float:
    """Mean over the relevant documents of the precision at their ranks; NaN if there are none.

    Source: Manning, Raghavan and Schuetze 2008, chapter 8.4.

    Example:
        >>> average_precision(np.array([2, 0, 1]), np.array([True, False, True]))
        1.0
    """
    places = np.flatnonzero(is_relevant[order]) + 1
    if not is_relevant.any():
        return float("nan")
    return float(np.sum(np.arange(1, len(places) + 1) / places) / is_relevant.sum())
