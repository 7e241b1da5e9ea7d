"""How pairs are looked for, beside what is asked."""

from dataclasses import dataclass

from corpuscope.ranges import check_numbers, check_pair_ranges


@dataclass(frozen=True, kw_only=True)
class CorrelateSettings:
    """What `correlate` takes beside the question.

    Attributes:
        parts: Whether two to four parts of texts of like meaning are held where `within` names
            none; the store must have the documents' vectors.
        words: Whether words, word pairs and format marks are paired too.
        features: Whether the dictionary's features are.
        min_support: Documents that must have both; at least 5.
        unexpected_below: A pair is unexpected if at most this share of random pairs are less
            alike, in their names or in the sentences where they are strongest.
        holdout: The share of the documents on which findings must be seen again.
        evidence: How many documents show a finding.
        level: Multiplies the strength above which a feature is present.
        max_findings: So many are shown at most; None shows all.
        rename: Whether findings are named from these documents; else by the dictionary.
        seed: Which documents are held out, and which names are compared.
    """

    parts: bool = True
    words: bool = False
    features: bool = True
    min_support: int = 10
    unexpected_below: float = 0.8
    holdout: float = 0.5
    evidence: int = 5
    level: float | None = None
    max_findings: int | None = 50
    rename: bool = True
    seed: int = 0

    def check(self, *, q: float, min_npmi: float) -> None:
        """Raise InputError unless each number, `q` and `min_npmi` are in their ranges."""
        check_numbers(
            q=q, holdout=self.holdout, evidence=self.evidence, min_support=self.min_support
        )
        check_pair_ranges(min_npmi=min_npmi, unexpected_below=self.unexpected_below)
