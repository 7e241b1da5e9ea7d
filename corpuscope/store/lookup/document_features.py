"""The features that are present in one document, with the characters at which they peak."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from corpuscope.store.manifest import damaged
from corpuscope.store.matrix import SparseStrengths
from corpuscope.store.store import Store

__all__ = ["DocumentFeatures", "document_features"]


@dataclass(frozen=True, slots=True, eq=False)
class DocumentFeatures:
    """The features with a strength in one document, by ascending number.

    Attributes:
        features: Their numbers.
        strengths: How strong each is, in units of the dictionary.
        over_threshold: Strength divided by threshold, above 1 where a feature is present;
            infinite for thresholds of 0.
        spans: The half-open character range in the text at which each peaks.
    """

    features: npt.NDArray[np.int64]
    strengths: npt.NDArray[np.float32]
    over_threshold: npt.NDArray[np.float32]
    spans: npt.NDArray[np.int64]

    @property
    def is_present(self) -> npt.NDArray[np.bool_]:
        """Mask of the features that count as present; the others are kept near misses."""
        present: npt.NDArray[np.bool_] = self.over_threshold > 1
        return present


def document_features(store: Store, row: int) -> DocumentFeatures:
    """All features with a strength in a document, those below their threshold too.

    Cost: a millisecond or two for 200 features, whatever the size of the store.

    Raises:
        StoreDamaged: A shard or the cache does not fit the others.
    """
    strengths = store.strengths()
    here = slice(int(strengths.document_starts[row]), int(strengths.document_starts[row + 1]))
    features = strengths.features[here].astype(np.int64)
    own = strengths.strengths[here].astype(np.float32)
    thresholds = store.thresholds[features]
    with np.errstate(divide="ignore"):
        over = own / thresholds
    # A quotient may round to 1 from either side; present is what is above its threshold.
    over = np.where(
        own > thresholds, np.maximum(over, _JUST_ABOVE), np.minimum(over, np.float32(1))
    )
    peaks = strengths.peaks_by_feature[_places(strengths, features, row)].astype(np.int64)
    return DocumentFeatures(features, own, over, _spans(store, row, features, peaks))


_JUST_ABOVE = np.nextafter(np.float32(1), np.float32(2))


def _places(
    strengths: SparseStrengths, features: npt.NDArray[np.int64], row: int
) -> npt.NDArray[np.int64]:
    """Where, among the entries by feature, the document's entry of each feature is."""
    low = strengths.feature_starts[features].astype(np.int64)
    end = strengths.feature_starts[features + 1].astype(np.int64)
    high = end.copy()
    # A binary search of all features at once: rows ascend within each.
    while np.any(low < high):
        middle = (low + high) // 2
        is_open = low < high
        is_before = strengths.rows[np.where(is_open, middle, 0)] < row
        low = np.where(is_open & is_before, middle + 1, low)
        high = np.where(is_open & ~is_before, middle, high)
    if np.any(low >= end) or np.any(strengths.rows[low] != row):
        raise damaged(Path("cache"), f"has no peak of some features of row {row}")
    return low


def _spans(
    store: Store, row: int, features: npt.NDArray[np.int64], peaks: npt.NDArray[np.int64]
) -> npt.NDArray[np.int64]:
    names = [f"{kind}_{end}" for kind in ("token", "sentence") for end in ("starts", "ends")]
    units = {
        name: np.array(values, dtype=np.int64)
        for name, (values,) in store.table([row], *names).to_pydict().items()
    }
    is_sentence = store.features["kind"].to_numpy()[features] == "sentence"
    spans = np.empty((len(features), 2), dtype=np.int64)
    for kind, mask in (("token", ~is_sentence), ("sentence", is_sentence)):
        if np.any(peaks[mask] >= len(units[f"{kind}_starts"])):
            raise damaged(store.path, f"has peaks beyond the units of row {row}")
        for column, end in enumerate(("starts", "ends")):
            spans[mask, column] = units[f"{kind}_{end}"][peaks[mask]]
    return spans
