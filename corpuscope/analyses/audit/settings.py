"""How an audit is made, beside what is asked."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class AuditSettings:
    """What `audit` takes beside the question.

    Attributes:
        count_copies: Whether each copy of a text counts in the search for shortcuts; else a text
            counts once in its class.
        folds: In how many parts documents are told by models that have not seen them; a class
            with fewer documents is left out there.
        min_support: Documents that must have a feature, and lack it, to be a shortcut.
        max_lines: So many lines of each check are shown at most.
        evidence: How many texts show a line.
        rename: Whether features are named from these documents, which takes some seconds.
        seed: Of all that is drawn.
    """

    count_copies: bool = False
    folds: int = 5
    min_support: int = 10
    max_lines: int = 20
    evidence: int = 2
    rename: bool = True
    seed: int = 0
