"""A line of an audit: what is suspect, why, and what to do next."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from corpuscope.analyses.audit.shortcut import Shortcut
from corpuscope.ranges import Check
from corpuscope.store.evidence import Evidence

NEXT_STEPS: Mapping[Check, str] = {
    "shortcuts": "read the texts; if this is not what the label means, balance it across classes "
    "or collect the data again",
    "suspect_labels": "relabel these, blind to their current label",
    "duplicates": "keep one of each, or keep all copies of a text in one split",
    "leaks": "remove them from one of the two splits",
    "templates": "remove the passage, or make sure that it is as frequent in every class",
    "oddities": "read them; they may be in another language, from another task, or corrupted",
    "small_groups": "collect more, merge classes, or do not report per-class results for them",
}


@dataclass(frozen=True)
class Line:
    """One result of a check.

    Attributes:
        id: Id of the document; for templates the passage, for small groups the class.
        others: Ids of related documents, such as copies.
        score: What the lines of a check are ranked by.
        reason: What was found, in words.
        given: Current label of the document, for likely label errors.
        instead: Predicted label, for likely label errors.
        said: What a reader said of a likely label error: `other` (the predicted label fits),
            `own`, `unclear` or `unread`; None if it was not read.
        evidence: The texts.
    """

    id: str
    score: float
    reason: str
    others: tuple[str, ...] = ()
    given: str | None = None
    instead: str | None = None
    said: str | None = None
    evidence: tuple[Evidence, ...] = field(default=(), repr=False)


@dataclass(frozen=True)
class ShortcutLine(Shortcut):
    """A shortcut with example texts.

    Attributes:
        reason: What was found, in words.
        evidence: Texts of the class, with the spans of the feature.
    """

    reason: str = ""
    evidence: tuple[Evidence, ...] = field(default=(), repr=False)

    @staticmethod
    def of(found: Shortcut, evidence: tuple[Evidence, ...]) -> "ShortcutLine":
        """The line of a shortcut, with texts that show it."""
        return ShortcutLine(
            value=found.value,
            feature=found.feature,
            label=found.label,
            members=found.members,
            nature=found.nature,
            rate=found.rate,
            rate_elsewhere=found.rate_elsewhere,
            auroc=found.auroc,
            context_auroc=found.context_auroc,
            isolated_below=found.isolated_below,
            z=found.z,
            q_value=found.q_value,
            label_source=found.label_source,
            member_features=found.member_features,
            sentences=found.sentences,
            reason=found.in_words(),
            evidence=evidence,
        )
