"""Prints the result of `diff`."""

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
from corpuscope.cli.terminal.kinds import print_kinds_of_groups
from corpuscope.cli.terminal.text import called, points, print_indented, print_result, quoted

if TYPE_CHECKING:
    from corpuscope.analyses.diff.result import DiffResult


def show(found: "DiffResult", *, as_json: bool, n_evidence: int) -> None:
    """Print tables of findings and of those that length explains, then texts of the first ones.

    Args:
        found: The result.
        as_json: Whether to print one JSON object instead.
        n_evidence: Example texts per finding.
    """
    print_result(found, as_json=as_json, body=partial(_VIEW.print, found, n_evidence))


def _kinds(console: Console, found: "DiffResult") -> None:
    print_kinds_of_groups(console, found.sentence_kinds, found.p_anything, target=found.target)


def _headline(found: "DiffResult") -> Text:
    what = f"{called(found.target)} vs. {', '.join(map(called, found.references))}"
    return headline_of(found, what, is_paired=found.is_paired)


def _columns(table: Table, found: "DiffResult", is_wide: bool) -> None:
    against = found.references[0] if len(found.references) == 1 else "reference"
    for name in (found.target, against):
        header = Text(called(name), no_wrap=True, overflow="ellipsis")
        table.add_column(header, justify="right", no_wrap=True, max_width=12)
    table.add_column("difference", no_wrap=True)
    if is_wide:
        table.add_column("95 %", justify="right", no_wrap=True)
    table.add_column("length-\nadjusted", justify="right", no_wrap=True)


def _cells(found: "DiffResult", i: int, is_wide: bool) -> list[Text | str]:
    finding = found.findings[i]
    low, high = (100 * bound for bound in finding.interval)
    return [
        f"{100 * finding.rate_target:.0f}%",
        f"{100 * finding.rate_reference:.0f}%",
        _bar(finding.difference, half=8 if is_wide else 4),
        *([f"{low:+.0f}..{high:+.0f}"] if is_wide else []),
        points(finding.adjusted_difference),
    ]


def _bar(difference: float, *, half: int) -> Text:
    """The difference in points, with a bar to the right where the target has more."""
    n = max(1, min(half, round(abs(difference) * 2 * half)))
    left = " " * half if difference > 0 else (" " * (half - n) + "█" * n)
    right = ("█" * n + " " * (half - n)) if difference > 0 else " " * half
    style = "green" if difference > 0 else "magenta"
    return Text(left + "│" + right, style=style) + Text(f" {100 * difference:+.0f}")


def _print_evidence(console: Console, found: "DiffResult", i: int, n: int) -> None:
    finding = found.findings[i]
    print_title(console, i, finding)
    side = "target" if finding.difference > 0 else "reference"
    group = found.target if side == "target" else finding.against
    for entry in [entry for entry in found.evidence(i) if entry.side == side][:n]:
        print_indented(console, quoted(entry, group, marked=not console.is_terminal))


def _nothing(found: "DiffResult") -> str:
    return "No significant difference. " + detectable_in_words(
        found.smallest_detectable,
        none="There are too few documents to detect any difference.",
        some="Detectable with 80 % power: {points:.0f} points above a base rate of 10 %.",
    )


_VIEW: FindingsView[Any] = FindingsView(
    kinds=_kinds,
    headline=_headline,
    columns=_columns,
    cells=_cells,
    nothing=_nothing,
    different="different",
    legend=explain_findings,
    evidence=_print_evidence,
)
