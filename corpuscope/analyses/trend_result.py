"""What `trend` answers: features that rise or fall along ordered groups."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

import pandas as pd

from corpuscope.analyses.evidence import EvidenceOfTrend
from corpuscope.analyses.findings import FeatureAnswer, FeatureFinding, heading, plain
from corpuscope.analyses.trend_kinds import KindTrend
from corpuscope.errors import PairingError
from corpuscope.store import Evidence

if TYPE_CHECKING:
    from matplotlib.figure import Figure


@dataclass(frozen=True)
class Step:
    """From one group to the next.

    Attributes:
        start: The one group.
        end: The next.
        change: The rate in the next minus that in the one.
    """

    start: str
    end: str
    change: float


@dataclass(frozen=True)
class TrendFinding(FeatureFinding):
    """A feature whose rate rises or falls along the groups.

    Numbers come from all documents unless told otherwise.

    Attributes:
        rates: For each group, first to last, the share of its documents that have the feature.
        rate_intervals: Their 95 % intervals.
        slope: The change of the rate from one group to the next, along the straight line
            through all; within keys where documents are paired. Below 0 where it falls.
        interval: 95 % interval of the slope.
        adjusted_slope: The slope at equal lengths and strata; NaN where no documents are alike.
        adjusted_interval: Its 95 % interval.
        monotone: Whether the rate goes the way of the slope at every step, or stays.
        reversals: The steps at which it goes the other way, however little.
        turns: Whether it surely turns around: a later group has it less (or more, where it
            falls) than an earlier one, with p < .05 over all pairs of groups.
        largest_step: The step at which it goes the way of the slope the most.
        largest_share: How much of all such steps together the largest is, in (0, 1]; 1 where
            the rate changes once, and one over the steps where it drifts evenly.
        discovery_slope: The raw slope in the other half.
        holdout_slope: The raw slope in the half that was held out.
    """

    rates: Mapping[str, float]
    rate_intervals: Mapping[str, tuple[float, float]]
    slope: float
    interval: tuple[float, float]
    adjusted_slope: float
    adjusted_interval: tuple[float, float]
    monotone: bool
    reversals: tuple[Step, ...]
    turns: bool
    largest_step: Step
    largest_share: float
    discovery_slope: float
    holdout_slope: float


@dataclass(frozen=True)
class TrendResult(FeatureAnswer[TrendFinding, KindTrend]):
    """What rises or falls: first what does not turn around, surest first.

    Attributes:
        groups: Their names, from first to last.
        group_sizes: How many documents each has.
        is_paired: Whether documents of one key were compared with each other.
    """

    groups: tuple[str, ...]
    group_sizes: tuple[int, ...]
    is_paired: bool
    shown_by: EvidenceOfTrend = field(repr=False, compare=False)
    detectable: Callable[[], float] = field(repr=False, compare=False)

    @cached_property
    def smallest_detectable(self) -> float:
        """How far a rate of 10 % would have to rise from the first group to the last to be found.

        In even steps, four times in five, by the whole rule, among these documents, where no
        other feature changes; NaN where even 100 % would not do. Worked out when it is asked for.
        """
        return self.detectable()

    @property
    def n_changing(self) -> int:
        """How many features rise or fall as they stand; their lengths may explain it."""
        return int((self.raw_q <= self.q).sum())

    def evidence(self, i: int) -> list[Evidence]:
        """Documents that have finding `i`: of the end where it is frequent, then of the other.

        `side` is the name of the document's group. Strongest first; where documents are paired,
        those come before the others whose key has it on this side alone.
        """
        return self.shown_by.of(self.findings[i].feature, rises=self.findings[i].slope > 0)

    def series(self, i: int) -> list[list[Evidence]]:
        """Keys that show finding `i`: for each the documents of all its groups, first to last.

        A document without the feature has no spans.

        Raises:
            PairingError: The documents were not paired.
        """
        if not self.is_paired:
            raise PairingError(
                "the documents were not paired",
                expected="an answer to a paired question",
                next_step="name the column whose values pair the documents, as pair",
            )
        return self.shown_by.series(self.findings[i].feature, rises=self.findings[i].slope > 0)

    def to_frame(self) -> pd.DataFrame:
        """A row for each finding; intervals in two columns, and a column for each group's rate."""
        columns = [*_COLUMNS, *(f"rate {name}" for name in self.groups)]
        return pd.DataFrame([_row(one) for one in self.findings], columns=columns)

    def to_json(self) -> dict[str, Any]:
        """All of it, evidence included, as values that JSON knows; NaN becomes None."""
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
        from corpuscope.analyses.plots_of_trends import plot_trend

        return plot_trend(self, n=n)


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
