"""Histograms on one line of text."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from corpuscope.analyses.describe.histograms import Histogram

_BARS = " ▁▂▃▄▅▆▇█"


def bars(counts: Sequence[int]) -> str:
    """A bar for each count; only counts of 0 have none."""
    largest = max(counts, default=0)
    return "".join(_BARS[-(-8 * count // largest)] if count else _BARS[0] for count in counts)


def in_line(found: "Histogram", *, edge_at: float | None = None) -> str:
    """Bars, the least and largest number and the median; a line in the bars at an edge."""
    at = found.edges.index(edge_at) if edge_at in found.edges[1:-1] else 0
    shown = bars(found.counts)
    shown = f"{shown[:at]}│{shown[at:]}" if at else shown
    least, _, median, _, largest = map(number, found.quartiles)
    scale = ", logarithmic" if found.scale == "log" else ""
    return f"{shown}  {least} to {largest}, median {median}{scale}"


def number(value: float) -> str:
    """A number with three significant digits, or whole; no comma in what may be a year."""
    if (value == int(value) and abs(value) < 1e15) or abs(value) >= 1000:
        return f"{value:,.0f}" if abs(value) >= 10_000 else f"{value:.0f}"
    return f"{value:.3g}"
