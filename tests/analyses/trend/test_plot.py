"""The plot has a panel for each finding: its rates in each group, with their intervals."""

import math
from collections.abc import Sequence
from typing import Any

import matplotlib as mpl
import pytest
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from corpuscope.analyses.results.plot_style import LOOKS
from corpuscope.analyses.trend.finding import Step, TrendFinding
from corpuscope.analyses.trend.plot import plot_trend

mpl.use("Agg")

YEARS = ("2020", "2021", "2022")


def finding(
    label: str, rates: Sequence[float] = (0.1, 0.2, 0.4), *, groups: Sequence[str] = YEARS,
    **changes: Any,
) -> TrendFinding:  # fmt: skip
    step = Step(groups[-2], groups[-1], rates[-1] - rates[-2])
    usual: dict[str, Any] = {
        "feature": 3, "kind": "token", "label": label, "label_score": 0.9, "label_source": "here",
        "members": (), "p_value": 0.001, "q_value": 0.01, "replicated": True, "z": 3.0,
        "adds_length": False, "rates": dict(zip(groups, rates, strict=True)),
        "rate_intervals": {
            name: (rate - 0.05, rate + 0.1) for name, rate in zip(groups, rates, strict=True)
        },
        "slope": 0.15, "interval": (0.1, 0.2), "adjusted_slope": 0.12,
        "adjusted_interval": (0.05, 0.2), "monotone": True, "reversals": (), "turns": False,
        "largest_step": step, "largest_share": 2 / 3, "discovery_slope": 0.1, "holdout_slope": 0.2,
    }  # fmt: skip
    return TrendFinding(**(usual | changes))


def panels(figure: Figure) -> list[Axes]:
    return [ax for ax in figure.axes if ax.get_visible()]


def names_below(panel: Axes) -> list[str]:
    if not panel.xaxis.get_tick_params()["labelbottom"]:
        return []
    return [text.get_text() for text in panel.get_xticklabels()]


def test_rates_are_drawn_in_order_with_their_intervals() -> None:
    (panel,) = panels(plot_trend([finding("rising")], groups=YEARS, n=5))
    (line,) = panel.lines
    assert list(line.get_xdata()) == [0, 1, 2]  # type: ignore[arg-type]
    assert list(line.get_ydata()) == pytest.approx([10, 20, 40])  # type: ignore[arg-type]
    assert (line.get_marker(), line.get_color()) == (LOOKS["token"].marker, LOOKS["token"].colour)
    ends = [segment[:, 1].tolist() for segment in panel.collections[0].get_segments()]  # type: ignore[attr-defined]
    assert ends == [pytest.approx(one) for one in ([5, 20], [15, 30], [35, 50])]
    assert panel.get_ylim() == pytest.approx((0, 55))
    assert panel.get_title(loc="left").split() == ["1", "rising"]


def test_no_scale_goes_beyond_all_documents() -> None:
    (panel,) = panels(plot_trend([finding("a", (0.5, 0.7, 0.88))], groups=YEARS, n=1))
    assert panel.get_ylim() == (0, 100)


@pytest.mark.parametrize(
    ("slope", "adjusted", "says", "is_adjusted"),
    [
        (0.15, 0.12, "+15.0", "+12.0"),
        (-0.0449, -0.1, "-4.5", "-10.0"),
        (0.15, math.nan, "+15.0", ""),
    ],
)
def test_the_slope_is_told_in_points(
    slope: float, adjusted: float, says: str, is_adjusted: str
) -> None:
    shown = finding("a", slope=slope, adjusted_slope=adjusted)
    (panel,) = panels(plot_trend([shown], groups=YEARS, n=1))
    (told,) = [text.get_text() for text in panel.texts]
    assert told.startswith(says)
    assert is_adjusted in told
    assert ("(" in told) == bool(is_adjusted)


@pytest.mark.parametrize(("n", "shape"), [(1, (1, 1)), (4, (1, 4)), (5, (2, 4)), (9, (3, 4))])
def test_panels_are_four_in_a_row_and_the_rest_is_empty(n: int, shape: tuple[int, int]) -> None:
    figure = plot_trend([finding(f"f{i}") for i in range(n)], groups=YEARS, n=12)
    shown = panels(figure)
    assert len(shown) == n
    assert len(figure.axes) == shape[0] * shape[1]
    assert [panel.get_title(loc="left").split()[1] for panel in shown] == [
        f"f{i}" for i in range(n)
    ]
    named = [bool(names_below(panel)) for panel in shown]
    assert named == [i >= n - shape[1] for i in range(n)]


def test_the_first_findings_are_shown_and_that_is_said() -> None:
    figure = plot_trend([finding(f"f{i}") for i in range(5)], groups=YEARS, n=3)
    assert len(panels(figure)) == 3
    title = figure.get_suptitle()
    assert title.startswith("2020 to 2022")
    assert "3 of 5" in title
    assert " of " not in plot_trend([finding("a")], groups=YEARS, n=3).get_suptitle()


@pytest.mark.parametrize(
    ("n_groups", "places"),
    [(3, [0, 1, 2]), (6, [*range(6)]), (7, [0, 2, 4, 6]), (13, [0, 3, 6, 9, 12])],
)
def test_at_most_six_groups_are_named(n_groups: int, places: list[int]) -> None:
    groups = [f"g{i}" for i in range(n_groups)]
    shown = finding("a", [0.1] * n_groups, groups=groups)
    (panel,) = panels(plot_trend([shown], groups=groups, n=1))
    assert names_below(panel) == [groups[place] for place in places]
    assert panel.get_xticks().tolist() == places


def test_long_names_are_cut_and_dollars_are_no_formula() -> None:
    groups = ["x" * 20, "y" * 21, "$5 to $6"]
    (panel,) = panels(plot_trend([finding("a", groups=groups)], groups=groups, n=1))
    assert names_below(panel) == ["x" * 20, "y" * 19 + "…", r"\$5 to \$6"]
    assert panel.get_xticklabels()[0].get_rotation() > 0
    (short,) = panels(plot_trend([finding("a")], groups=YEARS, n=1))
    assert short.get_xticklabels()[0].get_rotation() == 0


def test_the_legend_has_the_kinds_that_are_shown() -> None:
    shown = [finding("a"), finding("b", kind="word"), finding("c", kind="sentence")]
    figure = plot_trend(shown, groups=YEARS, n=2)
    (legend,) = figure.legends
    assert [text.get_text() for text in legend.get_texts()] == [
        LOOKS["word"].name, LOOKS["token"].name
    ]  # fmt: skip


def test_where_nothing_was_found_that_is_said() -> None:
    figure = plot_trend([], groups=YEARS, n=5)
    (panel,) = panels(figure)
    assert len(panel.texts) == 1
    assert figure.legends == []
    assert "0 findings" in figure.get_suptitle()
