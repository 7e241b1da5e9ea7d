"""Plot of clusters: a map, and the criteria for the number of clusters."""

import textwrap
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from corpuscope.extras import check_plot

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from corpuscope.analyses.cluster.finding import Cluster
    from corpuscope.analyses.cluster.stability import Curve

# The Okabe-Ito palette is safe for colour-blind readers; markers repeat the distinction.
_COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000", "#F0E442")
_MARKERS = ("o", "s", "^")
_GREY = "#666666"
_WIDTH = 60
_MOST_DRAWN = 20_000


def plot_cluster(
    clusters: "Sequence[Cluster]",
    curves: "Sequence[Curve]",
    *,
    labels: npt.NDArray[np.int64],
    layout: npt.NDArray[np.float32],
    along: Sequence[str],
    ax: "Axes | None",
) -> "Axes":
    """Axes of the map, a point per document coloured by cluster, next to the criteria if any.

    With `ax`, only the map is drawn there. Of more than 20,000 documents, a subset is drawn.
    """
    curves_ax = None
    if ax is None:
        check_plot()
        from matplotlib import pyplot as plt

        figure = plt.figure(figsize=(12, 5.8), layout="constrained")
        if len(curves) > 1:
            ax, curves_ax = figure.subplots(1, 2, width_ratios=(2.4, 1))
        else:
            ax = figure.subplots()
    _draw_map(clusters, labels, layout, ax)
    title = "; ".join(along) or "all features"
    ax.set_title(textwrap.shorten(f"along {title}", 90, placeholder=" …"), loc="left")
    if curves_ax is not None:
        _draw_curves(curves, len(clusters), curves_ax)
    return ax


def _draw_map(
    clusters: "Sequence[Cluster]",
    labels: npt.NDArray[np.int64],
    places: npt.NDArray[np.float32],
    ax: "Axes",
) -> None:
    shown = np.linspace(0, len(labels) - 1, min(len(labels), _MOST_DRAWN)).astype(np.int64)
    for one in clusters:
        own = shown[labels[shown] == one.cluster]
        colour = _COLOURS[one.cluster % len(_COLOURS)]
        marker = _MARKERS[one.cluster // len(_COLOURS) % len(_MARKERS)]
        name = textwrap.shorten(f"{one.cluster}  {one.label}", _WIDTH, placeholder=" …")
        ax.scatter(
            places[own, 0],
            places[own, 1],
            s=9,
            color=colour,
            marker=marker,
            alpha=0.6,
            linewidth=0,
            # Unescaped dollar signs would start mathtext.
            label=f"{name} ({one.size:,})".replace("$", r"\$"),
        )
        middle = np.nanmedian(places[labels == one.cluster], axis=0)
        ring = {"boxstyle": "circle", "facecolor": "white", "edgecolor": colour}
        ax.annotate(str(one.cluster), tuple(middle), ha="center", va="center", bbox=ring)
    ax.set_xticks([])
    ax.set_yticks([])
    ax.spines[:].set_visible(False)
    ax.legend(loc="upper left", bbox_to_anchor=(0, 0), frameon=False, fontsize="small",
              markerscale=2)  # fmt: skip


def _draw_curves(curves: "Sequence[Curve]", n_clusters: int, ax: "Axes") -> None:
    numbers = [one.n_clusters for one in curves]
    ax.plot(numbers, [one.stability for one in curves], color=_COLOURS[0], marker="o",
            label="stability under subsampling (ARI)")  # fmt: skip
    gaps = [one.eigengap for one in curves]
    if not np.all(np.isnan(gaps)):
        ax.plot(numbers, gaps, color=_COLOURS[1], marker="s", label="eigengap")
    ax.axvline(n_clusters, color=_GREY, linestyle=":", linewidth=1)
    ax.set_ylim(bottom=0)
    ax.set_xlabel("number of clusters")
    ax.spines[["top", "right"]].set_visible(False)
    ax.legend(frameon=False, fontsize="small", loc="upper left", bbox_to_anchor=(0, -0.12))
