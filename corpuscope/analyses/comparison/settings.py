"""Settings shared by `diff` and `trend`."""

from dataclasses import dataclass

from corpuscope.ranges import check_numbers


@dataclass(frozen=True, kw_only=True)
class ComparisonSettings:
    """Settings of a comparison, shared by `diff` and `trend`.

    Attributes:
        count_copies: Whether duplicates of a text count; by default a text counts once per group.
        words: Whether to test words, word pairs and format marks.
        features: Whether to test the features of the dictionary.
        min_support: Least number of documents that must have a feature, and that must lack it;
            at least 5.
        holdout: The share of documents held out for replicating findings.
        evidence: Number of documents shown per finding and side.
        level: Factor applied to the presence thresholds of the features; None for 1.
        max_findings: Largest number of findings reported; None for all.
        rename: Whether to label findings from the documents compared, which takes some seconds;
            else the labels of the dictionary are used.
        seed: Random seed, such as for the holdout split.
    """

    count_copies: bool = False
    words: bool = True
    features: bool = True
    min_support: int = 10
    holdout: float = 0.5
    evidence: int = 5
    level: float | None = None
    max_findings: int | None = 50
    rename: bool = True
    seed: int = 0

    def check(self, *, q: float) -> None:
        """Raise InputError unless `q` and all numeric settings are in range."""
        check_numbers(
            q=q, holdout=self.holdout, evidence=self.evidence, min_support=self.min_support
        )
