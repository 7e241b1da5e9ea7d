"""A claim: a statement with what reading said of it."""

from dataclasses import dataclass
from typing import Any, Literal, get_args

from corpuscope.claiming.statement import Side, StatementKind

__all__ = ["OUTCOMES", "Claim", "Outcome", "QuotedPassage", "ReadText"]

Outcome = Literal[
    "holds", "agrees", "undecided", "refuted", "incomplete", "judge_unfit", "not_read"
]
"""What reading said.

`holds`: true more often on its side, on documents that had no part in finding it. `agrees`: the
same, on documents that helped to find it. `refuted`: whatever difference there is, it is smaller
than the smallest of interest, or on the other side. `undecided`: neither. `incomplete`: too many
texts could not be read or decided. `judge_unfit`: the judge does not find planted sentences.
`not_read`: nobody was asked.
"""

OUTCOMES: tuple[Outcome, ...] = get_args(Outcome)
"""All of them, the firmest first."""


@dataclass(frozen=True, slots=True)
class QuotedPassage:
    """A passage that led to the claim, to the character.

    Attributes:
        id: The document.
        start: Where the passage begins in its text.
        end: Where it ends.
        passage: The passage.
    """

    id: str
    start: int
    end: int
    passage: str


@dataclass(frozen=True)
class ReadText:
    """A text that was read for the claim.

    Attributes:
        ids: The pair of documents, the target's first; or the one document.
        says: What the judge found: `target`, `reference`, `yes` or `no`.
        reason: Its reason.
    """

    ids: tuple[str, ...]
    says: str
    reason: str


@dataclass(frozen=True)
class Claim:
    """A sentence about the texts, and whether reading bears it out.

    Differences are the stated side's rate minus the other's: positive if the claim is right.

    Attributes:
        sentence: The sentence, about one text.
        negation: What is true of a text of which it is not.
        side: The group of which it should be true more often.
        kind: `presence` if one text alone decides it, else `degree`.
        outcome: What reading said.
        findings: The labels of the findings it was made from, strongest first.
        features: Their features.
        found_difference: The largest difference among these findings, where they were found.
        rate_target: Share of the target's texts of which the judge says it is true.
        rate_reference: Share of the reference's texts.
        difference: The difference as judged.
        interval: Its 95 % confidence interval.
        corrected: The difference, corrected for the judge's error; NaN if that is not known.
        corrected_interval: Its 95 % confidence interval, which carries the judge's error.
        adjusted_difference: The difference as judged, adjusted for length.
        p_value: One-sided; the larger of the raw and the length-adjusted one.
        holm_p: The p-value, corrected for all claims that were stated (Holm).
        n: Pairs, or texts, that were decided.
        n_unclear: Those that the judge could not decide.
        n_unread: Those without a readable answer.
        worst_difference: The difference if all of these spoke against the claim.
        consistency: Share of pairs with the same verdict in both orders; NaN without pairs.
        detectable: The smallest difference as judged that would have been found in four of five
            tries.
        quotes: Passages that led to the claim.
        texts: Some of the texts that were read: those that speak for it, then those against.
    """

    sentence: str
    negation: str
    side: Side
    kind: StatementKind
    outcome: Outcome
    findings: tuple[str, ...]
    features: tuple[int | str, ...]
    found_difference: float
    rate_target: float
    rate_reference: float
    difference: float
    interval: tuple[float, float]
    corrected: float
    corrected_interval: tuple[float, float]
    adjusted_difference: float
    p_value: float
    holm_p: float
    n: int
    n_unclear: int
    n_unread: int
    worst_difference: float
    consistency: float
    detectable: float
    quotes: tuple[QuotedPassage, ...]
    texts: tuple[ReadText, ...]

    @property
    def is_borne_out(self) -> bool:
        """Whether reading bears it out."""
        return self.outcome in ("holds", "agrees")

    def to_json(self) -> dict[str, Any]:
        """All fields."""
        from dataclasses import asdict

        return asdict(self)
