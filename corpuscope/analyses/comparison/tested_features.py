"""The features tested: dictionary features and word features in one matrix."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
import scipy.sparse as sp

from corpuscope.labels.named_store import NamedStore
from corpuscope.shapes import CandidateOrder, DocumentMask, FeatureMask, PresenceMatrix
from corpuscope.statistics.rates.counts import present_counts

FeatureKind = Literal["token", "sentence", "word"]


@dataclass(frozen=True, eq=False)
class TestedFeatures:
    """A presence matrix of dictionary features and word features.

    Attributes:
        presence: Documents x features; dictionary features first, then words.
        features: The number of each dictionary feature.
        words: The name of each word feature.
    """

    presence: PresenceMatrix
    features: CandidateOrder
    words: list[str]

    def __len__(self) -> int:
        return len(self.features) + len(self.words)

    def among(self, kept: FeatureMask) -> "TestedFeatures":
        """A subset of the columns."""
        n = len(self.features)
        words = [name for name, stays in zip(self.words, kept[n:], strict=True) if stays]
        return TestedFeatures(
            self.presence[:, np.flatnonzero(kept)], self.features[kept[:n]], words
        )

    def is_word(self, column: int) -> bool:
        """Whether the column is a word feature."""
        return column >= len(self.features)

    def name(self, column: int) -> int | str:
        """The number of a dictionary feature, or the name of a word feature."""
        if self.is_word(column):
            return self.words[column - len(self.features)]
        return int(self.features[column])


def supported_features(
    source: NamedStore,
    rows: DocumentMask,
    *,
    words: bool,
    features: bool,
    min_support: int,
    level: float | None,
) -> TestedFeatures:
    """The features that at least `min_support` of the documents `rows` have, and as many lack.

    Rarer (or more universal) features have no power. Counts are pooled over all groups, so that
    the selection is independent of the difference tested.
    """
    parts: list[PresenceMatrix] = [sp.csr_array((source.n_documents, 0), dtype=np.bool_)]
    numbers, names = np.empty(0, dtype=np.int64), []
    if features:
        presence = source.presence(level)
        numbers = _supported(presence, rows, min_support)
        parts.append(presence[:, numbers])
    if words:
        lexical = source.words(min_support)
        kept = _supported(lexical.presence, rows, min_support)
        parts.append(lexical.presence[:, kept])
        names = [lexical.names[column] for column in kept]
    return TestedFeatures(sp.hstack(parts, format="csr"), numbers, names)


def kind_of(source: NamedStore, columns: TestedFeatures, column: int) -> FeatureKind:
    """Whether a column is a word, token or sentence feature."""
    if columns.is_word(column):
        return "word"
    return "sentence" if source.kind(int(columns.features[column])) == "sentence" else "token"


def label_of(source: NamedStore, columns: TestedFeatures, column: int) -> str:
    """The display name: a feature's label, a word in quotes, or the name of a format mark."""
    name = columns.name(column)
    if isinstance(name, int):
        return source.label(name)
    # Names of format marks are in angle quotes already.
    return name if name.startswith("‹") else f'"{name}"'


def own_label_of(source: NamedStore, columns: TestedFeatures, column: int) -> str:
    """The dictionary's own name, whether or not it suits these texts; for comparing features."""
    name = columns.name(column)
    return source.own_label(name) if isinstance(name, int) else label_of(source, columns, column)


def label_source_of(source: NamedStore, columns: TestedFeatures, column: int) -> str:
    """The source of `label_of`; `word` for word features, which are their own label."""
    name = columns.name(column)
    return source.label_source(name) if isinstance(name, int) else "word"


def _supported(presence: PresenceMatrix, rows: DocumentMask, min_support: int) -> CandidateOrder:
    n_present = present_counts(presence, rows)
    is_kept = (n_present >= min_support) & (n_present <= rows.sum() - min_support)
    kept: CandidateOrder = np.flatnonzero(is_kept)
    return kept
