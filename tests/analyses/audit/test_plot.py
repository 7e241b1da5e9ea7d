"""The plot of an audit has a point for each shortcut, and names the first."""

from dataclasses import replace

import numpy as np
import pytest
from matplotlib import pyplot as plt

from corpuscope.analyses.audit.finding import ShortcutLine
from corpuscope.analyses.audit.plot import plot_audit

LINE = ShortcutLine(
    "a", 1, "one", (), "content", 0.4, 0.1, 0.65, 0.8, 0.6, 5.0, 0.01
)  # fmt: skip


@pytest.fixture(autouse=True)
def _no_screen() -> None:
    plt.switch_backend("Agg")


def points(axes: object) -> dict[str, list[list[float]]]:
    return {
        one.get_label(): np.asarray(one.get_offsets()).round(6).tolist()
        for one in axes.collections  # type: ignore[attr-defined]
    }


def test_points_lie_at_context_and_auroc_in_a_colour_for_each_nature() -> None:
    axes = plot_audit([
        LINE,
        replace(LINE, label="two", context_auroc=0.7, auroc=0.25),
        replace(LINE, label="three", nature="isolated", context_auroc=float("nan"), auroc=0.9),
        replace(LINE, label="four", nature="form", context_auroc=0.55, auroc=0.6),
        replace(LINE, label="five", nature="length", context_auroc=float("nan"), auroc=0.1),
    ])  # fmt: skip
    assert points(axes) == {
        # What separates the wrong way round separates as well.
        "content": [[0.8, 0.65], [0.7, 0.75]],
        "isolated": [[0.5, 0.9]],
        "form": [[0.55, 0.6]],
        "length": [[0.5, 0.9]],
    }
    colours = {tuple(one.get_facecolor()[0]) for one in axes.collections}
    assert len(colours) == 4
    entries = [one.get_text() for one in axes.get_legend().get_texts()]
    assert set(entries) == {"content", "isolated", "form", "length"}
    assert "AUROC" in axes.get_xlabel()
    assert "AUROC" in axes.get_ylabel()


def test_the_first_eight_are_named_and_long_names_cut() -> None:
    lines = [replace(LINE, label=f"name {at}", auroc=0.6 + at / 50) for at in range(10)]
    lines[1] = replace(lines[1], label="x" * 40)
    lines[2] = replace(lines[2], label="y" * 34)
    texts = plot_audit(lines).texts
    names = [one.get_text() for one in texts]
    assert names == ["name 0", "x" * 33 + "…", "y" * 34, *(f"name {at}" for at in range(3, 8))]
    assert texts[3].xy == pytest.approx((0.8, 0.66))


def test_without_shortcuts_the_axes_are_empty() -> None:
    axes = plot_audit([])
    assert axes.get_legend() is None
    assert not axes.texts
    assert not axes.collections
