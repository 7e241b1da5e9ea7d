"""Options of an audit."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class AuditSettings:
    """Options of `audit`.

    Attributes:
        count_copies: Whether every copy of a text counts in the search for shortcuts; otherwise
            a text counts once per class.
        folds: Cross-validation folds for likely label errors; classes with fewer documents are
            excluded from that check.
        min_support: Minimum number of documents with a feature, and without it, for a shortcut.
        max_lines: Maximum number of lines shown per check.
        evidence: Number of texts per line.
        rename: Whether features are named from these documents, which takes some seconds.
        seed: Random seed.
    """

    count_copies: bool = False
    folds: int = 5
    min_support: int = 10
    max_lines: int = 20
    evidence: int = 2
    rename: bool = True
    seed: int = 0
