"""A shortcut: a feature that predicts a class by itself and may be an artefact."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

import numpy as np

from corpuscope.analyses.results.naming import Name
from corpuscope.shapes import DocumentMask, GroupNames

Nature = Literal["form", "length", "isolated", "content"]
"""Formatting artefact; text length; isolated (not predictable from its context); content."""

LENGTH, SENTENCES = "length", "sentences"
"""Pseudo-features for text length and for sentence clusters."""

# Number of members named with a shortcut, and number of features that name a sentence cluster.
_NAMED, _OF_A_KIND = 3, 2


@dataclass(frozen=True)
class Shortcut:
    """A feature that predicts a class by itself and may be an artefact.

    Attributes:
        value: The class that has it more often, or whose texts are longer or shorter.
        feature: Number of a dictionary feature, name of a word, `length`, `length N` for texts of
            exactly N characters, or `sentences N` for a sentence cluster.
        label: Its name.
        members: Names of other features in the same documents or at the same positions.
        nature: Why it is suspect, or `content`.
        rate: Share of the class with the feature; for length, the median of the class in tokens.
        rate_elsewhere: The same for all other documents.
        auroc: AUROC of the class by this feature alone; below .5 where the rest have more of it.
        context_auroc: Context predictability: AUROC of predicting the feature from the rest of
            the text; NaN if there are too few documents.
        isolated_below: A feature with a lower `context_auroc` is isolated; NaN where not
            applicable.
        z: z-score of the difference.
        q_value: FDR-adjusted p-value.
        label_source: Origin of `label`, as in a finding of `diff`; empty for lengths.
        member_features: The features that `members` names.
        sentences: Sentences of a sentence cluster in the class, most typical first, as (document
            row, sentence number within the document).
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
        """The feature, and the members whose names are shown."""
        return (self.feature, *self.member_features[: None if self.sentences else _NAMED])

    def called(self, known: Mapping[int | str, Name]) -> "Shortcut":
        """The shortcut with these names."""
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
        """What was found, in words."""
        if self.nature == "length":
            return (
                f"median length {self.rate:.0f} tokens in {self.value!r}, "
                f"{self.rate_elsewhere:.0f} in the rest; length alone predicts the class with "
                f"AUROC {self.auroc:.2f}"
            )
        rates = f"in {self.rate:.0%} of {self.value!r} and in {self.rate_elsewhere:.0%} of the rest"
        if self.members and not self.sentences:
            rates += f", with {', '.join(self.members[:_NAMED])}"
        if self.nature == "form":
            return f"{rates}; formatting artefact"
        if np.isnan(self.context_auroc):
            return f"{rates}; in too few texts to estimate its context predictability"
        negation = "not " if self.nature == "isolated" else ""
        return f"{rates}; {negation}predictable from its context (AUROC {self.context_auroc:.2f})"


def _kind_called(members: Sequence[str]) -> str:
    """Name of a sentence cluster from its features; those with a name come first."""
    named = sorted(members, key=lambda one: one.startswith("feature "))
    return f"sentence cluster: {', '.join(named[:_OF_A_KIND])}"


def is_labelled(values: GroupNames) -> DocumentMask:
    """Mask of the documents with a label."""
    return np.array([name is not None for name in values], dtype=bool)
