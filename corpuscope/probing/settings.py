"""How probes are fitted and evaluated."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class ProbeSettings:
    """How `probe` splits documents, fits probes and shows their features.

    Attributes:
        test: Share of the documents held out as the test set.
        folds: Cross-validation folds; at least 2.
        evidence: Documents shown for each feature and class.
        rename: Whether features are named from these documents, which takes some seconds.
        seed: Random seed.
    """

    test: float = 0.25
    folds: int = 5
    evidence: int = 2
    rename: bool = True
    seed: int = 0
