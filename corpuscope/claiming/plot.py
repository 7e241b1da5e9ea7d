"""The plot of `claims`: a forest plot with a row for each claim."""

import math
import textwrap
from collections.abc import Sequence
from typing import TYPE_CHECKING

from corpuscope.analyses.results.plot_style import GREY, with_rows
from corpuscope.extras import check_plot

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from corpuscope.claiming.claim import Claim

_OFFSET = 0.14
_COLOURS = {"holds": "#1b7837", "agrees": "#1b7837", "refuted": "#b2182b"}
_WIDTH = 44


def plot_claims(
    claims: "Sequence[Claim]", *, target: str, references: Sequence[str], ax: "Axes | None"
) -> "Axes":
    """The claims, top to bottom: filled marks as judged, hollow ones corrected."""
    if ax is None:
        check_plot()
        from matplotlib import pyplot as plt

        _, ax = plt.subplots(figsize=(9.5, 1.6 + 0.62 * max(len(claims), 2)), layout="constrained")
    for place, one in enumerate(claims):
        colour = _COLOURS.get(one.outcome, GREY)
        for value, (lower, upper), height, fill in (
            (one.difference, one.interval, place - _OFFSET, colour),
            (one.corrected, one.corrected_interval, place + _OFFSET, "white"),
        ):
            if not math.isnan(value):
                ax.hlines(height, 100 * lower, 100 * upper, color=colour)
                ax.plot(100 * value, height, marker="o", color=colour, markerfacecolor=fill)
        word = one.outcome.replace("_", " ")
        ax.annotate(
            word, (1.01, place), xycoords=("axes fraction", "data"), va="center",
            fontsize="small", color=colour, annotation_clip=False,
        )  # fmt: skip
    ax.axvline(0, color=GREY, linewidth=1, zorder=0)
    names = {"target": target, "reference": ", ".join(references)}
    labels = [
        textwrap.fill(f"{names[one.side]}: {one.sentence}", _WIDTH).replace("$", r"\$")
        for one in claims
    ]
    ax.set_yticks(range(len(claims)), labels)
    ax.set_ylim(max(len(claims), 1) - 0.4, -0.6)
    ax.set_xlabel("how much more often in the group named (percentage points), 95 % intervals\n"
                  "filled: as judged · hollow: corrected for the judge's error")  # fmt: skip
    with_rows(ax)
    if not claims:
        ax.text(0.5, 0.5, "no claims", transform=ax.transAxes, ha="center")
    return ax
