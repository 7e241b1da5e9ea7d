"""Rankings: how good one is, and several made into one."""

from collections.abc import Sequence

import numpy as np

from corpuscope.shapes import DocumentMask, DocumentOrder, NumberPerDocument

_KAPPA = 60


def ranked(scores: NumberPerDocument, *, depth: int | None = None, seed: int = 0) -> DocumentOrder:
    """The documents by falling score; those of equal score in random order.

    Args:
        scores: One for each document.
        depth: So many are wanted at most; None for all. The best few of many are found some
            five times as fast as all are sorted.
        seed: The order of equals depends on it and on the number of documents, not on where a
            document stands: a score that most documents lack would else tell rows, not texts.

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
    """The documents of the `depth` highest scores, in no order; of equals some at random.

    Which of those are taken of which nothing is known does not matter.
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

    Where a method knows little, most have the lowest score. To put so many equals in order is
    what would take time, so they are left out then.
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
    """One score from several: the sum over them of weight / (kappa + rank), ranks from 1.

    Args:
        scores: One array for each method; only their order counts.
        weights: How much each method counts; by default all the same.
        kappa: The larger, the less do the first ranks stand out.
        depth: Documents beyond so many have the next rank all together; None ranks all. Those
            of score minus infinity, of which a method knows nothing, have so too.
        seed: Tells equals apart.

    Source: Cormack, Clarke and Buettcher 2009, SIGIR, equation 1; the weights are ours.

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
    """The mean, over the relevant documents, of the precision down to each; NaN without any.

    Source: Manning, Raghavan and Schuetze 2008, chapter 8.4.

    Example:
        >>> average_precision(np.array([2, 0, 1]), np.array([True, False, True]))
        1.0
    """
    places = np.flatnonzero(is_relevant[order]) + 1
    if not is_relevant.any():
        return float("nan")
    return float(np.sum(np.arange(1, len(places) + 1) / places) / is_relevant.sum())
