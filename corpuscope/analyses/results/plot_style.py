"""Colours, markers and labels of plots; marker shapes always repeat what colours encode."""

import textwrap
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from corpuscope.analyses.results.feature_findings import FeatureFinding


class Look(NamedTuple):
    """The style in which a kind of feature is drawn."""

    colour: str
    marker: str
    name: str


# The Okabe-Ito palette, which is safe for colour-blind readers.
LOOKS = {
    "word": Look("#009E73", "D", "word"),
    "token": Look("#0072B2", "o", "token feature"),
    "sentence": Look("#D55E00", "s", "sentence feature"),
}


_LABEL_WIDTH = 44


_MOST_LINES = 2


GREY = "#666666"


def label_lines(finding: "FeatureFinding", *, width: int = _LABEL_WIDTH) -> str:
    """The finding's label on at most two lines, with the number of its members."""
    more = f" (+{len(finding.members)})" if finding.members else ""
    lines = textwrap.wrap(finding.label + more, width)
    if len(lines) > _MOST_LINES:
        kept = textwrap.shorten(
            finding.label, _MOST_LINES * width - len(more) - 2, placeholder=" …"
        )
        lines = textwrap.wrap(kept + more, width)
    # Matplotlib would parse dollar signs as math.
    return "\n".join(lines).replace("$", r"\$")


def with_rows(ax: "Axes") -> None:
    """Style axes whose rows are findings: a scale below, pale lines behind, nothing else."""
    ax.spines[["top", "right", "left"]].set_visible(False)
    ax.tick_params(axis="y", length=0)
    ax.grid(axis="x", color="#dddddd", linewidth=0.6)
    ax.set_axisbelow(True)
