"""Plot of a search: contributions of the features to the first hits."""

import textwrap
from collections.abc import Sequence
from typing import TYPE_CHECKING

from corpuscope.extras import check_plot

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from corpuscope.analyses.search.finding import Hit

# The Okabe-Ito palette; hatches repeat the distinction without colour.
_COLOURS = ("#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00")
_HATCHES = ("", "//", "..", "xx", "\\\\", "--")
_GREY = "#bbbbbb"
_HITS = 12
_TEXT_WIDTH, _LABEL_WIDTH = 46, 40


def plot_search(hits: "Sequence[Hit]", *, asked: str, ax: "Axes | None") -> "Axes":
    """Axes with a bar per hit, stacked by feature contribution; other features are grey."""
    if ax is None:
        check_plot()
        from matplotlib import pyplot as plt

        height = 1.8 + 0.36 * min(len(hits), _HITS)
        _, ax = plt.subplots(figsize=(9.5, height), layout="constrained")
    shown = hits[:_HITS]
    top = _top_features(shown)
    for place, hit in enumerate(shown):
        _draw(ax, hit, place, top=top)
    labels = {one.feature: one.label for hit in shown for one in hit.features}
    for feature, look in zip(top, zip(_COLOURS, _HATCHES, strict=True), strict=False):
        ax.barh(0, 0, color=look[0], hatch=look[1], label=_short(labels[feature], _LABEL_WIDTH))
    ax.set_yticks(range(len(shown)), [_name(hit) for hit in shown])
    ax.set_ylim(len(shown) - 0.4, -0.6)
    ax.set_xlabel("feature score: weight times strength (other features in grey)")
    ax.set_title(_short(asked, 80), loc="left", fontsize="medium")
    ax.spines[["top", "right", "left"]].set_visible(False)
    ax.tick_params(axis="y", length=0)
    if top:
        ax.legend(frameon=False, fontsize="small", loc="lower right")
    return ax


def _top_features(hits: "Sequence[Hit]") -> list[int]:
    """The features with the largest summed contribution to these hits."""
    given: dict[int, float] = {}
    for hit in hits:
        for one in hit.features:
            given[one.feature] = given.get(one.feature, 0.0) + one.share
    return sorted(given, key=lambda feature: -given[feature])[: len(_COLOURS)]


def _draw(ax: "Axes", hit: "Hit", place: int, *, top: list[int]) -> None:
    ax.barh(place, hit.given, color=_GREY, height=0.7)
    left = 0.0
    for one in sorted(hit.features, key=lambda one: -one.share):
        if one.feature in top:
            at = top.index(one.feature)
            width = one.share * hit.given
            ax.barh(place, width, left=left, height=0.7, color=_COLOURS[at], hatch=_HATCHES[at],
                    edgecolor="white", linewidth=0.5)  # fmt: skip
            left += width


def _name(hit: "Hit") -> str:
    return f"{hit.rank}  {_short(' '.join(hit.text.split()), _TEXT_WIDTH)}"


def _short(text: str, width: int) -> str:
    # Unescaped dollar signs would start mathtext.
    return textwrap.shorten(text, width, placeholder=" …").replace("$", r"\$")
