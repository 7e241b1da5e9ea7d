"""A probe with its figures, and the features that it looks at."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from corpuscope.errors import InputError
from corpuscope.probing.metrics import ProbeEvaluation
from corpuscope.probing.probe_names import ProbeKind

if TYPE_CHECKING:
    pass


@dataclass(frozen=True)
class ProbeFeature:
    """A feature that a probe looks at.

    Attributes:
        feature: Its number.
        label: Its name.
        label_score: How far to trust the name, in [0, 1]; NaN where that is not known.
        label_source: Where the name is from, as in a finding of `diff`.
        weight: What the score gains for a standard deviation more of it; of several classes
            the largest.
        towards: The class that it speaks for; empty of a number.
        rates: For each class the share of its training documents in which it is present.
    """

    feature: int
    label: str
    label_score: float
    label_source: str
    weight: float
    towards: str
    rates: Mapping[str, float]


@dataclass(frozen=True)
class Probe:
    """One way to tell the label, and how well it does.

    Attributes:
        name: Kind, unit, pooling and size.
        kind: What it learns from.
        uses_sae: Whether it needs the dictionary.
        n_features: How many numbers it looks at: features, words, or the width of a state.
        without: Features that were struck out before it learned.
        penalty: The one that cross-validation chose.
        validation: How well it told training documents that it had not seen, the mean over
            folds; AUROC, or the correlation with a number.
        features: Of an SAE probe, those of the largest weights, the heaviest first.
        evaluations: One for each corpus.
    """

    name: str
    kind: ProbeKind
    uses_sae: bool
    n_features: int
    without: tuple[int, ...]
    penalty: float
    validation: float
    features: tuple[ProbeFeature, ...]
    evaluations: tuple[ProbeEvaluation, ...]

    def on(self, corpus: str) -> ProbeEvaluation:
        """How well it does on one corpus: "train", "test", or the name of an unseen one.

        Raises:
            InputError: There is no such corpus.
        """
        found = {one.corpus: one for one in self.evaluations}
        if corpus not in found:
            raise InputError(
                f"no corpus {corpus!r}", expected=f"one of {list(found)}", next_step="name one"
            )
        return found[corpus]
