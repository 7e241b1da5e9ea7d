"""A line of an audit: what is wrong, why, and what to do next."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from corpuscope.analyses.audit.shortcut import Shortcut
from corpuscope.ranges import Check
from corpuscope.store.evidence import Evidence

NEXT_STEPS: Mapping[Check, str] = {
    "shortcuts": "read the texts; if the label does not mean it, even it out in both classes or "
    "collect again",
    "suspect_labels": "label these again without seeing the label they have",
    "duplicates": "keep one of each, or keep all of one text in one split",
    "leaks": "take them out of one of the two splits",
    "templates": "take the passage out, or make sure that every class has it as often",
    "oddities": "read them; they may be of another language, another task, or broken",
    "small_groups": "collect more, join groups, or leave figures for them out",
}


@dataclass(frozen=True)
class Line:
    """Something to look at in the data.

    Attributes:
        id: The document it is about, or the passage or the group.
        others: Documents that belong to it, such as its copies.
        score: How strong it is; lines of one check are in the order of it.
        reason: What was found, for people.
        given: The label that the document has.
        instead: The label that it looks like, where it is about labels.
        evidence: The texts.
    """

    id: str
    score: float
    reason: str
    others: tuple[str, ...] = ()
    given: str | None = None
    instead: str | None = None
    evidence: tuple[Evidence, ...] = field(default=(), repr=False)


@dataclass(frozen=True)
class ShortcutLine(Shortcut):
    """A shortcut with the texts that show it.

    Attributes:
        reason: What was found, for people.
        evidence: Texts of the class, with the places.
    """

    reason: str = ""
    evidence: tuple[Evidence, ...] = field(default=(), repr=False)
