"""One question per module: a store goes in, a frozen result comes out."""

from corpuscope.analyses.diff import diff
from corpuscope.analyses.diff_result import DiffResult, Finding, Member

__all__ = ["DiffResult", "Finding", "Member", "diff"]
