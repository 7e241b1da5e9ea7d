"""Text on a terminal: notes, warnings, tables and quoted evidence."""

import json
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

from rich.console import Console
from rich.table import Table
from rich.text import Text

from corpuscope.errors import CorpuscopeError

if TYPE_CHECKING:
    from corpuscope.store.evidence import Evidence

AROUND = 140
"""Characters of context shown around a span."""


_NARROW, _LONGEST_NAME = 60, 40
"""Minimum width of a table of labels and numbers; most characters of a group's name."""


# Control characters would move the cursor, and bidirectional ones reorder the rest of the line.
_PICTURES = {code: chr(0x2400 + code) for code in range(32)} | {
    ord("\n"): "⏎ ",
    ord("\t"): " ",
    **dict.fromkeys(range(0x7F, 0xA0), "\N{REPLACEMENT CHARACTER}"),
    **dict.fromkeys([*range(0x202A, 0x202F), *range(0x2066, 0x206A)], ""),
}


def note(text: str) -> None:
    """Print a remark on standard error."""
    Console(stderr=True, highlight=False).print(text, markup=False, soft_wrap=True)


@runtime_checkable
class Printable(Protocol):
    """A result that a command prints."""

    @property
    def warnings(self) -> tuple[str, ...]:
        """What to be careful about."""

    def to_json(self) -> dict[str, Any]:
        """All of it, as values that JSON knows."""


@contextmanager
def resumable(folder: Path) -> Iterator[None]:
    """A context for resumable work; an interruption says how to resume.

    Args:
        folder: Where progress is saved.
    """
    try:
        yield
    except KeyboardInterrupt:
        note(f"\ninterrupted: progress is saved in {folder}; repeat the command to resume")
        raise SystemExit(130) from None


def fault(error: CorpuscopeError) -> None:
    """Print an error on standard error: what was found, what was expected, what to do next."""
    print(f"corpuscope: {error.found}", file=sys.stderr)
    print(f"  expected: {error.expected}", file=sys.stderr)
    print(f"  next: {error.next_step}", file=sys.stderr)


def points(difference: float, *, digits: int = 0) -> str:
    """A difference of rates in percentage points; a hyphen for NaN."""
    # Adding 0 turns a rounded -0 into 0.
    return (
        "-" if difference != difference else f"{round(100 * difference, digits) + 0.0:+.{digits}f}"
    )


def print_indented(console: Console, text: Text) -> None:
    """Print text wrapped, with every line indented."""
    for line in text.wrap(console, max(console.width - 3, 20)):
        line.rstrip()
        console.print(Text("   ") + line)


def quoted(entry: "Evidence", group: str, *, marked: bool) -> Text:
    """The text around the first span; the span in reverse video, or in brackets if `marked`."""
    start, end = entry.spans[0] if entry.spans else (0, 0)
    first, last = window(entry.text, start, end)
    opening, closing = ("[[", "]]") if marked and entry.spans else ("", "")
    line = Text()
    line.append(f"{called(group)} {visible(entry.id)}: ".lstrip(), style="dim")
    line.append(("…" if first else "") + visible(entry.text[first:start]) + opening)
    line.append(visible(entry.text[start:end]), style="reverse")
    line.append(closing + visible(entry.text[end:last]) + ("…" if last < len(entry.text) else ""))
    return line


def window(text: str, start: int, end: int) -> tuple[int, int]:
    """The bounds of the context around a span, at word boundaries where possible."""
    first, last = max(0, start - AROUND // 2), min(len(text), end + AROUND // 2)
    if first:
        first = next((i + 1 for i in range(first, start) if text[i].isspace()), first)
    if last < len(text):
        last = next((i for i in range(last, end, -1) if text[i].isspace()), last)
    return first, last


def called(group: str) -> str:
    """A group's name, truncated if too long."""
    name = visible(group)
    return name if len(name) <= _LONGEST_NAME else f"{name[: _LONGEST_NAME - 1]}…"


def new_table() -> Table:
    """A table without lines, its headings dim."""
    return Table(box=None, pad_edge=False, header_style="dim")


def add_numbers(table: Table, *names: str) -> None:
    """Add columns of numbers, which are aligned at the right and never wrapped."""
    for name in names:
        table.add_column(name, justify="right", no_wrap=True)


def print_table(console: Console, table: Table) -> None:
    """Print a table; on a narrow terminal print the label of each row on a line of its own."""
    needed = sum(
        min(column.max_width or 12, 12) if not column.no_wrap else column.width or 6
        for column in table.columns
    )
    if console.width >= max(needed, _NARROW) or all(column.no_wrap for column in table.columns):
        console.print(table)
        return
    headers = [" ".join(str(column.header).split()) for column in table.columns]
    for row in zip(*(column.cells for column in table.columns), strict=True):
        names, figures = Text(), Text("   ", style="dim")
        for column, header, cell in zip(table.columns, headers, row, strict=True):
            shown = cell if isinstance(cell, Text) else Text(str(cell))
            if not shown.plain.strip():
                continue
            if header and column.no_wrap:
                figures.append_text(Text(f"{header} ") + shown + Text("  "))
            else:
                names.append_text(shown + Text("  "))
        console.print(names)
        console.print(figures)


def visible(text: str) -> str:
    """The text on one line, with visible symbols for control characters."""
    return text.translate(_PICTURES)


def warn(warnings: Iterable[str]) -> None:
    """Print the warnings of a result."""
    for warning in warnings:
        note(f"note: {warning}")


def installed_version() -> str:
    """The version of corpuscope."""
    # Takes a tenth of what `--help` takes, which does not need it.
    from importlib.metadata import version

    return version("corpuscope")


def print_json(value: dict[str, Any]) -> None:
    """Print one JSON object, with escapes for characters that the terminal cannot encode."""
    has_all = "utf" in (sys.stdout.encoding or "").lower()
    json.dump(value, sys.stdout, ensure_ascii=not has_all, allow_nan=False)
    sys.stdout.write("\n")


def in_words(value: object) -> str:
    """A value as text in a table."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return ", ".join(map(str, value)) or "nothing"
    return "missing" if value is None else str(value)


def print_result(found: "Printable", *, as_json: bool, body: Callable[[Console], None]) -> None:
    """Print a result as one JSON object, or its body and then its warnings.

    Args:
        found: The result.
        as_json: Whether to print one JSON object.
        body: Prints the tables and texts.
    """
    if as_json:
        print_json(found.to_json())
        return
    body(Console(highlight=False))
    warn(found.warnings)
