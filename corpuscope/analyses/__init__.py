"""One question per module: a store goes in, a frozen result comes out."""

from corpuscope.analyses.audit import audit
from corpuscope.analyses.audit_result import AuditResult, Line, ShortcutLine
from corpuscope.analyses.cluster import cluster
from corpuscope.analyses.cluster_names import ClusterFeature
from corpuscope.analyses.cluster_result import AxisFeature, Cluster, ClusterResult
from corpuscope.analyses.correlate import correlate
from corpuscope.analyses.correlate_result import CorrelateResult, PairFinding
from corpuscope.analyses.diff import diff
from corpuscope.analyses.diff_kinds import KindDifference
from corpuscope.analyses.diff_result import DiffResult, Finding
from corpuscope.analyses.findings import Member
from corpuscope.analyses.how_many import Curve, Structure
from corpuscope.analyses.search import search
from corpuscope.analyses.search_result import Hit, HitFeature, SearchedFeature, SearchResult
from corpuscope.analyses.trend import trend
from corpuscope.analyses.trend_kinds import KindTrend
from corpuscope.analyses.trend_result import Step, TrendFinding, TrendResult

__all__ = [
    "AuditResult",
    "AxisFeature",
    "Cluster",
    "ClusterFeature",
    "ClusterResult",
    "CorrelateResult",
    "Curve",
    "DiffResult",
    "Finding",
    "Hit",
    "HitFeature",
    "KindDifference",
    "KindTrend",
    "Line",
    "Member",
    "PairFinding",
    "SearchResult",
    "SearchedFeature",
    "ShortcutLine",
    "Step",
    "Structure",
    "TrendFinding",
    "TrendResult",
    "audit",
    "cluster",
    "correlate",
    "diff",
    "search",
    "trend",
]
