"""Views without a store behind them, for what looks at presence, names and meanings alone."""

from collections.abc import Sequence

import numpy as np
import scipy.sparse as sp

from corpuscope.analyses.comparison.tested_features import TestedFeatures
from corpuscope.analyses.correlate.views import View
from corpuscope.labels.meanings import Meanings
from corpuscope.labels.named_store import NamedStore


class Named(NamedStore):
    """Features that have names, scores and meanings, and are in no document."""

    def __init__(self, labels: Sequence[str | None], scores: Sequence[float] = ()) -> None:
        self.labels = labels
        self.scores = np.array(scores or [0.9] * len(labels))

    def own_label(self, feature: int) -> str:
        return self.labels[feature] or f"feature {feature}"

    label = own_label

    def means(self, names: object, contexts: object = None, companions: object = None) -> "Named":
        """The same with these vectors; zeros where none are given."""
        known = [np.array(one, dtype=np.float32) for one in (names, contexts, companions)
                 if one is not None]  # fmt: skip
        nothing = [np.zeros((len(self.labels), 2), dtype=np.float32)] * (3 - len(known))
        self.meanings = Meanings(*known, *nothing)
        return self


def view(
    presence: object,
    *,
    source: NamedStore | None = None,
    features: Sequence[int] | None = None,
    words: Sequence[str] = (),
) -> View:
    """Documents x features, and words after these."""
    matrix = sp.csr_array(np.asarray(presence))
    n = matrix.shape[1] - len(words)
    numbers = np.arange(n) if features is None else np.array(features)
    columns = TestedFeatures(matrix, numbers, list(words))
    source = source or Named([None] * (int(numbers.max(initial=0)) + 1))
    return View(source, np.arange(matrix.shape[0]), columns, matrix)
