"""Features enriched in some documents, and scores of other documents by these features.

Strengths of different features are not on one scale: each is divided by its feature's 90th
percentile, and capped at the 99th.

Source: Jiang, Sun, Dunlap, Smith and Nanda 2025, appendix A, for the 90th percentile, and 4.4
for the weights by rank, exp(-(rank / n) / temperature). Selecting features by texts rather than
by labels is our own (`docs/search.md`).
"""

import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from corpuscope.analyses.search.scoring_kernel import add_features
from corpuscope.shapes import (
    CountPerFeature,
    FeatureWeights,
    NumberPerDocument,
    PerFeature,
    WeightedFeatures,
)
from corpuscope.statistics.rates.counts import enrichment
from corpuscope.store.cache import mapped, saved_array
from corpuscope.store.matrix import SparseStrengths
from corpuscope.store.store import Store

_VERSION = 1
_ARRAYS = ("usual", "largest", "n_present")

# With fewer documents, percentiles are too noisy.
_LEAST_FOR_PERCENTILES = 10
_LEAST_SUPPORT = 5

# Strength of the normalisation by log length, like b in BM25: long texts have more features.
_LENGTH_SHARE = 0.5


@dataclass(frozen=True, eq=False)
class QueryFeatures:
    """Features with weights, most important first.

    Attributes:
        features: Feature numbers.
        weights: At most 1; negative for features that count against a text.
    """

    features: WeightedFeatures
    weights: FeatureWeights

    def __len__(self) -> int:
        return len(self.features)


@dataclass(frozen=True, eq=False)
class FeatureScores:
    """Scorer of documents by features.

    Attributes:
        strengths: Strengths of all features in all documents, memory-mapped.
        thresholds: Presence threshold of each feature.
        usual: 90th percentile of each feature's strengths; 0 if it has none.
        largest: 99th percentile, in units of the 90th.
        n_present: Number of documents in which each feature is present.
        shares: Length normalisation of each document, about 1 on average.
    """

    strengths: SparseStrengths
    thresholds: npt.NDArray[np.float32]
    usual: npt.NDArray[np.float32]
    largest: npt.NDArray[np.float32]
    n_present: npt.NDArray[np.int64]
    shares: NumberPerDocument

    def of(self, weighted: QueryFeatures) -> NumberPerDocument:
        """Weighted sum of the normalised strengths of each document.

        Cost: a nanosecond or two per document with each feature.
        """
        total: NumberPerDocument = np.zeros(self.strengths.n_documents, dtype=np.float32)
        starts = self.strengths.feature_starts
        usual = self.usual[weighted.features]
        add_features(
            total,
            rows=self.strengths.rows,
            strengths=self.strengths.strengths_by_feature,
            spans=np.stack([starts[weighted.features], starts[weighted.features + 1]], axis=1),
            factors=(weighted.weights / np.maximum(usual, 1e-12)).astype(np.float32),
            caps=(self.largest[weighted.features] * usual).astype(np.float32),
        )
        total /= self.shares
        return total

    def given_by(self, weighted: QueryFeatures, row: int) -> FeatureWeights:
        """Contribution of each feature to the score of one document; 0 if absent."""
        mine = self._of_document(row)
        found: FeatureWeights = np.zeros(len(weighted))
        for at, feature in enumerate(weighted.features.tolist()):
            if feature in mine:
                strength = mine[feature] / max(float(self.usual[feature]), 1e-12)
                found[at] = weighted.weights[at] * min(strength, float(self.largest[feature]))
        return found / float(self.shares[row])

    def strengths_in(self, row: int) -> dict[int, float]:
        """Strengths of the features of one document, by number."""
        return self._of_document(row)

    def enrichment(self, rows: npt.NDArray[np.int64]) -> PerFeature:
        """Enrichment z-score of each feature in some documents, relative to all.

        0 for features in fewer than five documents; see `statistics.enrichment`.
        """
        n_all = self.strengths.n_documents
        found: PerFeature = enrichment(self._n_present_in(rows), len(rows), self.n_present, n_all)
        return np.where(self.n_present >= min(_LEAST_SUPPORT, n_all), found, 0.0)

    def _n_present_in(self, rows: npt.NDArray[np.int64]) -> CountPerFeature:
        counts: CountPerFeature = np.zeros(self.strengths.n_features, dtype=np.int64)
        for row in rows.tolist():
            features, strengths = self._document(row)
            counts[features[strengths > self.thresholds[features]]] += 1
        return counts

    def _of_document(self, row: int) -> dict[int, float]:
        features, strengths = self._document(row)
        return dict(zip(features.tolist(), strengths.tolist(), strict=True))

    def _document(self, row: int) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.float32]]:
        starts = self.strengths.document_starts
        here = slice(int(starts[row]), int(starts[row + 1]))
        return self.strengths.features[here], self.strengths.strengths[here].astype(np.float32)


def by_rank(enrichment: PerFeature, *, n: int, temperature: float) -> QueryFeatures:
    """The `n` most enriched features with a positive z-score, weighted by rank.

    Source: Jiang et al. 2025, section 4.4; ranks from 0.
    """
    order = np.argsort(-enrichment, kind="stable")[:n]
    order = order[enrichment[order] > 0].astype(np.int64)
    rank = np.arange(len(order)) / max(n, 1)
    return QueryFeatures(order, np.exp(-rank / temperature))


def open_feature_scores(store: Store) -> FeatureScores:
    """The feature scorer of a store; percentiles are cached.

    Cost: the first call reads all strengths once.

    Raises:
        StoreDamaged: A shard cannot be read.
        StorageFull: There is no disk space for the cache.
    """
    folder = store.cached_folder(
        f"percentiles-{_VERSION}-{zlib.crc32(store.thresholds.tobytes()):08x}",
        arrays=_ARRAYS,
        build=lambda into: _build(into, store),
    )
    arrays: dict[str, Any] = {name: mapped(folder, name) for name in _ARRAYS}
    return FeatureScores(store.strengths(), store.thresholds, shares=_shares(store), **arrays)


def _shares(store: Store) -> NumberPerDocument:
    lengths = np.log1p(store.n_tokens.astype(np.float32))
    usual = float(lengths.mean()) if len(lengths) else 1.0
    shares: NumberPerDocument = 1 - _LENGTH_SHARE + _LENGTH_SHARE * lengths / max(usual, 1e-6)
    return shares


def _build(folder: Path, store: Store) -> None:
    strengths, thresholds = store.strengths(), store.thresholds
    usual, largest = (np.zeros(store.n_features, dtype=np.float32) for _ in range(2))
    n_present = np.zeros(store.n_features, dtype=np.int64)
    for feature in range(store.n_features):
        own = strengths.of_feature(feature).strengths.astype(np.float32)
        if len(own):
            usual[feature], largest[feature] = _percentiles(own, float(thresholds[feature]))
            n_present[feature] = np.count_nonzero(own > thresholds[feature])
    saved_array(folder, "usual", usual)
    saved_array(folder, "largest", largest)
    saved_array(folder, "n_present", n_present)


def _percentiles(own: npt.NDArray[np.float32], threshold: float) -> tuple[float, float]:
    """The 90th percentile, and the 99th in units of it."""
    usual, largest = np.quantile(own, [0.9, 0.99]).tolist()
    if len(own) < _LEAST_FOR_PERCENTILES:
        # A feature's threshold is about half of its typical strength.
        usual = max(usual, 2 * threshold)
    return usual, max(largest / usual, 1.0)
