"""The result of `claims`: sentences with outcomes, the judge, and the bill."""

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pandas as pd

from corpuscope.analyses.diff.result import DiffResult
from corpuscope.analyses.results.base import Answer, heading, plain
from corpuscope.claiming.claim import Claim
from corpuscope.claiming.judging.judge import Judge
from corpuscope.claiming.stating.proposals import Dropped
from corpuscope.llm.budget import Receipt
from corpuscope.statistics.rates.intervals import exact_interval

if TYPE_CHECKING:
    from matplotlib.axes import Axes


@dataclass(frozen=True)
class ClaimsResult(Answer):
    """Claims about the difference between groups, in the order of their strongest finding.

    Attributes:
        target: The target group.
        references: The groups that it is compared with.
        is_paired: Whether pairs of texts were read.
        is_independent: Whether the texts read had no part in finding the claims.
        n_read: Pairs, or texts, that were read.
        claims: The claims.
        dropped: Findings and sentences that became no claim, and why.
        n_proposed: Sentences that were proposed, before any was dropped or merged.
        coverage: Share of the texts read of which some claim that is borne out is true on its own
            side; NaN without such claims.
        judge: What is known of the judge; None if nobody was asked.
        receipt: What was spent; None if nobody was asked.
        found: The differences that the claims are made from; None for claims that were saved.
    """

    target: str
    references: tuple[str, ...]
    is_paired: bool
    is_independent: bool
    n_read: int
    claims: tuple[Claim, ...]
    dropped: tuple[Dropped, ...]
    n_proposed: int
    coverage: float
    judge: Judge | None
    receipt: Receipt | None
    found: DiffResult | None = field(repr=False, compare=False)

    @property
    def n_borne_out(self) -> int:
        """The number of claims that reading bears out."""
        return sum(one.is_borne_out for one in self.claims)

    @property
    def share_borne_out(self) -> tuple[float, tuple[float, float]]:
        """The share of stated claims that reading bears out, with its exact 95 % interval."""
        n = len(self.claims)
        share = self.n_borne_out / n if n else math.nan
        return share, exact_interval(self.n_borne_out, n)

    def __len__(self) -> int:
        return len(self.claims)

    def to_frame(self) -> pd.DataFrame:
        """A row for each claim; intervals in two columns each."""
        return pd.DataFrame([_row(one) for one in self.claims], columns=_COLUMNS)

    def to_json(self) -> dict[str, Any]:
        """The complete result, as JSON-compatible values; NaN becomes None."""
        share, interval = self.share_borne_out
        return {
            **heading("claims", self),
            "target": self.target,
            "references": list(self.references),
            "is_paired": self.is_paired,
            "is_independent": self.is_independent,
            "n_read": self.n_read,
            "n_proposed": self.n_proposed,
            "n_borne_out": self.n_borne_out,
            "share_borne_out": plain(share),
            "share_interval": plain(interval),
            "coverage": plain(self.coverage),
            "claims": [plain(one.to_json()) for one in self.claims],
            "dropped": [{"what": one.what, "why": one.why} for one in self.dropped],
            "judge": None if self.judge is None else plain(self.judge.to_json()),
            "receipt": None if self.receipt is None else self.receipt.to_json(),
        }

    def plot(self, ax: "Axes | None" = None) -> "Axes":
        """The claims: differences with confidence intervals, as judged and corrected."""
        from corpuscope.claiming.plot import plot_claims

        return plot_claims(self.claims, target=self.target, references=self.references, ax=ax)


_COLUMNS = [
    "sentence", "side", "kind", "outcome", "difference", "lower", "upper", "corrected",
    "corrected_lower", "corrected_upper", "adjusted_difference", "p_value", "holm_p",
    "rate_target", "rate_reference", "found_difference", "n", "n_unclear", "n_unread",
    "worst_difference", "consistency", "detectable", "n_findings",
]  # fmt: skip


def _row(claim: Claim) -> dict[str, object]:
    own = {name: getattr(claim, name) for name in _COLUMNS if hasattr(claim, name)}
    return own | {
        "lower": claim.interval[0],
        "upper": claim.interval[1],
        "corrected_lower": claim.corrected_interval[0],
        "corrected_upper": claim.corrected_interval[1],
        "n_findings": len(claim.findings),
    }
