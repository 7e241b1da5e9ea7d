"""A probe with its metrics, and the features that it uses."""

from collections.abc import Mapping
from dataclasses import dataclass

from corpuscope.errors import InputError
from corpuscope.probing.metrics import ProbeEvaluation
from corpuscope.probing.probe_names import ProbeKind


@dataclass(frozen=True)
class ProbeFeature:
    """A feature that a probe uses.

    Attributes:
        feature: Its index.
        label: Its name.
        label_score: How far to trust the name, in [0, 1]; NaN where unknown.
        label_source: Where the name is from, as in a finding of `diff`.
        weight: Change of the score per standard deviation; for several classes the largest.
        towards: The class that it favours; empty for a number.
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
    """One probe, and how well it does.

    Attributes:
        name: Kind, unit, pooling and size.
        kind: What it is trained on.
        uses_sae: Whether it needs the dictionary.
        n_features: Number of inputs: features, words, or the width of a state.
        without: Features excluded from training.
        penalty: The one chosen by cross-validation.
        validation: Cross-validated AUROC, or correlation for a number; the mean over folds.
        features: For an SAE probe, those of largest absolute weight, in decreasing order.
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
        """The evaluation on one corpus: "train", "test", or the name of an unseen one.

        Raises:
            InputError: There is no such corpus.
        """
        found = {one.corpus: one for one in self.evaluations}
        if corpus not in found:
            raise InputError(
                f"no corpus {corpus!r}", expected=f"one of {list(found)}", next_step="name one"
            )
        return found[corpus]
