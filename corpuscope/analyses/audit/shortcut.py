"""What gives a class away, and how it is told."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

import numpy as np

from corpuscope.analyses.results.naming import Name
from corpuscope.shapes import DocumentMask, GroupNames

Nature = Literal["form", "length", "isolated", "content"]
"""A mark of form; the length; with no company in the text; what the text is about."""

LENGTH, SENTENCES = "length", "sentences"
"""Stand in place of a feature where the length of the texts, or a kind of sentence, is meant."""

# So many of what else a finding tells are named with it, and so many features name a kind.
_NAMED, _OF_A_KIND = 3, 2


@dataclass(frozen=True)
class Shortcut:
    """Something that gives a class away.

    Attributes:
        value: The class that has it more often, or whose texts are longer or shorter.
        feature: The number of a dictionary feature, the name of a word, `length`, `length` and a
            number of characters, or `sentences` and a number where it is a kind of sentence.
        label: Its name for people.
        members: What else sits in the same documents or places.
        nature: Why it is suspect, or `content`.
        rate: The share of the class that has it; of length the class' median in tokens.
        rate_elsewhere: The same of all other documents.
        auroc: How well it alone tells the class from the rest, from 0 to 1; below one half
            where the rest have more.
        context_auroc: How well the rest of a text tells whether the feature is in it, as an AUROC;
            NaN where that cannot be told.
        isolated_below: Up to this company it stands alone; NaN where there is none.
        z: How sure the difference is, in standard errors.
        q_value: The share of false ones among those at least as sure.
        label_source: Where `label` is from, as in a finding of `diff`; empty for lengths.
        member_features: The features that `members` names.
        sentences: Of a kind of sentence each one in the class, the most typical first: the row of
            its document, and which sentence of this it is.
    """

    value: str
    feature: int | str
    label: str
    members: tuple[str, ...]
    nature: Nature
    rate: float
    rate_elsewhere: float
    auroc: float
    context_auroc: float
    isolated_below: float
    z: float
    q_value: float
    label_source: str = ""
    member_features: tuple[int | str, ...] = ()
    sentences: tuple[tuple[int, int], ...] = field(default=(), repr=False, compare=False)

    @property
    def named(self) -> tuple[int | str, ...]:
        """The feature, and those beside it whose names are told."""
        return (self.feature, *self.member_features[: None if self.sentences else _NAMED])

    def called(self, known: Mapping[int | str, Name]) -> "Shortcut":
        """The same under these names."""
        own = known.get(self.feature)
        members = [
            known[feature].label if feature in known else label
            for feature, label in zip(self.member_features, self.members, strict=True)
        ]
        label = own.label if own else self.label
        return replace(
            self,
            label=_kind_called(members) if self.sentences else label,
            label_source=own.source if own else self.label_source,
            members=tuple(members),
        )

    def in_words(self) -> str:
        """What was found, for people."""
        if self.nature == "length":
            return (
                f"half of the texts of {self.value!r} have {self.rate:.0f} tokens or more, of the "
                f"others {self.rate_elsewhere:.0f}; length alone tells the class with an AUROC of "
                f"{self.auroc:.2f}"
            )
        told = f"in {self.rate:.0%} of {self.value!r} and in {self.rate_elsewhere:.0%} of the rest"
        if self.members and not self.sentences:
            told += f", with {', '.join(self.members[:_NAMED])}"
        if self.nature == "form":
            return f"{told}; a matter of form"
        if np.isnan(self.context_auroc):
            return f"{told}; in too few texts to tell what goes with it"
        alone = "stands alone" if self.nature == "isolated" else "has company"
        return f"{told}; it {alone} (the rest of a text tells it with {self.context_auroc:.2f})"


def _kind_called(members: Sequence[str]) -> str:
    """A kind of sentence by the features that tell it, those that have a name first."""
    named = sorted(members, key=lambda one: one.startswith("feature "))
    return f"sentences of a kind: {', '.join(named[:_OF_A_KIND])}"


def is_labelled(values: GroupNames) -> DocumentMask:
    """Which documents have a class."""
    return np.array([name is not None for name in values], dtype=bool)
