"""Options of `correlate`."""

from dataclasses import dataclass

from corpuscope.ranges import check_numbers, check_pair_ranges


@dataclass(frozen=True, kw_only=True)
class CorrelateSettings:
    """Options of `correlate`.

    Attributes:
        parts: Whether to control for two to four clusters of document vectors if `within` is
            empty; the store must contain the vectors.
        words: Whether to pair words, word pairs and format marks.
        features: Whether to pair dictionary features.
        min_support: Minimum number of documents with both; at least 5.
        unexpected_below: A pair is unexpected if at most this share of random pairs are less
            similar (by labels, strongest sentences or companion features).
        finds_group: Whether to count the values of a column by itself, if documents with the same
            value are similar, as answers to one prompt are, and no `group` or `one_per` is named;
            without such a column, near topics.
        holdout: Share of documents held out for replication.
        evidence: Number of documents per finding.
        level: Factor on the presence thresholds of the features.
        max_findings: Maximum number of findings; None for all.
        rename: Whether findings are named from these documents; otherwise by the dictionary.
        seed: Random seed for the holdout split and for random pairs.
    """

    parts: bool = True
    words: bool = False
    features: bool = True
    min_support: int = 10
    unexpected_below: float = 0.8
    finds_group: bool = True
    holdout: float = 0.5
    evidence: int = 5
    level: float | None = None
    max_findings: int | None = 50
    rename: bool = True
    seed: int = 0

    def check(self, *, q: float, min_npmi: float) -> None:
        """Raise InputError if an option, `q` or `min_npmi` is out of range."""
        check_numbers(
            q=q, holdout=self.holdout, evidence=self.evidence, min_support=self.min_support
        )
        check_pair_ranges(min_npmi=min_npmi, unexpected_below=self.unexpected_below)
