"""Saves plots."""

import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

from corpuscope.cli.terminal.text import note
from corpuscope.extras import check_plot

if TYPE_CHECKING:
    from corpuscope.training.sweep import Sweep


_FONTS = (
    "Noto Sans CJK SC", "Noto Sans CJK JP", "Noto Sans SC", "Noto Sans JP", "Source Han Sans SC",
    "Microsoft YaHei", "PingFang SC", "Hiragino Sans", "Yu Gothic", "Malgun Gothic",
    "WenQuanYi Zen Hei", "SimHei", "Arial Unicode MS", "Noto Sans Thai", "Noto Sans Devanagari",
    "Noto Sans Arabic",
)  # fmt: skip
"""Fonts with glyphs of other scripts; installed ones are tried in this order."""


@runtime_checkable
class Plotted(Protocol):
    """A result that can be plotted."""

    def plot(self) -> Any:
        """Matplotlib axes or a figure."""


def save_plot(found: "Plotted", path: Path) -> None:
    """Save the result's plot."""
    # That nothing draws is said before anything is computed for it.
    check_plot()
    from matplotlib import font_manager, rc_context

    known = {font.name for font in font_manager.fontManager.ttflist}
    families = ["DejaVu Sans", *(name for name in _FONTS if name in known)]
    with rc_context({"font.family": families}), warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        figure = found.plot().get_figure(root=True)
        if figure is not None:
            figure.savefig(path, dpi=160, bbox_inches="tight")
    if any("missing from" in str(one.message) for one in caught):
        note("note: no installed font has some of the characters, which are drawn as boxes; "
             "install one, such as Noto Sans CJK")  # fmt: skip
    note(f"saved: {path}")


def save_run(log: Path, path: Path) -> None:
    """Save the training curves of a run."""
    from corpuscope.training.plot import plot_run

    figure = plot_run(log)
    figure.savefig(path, dpi=160, bbox_inches="tight")
    note(f"saved: {path}")


def save_sweep(found: "Sweep", path: Path) -> None:
    """Save the figures of a grid, each under `path` with its name appended."""
    from corpuscope.training.plot import plot_sweep

    for name, figure in plot_sweep(found).items():
        place = path.with_name(f"{path.stem}-{name}{path.suffix}")
        figure.savefig(place, dpi=160, bbox_inches="tight")
        note(f"saved: {place}")
