"""Results as people see them on a terminal; `--json` prints the result's own JSON instead."""

import json
import sys
import warnings
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

from rich.console import Console
from rich.table import Table
from rich.text import Text

from corpuscope.errors import CorpuscopeError

if TYPE_CHECKING:
    from corpuscope.analyses.findings import FeatureFinding
    from corpuscope.store import Evidence, Store

AROUND = 140
"""How many characters around a span are shown."""

WIDE = 110
"""From so many columns on a table of findings has room for intervals and long bars."""

N_WITH_TEXTS = 5
"""How many findings are shown with texts."""

N_BESIDE = 8
"""How many findings are told that lengths explain."""

WHAT_IS_BESIDE = "\nThese {differ} as well, but not surely at equal lengths (all: --no-adjust):"

_NARROW, _LONGEST_NAME = 60, 40
"""Columns that a table of names and figures takes at least; characters of a group's name."""

_FONTS = (
    "Noto Sans CJK SC", "Noto Sans CJK JP", "Noto Sans SC", "Noto Sans JP", "Source Han Sans SC",
    "Microsoft YaHei", "PingFang SC", "Hiragino Sans", "Yu Gothic", "Malgun Gothic",
    "WenQuanYi Zen Hei", "SimHei", "Arial Unicode MS", "Noto Sans Thai", "Noto Sans Devanagari",
    "Noto Sans Arabic",
)  # fmt: skip
"""Fonts that have the signs of other scripts; those that are there are tried in this order."""

_SURE = 0.5
_ELSEWHERE = "dictionary"
_WHAT_ELSEWHERE_MEANS = (
    "°  The dictionary's own name, made from other texts and not tested on these."
)
_ADDS_LENGTH = " ↔"
_WHAT_ADDING_LENGTH_MEANS = (
    "↔  Makes its texts longer itself: it holds by how often it is a token, not at equal lengths."
)
_WHAT_UNSURE_MEANS = "?  The name finds the feature less than half the time: read the texts."
_WITH = 6

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


@runtime_checkable
class Plotted(Protocol):
    """An answer that can be drawn."""

    def plot(self) -> Any:
        """Matplotlib's axes."""


def save_plot(found: "Plotted", path: Path) -> None:
    """The result's plot as a picture."""
    from matplotlib import font_manager, rc_context

    known = {font.name for font in font_manager.fontManager.ttflist}
    families = ["DejaVu Sans", *(name for name in _FONTS if name in known)]
    with rc_context({"font.family": families}), warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        figure = found.plot().get_figure(root=True)
        if figure is not None:
            figure.savefig(path, dpi=160, bbox_inches="tight")
    if any("missing from" in str(one.message) for one in caught):
        note("note: no font of this machine has some signs of the names, which are drawn as boxes; "
             "install one, such as Noto Sans CJK")  # fmt: skip
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


def name_cell(label: str, score: float, source: str, more: str = "") -> Text:
    """A name, with marks where it is from other texts or finds its feature too seldom."""
    marks = (" °" if source == _ELSEWHERE else "") + (" ?" if score < _SURE else "")
    return Text(visible(label)) + Text(marks + more, style="dim")


def name_of(finding: "FeatureFinding") -> Text:
    """The name of a finding, and how many others it stands for."""
    more = f"  (+{len(finding.members)})" if finding.members else ""
    adds = _ADDS_LENGTH if finding.adds_length else ""
    return name_cell(finding.label, finding.label_score, finding.label_source, adds + more)


def explain_findings(console: Console, shown: "Iterable[FeatureFinding]") -> None:
    """What the signs beside the names of findings mean, those that are there."""
    findings = list(shown)
    if any(one.adds_length for one in findings):
        console.print(Text(_WHAT_ADDING_LENGTH_MEANS, style="dim"))
    explain_marks(console, ((one.label_score, one.label_source) for one in findings))


def explain_marks(console: Console, names: Iterable[tuple[float, str]]) -> None:
    """What the marks beside names mean, if one of these, a score and a source, got them."""
    known = list(names)
    if any(source == _ELSEWHERE for _, source in known):
        console.print(Text(_WHAT_ELSEWHERE_MEANS, style="dim"))
    if any(score < _SURE for score, _ in known):
        console.print(Text(_WHAT_UNSURE_MEANS, style="dim"))


def print_title(console: Console, i: int, finding: "FeatureFinding") -> None:
    """The number and the name, and what else it stands for under other names."""
    console.print(Text(f"\n{i + 1}  {visible(finding.label)}", style="bold"))
    names = dict.fromkeys(member.label for member in finding.members[:_WITH])
    names.pop(finding.label, None)
    if names:
        print_indented(console, Text(f"with: {', '.join(map(visible, names))}", style="dim"))


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
    """One object on standard output, in characters that it can write."""
    has_all = "utf" in (sys.stdout.encoding or "").lower()
    json.dump(value, sys.stdout, ensure_ascii=not has_all, allow_nan=False)
    sys.stdout.write("\n")
