"""The result of `describe_feature`."""

from dataclasses import asdict, dataclass, field
from typing import Any

import pandas as pd

from corpuscope.analyses.comparison.tested_features import FeatureKind
from corpuscope.analyses.describe.features.bands import Band
from corpuscope.analyses.describe.features.companions import Companion
from corpuscope.analyses.describe.features.group_rates import GroupRate
from corpuscope.analyses.describe.features.names import FeatureName
from corpuscope.analyses.describe.features.place import Place
from corpuscope.analyses.describe.histograms import Histogram
from corpuscope.analyses.results.base import Answer, heading, plain


@dataclass(frozen=True)
class FeatureDescription(Answer):
    """A feature in a store: its names, how often and how strongly it is there, its contexts.

    Attributes:
        feature: The number of a dictionary feature, or the name of a word feature.
        kind: Whether it is a token, sentence or word feature.
        name: Its name.
        other_names: Its other names: given ones, the dictionary's own, those of others.
        n_present: The number of documents in which it is present.
        rate: Their share.
        rate_interval: The 95 % interval of that, if documents are independent.
        n_near: The number of documents in which it is just below its threshold.
        density: The share of units on which it activates on the dictionary's training texts; NaN
            if unknown, and for word features.
        threshold: The strength above which it is present; NaN for word features.
        strengths: Its strengths in documents, near misses too, with an edge at the threshold; of
            a word feature, how often it occurs in fifty of its texts. None if there is
            nothing.
        rate_among: Where its rate lies among those of all dictionary features.
        density_among: Where its density does.
        n_groups: The number of groups of the column named; 0 if none was.
        groups: Its rate in each of them, or in the fifty largest.
        companions: Dictionary features that come with it.
        bands: Contexts by strength; a word feature has one band, "with the word".
    """

    feature: int | str
    kind: FeatureKind
    name: FeatureName
    other_names: tuple[FeatureName, ...]
    n_present: int
    rate: float
    rate_interval: tuple[float, float]
    n_near: int
    density: float
    threshold: float
    strengths: Histogram | None = field(repr=False)
    rate_among: Place | None = field(repr=False)
    density_among: Place | None = field(repr=False)
    n_groups: int
    groups: tuple[GroupRate, ...] = field(repr=False)
    companions: tuple[Companion, ...] = field(repr=False)
    bands: tuple[Band, ...] = field(repr=False)

    def to_frame(self) -> pd.DataFrame:
        """A row for each context, strongest band first."""
        rows = [
            {"band": band.name, **asdict(context)}
            for band in self.bands
            for context in band.contexts
        ]
        return pd.DataFrame(rows, columns=_COLUMNS)

    def to_json(self) -> dict[str, Any]:
        """All of it, as JSON-compatible values; NaN becomes None."""
        return heading("feature", self) | {
            "feature": self.feature,
            "kind": self.kind,
            "name": plain(asdict(self.name)),
            "other_names": [plain(asdict(one)) for one in self.other_names],
            "n_present": self.n_present,
            "rate": self.rate,
            "rate_interval": list(self.rate_interval),
            "n_near": self.n_near,
            "density": plain(self.density),
            "threshold": plain(self.threshold),
            "strengths": _json(self.strengths),
            "rate_among": _json(self.rate_among),
            "density_among": _json(self.density_among),
            "n_groups": self.n_groups,
            "groups": [plain(asdict(one)) for one in self.groups],
            "companions": [plain(asdict(one)) for one in self.companions],
            "bands": [plain(asdict(one)) for one in self.bands],
        }


_COLUMNS = [
    "band", "id", "strength", "over_threshold", "excerpt", "start", "end", "offset", "n_copies",
    "group",
]  # fmt: skip


def _json(given: Histogram | Place | None) -> dict[str, Any] | None:
    return None if given is None else asdict(given)
