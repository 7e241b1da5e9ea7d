"""Prints the result of `audit`."""

from functools import partial
from typing import TYPE_CHECKING

from rich.console import Console
from rich.text import Text

from corpuscope.cli.terminal.text import print_indented, print_result, quoted, visible
from corpuscope.ranges import CHECKS

if TYPE_CHECKING:
    from corpuscope.analyses.audit.finding import Line, ShortcutLine
    from corpuscope.analyses.audit.result import AuditResult


def show(found: "AuditResult", *, as_json: bool, n_evidence: int) -> None:
    """Print the results of each check that found something, with what to do next.

    Args:
        found: The result.
        as_json: Whether to print one JSON object instead.
        n_evidence: Example texts per line.
    """
    print_result(found, as_json=as_json, body=partial(_print, found, n_evidence))


def _print(found: "AuditResult", n_evidence: int, console: Console) -> None:
    from corpuscope.analyses.audit.finding import NEXT_STEPS

    console.print(Text(_counted(found), style="bold"))
    if not len(found):
        console.print("No problem was found.")
    for check in CHECKS:
        lines = found.lines(check)
        if not lines:
            continue
        n = found.counts[check]
        title = check.replace("_", " ").capitalize()
        first = f", the first {len(lines)}" if n > len(lines) else ""
        console.print(Text(f"\n{title} ({n:,}{first})", style="bold"))
        print_indented(console, Text(f"next: {NEXT_STEPS[check]}", style="dim"))
        for number, line in enumerate(lines, 1):
            _print_line(console, number, line, n_evidence)


def _counted(found: "AuditResult") -> str:
    return f"{found.n_documents:,} documents, none of which was changed"


def _print_line(
    console: Console, number: int, line: "ShortcutLine | Line", n_evidence: int
) -> None:
    from corpuscope.analyses.audit.result import subject_of

    console.print(Text(f"\n{number:>2} ", style="dim") + Text(visible(subject_of(line)), "bold"))
    print_indented(console, Text(visible(line.reason)))
    for entry in line.evidence[:n_evidence]:
        side = entry.side or ""
        print_indented(console, quoted(entry, side, marked=not console.is_terminal))
