"""What `trend` answers: features that rise or fall along ordered groups."""

import itertools
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import pandas as pd

from corpuscope.analyses.asked import check_q
from corpuscope.analyses.evidence import EvidenceOfTrend, as_json
from corpuscope.analyses.findings import FeatureFinding, heading, named, plain, untold
from corpuscope.analyses.names import Names
from corpuscope.errors import PairingError
from corpuscope.shapes import PerTest
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
        p_value: Two-sided; the larger of the raw and the adjusted one unless told otherwise.
        q_value: The share of false findings among those at least as sure as this one.
        monotone: Whether the rate goes the way of the slope at every step, or stays.
        reversals: The steps at which it goes the other way, however little.
        turns: Whether it surely turns around: a later group has it less (or more, where it
            falls) than an earlier one, with p < .05 over all pairs of groups.
        largest_step: The step at which it goes the way of the slope the most.
        largest_share: How much of all such steps together the largest is, in (0, 1]; 1 where
            the rate changes once, and one over the steps where it drifts evenly.
        replicated: Whether both halves of the documents have it in this direction, the one that
            was held out with a p-value below .05.
        discovery_slope: The raw slope in the other half.
        holdout_slope: The raw slope in the half that was held out.
        z: The p-value in standard errors, with the sign of the slope.
    """

    rates: Mapping[str, float]
    rate_intervals: Mapping[str, tuple[float, float]]
    slope: float
    interval: tuple[float, float]
    adjusted_slope: float
    adjusted_interval: tuple[float, float]
    p_value: float
    q_value: float
    monotone: bool
    reversals: tuple[Step, ...]
    turns: bool
    largest_step: Step
    largest_share: float
    replicated: bool
    discovery_slope: float
    holdout_slope: float
    z: float


@dataclass(frozen=True)
class TrendResult:
    """What rises or falls: first what does not turn around, surest first.

    Attributes:
        groups: Their names, from first to last.
        group_sizes: How many documents each has.
        is_paired: Whether documents of one key were compared with each other.
        candidates: Every family with a p-value below .01.
        q: Findings are the replicated candidates with a q-value of at most this.
        max_findings: So many are shown at most; None shows all.
        parameters: What was asked, by name.
        store: The folder that was read; several are joined by a plus.
        digest: Names the content of the store.
        n_documents: Documents of all groups that were compared.
        n_tested: Features with enough support to reach a small p-value.
        raw_q: The q-value of each of them as it stands, whatever explains it.
        smallest_detectable: How far a rate of 10 % would have to rise from the first to the
            last group, evenly, for four chances in five to be found; NaN where even 100 %
            would not do.
        warnings: What was left out, and what to be careful about.
    """

    groups: tuple[str, ...]
    group_sizes: tuple[int, ...]
    is_paired: bool
    candidates: tuple[TrendFinding, ...] = field(repr=False)
    q: float
    max_findings: int | None
    parameters: Mapping[str, Any] = field(repr=False)
    store: str
    digest: str
    n_documents: int
    n_tested: int
    raw_q: PerTest = field(repr=False, compare=False)
    smallest_detectable: float
    warnings: tuple[str, ...]
    names: Names = field(repr=False, compare=False)
    shown_by: EvidenceOfTrend = field(repr=False, compare=False)

    @property
    def n_candidates(self) -> int:
        """How many families have a p-value below .01."""
        return len(self.candidates)

    @property
    def n_changing(self) -> int:
        """How many features rise or fall as they stand; their lengths may explain it."""
        return int((self.raw_q <= self.q).sum())

    @cached_property
    def findings(self) -> tuple[TrendFinding, ...]:
        """The replicated candidates with a q-value of at most `q`; those that turn come last."""
        return named(list(itertools.islice(self._kept(), self.max_findings)), self.names)

    def _kept(self) -> Iterator[TrendFinding]:
        return (one for one in self.candidates if one.q_value <= self.q and one.replicated)

    def __len__(self) -> int:
        return len(self.findings)

    def at(self, *, q: float) -> "TrendResult":
        """The same answer with another bar for findings; nothing is computed again."""
        check_q(q)
        return replace(self, q=q, parameters={**self.parameters, "q": q})

    def less(self, told: "TrendResult", *, n: int | None = None) -> "TrendResult":
        """The same answer without what another answer's findings tell; the first `n` findings."""
        rest = untold(list(self._kept()), list(told._kept()))
        return replace(self, candidates=tuple(rest[:n]))

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
        findings = [
            plain(asdict(one)) | {"evidence": [as_json(shown) for shown in self.evidence(i)]}
            for i, one in enumerate(self.findings)
        ]
        return {
            **heading("trend", self),
            "groups": list(self.groups),
            "group_sizes": list(self.group_sizes),
            "n_tested": self.n_tested,
            "n_candidates": self.n_candidates,
            "n_changing": self.n_changing,
            "smallest_detectable": plain(self.smallest_detectable),
            "findings": findings,
        }

    def plot(self, *, n: int = 12) -> "Figure":
        """A small panel for each of the first `n` findings: rates with their intervals."""
        from corpuscope.analyses.plots_of_trends import plot_trend

        return plot_trend(self, n=n)


_COLUMNS = [
    "feature", "kind", "label", "label_score", "n_members", "slope", "lower", "upper",
    "adjusted_slope", "adjusted_lower", "adjusted_upper", "p_value", "q_value", "z", "monotone",
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
