"""How documents are grouped, beside what is asked."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class ClusterSettings:
    """What `cluster` takes beside the question.

    Attributes:
        n_features: How many features each phrase stands for.
        words: Whether groups are told by words, too.
        min_support: Documents that must have a feature, and that must lack it.
        evidence: How many documents show a group.
        level: Multiplies the strength above which a feature is present.
        rename: Whether features are named from these documents; else by the dictionary.
        seed: Of all that is drawn.
    """

    n_features: int = 300
    words: bool = True
    min_support: int = 5
    evidence: int = 5
    level: float | None = None
    rename: bool = True
    seed: int = 0
