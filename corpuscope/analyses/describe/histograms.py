"""Small histograms of numbers, with their quartiles."""

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

Scale = Literal["linear", "log"]

_N_BINS = 20
# Numbers that reach beyond so many times their median are binned on a logarithmic scale.
_SKEWED = 16.0


@dataclass(frozen=True)
class Histogram:
    """How many numbers lie between each two edges: above the first of them, up to the second.

    Attributes:
        edges: Ascending; one more than there are bins. The first bin contains its lower edge.
        counts: How many numbers are in each bin.
        scale: Whether bins are equally wide, or each is a multiple of the one before.
        quartiles: The least, the lower quartile, the median, the upper quartile, the largest.
    """

    edges: tuple[float, ...]
    counts: tuple[int, ...]
    scale: Scale
    quartiles: tuple[float, float, float, float, float]

    @property
    def n(self) -> int:
        """How many numbers were counted."""
        return sum(self.counts)

    def to_json(self) -> dict[str, Any]:
        """All of it under the names of its attributes."""
        return {
            "edges": list(self.edges),
            "counts": list(self.counts),
            "scale": self.scale,
            "quartiles": list(self.quartiles),
        }


def histogram(values: npt.NDArray[Any], *, edge_at: float | None = None) -> Histogram | None:
    """A histogram of at most some 20 bins; None without finite numbers.

    Few different whole numbers get a bin each.

    Args:
        values: The numbers; NaN and infinities are left out.
        edge_at: A number between the least and the largest that is to be an edge, such as a
            threshold.

    Example:
        >>> found = histogram(np.array([1, 2, 2, 4]))
        >>> found.edges, found.counts
        ((0.5, 1.5, 2.5, 3.5, 4.5), (1, 2, 0, 1))
    """
    numbers = np.asarray(values, dtype=np.float64)
    numbers = numbers[np.isfinite(numbers)]
    if not len(numbers):
        return None
    quartiles = np.quantile(numbers, [0, 0.25, 0.5, 0.75, 1])
    edges, scale = _edges(numbers, quartiles, edge_at)
    # Bins are open below, so that what is just at a threshold is not above it.
    at = np.searchsorted(edges, numbers, side="left") - 1
    counts = np.bincount(np.clip(at, 0, len(edges) - 2), minlength=len(edges) - 1)
    least, lower, median, upper, largest = quartiles.tolist()
    return Histogram(
        tuple(edges.tolist()), tuple(counts.tolist()), scale,
        (least, lower, median, upper, largest),
    )  # fmt: skip


def _edges(
    numbers: npt.NDArray[np.float64], quartiles: npt.NDArray[np.float64], edge_at: float | None
) -> tuple[npt.NDArray[np.float64], Scale]:
    least, median, largest = float(quartiles[0]), float(quartiles[2]), float(quartiles[4])
    if edge_at is not None and least < edge_at < largest:
        return _around(least, edge_at, largest), "linear"
    is_whole = bool(np.all(numbers == np.round(numbers)))
    if is_whole and largest - least < _N_BINS:
        return np.arange(least, largest + 2) - 0.5, "linear"
    if least >= 0 and largest > _SKEWED * median > 0:
        above = numbers[numbers > 0].min()
        edges = np.geomspace(above, largest, _N_BINS + 1)
        # What is 0 has no logarithm; it is in the first bin.
        edges[0] = least
        return edges, "log"
    if least == largest:
        return np.array([least - 0.5, least + 0.5]), "linear"
    return np.linspace(least, largest, _N_BINS + 1), "linear"


def _around(least: float, edge: float, largest: float) -> npt.NDArray[np.float64]:
    """Nearly equal bins, of which one ends at `edge`."""
    n_below = round(_N_BINS * (edge - least) / (largest - least))
    n_below = min(max(n_below, 1), _N_BINS - 1)
    below = np.linspace(least, edge, n_below + 1)
    above = np.linspace(edge, largest, _N_BINS - n_below + 1)
    return np.concatenate([below, above[1:]])
