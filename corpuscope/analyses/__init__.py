"""One question per module: a store goes in, a frozen result comes out."""

from corpuscope.analyses.correlate import correlate
from corpuscope.analyses.correlate_result import CorrelateResult, PairFinding
from corpuscope.analyses.diff import diff
from corpuscope.analyses.diff_result import DiffResult, Finding, Member
from corpuscope.analyses.search import search
from corpuscope.analyses.search_result import Hit, HitFeature, SearchedFeature, SearchResult

__all__ = [
    "CorrelateResult",
    "DiffResult",
    "Finding",
    "Hit",
    "HitFeature",
    "Member",
    "PairFinding",
    "SearchResult",
    "SearchedFeature",
    "correlate",
    "diff",
    "search",
]
