"""One question per module: a store goes in, a frozen result comes out."""

from corpuscope.analyses.correlate import correlate
from corpuscope.analyses.correlate_result import CorrelateResult, PairFinding
from corpuscope.analyses.diff import diff
from corpuscope.analyses.diff_result import DiffResult, Finding
from corpuscope.analyses.findings import Member
from corpuscope.analyses.trend import trend
from corpuscope.analyses.trend_result import Step, TrendFinding, TrendResult

__all__ = [
    "CorrelateResult",
    "DiffResult",
    "Finding",
    "Member",
    "PairFinding",
    "Step",
    "TrendFinding",
    "TrendResult",
    "correlate",
    "diff",
    "trend",
]
