"""The result of `describe_document`."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

import pandas as pd

from corpuscope.analyses.describe.documents.text_window import ShownText
from corpuscope.analyses.describe.features.names import NamedFeature
from corpuscope.analyses.results.base import Answer, heading, plain


@dataclass(frozen=True)
class PresentFeature(NamedFeature):
    """A feature that is present in a document.

    Attributes:
        strength: How strong it is, in units of the dictionary.
        over_threshold: Its strength divided by its threshold, above 1; NaN if the threshold is 0.
        span: The characters of the whole text at which it peaks, as [start, end).
    """

    strength: float
    over_threshold: float
    span: tuple[int, int]


@dataclass(frozen=True)
class Partner:
    """A document that shares the value of the pairing column.

    Attributes:
        id: The document.
        metadata: Its value in each column.
    """

    id: str
    metadata: Mapping[str, Any]


@dataclass(frozen=True)
class Nearest:
    """A document whose vector is near.

    Attributes:
        id: The document.
        similarity: The cosine of the two vectors.
    """

    id: str
    similarity: float


@dataclass(frozen=True)
class DocumentDescription(Answer):
    """A document with all features that are present in it.

    Attributes:
        document: Its text, or a window of a long one, with roles and metadata.
        previous: The id of the document before it in the store; None for the first.
        next: The id of the one after it; None for the last.
        features: The dictionary features present in it, by strength over threshold.
        partners: The other documents with its value of the pairing column; at most fifty.
        n_partners: How many there are.
        nearest: The documents with the most similar vectors; empty if the store has none.
    """

    document: ShownText
    previous: str | None
    next: str | None
    features: tuple[PresentFeature, ...] = field(repr=False)
    partners: tuple[Partner, ...] = field(repr=False)
    n_partners: int
    nearest: tuple[Nearest, ...] = field(repr=False)

    def to_frame(self) -> pd.DataFrame:
        """A row for each feature."""
        return pd.DataFrame([asdict(one) for one in self.features], columns=_COLUMNS)

    def to_json(self) -> dict[str, Any]:
        """All of it, as JSON-compatible values; NaN becomes None."""
        return heading("document", self) | {
            "document": self.document.to_json(),
            "previous": self.previous,
            "next": self.next,
            "n_features": len(self.features),
            "features": [plain(asdict(one)) for one in self.features],
            "n_partners": self.n_partners,
            "partners": [plain(asdict(one)) for one in self.partners],
            "nearest": [asdict(one) for one in self.nearest],
        }


_COLUMNS = [
    "feature", "kind", "label", "label_source", "label_score", "strength", "over_threshold", "span",
]  # fmt: skip
