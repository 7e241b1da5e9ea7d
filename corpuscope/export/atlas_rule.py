"""Which features of a document Embedding Atlas is shown: those that stand out in it, at most N."""

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from corpuscope.errors import InputError
from corpuscope.ranges import check_at_least
from corpuscope.shapes import CountPerFeature, PerFeature
from corpuscope.store.pieces import Piece
from corpuscope.store.store import Store

__all__ = ["AtlasSettings", "FeatureLevels", "feature_levels", "listed"]


@dataclass(frozen=True, slots=True)
class AtlasSettings:
    """Which features of a document are listed.

    Attributes:
        most_features: At most this many for a document, the most outstanding ones.
        quantile: A feature is listed where its strength reaches this quantile of its strengths in
            the documents in which it is present; 0 lists it wherever it is present.
        most_rate: Features present in a larger share of the documents are not listed.
        by_role: Whether each feature is listed with the role in whose text it is strongest, such
            as user or assistant.
    """

    most_features: int = 64
    quantile: float = 0.5
    most_rate: float = 0.9
    by_role: bool = False

    def __post_init__(self) -> None:
        check_at_least(1, most_features=self.most_features)
        for name, share in (("quantile", self.quantile), ("most_rate", self.most_rate)):
            if not 0 <= share <= 1:
                raise InputError(
                    f"{name} is {share}",
                    expected="a number from 0 to 1",
                    next_step="leave it out for the default",
                )

    def to_json(self) -> dict[str, Any]:
        """The rule, as JSON values with a sentence."""
        return {**asdict(self), "rule": self.sentence}

    @property
    def sentence(self) -> str:
        """The rule as a sentence."""
        return (
            f"a feature is listed in a document if it is present (above its threshold), at or "
            f"above the {self.quantile:g} quantile of its strengths in the documents in which it "
            f"is present, and present in at most {self.most_rate:g} of all documents; at most "
            f"{self.most_features} for a document, by strength divided by that quantile"
        )


@dataclass(frozen=True, eq=False)
class FeatureLevels:
    """For each feature the strength from which it is listed, and in how many documents it is.

    Attributes:
        levels: The quantile of its strengths; infinite if it is never listed.
        counts: The number of documents in which it is present.
    """

    levels: PerFeature
    counts: CountPerFeature


def feature_levels(store: Store, settings: AtlasSettings) -> FeatureLevels:
    """From which strength each feature is listed.

    Cost: one pass over the strengths by feature, which `store.strengths()` caches.
    """
    strengths, thresholds = store.strengths(), store.thresholds
    levels = np.full(store.n_features, np.inf)
    counts = np.zeros(store.n_features, dtype=np.int64)
    for feature in range(store.n_features):
        found = np.asarray(strengths.of_feature(feature).strengths, dtype=np.float32)
        present = found[found > thresholds[feature]]
        counts[feature] = len(present)
        if len(present) and len(present) <= settings.most_rate * store.n_documents:
            # The lower of two neighbours is a strength that occurs.
            at = int(settings.quantile * (len(present) - 1))
            levels[feature] = np.partition(present, at)[at]
    return FeatureLevels(levels, counts)


def listed(
    piece: Piece, levels: FeatureLevels, thresholds: npt.NDArray[np.float32], *, most: int
) -> npt.NDArray[np.int64]:
    """Which strengths of a shard are listed: by document, the most outstanding first.

    Args:
        piece: The shard.
        levels: From which strength each feature is listed.
        thresholds: Above which strength each feature is present.
        most: At most this many for a document.
    """
    found = piece.strengths
    strengths = found.strengths.astype(np.float32)
    level = levels.levels[found.features]
    kept = np.flatnonzero((strengths > thresholds[found.features]) & (strengths >= level))
    rows = piece.entry_rows[kept]
    ratio = strengths[kept] / level[kept]
    order = np.lexsort((found.features[kept], -ratio, rows))
    rows = rows[order]
    # The place of each entry among those of its document.
    place = np.arange(len(rows)) - np.searchsorted(rows, rows)
    chosen: npt.NDArray[np.int64] = kept[order][place < most]
    return chosen
