"""What a question could have found: the other half of "nothing found".

Differences are planted in features that show none, among the very documents that were compared,
and the whole rule is asked of them: as things stand, at equal lengths and strata, in both halves,
with pairs and clusters, at the p-value that a feature must reach when no other differs. So power
is that of these documents, with their lengths and what belongs together, and not of a formula.
"""

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

from corpuscope.shapes import (
    FeatureMask,
    NumberPerDocument,
    PerDocument,
    PerFeature,
    PresenceMatrix,
    Rows,
)
from corpuscope.statistics.rates.counts import present_counts

BASE_RATE = 0.1
"""The rate of the property that is asked about."""

_POWER = 0.8

# Features near the usual rate that show no difference stand for others; drawn ones where there are
# too few of them.
_NEAR, _SHOWS_NONE, _LEAST = (0.06, 0.16), 0.2, 15

# So many planted features, and numbers held for them.
_PLANTED, _MOST_HELD = 240, 60_000_000
_STEPS = 9

# Of fewer documents it is said what they can tell.
_FEW = 40

Rule = Callable[[PresenceMatrix], FeatureMask]
"""Which planted features a question finds."""


def smallest_detectable(
    presence: PresenceMatrix,
    p: PerFeature,
    lift: NumberPerDocument,
    is_found: Rule,
    *,
    places: PerDocument | None,
) -> float:
    """How far above a rate of 10 % a property must lie to be found four times in five.

    Args:
        presence: Of the documents compared x features.
        p: What the test says of each feature as things stand.
        lift: How much of the difference each document gets, from 0 to 1: 1 in the target, 0 in
            other groups; in a trend its place.
        is_found: The rule.
        places: A number for each document, equal for those that may change places, such as those
            of like length: then each planted feature has a chance of its own, where few features
            stand for all. None where documents belong together.

    Returns:
        The difference between full and no lift, in (0, .9]; NaN where even that would not do.

    Cost: as some ten comparisons of 240 features.
    """
    rng = np.random.default_rng(0)
    base = _without_difference(presence, p, rng)
    n_documents, n_base = base.shape
    n_planted = int(np.clip(_MOST_HELD // max(n_documents, 1), n_base, _PLANTED))
    base = base[:, np.arange(max(n_planted // n_base, 1) * n_base) % n_base]
    if places is not None:
        base = _in_other_places(base, places, rng)
    luck = rng.random(base.shape, dtype=np.float32)

    def power(difference: float) -> float:
        # Of documents without it so many get it that the rate rises by the difference.
        chance = np.minimum(difference * lift / (1 - BASE_RATE), 1.0)
        planted = base | (luck < chance[:, None])
        return float(is_found(sp.csr_array(planted)).mean())

    low, high = 0.0, 1 - BASE_RATE
    if power(high) < _POWER:
        return float("nan")
    for _ in range(_STEPS):
        middle = (low + high) / 2
        low, high = (low, middle) if power(middle) >= _POWER else (middle, high)
    return high


def detectable_difference(
    presence: sp.csr_array,
    rows: Rows,
    p: PerFeature,
    lift: NumberPerDocument,
    *,
    rule: Rule,
    places: PerDocument | None,
) -> float:
    """The same of some of the documents, by a rule that looks at all of them.

    Args:
        presence: All documents x features.
        rows: Those that take part.
        p: What the test says of each feature as things stand.
        lift: As in `smallest_detectable`, of `rows`.
        rule: Which features it finds, among all documents.
        places: As there, of `rows`.
    """

    def is_found(planted: PresenceMatrix) -> FeatureMask:
        return rule(_among_all(planted, rows, presence.shape[0]))

    return smallest_detectable(presence[rows], p, lift, is_found, places=places)


def few_documents_warnings(
    n_tested: int, n_documents: int, detectable: Callable[[], float]
) -> list[str]:
    """What can and what cannot be found, where documents are few or no feature was tested."""
    if not n_tested:
        return [
            f"no feature was tested: among {n_documents:,} documents none is in enough of them to "
            "reach a p-value that so many features ask for, however they fell; bring more "
            "documents, or ask about fewer features (words=False, or a larger min_support)"
        ]
    if n_documents >= _FEW:
        return []
    least = detectable()
    if np.isnan(least):
        return [
            f"{n_documents:,} documents are few: a property of 10 % is not found even if all "
            "documents of the other side have it"
        ]
    return [
        f"{n_documents:,} documents are few: a property of 10 % is found from a difference of "
        f"{100 * least:.0f} points on, and smaller differences are missed"
    ]


def _among_all(planted: PresenceMatrix, rows: Rows, n_documents: int) -> sp.csr_array:
    """All documents x features, where `rows` have what is planted and the others nothing."""
    sizes = np.zeros(n_documents, dtype=np.int64)
    sizes[rows] = np.diff(planted.indptr)
    starts = np.concatenate([[0], np.cumsum(sizes)])
    shape = (n_documents, planted.shape[1])
    return sp.csr_array((planted.data, planted.indices, starts), shape=shape)


def _without_difference(
    presence: PresenceMatrix, p: PerFeature, rng: np.random.Generator
) -> npt.NDArray[np.bool_]:
    """Documents x features that are about as frequent as asked, and do not differ."""
    n_documents = presence.shape[0]
    everyone = np.ones(n_documents, dtype=bool)
    rates = present_counts(presence, everyone) / max(n_documents, 1)
    usable = np.flatnonzero((rates > _NEAR[0]) & (rates < _NEAR[1]) & (p > _SHOWS_NONE))
    if len(usable) < _LEAST:
        drawn: npt.NDArray[np.bool_] = rng.random((n_documents, _PLANTED)) < BASE_RATE
        return drawn
    chosen = np.sort(rng.permutation(usable)[:_PLANTED])
    dense: npt.NDArray[np.bool_] = presence[:, chosen].toarray() != 0
    return _at_the_usual_rate(dense, rng)


def _in_other_places(
    base: npt.NDArray[np.bool_], places: PerDocument, rng: np.random.Generator
) -> npt.NDArray[np.bool_]:
    """Each feature in as many documents of each number, but in others."""
    order = np.argsort(places, kind="stable")
    moved = np.empty_like(base)
    for column in range(base.shape[1]):
        moved[order, column] = base[np.lexsort((rng.random(len(places)), places)), column]
    return moved


def _at_the_usual_rate(
    dense: npt.NDArray[np.bool_], rng: np.random.Generator
) -> npt.NDArray[np.bool_]:
    """The same features, thinned or filled up to the rate asked about."""
    rates = dense.mean(axis=0)
    luck = rng.random(dense.shape, dtype=np.float32)
    kept = np.where(rates > BASE_RATE, BASE_RATE / np.maximum(rates, 1e-9), 1.0)
    added = np.where(rates < BASE_RATE, (BASE_RATE - rates) / (1 - rates), 0.0)
    even: npt.NDArray[np.bool_] = np.where(dense, luck < kept, luck < added)
    return even
