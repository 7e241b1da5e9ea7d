"""Trends as people see them on a terminal."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table
from rich.text import Text

from corpuscope.cli.render.findings import (
    N_BESIDE,
    N_WITH_TEXTS,
    WHAT_IS_BESIDE,
    WIDE,
    detectable_in_words,
    explain_findings,
    name_of,
    print_title,
)
from corpuscope.cli.render.kinds import print_kinds_over_groups
from corpuscope.cli.render.text import (
    called,
    points,
    print_indented,
    print_json,
    print_table,
    quoted,
    warn,
)

if TYPE_CHECKING:
    from corpuscope.analyses.trend.finding import TrendFinding
    from corpuscope.analyses.trend.result import TrendResult

_BARS = "▁▂▃▄▅▆▇█"
_WHAT_TURNING_MEANS = "↶  It surely turns around on the way: read the rates below."
_NAME_WIDTH = 18


def show(found: "TrendResult", *, as_json: bool, n_evidence: int) -> None:
    """Findings as a table with a small curve each, then rates and texts of the first ones.

    Args:
        found: The answer.
        as_json: One object on standard output instead.
        n_evidence: How many texts show a finding.
    """
    if as_json:
        print_json(found.to_json())
        return
    console = Console(highlight=False)
    is_wide = console.width >= WIDE
    print_kinds_over_groups(console, found.sentence_kinds, found.p_anything)
    console.print(_headline(found))
    if len(found):
        print_table(console, _table(found, is_wide=is_wide))
    else:
        console.print("Nothing that rises or falls holds up. " + _detectable(found))
    beside = found.unadjusted.less(found, n=N_BESIDE) if found.parameters["adjust"] else None
    if beside is not None and len(beside):
        console.print(Text(WHAT_IS_BESIDE.format(differ="rise or fall"), style="dim"))
        print_table(console, _table(beside, is_wide=is_wide))
    _explain_signs(console, (*found.findings, *(beside.findings if beside else ())))
    for i in range(min(len(found), N_WITH_TEXTS) if n_evidence else 0):
        _print_evidence(console, found, i, n_evidence)
    warn(found.warnings)


def _explain_signs(console: Console, shown: Iterable["TrendFinding"]) -> None:
    findings = list(shown)
    if any(one.turns for one in findings):
        console.print(Text(_WHAT_TURNING_MEANS, style="dim"))
    explain_findings(console, findings)


def _headline(found: "TrendResult") -> Text:
    n = len(found)
    line = Text(f"{n} finding{'' if n == 1 else 's'}", style="bold")
    line.append(
        f": {called(found.groups[0])} to {called(found.groups[-1])}, "
        f"{len(found.groups)} groups; {found.n_documents:,} documents"
        f"{', paired' if found.is_paired else ''}; {found.n_tested:,} features tested",
        style="not bold",
    )
    return line


def _table(found: "TrendResult", *, is_wide: bool) -> Table:
    """Only the names of features may wrap, so that numbers stay in their columns."""
    table = Table(box=None, pad_edge=False, header_style="dim")
    table.add_column("", no_wrap=True)
    table.add_column("feature", max_width=46)
    table.add_column("rates", no_wrap=True)
    for name in ("first", "last", "a step"):
        table.add_column(name, justify="right", no_wrap=True)
    if is_wide:
        table.add_column("95 %", justify="right", no_wrap=True)
    table.add_column("equal\nlength", justify="right", no_wrap=True)
    if is_wide:
        table.add_column("most of it at", no_wrap=True)
    table.add_column("q", justify="right", no_wrap=True)
    for number, finding in enumerate(found.findings, 1):
        table.add_row(*_cells(number, finding, is_wide=is_wide))
    return table


def _cells(number: int, finding: "TrendFinding", *, is_wide: bool) -> list[Text | str]:
    low, high = (100 * bound for bound in finding.interval)
    first, *_, last = finding.rates.values()
    return [
        Text(str(number), style="dim"),
        name_of(finding),
        _curve(finding),
        f"{100 * first:.0f}%",
        f"{100 * last:.0f}%",
        f"{100 * finding.slope:+.1f}",
        *([f"{low:+.1f}..{high:+.1f}"] if is_wide else []),
        points(finding.adjusted_slope, digits=1),
        *([_largest(finding)] if is_wide else []),
        f"{finding.q_value:.1g}",
    ]


def _curve(finding: "TrendFinding") -> Text:
    """A bar for each group, the highest for the largest rate."""
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


def _detectable(found: "TrendResult") -> str:
    return detectable_in_words(
        found.smallest_detectable,
        none="There are too few documents to find any trend.",
        some="A property of 10 % would have to rise by {points:.0f} points to be found.",
    )
