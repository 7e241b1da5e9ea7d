"""What `probe` answers: probes with their figures and features, and how to show them."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from corpuscope.analyses.evidence import as_json, distinct
from corpuscope.analyses.findings import heading, plain
from corpuscope.analyses.names import Name, Names
from corpuscope.analyses.source import Source
from corpuscope.errors import InputError
from corpuscope.probing.evaluating import BestOf, Evaluation
from corpuscope.probing.specs import Kind
from corpuscope.store import Evidence

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_LOOKED_AT = 4


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
    kind: Kind
    uses_sae: bool
    n_features: int
    without: tuple[int, ...]
    penalty: float
    validation: float
    features: tuple[ProbeFeature, ...]
    evaluations: tuple[Evaluation, ...]

    def on(self, corpus: str) -> Evaluation:
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


@dataclass(frozen=True)
class ProbeResult:
    """What a label can be told from, and whether that holds on unseen corpora.

    Attributes:
        told: The probes, under the dictionary's own names of features.
        label: The column that was told.
        classes: Its classes; of two, scores rise with the second. None of a number.
        best: What the dictionary adds to the choice by validation.
        parameters: What was asked, by name.
        store: The folder that was read.
        digest: Names its content.
        n_documents: Documents with a label, of the store that probes learned from.
        warnings: What was left out, and what to be careful about.
    """

    told: tuple[Probe, ...] = field(repr=False)
    label: str
    classes: tuple[str, ...]
    best: tuple[BestOf, ...]
    parameters: Mapping[str, Any] = field(repr=False)
    store: str
    digest: str
    n_documents: int
    warnings: tuple[str, ...]
    names: Names = field(repr=False, compare=False)
    source: Source = field(repr=False, compare=False)
    sides: npt.NDArray[np.object_] = field(repr=False, compare=False)
    n_evidence: int = field(repr=False)

    def __len__(self) -> int:
        return len(self.told)

    @cached_property
    def probes(self) -> tuple[Probe, ...]:
        """Each probe, its features named from the documents that were learned from."""
        known = self.names.of({f.feature for probe in self.told for f in probe.features})
        return tuple(
            replace(probe, features=tuple(_called(f, known[f.feature]) for f in probe.features))
            for probe in self.told
        )

    def named(self, name: str) -> Probe:
        """The probe of that name.

        Raises:
            InputError: There is none.
        """
        found = {one.name: one for one in self.probes}
        if name not in found:
            raise InputError(
                f"no probe {name!r}",
                expected=f"one of {list(found)}",
                next_step="name one, or ask again with it among probes",
            )
        return found[name]

    def evidence(self, feature: int) -> list[Evidence]:
        """Training and test documents in which a feature is strongest; `side` is their class.

        As many of each class as `evidence` said; those of the class that has it most first.
        """
        found: list[Evidence] = []
        sides = sorted({side for side in self.sides if side is not None})
        for side in sides:
            rows = np.flatnonzero(self.sides == side)
            shown = self.source.strongest(feature, rows, n=_LOOKED_AT * self.n_evidence, side=side)
            found += [evidence for _, evidence in distinct(shown, self.n_evidence)]
        return sorted(found, key=lambda one: -one.strength)

    def to_frame(self) -> pd.DataFrame:
        """A row for each probe and corpus; intervals in two columns each."""
        return pd.DataFrame([row for one in self.told for row in _rows(one)])

    def to_json(self) -> dict[str, Any]:
        """All of it, evidence included, as values that JSON knows; NaN becomes None."""
        shown: dict[int, list[dict[str, object]]] = {}
        for probe in self.probes:
            for one in probe.features:
                if one.feature not in shown:
                    shown[one.feature] = [as_json(e) for e in self.evidence(one.feature)]
        return {
            **heading("probe", self),
            "label": self.label,
            "classes": list(self.classes),
            "probes": [_as_json(probe, shown) for probe in self.probes],
            "best": [plain(asdict(one)) for one in self.best],
        }

    def plot(self, ax: "Axes | None" = None) -> "Axes":
        """Every probe on every corpus: how far it drops from test to unseen."""
        from corpuscope.probing.plots import plot_probe

        return plot_probe(self, ax)


def _rows(probe: Probe) -> Sequence[dict[str, Any]]:
    of_probe = {
        name: getattr(probe, name)
        for name in ("name", "kind", "uses_sae", "n_features", "penalty", "validation")
    }
    rows = []
    for one in probe.evaluations:
        row = of_probe | asdict(one)
        row["lower"], row["upper"] = row.pop("interval")
        row["drop_lower"], row["drop_upper"] = row.pop("drop_interval")
        rows.append(row)
    return rows


def _as_json(probe: Probe, shown: Mapping[int, list[dict[str, object]]]) -> dict[str, Any]:
    found: dict[str, Any] = plain(asdict(probe))
    for one in found["features"]:
        one["evidence"] = shown[one["feature"]]
    return found


def _called(feature: ProbeFeature, name: Name) -> ProbeFeature:
    return replace(feature, label=name.label, label_score=name.score, label_source=name.source)
