"""Plot of probes: each on every corpus, and how far it drops."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from corpuscope.extras import check_plot

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from corpuscope.probing.finding import Probe

# Okabe and Ito's colours; markers carry the same information for colour-blind readers.
_COLOURS = ("#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00")
_MARKERS = ("D", "s", "^", "v", "P", "X")
_GREY = "#999999"


def plot_probe(
    probes: "Sequence[Probe]", *, label: str, is_number: bool, ax: "Axes | None"
) -> "Axes":
    """A row for each probe, a marker for each corpus; lines are 95 % intervals."""
    if ax is None:
        check_plot()
        from matplotlib import pyplot as plt

        _, ax = plt.subplots(figsize=(9.5, 1.8 + 0.3 * len(probes)), layout="constrained")
    # Corpora of one class have no AUROC, hence no marker.
    corpora = [
        one.corpus
        for one in probes[0].evaluations
        if one.role != "train" and not np.isnan(one.measure)
    ]
    for place, probe in enumerate(probes):
        known = [e.measure for e in probe.evaluations if e.role != "train"]
        known = [value for value in known if not np.isnan(value)]
        if known:
            ax.plot([min(known), max(known)], [place, place], color=_GREY, linewidth=0.8, zorder=1)
    for number, corpus in enumerate(corpora):
        found = [probe.on(corpus) for probe in probes]
        values = np.array([one.measure for one in found])
        places = np.arange(len(found)) + 0.12 * (number - (len(corpora) - 1) / 2)
        spread = np.array([one.interval for one in found])
        errors = np.abs(np.stack([values - spread[:, 0], spread[:, 1] - values]))
        look = number - 1
        ax.errorbar(
            values, places, xerr=np.nan_to_num(errors), linestyle="", markersize=5, linewidth=0.9,
            marker="o" if corpus == "test" else _MARKERS[look % len(_MARKERS)],
            color="black" if corpus == "test" else _COLOURS[look % len(_COLOURS)],
            label=corpus.replace("$", r"\$"),
        )  # fmt: skip
    ax.set_yticks(range(len(probes)), [one.name for one in probes])
    ax.set_ylim(len(probes) - 0.4, -0.6)
    if not is_number:
        ax.axvline(0.5, color=_GREY, linewidth=0.8, linestyle=":")
    ax.set_xlabel("correlation" if is_number else "AUROC (dotted: chance)")
    ax.set_title(f"probes of {label}".replace("$", r"\$"), loc="left", fontsize="medium")
    ax.spines[["top", "right", "left"]].set_visible(False)
    ax.tick_params(axis="y", length=0)
    ax.legend(
        frameon=False, fontsize="small", ncols=3, loc="lower right", bbox_to_anchor=(1.0, 1.0)
    )
    return ax
