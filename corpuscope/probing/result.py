"""The result of `probe`: probes with their metrics and features, as table, JSON and plot."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from corpuscope.analyses.results.base import Answer, heading, plain
from corpuscope.analyses.results.evidence import as_json, distinct
from corpuscope.analyses.results.naming import Name, Names
from corpuscope.errors import InputError
from corpuscope.labels.named_store import NamedStore
from corpuscope.probing.finding import Probe, ProbeFeature
from corpuscope.probing.metrics import BestOf
from corpuscope.store.evidence import Evidence

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_LOOKED_AT = 4


@dataclass(frozen=True)
class ProbeResult(Answer):
    """What predicts a label, and whether that transfers to unseen corpora.

    Attributes:
        every: The probes, with the dictionary's own labels of features.
        label: The column predicted.
        classes: Its classes; of two, the second is positive. Empty for a number.
        best: What the dictionary gains where probes are chosen by cross-validation.
    """

    every: tuple[Probe, ...] = field(repr=False)
    label: str
    classes: tuple[str, ...]
    best: tuple[BestOf, ...]
    names: Names = field(repr=False, compare=False)
    source: NamedStore = field(repr=False, compare=False)
    sides: npt.NDArray[np.object_] = field(repr=False, compare=False)
    n_evidence: int = field(repr=False)

    def __len__(self) -> int:
        return len(self.every)

    @cached_property
    def probes(self) -> tuple[Probe, ...]:
        """Each probe, its features named from the training documents."""
        known = self.names.of({f.feature for probe in self.every for f in probe.features})
        return tuple(
            replace(probe, features=tuple(_called(f, known[f.feature]) for f in probe.features))
            for probe in self.every
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
                next_step="name one of these, or add it to probes and run again",
            )
        return found[name]

    def evidence(self, feature: int) -> list[Evidence]:
        """Training and test documents in which a feature is strongest; `side` is their class.

        `evidence` documents per class, in order of decreasing strength.
        """
        found: list[Evidence] = []
        sides = sorted({side for side in self.sides if side is not None})
        for side in sides:
            rows = np.flatnonzero(self.sides == side)
            # Look at more than are shown, because duplicates are dropped.
            shown = self.source.strongest(feature, rows, n=_LOOKED_AT * self.n_evidence, side=side)
            found += [evidence for _, evidence in distinct(shown, self.n_evidence)]
        return sorted(found, key=lambda one: -one.strength)

    def to_frame(self) -> pd.DataFrame:
        """A row for each probe and corpus; intervals in two columns each."""
        return pd.DataFrame([row for one in self.every for row in _rows(one)])

    def to_json(self) -> dict[str, Any]:
        """The whole result, evidence included, as JSON values; NaN becomes None."""
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
        """Every probe on every corpus, so that drops from test to unseen show."""
        from corpuscope.probing.plot import plot_probe

        return plot_probe(self.every, label=self.label, is_number=not self.classes, ax=ax)


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
