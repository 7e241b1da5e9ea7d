"""The result of `trend`: features that rise or fall along ordered groups."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

import pandas as pd

from corpuscope.analyses.results.base import heading, plain
from corpuscope.analyses.results.feature_findings import FeatureAnswer
from corpuscope.analyses.trend.evidence import EvidenceOfTrend
from corpuscope.analyses.trend.finding import TrendFinding
from corpuscope.analyses.trend.kinds import KindTrend
from corpuscope.errors import PairingError
from corpuscope.store.evidence import Evidence

if TYPE_CHECKING:
    from matplotlib.figure import Figure


@dataclass(frozen=True)
class TrendResult(FeatureAnswer[TrendFinding, KindTrend]):
    """The features that rise or fall, most significant first; those that reverse come last.

    Attributes:
        groups: The names of the groups, from first to last.
        group_sizes: The number of documents in each group.
        is_paired: Whether documents were paired.
    """

    groups: tuple[str, ...]
    group_sizes: tuple[int, ...]
    is_paired: bool
    evidence_source: EvidenceOfTrend = field(repr=False, compare=False)
    detectable: Callable[[], float] = field(repr=False, compare=False)

    @cached_property
    def smallest_detectable(self) -> float:
        """The smallest linear rise from a base rate of 10 %, first to last group, with 80 % power.

        Simulated with the complete decision rule on these documents, if no other feature
        changes; NaN if even 100 % would not be detected. Computed on first access.
        """
        return self.detectable()

    @property
    def n_changing(self) -> int:
        """The number of features that change before adjusting for length and covariates."""
        return int((self.raw_q <= self.q).sum())

    def evidence(self, i: int) -> list[Evidence]:
        """Documents with the feature of finding `i`, from the end where it is frequent first.

        `side` is the name of the document's group. Strongest first; in paired data, documents
        whose key has the feature at this end only come first.
        """
        return self.evidence_source.of(self.findings[i].feature, rises=self.findings[i].slope > 0)

    def series(self, i: int) -> list[list[Evidence]]:
        """Keys that show finding `i`, each with its documents over all groups, first to last.

        Documents without the feature have no spans.

        Raises:
            PairingError: The documents were not paired.
        """
        if not self.is_paired:
            raise PairingError(
                "the documents were not paired",
                expected="the result of a paired comparison",
                next_step="run trend with pair, the column that pairs documents",
            )
        return self.evidence_source.series(
            self.findings[i].feature, rises=self.findings[i].slope > 0
        )

    def to_frame(self) -> pd.DataFrame:
        """A row for each finding; intervals in two columns, and a column for each group's rate."""
        columns = [*_COLUMNS, *(f"rate {name}" for name in self.groups)]
        return pd.DataFrame([_row(one) for one in self.findings], columns=columns)

    def to_json(self) -> dict[str, Any]:
        """The complete result with evidence, as JSON-compatible values; NaN becomes None."""
        return {
            **heading("trend", self),
            "groups": list(self.groups),
            "group_sizes": list(self.group_sizes),
            "suggested_group": self.suggested_group,
            "n_tested": self.n_tested,
            "n_candidates": self.n_candidates,
            "n_changing": self.n_changing,
            "smallest_detectable": plain(self.smallest_detectable),
            "p_anything": plain(self.p_anything),
            "sentence_kinds": [plain(one.to_json()) for one in self.sentence_kinds],
            "findings": self.findings_as_json(),
        }

    def plot(self, *, n: int = 12) -> "Figure":
        """A small panel for each of the first `n` findings: rates with their intervals."""
        from corpuscope.analyses.trend.plot import plot_trend

        return plot_trend(self.findings, groups=self.groups, n=n)


_COLUMNS = [
    "feature", "kind", "label", "label_score", "label_source", "n_members", "slope",
    "lower", "upper",
    "adjusted_slope", "adjusted_lower", "adjusted_upper", "p_value", "q_value", "z", "adds_length",
    "monotone",
    "turns", "largest_step", "largest_change", "largest_share", "replicated", "discovery_slope",
    "holdout_slope",
]  # fmt: skip


def _row(finding: TrendFinding) -> dict[str, object]:
    own = {name: getattr(finding, name) for name in _COLUMNS if hasattr(finding, name)}
    lower, upper = finding.interval
    adjusted_lower, adjusted_upper = finding.adjusted_interval
    step = finding.largest_step
    return own | {
        "n_members": len(finding.members),
        "lower": lower,
        "upper": upper,
        "adjusted_lower": adjusted_lower,
        "adjusted_upper": adjusted_upper,
        "largest_step": f"{step.start} to {step.end}",
        "largest_change": step.change,
        **{f"rate {name}": rate for name, rate in finding.rates.items()},
    }
