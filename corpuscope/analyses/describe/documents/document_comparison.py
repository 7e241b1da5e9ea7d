"""The result of `compare_documents`."""

from dataclasses import asdict, dataclass, field
from typing import Any, Literal

import pandas as pd

from corpuscope.analyses.describe.documents.text_window import ShownText
from corpuscope.analyses.describe.features.names import NamedFeature
from corpuscope.analyses.results.base import Answer, heading, plain

Layer = Literal["finding", "other finding", "only one"]
Side = Literal["left", "right", "both", "neither"]


@dataclass(frozen=True)
class Occurrence:
    """A feature in one of the two documents.

    Attributes:
        is_present: Whether it counts as present; a near miss has a strength, and does not.
        strength: How strong it is; of a word feature, how often it occurs.
        over_threshold: Its strength divided by its threshold; NaN for word features and
            thresholds of 0.
        spans: The characters of the whole text at which it peaks, or at which the word stands.
    """

    is_present: bool
    strength: float
    over_threshold: float
    spans: tuple[tuple[int, int], ...]


@dataclass(frozen=True)
class ComparedFeature(NamedFeature):
    """A feature in two documents.

    Attributes:
        layer: "finding" if it belongs to the finding looked at, "other finding" if to another of
            those given, "only one" if just one of the documents has it.
        finding: The position of that finding among those given; None for "only one".
        present_in: Which of the documents have it.
        left: What it is in the first document; None if nothing is kept of it there.
        right: The same in the second.
    """

    layer: Layer
    finding: int | None
    present_in: Side
    left: Occurrence | None
    right: Occurrence | None


@dataclass(frozen=True)
class DocumentComparison(Answer):
    """Two documents, and the features by which they differ, in layers.

    Attributes:
        left: The first document.
        right: The second.
        features: First those of the finding looked at, then those of other findings, in their
            order, then all that just one of the documents has, by strength over threshold.
    """

    left: ShownText
    right: ShownText
    features: tuple[ComparedFeature, ...] = field(repr=False)

    def only(self, side: Literal["left", "right"]) -> tuple[ComparedFeature, ...]:
        """The features that just this document has, in the same order."""
        return tuple(one for one in self.features if one.present_in == side)

    def to_frame(self) -> pd.DataFrame:
        """A row for each feature; what it is in each document in columns of its own."""
        return pd.DataFrame([_row(one) for one in self.features], columns=_COLUMNS)

    def to_json(self) -> dict[str, Any]:
        """All of it, as JSON-compatible values; NaN becomes None."""
        return heading("pair", self) | {
            "left": self.left.to_json(),
            "right": self.right.to_json(),
            "n_only_left": len(self.only("left")),
            "n_only_right": len(self.only("right")),
            "features": [plain(asdict(one)) for one in self.features],
        }


_OWN = [
    "feature", "kind", "label", "label_source", "label_score", "layer", "finding", "present_in",
]  # fmt: skip
_OF_A_SIDE = ("is_present", "strength", "over_threshold", "spans")
_COLUMNS = [*_OWN, *(f"{side}_{name}" for side in ("left", "right") for name in _OF_A_SIDE)]


def _row(one: ComparedFeature) -> dict[str, Any]:
    found = {name: getattr(one, name) for name in _OWN}
    for side, own in (("left", one.left), ("right", one.right)):
        for name in _OF_A_SIDE:
            found[f"{side}_{name}"] = None if own is None else getattr(own, name)
    return found
