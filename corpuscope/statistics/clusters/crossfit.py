"""Sentence kinds: one cross-fitted test of whether documents differ in any kind of sentence.

Many features together can show what no single one does: a kind of sentence spreads over features
with differences of two to five points each. So features are weighted by their association with a
regressor (a group, a position) on four of five folds of the documents; in the fifth fold a document
has the kind if one of its sentences scores above the threshold that one in a hundred documents of
the low side exceeds. Each fold is held out once. The groups are then compared on this out-of-fold
prediction as on any feature.

The folds share training documents, so the counts vary more than those of independent documents. How
much more is estimated by reassigning the regressor and repeating the whole procedure.

Source: classifier two-sample tests, Lopez-Paz and Oquab 2017, arXiv 1610.06545; the highest
sentence of a document, as in multiple-instance learning, Dietterich, Lathrop and Lozano-Perez
1997, Artif. Intell. 89; cross-fitting, Chernozhukov et al. 2018, Econom. J. 21. See `docs/diff.md`
for the alternatives compared.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

from corpuscope.shapes import (
    DocumentMask,
    NumberPerDocument,
    NumberPerDocumentAndDraw,
    NumberPerUnit,
    PerDocument,
    PerFeature,
    RunStarts,
    UnitPresence,
)
from corpuscope.statistics.clusters.cluster_design import SMALLEST, ClusterDesign
from corpuscope.statistics.rates.counts import as_ones

# A feature's weight is its z-score minus this, which a fortieth of null features exceed.
_NOISE = 2.0
_LEAST_DOCUMENTS = 5

# Share, and minimum number, of documents of the low side that have a sentence above the threshold.
_OF_LOW, _LEAST_OF_LOW = 0.01, 3

# Reassignments, number of documents that suffices for them, and maximum elements of an array.
_N_DRAWN, _REASSIGNED, _MOST_HELD = 60, 2_000, 16_000_000


@dataclass(frozen=True, eq=False)
class CrossFitted:
    """Documents with a sentence of the kind, each predicted by weights from other documents.

    Attributes:
        has: Mask of the documents that have one.
        margins: For each unit, its score divided by the threshold of its document's fold, minus 1;
            positive if it is of the kind.
        weights: Weight of each feature, from all documents; 0 for most.
        parts: Fold of each document.
        models: Weights and threshold of each fold, from the documents of the other folds.
        inflation: Standard error of a difference in `has`, relative to that of independent
            documents; at least 1.
    """

    has: DocumentMask
    margins: NumberPerUnit
    weights: PerFeature
    parts: PerDocument
    models: tuple[tuple[PerFeature, float], ...]
    inflation: float


def crossfitted(
    units: UnitPresence,
    starts: RunStarts,
    regressor: NumberPerDocument,
    *,
    strata: PerDocument,
    clusters: PerDocument,
    parts: PerDocument,
    seed: int = 0,
) -> CrossFitted:
    """Which documents have a sentence of the kind associated with large values of `regressor`.

    Args:
        units: Units, such as sentences, x features; those of a document are contiguous.
        starts: Start of each document's units, followed by their number; no document is empty.
        regressor: 1 and 0 for two groups, positions for several.
        strata: Numbers of strata, such as lengths or prompts; only differences within them count.
        clusters: Numbers of clusters; all different if documents are independent.
        parts: Fold of each document, from 0. Dependent documents should be in the same fold.
        seed: Random seed of the reassignments.

    Cost: a second for 2,000 documents of 15 sentences, and little more for ten times as many.

    Example:
        >>> rng = np.random.default_rng(0)
        >>> is_target, has_some = np.arange(400) < 200, rng.random((1200, 50)) < 0.02
        >>> has_some[:120:3, :4] |= rng.random((40, 4)) < 0.5
        >>> alone, everyone = np.arange(400), np.zeros(400, dtype=int)
        >>> found = crossfitted(sp.csr_array(has_some), np.arange(0, 1201, 3),
        ...     is_target.astype(float), strata=everyone, clusters=alone, parts=alone % 5)
        >>> int(found.has[:40].sum()) > 20, int(found.has[200:].sum()) < 10
        (True, True)
    """
    given = _Given(units, starts, regressor, strata, clusters, parts)
    learner, design = given.learner(), given.design()
    margins, models = learner.margins(design.away[:, None])
    has = learner.highest(margins) > 0
    return CrossFitted(
        has=has[:, 0],
        margins=margins[:, 0],
        weights=learner.weights(design.away[:, None], np.ones(len(regressor), dtype=bool))[:, 0],
        parts=parts,
        models=tuple((weights[:, 0], float(bars[0])) for weights, bars in models),
        inflation=_inflation(given.some(seed), seed),
    )


@dataclass(frozen=True, eq=False)
class _Given:
    """The arguments of `crossfitted`."""

    units: UnitPresence
    starts: RunStarts
    regressor: NumberPerDocument
    strata: PerDocument
    clusters: PerDocument
    parts: PerDocument

    def learner(self) -> "_Learner":
        return _Learner(self.units, self.starts, self.parts)

    def design(self) -> ClusterDesign:
        return ClusterDesign(self.regressor, self.strata, self.clusters)

    def some(self, seed: int) -> "_Given":
        """A random sample of whole clusters with about 2,000 documents."""
        numbers = np.unique(self.clusters, return_inverse=True)[1].reshape(-1)
        order = np.random.default_rng([seed, 1]).permutation(int(numbers.max()) + 1)
        n_before = np.cumsum(np.bincount(numbers)[order])
        kept = np.zeros(len(order), dtype=bool)
        kept[order[: np.searchsorted(n_before, _REASSIGNED) + 1]] = True
        rows, sizes = np.flatnonzero(kept[numbers]), np.diff(self.starts)
        return _Given(
            self.units[np.flatnonzero(np.repeat(kept[numbers], sizes))],
            np.concatenate([[0], np.cumsum(sizes[rows])]),
            self.regressor[rows],
            self.strata[rows],
            self.clusters[rows],
            self.parts[rows],
        )


class _Learner:
    """Weights of features, and scores of sentences by weights from other documents."""

    def __init__(self, units: UnitPresence, starts: RunStarts, parts: PerDocument) -> None:
        self._units = as_ones(units).astype(np.float32)
        self._starts, self._parts = starts, parts
        n = len(starts) - 1
        of_document = sp.csr_array(
            (np.ones(len(self), np.float32), np.arange(len(self)), starts), shape=(n, len(self))
        )
        self._presence = sp.csr_array(of_document @ self._units)
        self._presence.data[:] = 1
        self._document = np.repeat(np.arange(n), np.diff(starts))

    def __len__(self) -> int:
        return int(self._units.shape[0])

    def weights(
        self, away: NumberPerDocumentAndDraw, among: DocumentMask
    ) -> npt.NDArray[np.float32]:
        """Features x draws: excess of z-scores over the noise level, in the documents `among`."""
        presence, here = self._presence[np.flatnonzero(among)], away[among].astype(np.float32)
        n = max(presence.shape[0], 1)
        counts = np.asarray(presence.sum(axis=0)).ravel()
        rate = counts / n
        here = here - here.mean(axis=0)
        spread = np.outer(rate * (1 - rate), (here**2).sum(axis=0))
        z = (presence.T @ here) / np.sqrt(np.maximum(spread, SMALLEST))
        z[counts < _LEAST_DOCUMENTS] = 0
        found: npt.NDArray[np.float32] = np.maximum(z - _NOISE, 0).astype(np.float32)
        return found

    def margins(
        self, away: NumberPerDocumentAndDraw
    ) -> tuple[
        npt.NDArray[np.float32], list[tuple[npt.NDArray[np.float32], npt.NDArray[np.float64]]]
    ]:
        """Units x draws: margins by the models of other folds; and these models."""
        margins = np.zeros((len(self), away.shape[1]), dtype=np.float32)
        models = []
        for part in range(int(self._parts.max(initial=0)) + 1):
            learns = self._parts != part
            weights = self.weights(away, learns)
            scores = self._units @ weights
            bars = self._bars(self.highest(scores)[learns], away[learns])
            held = ~learns[self._document]
            margins[held] = scores[held] / bars - 1
            models.append((weights, bars))
        return margins, models

    def highest(self, scores: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
        """Documents x draws: the highest score of each document's units."""
        found: npt.NDArray[np.float32] = np.maximum.reduceat(scores, self._starts[:-1], axis=0)
        return found

    @staticmethod
    def _bars(
        scores: npt.NDArray[np.float32], away: NumberPerDocumentAndDraw
    ) -> npt.NDArray[np.float64]:
        """For each draw, the score that one in a hundred documents of the low side exceeds."""
        bars = np.empty(scores.shape[1])
        for draw in range(scores.shape[1]):
            low = scores[away[:, draw] < 0, draw]
            share = max(_OF_LOW, _LEAST_OF_LOW / max(len(low), 1))
            bars[draw] = np.quantile(low, max(1 - share, 0.5)) if len(low) else np.inf
        # If no sentence has a positive score, none is of the kind.
        return np.maximum(bars, SMALLEST)


def _inflation(given: _Given, seed: int) -> float:
    """Root mean square of the standardised difference over reassignments of the procedure."""
    learner, design = given.learner(), given.design()
    away = _reassigned(design, np.random.default_rng(seed))
    at_once = max(1, _MOST_HELD // max(len(learner), 1))
    z = []
    for first in range(0, away.shape[1], at_once):
        drawn = away[:, first : first + at_once]
        has = learner.highest(learner.margins(drawn)[0]) > 0
        z += [_standardised(design, has[:, at], drawn[:, at]) for at in range(drawn.shape[1])]
    return max(float(np.sqrt(np.mean(np.square(z)))), 1.0)


def _reassigned(design: ClusterDesign, rng: np.random.Generator) -> NumberPerDocumentAndDraw:
    """Documents x draws: the regressor with clusters permuted, and signs within them flipped.

    If each cluster lies in one stratum, clusters are permuted within strata.
    """
    first = np.unique(design.clusters, return_index=True)[1]
    stratum = design.strata[first]
    is_within = bool((stratum[design.clusters] == design.strata).all())
    group = stratum if is_within else np.zeros(design.n_clusters, dtype=np.int64)
    sorted_places = np.argsort(group, kind="stable")
    drawn = np.empty((len(design.clusters), _N_DRAWN))
    for draw in range(_N_DRAWN):
        places = np.lexsort((rng.random(design.n_clusters), group))
        mean = np.empty(design.n_clusters)
        mean[sorted_places] = design.mean[places]
        signs = rng.choice([-1.0, 1.0], size=design.n_clusters)
        drawn[:, draw] = mean[design.clusters] + design.within * signs[design.clusters]
    return drawn


def _standardised(design: ClusterDesign, has: DocumentMask, away: NumberPerDocument) -> float:
    """The difference over its standard error, clusters taken as independent."""
    size = np.bincount(design.strata)
    rate = np.bincount(design.strata, weights=has) / np.maximum(size, 1)
    pull = np.bincount(design.clusters, weights=away * (has - rate[design.strata]))
    return float(pull.sum() / np.sqrt(max(float((pull**2).sum()), SMALLEST)))
