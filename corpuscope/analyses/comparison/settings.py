"""How a comparison is made, beside what is asked: the settings of `diff` and `trend`."""

from dataclasses import dataclass

from corpuscope.ranges import check_numbers


@dataclass(frozen=True, kw_only=True)
class ComparisonSettings:
    """What `diff` and `trend` take beside the question.

    Attributes:
        count_copies: Whether each copy of a text counts; else a text counts once in its group.
        words: Whether words, word pairs and format marks are asked about.
        features: Whether the dictionary's features are.
        min_support: Documents that must have a feature, and that must lack it; at least 5.
        holdout: The share of the documents on which findings must be seen again.
        evidence: How many documents show a finding, on each side.
        level: Multiplies the strength above which a feature is present.
        max_findings: So many are shown at most; None shows all.
        rename: Whether findings are named from the documents compared, which takes some
            seconds; else by the dictionary's own labels.
        seed: Of all that is drawn, such as which documents are held out.
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
        """Raise InputError unless each number, and `q`, is in its range."""
        check_numbers(
            q=q, holdout=self.holdout, evidence=self.evidence, min_support=self.min_support
        )
