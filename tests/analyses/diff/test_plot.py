"""The plot has a row for each finding: raw above, adjusted below, each with its interval."""

import math
from typing import Any

import matplotlib as mpl
import pytest
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.colors import to_hex

from corpuscope.analyses.diff.finding import Finding
from corpuscope.analyses.diff.plot import plot_diff
from corpuscope.analyses.results.plot_style import LOOKS

mpl.use("Agg")


def finding(label: str, difference: float = 0.2, **changes: Any) -> Finding:
    usual: dict[str, Any] = {
        "feature": 3, "kind": "token", "label": label, "label_score": 0.9, "label_source": "here",
        "members": (), "p_value": 0.001, "q_value": 0.01, "replicated": True, "z": 3.0,
        "adds_length": False, "rate_target": 0.5, "rate_reference": 0.25, "difference": difference,
        "interval": (difference - 0.1, difference + 0.05), "adjusted_difference": difference / 2,
        "adjusted_interval": (difference / 2 - 0.2, difference / 2 + 0.1), "n_target": 10,
        "n_reference": 10, "discovery_difference": 0.1, "holdout_difference": 0.1,
        "rates": {"new": 0.5, "old": 0.25}, "against": "old",
    }  # fmt: skip
    return Finding(**(usual | changes))


def drawn(*findings: Finding, n: int = 20, **options: Any) -> Axes:
    usual: dict[str, Any] = {"target": "new", "references": ["old", "older"], "ax": None}
    return plot_diff(findings, n=n, **(usual | options))


def points(ax: Axes) -> list[tuple[float, float, str]]:
    """The marks: where they are, and how they are filled."""
    return [
        (float(line.get_xdata()[0]), float(line.get_ydata()[0]), to_hex(line.get_markerfacecolor()))  # type: ignore[index,arg-type]
        for line in ax.lines
        if line.get_marker() not in ("None", None, "")
    ]


def test_raw_and_adjusted_differences_stand_at_their_row_in_points() -> None:
    ax = drawn(finding("a", 0.2), finding("b", -0.4))
    blue = to_hex(LOOKS["token"].colour)
    expected = [(20, 0, blue), (10, 0, "#ffffff"), (-40, 1, blue), (-20, 1, "#ffffff")]
    for (x, y, fill), (value, row, colour) in zip(points(ax), expected, strict=True):
        assert x == pytest.approx(value)
        assert round(y) == row
        assert fill == colour
        assert (y < row) == (colour == blue)
    ends = [segment[:, 0].tolist() for lines in ax.collections for segment in lines.get_segments()]  # type: ignore[attr-defined]
    assert ends == [pytest.approx(one) for one in ([10, 25], [-10, 20], [-50, -35], [-40, -10])]


def test_rows_go_from_top_to_bottom_with_labels_and_rates() -> None:
    ax = drawn(finding("first"), finding("second", rate_target=0.123))
    assert [text.get_text() for text in ax.get_yticklabels()] == ["first", "second"]
    low, high = ax.get_ylim()
    assert low > high
    told = [text.get_text() for text in ax.texts]
    assert told[:2] == ["50% / 25%", "12% / 25%"]


def test_the_title_says_who_is_compared_and_how_many_there_are() -> None:
    many = [finding(f"f{i}") for i in range(5)]
    assert drawn(*many).get_title(loc="left") == "new against old, older: 5 findings"
    some = drawn(*many, n=2)
    assert "2 of 5" in some.get_title(loc="left")
    assert len(points(some)) == 4
    long = drawn(target="x" * 90, references=["y"] * 40)
    assert len(long.get_title(loc="left")) < 100


def test_the_legend_has_the_kinds_that_are_there() -> None:
    ax = drawn(finding("a"), finding("b", kind="word"), finding("c", kind="word"))
    legend = ax.get_legend()
    assert legend is not None
    told = [text.get_text() for text in legend.get_texts()]
    assert told[:2] == [LOOKS["word"].name, LOOKS["token"].name]
    assert len(told) == 4


def test_where_nothing_was_found_that_is_said() -> None:
    ax = drawn()
    assert ax.get_legend() is None
    assert points(ax) == []
    assert len(ax.texts) == 2


def test_an_estimate_that_is_not_there_is_not_drawn() -> None:
    ax = drawn(finding("a", adjusted_difference=math.nan, adjusted_interval=(-1.0, 1.0)))
    assert math.isnan(points(ax)[1][0])
    ax.figure.canvas.draw()


def test_axes_of_ones_own_are_drawn_in() -> None:
    _, ax = plt.subplots()
    assert drawn(finding("a"), ax=ax) is ax
