"""Results as people see them on a terminal; `--json` prints the result's own JSON instead."""

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

if TYPE_CHECKING:
    from corpuscope.analyses import DiffResult, Finding
    from corpuscope.store import Evidence, Store

_BAR = 16
_AROUND = 140
"""How many characters around a span are shown."""


def note(text: str) -> None:
    """A remark for the person, kept off standard output."""
    Console(stderr=True, highlight=False).print(text, markup=False)


def store(opened: "Store", *, as_json: bool) -> None:
    """What a store holds."""
    facts: dict[str, Any] = {
        "store": str(opened.path),
        "n_documents": opened.n_documents,
        "n_features": opened.n_features,
        "columns": list(opened.columns),
        "complete": opened.is_complete,
        "skipped": dict(opened.skipped_counts),
        "warnings": list(opened.warnings),
        "provenance": dict(opened.provenance),
    }
    if as_json:
        _print_json(facts)
        return
    console = Console(highlight=False)
    reader = opened.provenance.get("reader", {})
    console.print(f"[bold]{opened.path}[/bold]")
    console.print(f"  {opened.n_documents:,} documents, {opened.n_features:,} features")
    console.print(f"  read by {reader.get('name', 'unknown')}", markup=False)
    console.print(f"  columns: {', '.join(opened.columns) or 'none'}", markup=False)
    for reason, n in opened.skipped_counts.items():
        console.print(f"  skipped {n:,}: {reason}", markup=False)
    _warn(opened.warnings)


def diff(found: "DiffResult", *, as_json: bool, n_evidence: int) -> None:
    """Findings as a table with bars, then texts that show the first ones."""
    if as_json:
        _print_json(found.to_json())
        return
    console = Console(highlight=False)
    against = ", ".join(found.references)
    console.print(
        f"[bold]{len(found)} findings[/bold]: {found.target} against {against}; "
        f"{found.n_documents:,} documents{', paired' if found.is_paired else ''}; "
        f"{found.n_tested:,} features tested"
    )
    if not len(found):
        console.print("Nothing that differs holds up. " + _detectable(found))
    else:
        console.print(_table(found))
        for i in range(min(len(found), 5)):
            _print_evidence(console, found, i, n_evidence)
    _warn(found.warnings)


def save_plot(found: "DiffResult", path: Path) -> None:
    """The result's plot as a picture."""
    axes = found.plot()
    figure = axes.figure
    figure.savefig(path, dpi=160, bbox_inches="tight")
    note(f"drawn: {path}")


def _table(found: "DiffResult") -> Table:
    table = Table(box=None, pad_edge=False, header_style="dim")
    table.add_column("")
    table.add_column("feature", max_width=46)
    table.add_column(found.target, justify="right")
    table.add_column("against", justify="right")
    table.add_column("difference")
    table.add_column("95 %", justify="right")
    table.add_column("equal length", justify="right")
    table.add_column("q", justify="right")
    for number, finding in enumerate(found.findings, 1):
        more = f"  (+{len(finding.members)})" if finding.members else ""
        low, high = (100 * bound for bound in finding.interval)
        table.add_row(
            Text(str(number), style="dim"),
            Text(finding.label) + Text(more, style="dim"),
            f"{100 * finding.rate_target:.0f}%",
            f"{100 * finding.rate_reference:.0f}%",
            _bar(finding.difference),
            f"{low:+.0f}..{high:+.0f}",
            f"{100 * finding.adjusted_difference:+.0f}",
            f"{finding.q_value:.1g}",
        )
    return table


def _bar(difference: float) -> Text:
    """The difference in points, with a bar to the right where the target has more."""
    half = _BAR // 2
    n = max(1, min(half, round(abs(difference) * 2 * half)))
    left = " " * half if difference > 0 else (" " * (half - n) + "█" * n)
    right = ("█" * n + " " * (half - n)) if difference > 0 else " " * half
    style = "green" if difference > 0 else "magenta"
    return Text(left + "│" + right, style=style) + Text(f" {100 * difference:+.0f}")


def _print_evidence(console: Console, found: "DiffResult", i: int, n: int) -> None:
    finding = found.findings[i]
    console.print(Text(f"\n{i + 1}  {finding.label}", style="bold"))
    if finding.members:
        names = ", ".join(member.label for member in finding.members[:6])
        console.print(Text(f"   with: {names}", style="dim"))
    side = "target" if finding.difference > 0 else "reference"
    shown = [entry for entry in found.evidence(i) if entry.side == side][:n]
    for entry in shown:
        console.print(_quoted(entry, _group(found, finding, side)))


def _group(found: "DiffResult", finding: "Finding", side: str) -> str:
    return found.target if side == "target" else finding.against


def _quoted(entry: "Evidence", group: str) -> Text:
    """The text around the first span, the span in reverse."""
    start, end = entry.spans[0] if entry.spans else (0, 0)
    first, last = max(0, start - _AROUND // 2), min(len(entry.text), end + _AROUND // 2)
    line = Text(f"   {group} {entry.id}: ", style="dim")
    line.append("…" if first else "", style="default")
    line.append(_flat(entry.text[first:start]), style="not dim")
    line.append(_flat(entry.text[start:end]), style="not dim reverse")
    line.append(_flat(entry.text[end:last]), style="not dim")
    line.append("…" if last < len(entry.text) else "", style="default")
    return line


def _flat(text: str) -> str:
    return text.replace("\n", "⏎ ")


def _detectable(found: "DiffResult") -> str:
    bar = found.smallest_detectable
    if bar != bar:
        return "There are too few documents to find any difference."
    return f"A property of 10 % would have to differ by {100 * bar:.0f} points to be found."


def _warn(warnings: tuple[str, ...] | list[str]) -> None:
    for warning in warnings:
        note(f"note: {warning}")


def _print_json(value: dict[str, Any]) -> None:
    json.dump(value, sys.stdout, ensure_ascii=False, allow_nan=False)
    sys.stdout.write("\n")
