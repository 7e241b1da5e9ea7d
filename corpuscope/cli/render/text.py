"""Text on a terminal: notes, warnings, tables, quotations."""

import json
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from corpuscope.errors import CorpuscopeError

if TYPE_CHECKING:
    from corpuscope.store.evidence import Evidence

AROUND = 140
"""How many characters around a span are shown."""


_NARROW, _LONGEST_NAME = 60, 40
"""Columns that a table of names and figures takes at least; characters of a group's name."""


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


@contextmanager
def resumable(folder: Path) -> Iterator[None]:
    """Work that goes on where it was: says so when the person stops it.

    Args:
        folder: Where what is done is kept.
    """
    try:
        yield
    except KeyboardInterrupt:
        note(f"\nstopped: what was done is kept in {folder}; the same command goes on from there")
        raise SystemExit(130) from None


def fault(error: CorpuscopeError) -> None:
    """What was found, what was expected and what to do next, on standard error."""
    print(f"corpuscope: {error.found}", file=sys.stderr)
    print(f"  expected: {error.expected}", file=sys.stderr)
    print(f"  next: {error.next_step}", file=sys.stderr)


def points(difference: float, *, digits: int = 0) -> str:
    """A difference of rates in points; a hyphen where it is not known."""
    return "-" if difference != difference else f"{100 * difference:+.{digits}f}"


def print_indented(console: Console, text: Text) -> None:
    """Wrapped, every line indented."""
    for line in text.wrap(console, max(console.width - 3, 20)):
        line.rstrip()
        console.print(Text("   ") + line)


def quoted(entry: "Evidence", group: str, *, marked: bool) -> Text:
    """The text around the first span; the span in reverse, or in brackets where that is lost."""
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
    """Some characters on both sides, from a whole word to a whole word where there are any."""
    first, last = max(0, start - AROUND // 2), min(len(text), end + AROUND // 2)
    if first:
        first = next((i + 1 for i in range(first, start) if text[i].isspace()), first)
    if last < len(text):
        last = next((i for i in range(last, end, -1) if text[i].isspace()), last)
    return first, last


def called(group: str) -> str:
    """A group's name, cut where it is too long to be read as one."""
    name = visible(group)
    return name if len(name) <= _LONGEST_NAME else f"{name[: _LONGEST_NAME - 1]}…"


def print_table(console: Console, table: Table) -> None:
    """The table, or where there is no room for it each row with its name on a line of its own."""
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
    """On one line, with a picture for each control character."""
    return text.translate(_PICTURES)


def warn(warnings: Iterable[str]) -> None:
    """Remarks that the answer comes with."""
    for warning in warnings:
        note(f"note: {warning}")


def print_json(value: dict[str, Any]) -> None:
    """One object on standard output, in characters that it can write."""
    has_all = "utf" in (sys.stdout.encoding or "").lower()
    json.dump(value, sys.stdout, ensure_ascii=not has_all, allow_nan=False)
    sys.stdout.write("\n")


def in_words(value: object) -> str:
    """A value as it stands in a table."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "missing" if value is None else str(value)
