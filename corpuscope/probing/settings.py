"""How probes are fitted and judged, beside what is asked."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class ProbeSettings:
    """What `probe` takes beside the question.

    Attributes:
        test: The share of the documents that is tested on.
        folds: Of the cross-validation; at least 2.
        evidence: How many documents show a feature, of each class.
        rename: Whether features are named from these documents, which takes some seconds.
        seed: Of all that is drawn.
    """

    test: float = 0.25
    folds: int = 5
    evidence: int = 2
    rename: bool = True
    seed: int = 0
