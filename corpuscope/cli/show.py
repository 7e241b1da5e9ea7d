"""Results as people see them on a terminal; `--json` prints the result's own JSON instead."""

import json
import sys
from collections.abc import Iterable, Mapping
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from corpuscope.errors import CorpuscopeError

if TYPE_CHECKING:
    from corpuscope.analyses import (
        ClusterResult,
        CorrelateResult,
        DiffResult,
        Finding,
        SearchResult,
        TrendResult,
    )
    from corpuscope.analyses.findings import FeatureFinding
    from corpuscope.store import Evidence, Store

AROUND = 140
"""How many characters around a span are shown."""

WIDE = 110
"""From so many columns on a table of findings has room for intervals and long bars."""

N_WITH_TEXTS = 5

_WITH = 6
SURE = 0.5
_N_BESIDE = 8
WHAT_IS_BESIDE = "\nThese differ as well, but not surely at equal lengths (all: --no-adjust):"
WHAT_UNSURE_MEANS = "?  The name finds the feature less than half the time: read the texts."
"""How many findings are shown with texts."""

# Control characters would move the cursor; those that turn the direction of writing would
# reorder the rest of the line.
_PICTURES = {code: chr(0x2400 + code) for code in range(32)} | {
    ord("\n"): "⏎ ",
    ord("\t"): " ",
    **dict.fromkeys(range(0x7F, 0xA0), "\N{REPLACEMENT CHARACTER}"),
    **dict.fromkeys([*range(0x202A, 0x202F), *range(0x2066, 0x206A)], ""),
}


def note(text: str) -> None:
    """A remark for the person, kept off standard output."""
    Console(stderr=True, highlight=False).print(text, markup=False, soft_wrap=True)


def fault(error: CorpuscopeError) -> None:
    """What was found, what was expected and what to do next, on standard error."""
    print(f"corpuscope: {error.found}", file=sys.stderr)
    print(f"  expected: {error.expected}", file=sys.stderr)
    print(f"  next: {error.next_step}", file=sys.stderr)


def store(
    opened: "Store", *, command: str, parameters: Mapping[str, object], as_json: bool
) -> None:
    """What a store holds."""
    if as_json:
        print_json(_facts_of(opened, command, parameters))
        return
    console = Console(highlight=False)
    reader = opened.provenance.get("reader", {})
    console.print(Text(str(opened.path), style="bold"))
    console.print(f"  {opened.n_documents:,} documents, {opened.n_features:,} features")
    console.print(f"  read by {reader.get('name', 'unknown')}", markup=False)
    console.print(f"  columns: {', '.join(opened.columns) or 'none'}", markup=False)
    for reason, n in opened.skipped_counts.items():
        console.print(f"  skipped {n:,}: {reason}", markup=False)
    warn(opened.warnings)


def diff(
    found: "DiffResult", *, as_json: bool, n_evidence: int, unadjusted: "DiffResult | None" = None
) -> None:
    """Findings as a table with bars, then texts that show the first ones.

    Args:
        found: The answer.
        as_json: One object on standard output instead.
        n_evidence: How many texts show a finding.
        unadjusted: The answer as it stands, whatever lengths explain; what it has beside the
            other is told in a second table.
    """
    if as_json:
        print_json(found.to_json())
        return
    console = Console(highlight=False)
    is_wide = console.width >= WIDE
    console.print(_headline(found))
    if len(found):
        console.print(_table(found, is_wide=is_wide))
    else:
        console.print("Nothing that differs holds up. " + _detectable(found))
    beside = unadjusted.less(found, n=_N_BESIDE) if unadjusted else None
    if beside is not None and len(beside):
        console.print(Text(WHAT_IS_BESIDE, style="dim"))
        console.print(_table(beside, is_wide=is_wide))
    shown = (*found.findings, *(beside.findings if beside else ()))
    if any(_is_unsure(finding) for finding in shown):
        console.print(Text(WHAT_UNSURE_MEANS, style="dim"))
    for i in range(min(len(found), N_WITH_TEXTS) if n_evidence else 0):
        _print_evidence(console, found, i, n_evidence)
    warn(found.warnings)


def doctor(facts: Mapping[str, Any], *, as_json: bool) -> None:
    """What is installed and what is missing."""
    if as_json:
        print_json(dict(facts))
        return
    console = Console(highlight=False)
    table = Table(box=None, pad_edge=False, show_header=False)
    table.add_column(style="dim", no_wrap=True)
    table.add_column(overflow="fold")
    for name, value in facts["checks"].items():
        table.add_row(name.replace("_", " "), Text(_in_words(value)))
    console.print(table)
    warn(facts["warnings"])


def save_plot(
    found: "DiffResult | CorrelateResult | ClusterResult | SearchResult | TrendResult", path: Path
) -> None:
    """The result's plot as a picture."""
    figure = found.plot().get_figure(root=True)
    if figure is not None:
        figure.savefig(path, dpi=160, bbox_inches="tight")
    note(f"drawn: {path}")


def _facts_of(opened: "Store", command: str, parameters: Mapping[str, object]) -> dict[str, Any]:
    return {
        "analysis": command,
        "version": version("corpuscope"),
        "store": {"path": str(opened.path), "digest": opened.digest},
        "parameters": dict(parameters),
        "n_documents": opened.n_documents,
        "warnings": list(opened.warnings),
        "n_features": opened.n_features,
        "columns": list(opened.columns),
        "complete": opened.is_complete,
        "skipped": dict(opened.skipped_counts),
        "provenance": dict(opened.provenance),
    }


def _headline(found: "DiffResult") -> Text:
    against = ", ".join(found.references)
    n = len(found)
    line = Text(f"{n} finding{'' if n == 1 else 's'}", style="bold")
    line.append(
        f": {visible(found.target)} against {visible(against)}; "
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
        header = Text(visible(name), no_wrap=True, overflow="ellipsis")
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
    more = " ?" if _is_unsure(finding) else ""
    more += f"  (+{len(finding.members)})" if finding.members else ""
    low, high = (100 * bound for bound in finding.interval)
    return [
        Text(str(number), style="dim"),
        Text(visible(finding.label)) + Text(more, style="dim"),
        f"{100 * finding.rate_target:.0f}%",
        f"{100 * finding.rate_reference:.0f}%",
        _bar(finding.difference, half=8 if is_wide else 4),
        *([f"{low:+.0f}..{high:+.0f}"] if is_wide else []),
        points(finding.adjusted_difference),
        f"{finding.q_value:.1g}",
    ]


def _is_unsure(finding: "Finding") -> bool:
    return finding.label_score < SURE


def points(difference: float, *, digits: int = 0) -> str:
    """A difference of rates in points; a hyphen where it is not known."""
    return "-" if difference != difference else f"{100 * difference:+.{digits}f}"


def _bar(difference: float, *, half: int) -> Text:
    """The difference in points, with a bar to the right where the target has more."""
    n = max(1, min(half, round(abs(difference) * 2 * half)))
    left = " " * half if difference > 0 else (" " * (half - n) + "█" * n)
    right = ("█" * n + " " * (half - n)) if difference > 0 else " " * half
    style = "green" if difference > 0 else "magenta"
    return Text(left + "│" + right, style=style) + Text(f" {100 * difference:+.0f}")


def _print_evidence(console: Console, found: "DiffResult", i: int, n: int) -> None:
    finding = found.findings[i]
    console.print(Text(f"\n{i + 1}  {visible(finding.label)}", style="bold"))
    if names := unequal_names(finding):
        print_indented(console, Text(f"with: {', '.join(map(visible, names))}", style="dim"))
    side = "target" if finding.difference > 0 else "reference"
    group = found.target if side == "target" else finding.against
    for entry in [entry for entry in found.evidence(i) if entry.side == side][:n]:
        print_indented(console, quoted(entry, group, marked=not console.is_terminal))


def unequal_names(finding: "FeatureFinding") -> list[str]:
    """What the strongest members are called, where it is not what the finding is called."""
    names = dict.fromkeys(member.label for member in finding.members[:_WITH])
    names.pop(finding.label, None)
    return list(names)


def print_indented(console: Console, text: Text) -> None:
    """Wrapped, every line indented."""
    for line in text.wrap(console, max(console.width - 3, 20)):
        line.rstrip()
        console.print(Text("   ") + line)


def quoted(entry: "Evidence", group: str, *, marked: bool) -> Text:
    """The text around the first span; the span in reverse, or in brackets where that is lost."""
    start, end = entry.spans[0] if entry.spans else (0, 0)
    first, last = window(entry.text, start, end)
    opening, closing = ("[[", "]]") if marked else ("", "")
    line = Text()
    line.append(f"{visible(group)} {visible(entry.id)}: ", style="dim")
    line.append(("…" if first else "") + visible(entry.text[first:start]) + opening)
    line.append(visible(entry.text[start:end]), style="reverse")
    line.append(closing + visible(entry.text[end:last]) + ("…" if last < len(entry.text) else ""))
    return line


def window(text: str, start: int, end: int) -> tuple[int, int]:
    """Some characters on both sides, from a whole word to a whole word where there are any."""
    first, last = max(0, start - AROUND // 2), min(len(text), end + AROUND // 2)
    if first:
        first = next((i + 1 for i in range(first, start) if text[i].isspace()), first)
    if last < len(text):
        last = next((i for i in range(last, end, -1) if text[i].isspace()), last)
    return first, last


def visible(text: str) -> str:
    """On one line, with a picture for each control character."""
    return text.translate(_PICTURES)


def _detectable(found: "DiffResult") -> str:
    return detectable_in_words(
        found.smallest_detectable,
        none="There are too few documents to find any difference.",
        some="A property of 10 % would have to differ by {points:.0f} points to be found.",
    )


def detectable_in_words(bar: float, *, none: str, some: str) -> str:
    """What could have been found; `some` takes `points`."""
    return none if bar != bar else some.format(points=100 * bar)


def _in_words(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "missing" if value is None else str(value)


def warn(warnings: Iterable[str]) -> None:
    """Remarks that the answer comes with."""
    for warning in warnings:
        note(f"note: {warning}")


def print_json(value: dict[str, Any]) -> None:
    """One object on standard output."""
    json.dump(value, sys.stdout, ensure_ascii=False, allow_nan=False)
    sys.stdout.write("\n")
