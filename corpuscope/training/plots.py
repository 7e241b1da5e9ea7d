"""Pictures of learning."""

import json
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_PANELS = (
    ("unexplained", "unexplained variance"),
    ("l0", "features that fire (L0)"),
    ("n_dead", "dead features"),
)
_BLUE = "#0072B2"


def plot_run(log: str | Path) -> "Figure":
    """What `log.jsonl` of a run says of its steps: three curves, one below the other."""
    from matplotlib import pyplot as plt

    lines = Path(log).read_text(encoding="utf-8").splitlines()
    reports = [json.loads(line) for line in lines]
    figure, axes = plt.subplots(3, 1, figsize=(7, 6), sharex=True, layout="constrained")
    for ax, (key, name) in zip(axes, _PANELS, strict=True):
        ax.plot([report["step"] for report in reports], [report[key] for report in reports],
                color=_BLUE, linewidth=1.5)  # fmt: skip
        ax.set_ylabel(name)
        ax.set_ylim(bottom=0)
        for side in ("top", "right"):
            ax.spines[side].set_visible(False)
    axes[-1].set_xlabel("step")
    return figure
