"""The plot of `trend`: small multiples, a panel for each finding."""

import textwrap
from collections.abc import Sequence
from typing import TYPE_CHECKING

from corpuscope.analyses.results.plot_style import GREY, LOOKS, label_lines
from corpuscope.extras import check_plot

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from corpuscope.analyses.trend.finding import TrendFinding

_COLUMNS = 4
_TITLE_WIDTH = 32
_NAME_WIDTH = 20

# Largest number of tick labels below a panel; beyond it every second, third, ... group is named.
_MOST_NAMED = 6


def plot_trend(findings: "Sequence[TrendFinding]", *, groups: Sequence[str], n: int) -> "Figure":
    """Rates of the first `n` findings with 95 % intervals, each on its own scale from zero."""
    check_plot()
    from matplotlib import pyplot as plt

    shown = findings[:n]
    n_columns = min(_COLUMNS, max(len(shown), 1))
    n_rows = -(-max(len(shown), 1) // n_columns)
    figure, axes = plt.subplots(
        n_rows, n_columns, figsize=(3.0 * n_columns + 0.4, 2.35 * n_rows + 0.9), sharex=True,
        squeeze=False, layout="constrained",
    )  # fmt: skip
    panels = axes.ravel().tolist()
    for number, (panel, finding) in enumerate(zip(panels, shown, strict=False), 1):
        _draw(panel, finding, number)
    for panel in panels[len(shown) :]:
        panel.set_visible(False)
    for panel in panels[max(len(shown) - n_columns, 0) : len(shown)]:
        _name_groups(panel, groups)
    if not shown:
        panels[0].set_visible(True)
        panels[0].set_axis_off()
        panels[0].text(0.5, 0.5, "no trend found", ha="center", transform=panels[0].transAxes)
    figure.suptitle(_title(groups, len(shown), len(findings)), x=0.01, ha="left", fontsize="medium")
    _legend(figure, shown)
    figure.supylabel("share of documents (%), 95 % intervals", fontsize="small", color=GREY)
    return figure


def _draw(panel: "Axes", finding: "TrendFinding", number: int) -> None:
    look = LOOKS[finding.kind]
    places = range(len(finding.rates))
    rates = [100 * rate for rate in finding.rates.values()]
    ends = [(100 * low, 100 * high) for low, high in finding.rate_intervals.values()]
    panel.vlines(places, *zip(*ends, strict=True), color=look.colour, linewidth=1.2)
    panel.plot(places, rates, color=look.colour, marker=look.marker, markersize=4, linewidth=1.4)
    panel.set_ylim(0, min(100, 1.1 * max(high for _, high in ends)))
    panel.set_xlim(-0.4, len(rates) - 0.6)
    name = f"{number}  {label_lines(finding, width=_TITLE_WIDTH)}"
    panel.set_title(name, loc="left", fontsize="small", pad=16)
    panel.annotate(
        _in_words(finding), (0, 1), xycoords="axes fraction", xytext=(0, 4),
        textcoords="offset points", fontsize="x-small", color=GREY,
    )  # fmt: skip
    panel.locator_params(axis="y", integer=True, nbins=5)
    panel.spines[["top", "right"]].set_visible(False)
    panel.tick_params(labelsize="x-small")
    panel.grid(axis="y", color="#dddddd", linewidth=0.6)
    panel.set_axisbelow(True)


def _in_words(finding: "TrendFinding") -> str:
    adjusted = finding.adjusted_slope
    # NaN: there were no comparable documents.
    note = "" if adjusted != adjusted else f" ({100 * adjusted:+.1f} length-adjusted)"
    return f"{100 * finding.slope:+.1f} points per step{note}"


def _name_groups(panel: "Axes", groups: Sequence[str]) -> None:
    """Adds tick labels below the lowest panel of each column."""
    every = -(-len(groups) // _MOST_NAMED)
    places = list(range(0, len(groups), every))
    names = [_cut(groups[place]) for place in places]
    is_long = max(map(len, names), default=0) > 5
    panel.set_xticks(
        places,
        [name.replace("$", r"\$") for name in names],
        rotation=35 if is_long else 0,
        ha="right" if is_long else "center",
        fontsize="x-small",
    )
    panel.tick_params(axis="x", labelbottom=True)


def _cut(name: str) -> str:
    return name if len(name) <= _NAME_WIDTH else name[: _NAME_WIDTH - 1] + "…"


def _legend(figure: "Figure", shown: Sequence["TrendFinding"]) -> None:
    from matplotlib.lines import Line2D

    kinds = {finding.kind for finding in shown}
    entries = [
        Line2D([], [], color=look.colour, marker=look.marker, label=look.name)
        for kind, look in LOOKS.items()
        if kind in kinds
    ]
    if entries:
        figure.legend(
            handles=entries, loc="upper right", ncols=len(entries), frameon=False, fontsize="small"
        )


def _title(groups: Sequence[str], n_shown: int, n_all: int) -> str:
    shown = (
        f"{n_shown} findings" if n_shown == n_all else f"the first {n_shown} of {n_all} findings"
    )
    ends = f"{groups[0]} to {groups[-1]}"
    return textwrap.shorten(ends, 80, placeholder=" …").replace("$", r"\$") + f": {shown}"
