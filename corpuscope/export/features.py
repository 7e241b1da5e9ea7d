"""Features as rows of one table: label, origin, threshold, and how many documents have each."""

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from corpuscope.labels.named_store import NamedStore
from corpuscope.shapes import CountPerFeature
from corpuscope.store.pieces import Piece

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["PresentCounts", "feature_table"]


class PresentCounts:
    """Counts in how many documents each feature is present, a shard at a time.

    Args:
        source: The store or stores.
    """

    def __init__(self, source: NamedStore) -> None:
        self._thresholds = source.as_one.thresholds
        self.counts: CountPerFeature = np.zeros(len(self._thresholds), dtype=np.int64)

    def add(self, piece: Piece) -> npt.NDArray[np.bool_]:
        """Count a shard. Returns for each of its strengths whether the feature is present."""
        found = piece.strengths
        present = found.strengths.astype(np.float32) > self._thresholds[found.features]
        self.counts += np.bincount(found.features[present], minlength=len(self.counts))
        return present


def feature_table(source: NamedStore, counts: CountPerFeature) -> "pd.DataFrame":
    """A row for each feature, in order.

    `label`, `label_source` and `score` are what every other command shows; `dictionary_label`
    is the name that the dictionary gives, null where it gives none. Labels are not unique.
    `n_documents` and `rate` say in how many documents a feature is present. Other columns of
    the store's table follow.

    Args:
        source: The store or stores; with several, features are those of the first.
        counts: In how many documents each feature is present.
    """
    import pandas as pd

    given = source.as_one.features
    features = range(len(given))
    own = given["label"] if "label" in given else pd.Series([None] * len(given), dtype=object)
    columns = {
        "feature": pd.Series(features, dtype="int64"),
        "kind": given["kind"].astype(str),
        "label": [source.label(one) for one in features],
        "label_source": [source.label_source(one) for one in features],
        "dictionary_label": own.astype(object).where(own.notna(), None),
        "score": [source.score(one) for one in features],
        "threshold": source.as_one.thresholds.astype(np.float64),
        "n_documents": counts,
        "rate": counts / max(source.n_documents, 1),
    }
    others = {name: given[name] for name in given.columns if name not in columns}
    return pd.DataFrame({**columns, **others})
