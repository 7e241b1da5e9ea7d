"""Plot of pairs: NPMI against similarity."""

import textwrap
from collections.abc import Sequence
from typing import TYPE_CHECKING

from corpuscope.extras import check_plot

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from corpuscope.analyses.correlate.finding import PairFinding

_BLUE, _ORANGE, _GREY = "#0072B2", "#D55E00", "#666666"
_ANNOTATED = 8


def plot_correlate(
    points: "Sequence[PairFinding]", findings: "Sequence[PairFinding]", *, unexpected_below: float,
    ax: "Axes | None",
) -> "Axes":  # fmt: skip
    """Axes with a point per finding; unexpected pairs stand out, the first are annotated."""
    if ax is None:
        check_plot()
        from matplotlib import pyplot as plt

        _, ax = plt.subplots(figsize=(8.5, 5.5), layout="constrained")
    for is_unexpected, colour, marker in ((False, _GREY, "o"), (True, _ORANGE, "D")):
        some = [one for one in points if one.unexpected == is_unexpected]
        name = "unexpected" if is_unexpected else "expected (similar, or a phrase)"
        ax.scatter(
            [one.similarity_rank for one in some], [one.npmi for one in some], s=18,
            marker=marker, color=colour, alpha=0.7, label=f"{name} ({len(some)})", linewidth=0,
        )  # fmt: skip
    ax.axvline(unexpected_below, color=_BLUE, linewidth=1, linestyle=":")
    annotated = [one for one in findings if one.unexpected][:_ANNOTATED]
    for number, one in enumerate(annotated, 1):
        ax.annotate(str(number), (one.similarity_rank, one.npmi), xytext=(4, 4),
                    textcoords="offset points", fontsize="small")  # fmt: skip
    lines = [
        textwrap.shorten(f"{number}  {one.label_a} × {one.label_b}", 70, placeholder=" …")
        for number, one in enumerate(annotated, 1)
    ]
    ax.set_title("\n".join(lines).replace("$", r"\$"), loc="left", fontsize="small")
    ax.set_xlabel("similarity of the two features (rank among random pairs)")
    ax.set_ylabel("NPMI")
    ax.spines[["top", "right"]].set_visible(False)
    if points:
        ax.legend(frameon=False, fontsize="small")
    else:
        ax.text(0.5, 0.5, "no pair found", transform=ax.transAxes, ha="center")
    return ax
