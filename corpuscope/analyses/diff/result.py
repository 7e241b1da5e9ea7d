"""The result of `diff`: findings, parameters, and ways to show them."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

import pandas as pd

from corpuscope.analyses.diff.evidence import EvidenceOfDiff
from corpuscope.analyses.diff.finding import Finding
from corpuscope.analyses.diff.kinds import KindDifference
from corpuscope.analyses.results.base import heading, plain
from corpuscope.analyses.results.feature_findings import FeatureAnswer
from corpuscope.errors import PairingError
from corpuscope.store.evidence import Evidence

if TYPE_CHECKING:
    from matplotlib.axes import Axes


@dataclass(frozen=True)
class DiffResult(FeatureAnswer[Finding, KindDifference]):
    """The differences between the target and the reference groups, most significant first.

    Attributes:
        target: The target group.
        references: The groups that it is compared with.
        is_paired: Whether documents were paired.
    """

    target: str
    references: tuple[str, ...]
    is_paired: bool
    evidence_source: EvidenceOfDiff = field(repr=False, compare=False)
    detectable: Callable[[], float] = field(repr=False, compare=False)

    @property
    def n_differing(self) -> int:
        """The number of features that differ before adjusting for length and covariates."""
        return int((self.raw_q <= self.q).sum())

    @cached_property
    def smallest_detectable(self) -> float:
        """The smallest increase from a base rate of 10 % that has 80 % power in the target.

        Simulated with the complete decision rule on these documents, if no other feature
        differs; NaN if even 100 % would not be detected. Computed on first access.
        """
        return self.detectable()

    def evidence(self, i: int) -> list[Evidence]:
        """Documents with the feature of finding `i`: the target's, then the reference's.

        Strongest first; of pairs, those of which only one document has it come first.
        """
        return self.evidence_source.of(self.findings[i].feature, self.findings[i].against)

    def pairs(self, i: int) -> list[tuple[Evidence, Evidence]]:
        """Pairs of documents that show finding `i`, as (target, reference).

        Raises:
            PairingError: The documents were not paired.
        """
        if not self.is_paired:
            raise PairingError(
                f"{self.target!r} and its references were not compared in pairs",
                expected="the result of a paired comparison",
                next_step="run diff with pair, the column that pairs documents",
            )
        found = self.findings[i]
        leading = "target" if found.difference > 0 else "reference"
        return self.evidence_source.pairs(found.feature, found.against, leading=leading)

    def to_frame(self) -> pd.DataFrame:
        """A row for each finding; intervals in two columns each."""
        return pd.DataFrame([_row(one) for one in self.findings], columns=_COLUMNS)

    def to_json(self) -> dict[str, Any]:
        """The complete result with evidence, as JSON-compatible values; NaN becomes None."""
        return {
            **heading("diff", self),
            "target": self.target,
            "references": list(self.references),
            "suggested_group": self.suggested_group,
            "n_tested": self.n_tested,
            "n_candidates": self.n_candidates,
            "n_differing": self.n_differing,
            "smallest_detectable": plain(self.smallest_detectable),
            "p_anything": plain(self.p_anything),
            "sentence_kinds": [plain(one.to_json()) for one in self.sentence_kinds],
            "findings": self.findings_as_json(),
        }

    def plot(self, ax: "Axes | None" = None, *, n: int = 20) -> "Axes":
        """The first `n` findings: raw and adjusted differences with confidence intervals."""
        from corpuscope.analyses.diff.plot import plot_diff

        return plot_diff(self.findings, target=self.target, references=self.references, n=n, ax=ax)


_COLUMNS = [
    "feature", "kind", "label", "label_score", "label_source", "n_members",
    "rate_target", "rate_reference", "difference", "lower", "upper", "adjusted_difference",
    "adjusted_lower", "adjusted_upper",
    "p_value", "q_value", "z", "adds_length", "n_target", "n_reference", "replicated",
    "discovery_difference",
    "holdout_difference", "against",
]  # fmt: skip


def _row(finding: Finding) -> dict[str, object]:
    own = {name: getattr(finding, name) for name in _COLUMNS if hasattr(finding, name)}
    lower, upper = finding.interval
    adjusted_lower, adjusted_upper = finding.adjusted_interval
    return own | {
        "n_members": len(finding.members),
        "lower": lower,
        "upper": upper,
        "adjusted_lower": adjusted_lower,
        "adjusted_upper": adjusted_upper,
    }
