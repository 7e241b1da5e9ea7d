"""Differences as people see them on a terminal."""

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
from corpuscope.cli.render.kinds import print_kinds_of_groups
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
    from corpuscope.analyses.diff.finding import Finding
    from corpuscope.analyses.diff.result import DiffResult


def show(found: "DiffResult", *, as_json: bool, n_evidence: int) -> None:
    """Findings as a table with bars, what length explains, then texts that show the first ones.

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
    print_kinds_of_groups(console, found.sentence_kinds, found.p_anything, target=found.target)
    console.print(_headline(found))
    if len(found):
        print_table(console, _table(found, is_wide=is_wide))
    else:
        console.print("Nothing that differs holds up. " + _detectable(found))
    beside = found.unadjusted.less(found, n=N_BESIDE) if found.parameters["adjust"] else None
    if beside is not None and len(beside):
        console.print(Text(WHAT_IS_BESIDE.format(differ="differ"), style="dim"))
        print_table(console, _table(beside, is_wide=is_wide))
    shown = (*found.findings, *(beside.findings if beside else ()))
    explain_findings(console, shown)
    for i in range(min(len(found), N_WITH_TEXTS) if n_evidence else 0):
        _print_evidence(console, found, i, n_evidence)
    warn(found.warnings)


def _headline(found: "DiffResult") -> Text:
    against = ", ".join(map(called, found.references))
    n = len(found)
    line = Text(f"{n} finding{'' if n == 1 else 's'}", style="bold")
    line.append(
        f": {called(found.target)} against {against}; "
        f"{found.n_documents:,} documents{', paired' if found.is_paired else ''}; "
        f"{found.n_tested:,} features tested",
        style="not bold",
    )
    return line


def _table(found: "DiffResult", *, is_wide: bool) -> Table:
    """Only the names of features may wrap, so that numbers stay in their columns."""
    table = Table(box=None, pad_edge=False, header_style="dim")
    table.add_column("", no_wrap=True)
    table.add_column("feature", max_width=46)
    against = found.references[0] if len(found.references) == 1 else "against"
    for name in (found.target, against):
        header = Text(called(name), no_wrap=True, overflow="ellipsis")
        table.add_column(header, justify="right", no_wrap=True, max_width=12)
    table.add_column("difference", no_wrap=True)
    if is_wide:
        table.add_column("95 %", justify="right", no_wrap=True)
    table.add_column("equal\nlength", justify="right", no_wrap=True)
    table.add_column("q", justify="right", no_wrap=True)
    for number, finding in enumerate(found.findings, 1):
        table.add_row(*_cells(number, finding, is_wide=is_wide))
    return table


def _cells(number: int, finding: "Finding", *, is_wide: bool) -> list[Text | str]:
    low, high = (100 * bound for bound in finding.interval)
    return [
        Text(str(number), style="dim"),
        name_of(finding),
        f"{100 * finding.rate_target:.0f}%",
        f"{100 * finding.rate_reference:.0f}%",
        _bar(finding.difference, half=8 if is_wide else 4),
        *([f"{low:+.0f}..{high:+.0f}"] if is_wide else []),
        points(finding.adjusted_difference),
        f"{finding.q_value:.1g}",
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


def _detectable(found: "DiffResult") -> str:
    return detectable_in_words(
        found.smallest_detectable,
        none="There are too few documents to find any difference.",
        some="A property of 10 % would have to differ by {points:.0f} points to be found.",
    )
