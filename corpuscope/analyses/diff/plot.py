"""The plot of `diff`: a forest plot with a row for each finding."""

import textwrap
from collections.abc import Sequence
from typing import TYPE_CHECKING

from corpuscope.analyses.results.plot_style import GREY, LOOKS, label_lines, with_rows
from corpuscope.extras import check_plot

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from corpuscope.analyses.diff.finding import Finding


_OFFSET = 0.18


def plot_diff(
    findings: "Sequence[Finding]", *, target: str, references: Sequence[str], n: int,
    ax: "Axes | None",
) -> "Axes":  # fmt: skip
    """The first `n` findings, top to bottom: filled marks are raw, hollow ones adjusted."""
    shown = findings[:n]
    if ax is None:
        check_plot()
        from matplotlib import pyplot as plt

        _, ax = plt.subplots(figsize=(9.5, 1.6 + 0.46 * max(len(shown), 2)), layout="constrained")
    for place, finding in enumerate(shown):
        _draw(ax, finding, place)
    ax.axvline(0, color=GREY, linewidth=1, zorder=0)
    ax.set_yticks(range(len(shown)), [label_lines(finding) for finding in shown])
    ax.set_ylim(max(len(shown), 1) - 0.4, -0.6)
    _annotate(ax, n_shown=len(shown), n_all=len(findings), target=target, references=references)
    _legend(ax, shown)
    return ax


def _draw(ax: "Axes", finding: "Finding", place: int) -> None:
    look = LOOKS[finding.kind]
    rows = (
        (finding.difference, finding.interval, place - _OFFSET, look.colour, 1.8),
        (finding.adjusted_difference, finding.adjusted_interval, place + _OFFSET, "white", 1.0),
    )
    for difference, (lower, upper), height, fill, width in rows:
        ax.hlines(height, 100 * lower, 100 * upper, color=look.colour, linewidth=width)
        ax.plot(
            100 * difference,
            height,
            marker=look.marker,
            color=look.colour,
            markerfacecolor=fill,
            markersize=6,
            linestyle="none",
        )
    rates = f"{finding.rate_target:.0%} / {finding.rate_reference:.0%}"
    ax.annotate(
        rates,
        (1.01, place),
        xycoords=("axes fraction", "data"),
        va="center",
        fontsize="small",
        color=GREY,
        annotation_clip=False,
    )


def _annotate(
    ax: "Axes", *, n_shown: int, n_all: int, target: str, references: Sequence[str]
) -> None:
    others = ", ".join(references)
    shown = (
        f"{n_shown} findings" if n_shown == n_all else f"the first {n_shown} of {n_all} findings"
    )
    title = textwrap.shorten(f"{target} against {others}", 80, placeholder=" …")
    ax.set_title(f"{title}: {shown}", loc="left", fontsize="medium", pad=22)
    short = textwrap.shorten(target, 40, placeholder="…")
    ax.set_xlabel(
        "difference in rates (percentage points), 95 % confidence intervals\n"
        f"← less often in {short} · more often →"
    )
    ax.annotate(
        "rates",
        (1.01, 1.0),
        xycoords="axes fraction",
        xytext=(0, 6),
        textcoords="offset points",
        fontsize="small",
        color=GREY,
    )
    with_rows(ax)
    if not n_shown:
        ax.text(0.5, 0.5, "no difference found", transform=ax.transAxes, ha="center")


def _legend(ax: "Axes", shown: Sequence["Finding"]) -> None:
    from matplotlib.lines import Line2D

    kinds = {finding.kind for finding in shown}
    looks = [look for kind, look in LOOKS.items() if kind in kinds]
    entries = [
        Line2D([], [], color=look.colour, marker=look.marker, label=look.name) for look in looks
    ]
    if shown:
        for fill, name in ((GREY, "unadjusted"), ("white", "length-adjusted")):
            entries.append(Line2D([], [], color=GREY, marker="o", markerfacecolor=fill, label=name))
        ax.legend(
            handles=entries,
            loc="lower left",
            bbox_to_anchor=(0, 1),
            ncols=len(entries),
            borderaxespad=0.2,
            borderpad=0,
            frameon=False,
            fontsize="small",
        )
