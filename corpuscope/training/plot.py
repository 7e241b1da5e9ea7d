"""Plots of training runs and sweeps."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from corpuscope.extras import check_plot
from corpuscope.sae.evaluate import DENSE

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from corpuscope.training.sweep import Sweep

_PANELS = (
    ("unexplained", "unexplained variance"),
    ("l0", "active features (L0)"),
    ("n_dead", "dead features"),
)
_COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000")
_BLUE = _COLOURS[0]


def plot_run(log: str | Path) -> "Figure":
    """Training curves from a run's `log.jsonl`: unexplained variance, L0 and dead features."""
    check_plot()
    from matplotlib import pyplot as plt

    lines = Path(log).read_text(encoding="utf-8").splitlines()
    reports = [json.loads(line) for line in lines]
    figure, axes = plt.subplots(3, 1, figsize=(7, 6), sharex=True, layout="constrained")
    for ax, (key, name) in zip(axes, _PANELS, strict=True):
        ax.plot([report["step"] for report in reports], [report[key] for report in reports],
                color=_BLUE, linewidth=1.5)  # fmt: skip
        ax.set_ylim(bottom=0)
        _finish(ax, "", name)
    axes[-1].set_xlabel("step")
    return figure


def plot_sweep(sweep: "Sweep") -> dict[str, "Figure"]:
    """The figures of a grid, by name.

    "reconstruction" shows unexplained variance against L0; "densities" the densities of features,
    for each objective at the L0 nearest to the grid's median; "labels" (if labels were scored)
    label scores against L0. Lines are means over seeds, bands their range; controls are dashed.
    """
    found = {"reconstruction": _reconstruction(sweep), "densities": _densities(sweep)}
    if sweep.table["label_score"].notna().any():
        found["labels"] = _labels(sweep)
    return found


def _reconstruction(sweep: "Sweep") -> "Figure":
    check_plot()
    from matplotlib import pyplot as plt

    figure, ax = plt.subplots(figsize=(6.5, 4.5), layout="constrained")
    for position, (objective, table) in enumerate(_by_objective(sweep)):
        for is_control, arm in table.groupby("control"):
            name = f"{objective}, random decoder" if is_control else objective
            _band(ax, arm, "unexplained_variance", _COLOURS[position % len(_COLOURS)],
                  "--" if is_control else "-", name)  # fmt: skip
    _log_across(ax)
    _finish(ax, "active features (L0)", "unexplained variance")
    ax.set_ylim(bottom=0)
    ax.legend(frameon=False, fontsize=8)
    return figure


def _labels(sweep: "Sweep") -> "Figure":
    check_plot()
    from matplotlib import pyplot as plt

    figure, axes = plt.subplots(1, 2, figsize=(9, 4), sharey=True, layout="constrained")
    columns = (("label_score", "mean over features"),
               ("label_score_weighted", _title_of_weighted(sweep)))  # fmt: skip
    for ax, (column, title) in zip(axes, columns, strict=True):
        for position, (objective, table) in enumerate(_by_objective(sweep)):
            for is_control, arm in table.groupby("control"):
                name = f"{objective}, random decoder" if is_control else objective
                _band(ax, arm, column, _COLOURS[position % len(_COLOURS)],
                      "--" if is_control else "-", name)  # fmt: skip
        ax.set_title(title, fontsize=10)
        _log_across(ax)
        # Chance: the label has to find one context with the feature among eleven.
        ax.axhline(1 / 11, color="grey", linewidth=0.8, linestyle=":")
        _finish(ax, "active features (L0)", "label score" if ax is axes[0] else "")
    axes[1].legend(frameon=False, fontsize=8)
    return figure


def _title_of_weighted(sweep: "Sweep") -> str:
    """The title of the density-weighted panel, with the largest share of firings left out."""
    most = sweep.table["label_score_left_out"].max()
    return f"weighted by density (at most {most:.0%} unscored)"


def _densities(sweep: "Sweep") -> "Figure":
    check_plot()
    from matplotlib import pyplot as plt

    real = [one for one in sweep.cells if not one.cell.is_control]
    middle = float(np.median([one.evaluation.l0 for one in real]))
    objectives = list(dict.fromkeys(one.cell.objective for one in real))
    figure, axes = plt.subplots(
        len(objectives), 1, figsize=(6.5, 1 + 1.4 * len(objectives)), sharex=True, squeeze=False,
        layout="constrained",
    )  # fmt: skip
    for position, (ax, objective) in enumerate(zip(axes[:, 0], objectives, strict=True)):
        own = [one for one in real if one.cell.objective == objective]
        nearest = min(own, key=lambda one: abs(np.log(max(one.evaluation.l0, 1e-9) / middle)))
        bounds, counts = nearest.evaluation.histogram()
        ax.bar(bounds[:-1], counts, width=np.diff(bounds), align="edge",
               color=_COLOURS[position % len(_COLOURS)])  # fmt: skip
        ax.axvline(np.log10(DENSE), color="black", linewidth=0.8, linestyle=":")
        dead = nearest.evaluation.dead_share
        ax.set_title(f"{objective}, L0 {nearest.evaluation.l0:.0f}, {dead:.0%} dead",
                     fontsize=9, loc="left")  # fmt: skip
        _finish(ax, "", "features")
    axes[-1, 0].set_xlabel("log10 density (share of units at which a feature fires); dotted: 10 %")
    return figure


def _by_objective(sweep: "Sweep") -> Any:
    return sweep.table.groupby("objective", sort=False)


def _band(ax: Any, arm: Any, column: str, colour: str, style: str, name: str) -> None:
    grouped = arm.groupby("sparsity")
    middle = grouped[["l0", column]].mean().sort_values("l0")
    ax.plot(middle["l0"], middle[column], style, color=colour, marker="o", markersize=3,
            linewidth=1.5, label=name)  # fmt: skip
    least, most = (grouped[column].agg(f).reindex(middle.index) for f in ("min", "max"))
    ax.fill_between(middle["l0"], least, most, color=colour, alpha=0.2, linewidth=0)


def _log_across(ax: Any) -> None:
    """A logarithmic axis with plain numbers."""
    from matplotlib.ticker import LogLocator, NullFormatter, ScalarFormatter

    ax.set_xscale("log")
    ax.xaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
    ax.xaxis.set_major_formatter(ScalarFormatter())
    ax.xaxis.set_minor_formatter(NullFormatter())


def _finish(ax: Any, across: str, up: str) -> None:
    ax.set_xlabel(across)
    ax.set_ylabel(up)
    for side in ("top", "right"):
        ax.spines[side].set_visible(False)
