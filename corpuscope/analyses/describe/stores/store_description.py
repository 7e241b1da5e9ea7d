"""The result of `describe_store`."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

import pandas as pd

from corpuscope.analyses.describe.histograms import Histogram
from corpuscope.analyses.describe.stores.columns import ColumnDescription
from corpuscope.analyses.describe.stores.making import FeaturesSummary, Making
from corpuscope.analyses.describe.stores.proposals import Proposal
from corpuscope.analyses.results.base import Answer, heading, plain
from corpuscope.corpus.document import Skipped


@dataclass(frozen=True)
class StoreDescription(Answer):
    """What a store holds, how it was made, and which questions fit it.

    Attributes:
        is_complete: Whether its extraction was finished.
        n_features: The number of features of the dictionary.
        n_tokens: The number of tokens that were read.
        n_strengths: The number of strengths kept, near misses too.
        has_vectors: Whether it has vectors of documents.
        lengths: A histogram of the documents' lengths in tokens; None for an empty store.
        columns: Its metadata columns.
        features: What its features are.
        made: How it was made.
        provenance: The same as it was recorded, with all details.
        skipped: The number of documents left out, by reason.
        first_skipped: The first twenty of them.
        proposals: Questions that fit its columns; they claim nothing.
    """

    is_complete: bool
    n_features: int
    n_tokens: int
    n_strengths: int
    has_vectors: bool
    lengths: Histogram | None = field(repr=False)
    columns: tuple[ColumnDescription, ...] = field(repr=False)
    features: FeaturesSummary = field(repr=False)
    made: Making = field(repr=False)
    provenance: Mapping[str, Any] = field(repr=False)
    skipped: Mapping[str, int]
    first_skipped: tuple[Skipped, ...] = field(repr=False)
    proposals: tuple[Proposal, ...] = field(repr=False)

    def to_frame(self) -> pd.DataFrame:
        """A row for each column."""
        rows = [
            {
                "column": one.name, "kinds": ", ".join(one.kinds), "n_missing": one.n_missing,
                "n_distinct": one.n_distinct, "values": dict(one.values),
            }
            for one in self.columns
        ]  # fmt: skip
        names = ["column", "kinds", "n_missing", "n_distinct", "values"]
        return pd.DataFrame(rows, columns=names)

    def to_json(self) -> dict[str, Any]:
        """All of it, as JSON-compatible values; NaN becomes None."""
        return heading("info", self) | {
            "n_features": self.n_features,
            "columns": [one.name for one in self.columns],
            "complete": self.is_complete,
            "skipped": dict(self.skipped),
            "provenance": dict(self.provenance),
            "n_tokens": self.n_tokens,
            "n_strengths": self.n_strengths,
            "has_vectors": self.has_vectors,
            "lengths": None if self.lengths is None else self.lengths.to_json(),
            "column_values": [one.to_json() for one in self.columns],
            "features": plain(asdict(self.features)),
            "made": plain(asdict(self.made)),
            "first_skipped": [asdict(one) for one in self.first_skipped],
            "proposals": [plain(asdict(one)) for one in self.proposals],
        }
