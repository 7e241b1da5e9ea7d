"""Prints the result of `trend`."""

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from corpuscope.cli.terminal.findings import (
    FindingsView,
    detectable_in_words,
    explain_findings,
    headline_of,
    print_title,
)
from corpuscope.cli.terminal.kinds import print_kinds_over_groups
from corpuscope.cli.terminal.text import called, points, print_indented, print_result, quoted

if TYPE_CHECKING:
    from corpuscope.analyses.trend.finding import TrendFinding
    from corpuscope.analyses.trend.result import TrendResult

_BARS = "▁▂▃▄▅▆▇█"
_WHAT_TURNING_MEANS = "↶  Significantly not monotone: see the rates of the groups."
_NAME_WIDTH = 18


def show(found: "TrendResult", *, as_json: bool, n_evidence: int) -> None:
    """Print a table of findings with sparklines, then rates and texts of the first ones.

    Args:
        found: The result.
        as_json: Whether to print one JSON object instead.
        n_evidence: Example texts per finding.
    """
    print_result(found, as_json=as_json, body=partial(_VIEW.print, found, n_evidence))


def _kinds(console: Console, found: "TrendResult") -> None:
    print_kinds_over_groups(console, found.sentence_kinds, found.p_anything)


def _headline(found: "TrendResult") -> Text:
    groups = found.groups
    what = f"{called(groups[0])} to {called(groups[-1])}, {len(groups)} groups"
    return headline_of(found, what, is_paired=found.is_paired)


def _columns(table: Table, found: "TrendResult", is_wide: bool) -> None:
    table.add_column("rates", no_wrap=True)
    for name in ("first", "last", "slope"):
        table.add_column(name, justify="right", no_wrap=True)
    if is_wide:
        table.add_column("95 %", justify="right", no_wrap=True)
    table.add_column("length-\nadjusted", justify="right", no_wrap=True)
    if is_wide:
        table.add_column("largest change", no_wrap=True)


def _cells(found: "TrendResult", i: int, is_wide: bool) -> list[Text | str]:
    finding = found.findings[i]
    low, high = (100 * bound for bound in finding.interval)
    first, *_, last = finding.rates.values()
    return [
        _curve(finding),
        f"{100 * first:.0f}%",
        f"{100 * last:.0f}%",
        f"{100 * finding.slope:+.1f}",
        *([f"{low:+.1f}..{high:+.1f}"] if is_wide else []),
        points(finding.adjusted_slope, digits=1),
        *([_largest(finding)] if is_wide else []),
    ]


def _legend(console: Console, shown: Sequence["TrendFinding"]) -> None:
    if any(one.turns for one in shown):
        console.print(Text(_WHAT_TURNING_MEANS, style="dim"))
    explain_findings(console, shown)


def _curve(finding: "TrendFinding") -> Text:
    """A sparkline of the rates, scaled to the largest."""
    rates = list(finding.rates.values())
    highest = max(rates)
    heights = [round(rate / highest * (len(_BARS) - 1)) for rate in rates]
    style = "green" if finding.slope > 0 else "magenta"
    bars = "".join(_BARS[height] for height in heights)
    return Text(bars, style=style) + Text(" ↶" if finding.turns else "", style="dim")


def _largest(finding: "TrendFinding") -> Text:
    step = finding.largest_step
    name = called(step.end)
    name = name if len(name) <= _NAME_WIDTH else name[: _NAME_WIDTH - 1] + "…"
    return Text(f"{finding.largest_share:4.0%} {name}", no_wrap=True)


def _print_evidence(console: Console, found: "TrendResult", i: int, n: int) -> None:
    finding = found.findings[i]
    print_title(console, i, finding)
    rates = (f"{called(name)} {100 * rate:.0f}%" for name, rate in finding.rates.items())
    print_indented(console, Text(", ".join(rates), style="dim"))
    for entry in found.evidence(i)[:n]:
        print_indented(console, quoted(entry, entry.side or "", marked=not console.is_terminal))


def _nothing(found: "TrendResult") -> str:
    return "No significant trend. " + detectable_in_words(
        found.smallest_detectable,
        none="There are too few documents to detect any trend.",
        some="Detectable with 80 % power: a rise of {points:.0f} points from a base rate of 10 %.",
    )


_VIEW: FindingsView[Any] = FindingsView(
    kinds=_kinds,
    headline=_headline,
    columns=_columns,
    cells=_cells,
    nothing=_nothing,
    different="rising or falling",
    legend=_legend,
    evidence=_print_evidence,
)
