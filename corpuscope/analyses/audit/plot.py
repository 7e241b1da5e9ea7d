"""Plot of an audit: shortcuts by AUROC and context predictability."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from corpuscope.extras import check_plot

if TYPE_CHECKING:
    from corpuscope.analyses.audit.finding import ShortcutLine

_NAMED, _LONGEST = 8, 34


def plot_audit(lines: "Sequence[ShortcutLine]") -> Any:
    """Axes with a point per shortcut; the most suspect are in the upper left corner."""
    check_plot()
    from matplotlib import pyplot as plt

    axes = plt.subplots(figsize=(8, 5), layout="constrained")[1]
    contexts = np.array(
        [0.5 if np.isnan(one.context_auroc) else one.context_auroc for one in lines]
    )
    # An AUROC below .5 separates as well as its mirror image.
    aurocs = np.array([abs(one.auroc - 0.5) + 0.5 for one in lines])
    colours = {"form": "tab:orange", "length": "tab:red", "isolated": "tab:purple",
               "content": "tab:gray"}  # fmt: skip
    for nature, colour in colours.items():
        mine = np.array([one.nature == nature for one in lines], dtype=bool)
        if mine.any():
            axes.scatter(contexts[mine], aurocs[mine], color=colour, label=nature, alpha=0.8)
    for one, x, y in list(zip(lines, contexts, aurocs, strict=True))[:_NAMED]:
        name = one.label if len(one.label) <= _LONGEST else one.label[: _LONGEST - 1] + "…"
        axes.annotate(name, (x, y), xytext=(4, 3), textcoords="offset points", fontsize=8)
    axes.set_xlabel("context predictability (AUROC)")
    axes.set_ylabel("AUROC of the class by this feature alone")
    if lines:
        axes.legend(frameon=False)
    return axes
