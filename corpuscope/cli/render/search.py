"""Prints the result of `search`."""

from functools import partial
from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table
from rich.text import Text

from corpuscope.cli.terminal.findings import explain_marks, name_cell
from corpuscope.cli.terminal.text import (
    add_numbers,
    new_table,
    print_indented,
    print_result,
    visible,
    window,
)

if TYPE_CHECKING:
    from corpuscope.analyses.search.finding import Hit
    from corpuscope.analyses.search.grading import Grade
    from corpuscope.analyses.search.result import SearchResult

_FEATURES = 8
_OF_A_HIT = 3
_MOST_SHOWN = 480


def show(found: "SearchResult", *, as_json: bool) -> None:
    """Print a table of query features, then the hits with the matching spans marked.

    Args:
        found: The result.
        as_json: Whether to print one JSON object instead.
    """
    print_result(found, as_json=as_json, body=partial(_print, found))


def _print(found: "SearchResult", console: Console) -> None:
    console.print(_headline(found))
    if found.features:
        console.print(_features(found))
    shown = found.features[:_FEATURES]
    explain_marks(console, ((one.label_score, one.label_source) for one in shown))
    for hit in found.hits:
        _print_hit(console, hit, found.grades.get(hit.id))


def _headline(found: "SearchResult") -> Text:
    request, n = found.request, len(found)
    line = Text(f"{n} text{'' if n == 1 else 's'}", style="bold")
    asked = [f'"{visible(request.phrase)}"'] if request.phrase else []
    asked += [f"like {len(request.like)} texts"] if request.like else []
    asked += [f"unlike {len(request.unlike)}"] if request.unlike else []
    asked += [f"{len(request.weights)} weights given"] if request.weights else []
    line.append(
        f" of {found.n_documents:,}: {', '.join(asked)}; by {', '.join(found.match.scores)}",
        style="not bold",
    )
    return line


def _features(found: "SearchResult") -> Table:
    table = new_table()
    add_numbers(table, "number")
    table.add_column("query feature", max_width=60)
    add_numbers(table, "weight", "texts")
    for one in found.features[:_FEATURES]:
        table.add_row(
            Text(str(one.feature), style="dim"),
            name_cell(one.label, one.label_score, one.label_source),
            f"{one.weight:.2f}",
            f"{one.n_documents:,}",
        )
    more = len(found.features) - _FEATURES
    if more > 0:
        table.add_row("", Text(f"and {more} more", style="dim"), "", "")
    return table


def _print_hit(console: Console, hit: "Hit", grade: "Grade | None") -> None:
    ranks = ", ".join(f"{method} {rank:,}" for method, rank in hit.ranks.items())
    head = Text(f"\n{hit.rank}  {visible(hit.id)}", style="bold")
    console.print(head + Text(f"  {hit.score:.2f} ({ranks})", style="dim"))
    if grade is not None:
        quote = "" if grade.span is None else f": “{visible(hit.text[slice(*grade.span)])}”"
        said = "not read" if grade.grade is None else f"graded {grade.grade} of 3{quote}"
        print_indented(console, Text(said))
    print_indented(console, marked_text(hit, marked=not console.is_terminal))
    labels = dict.fromkeys(visible(one.label) for one in hit.features[:_OF_A_HIT])
    if labels:
        print_indented(console, Text("; ".join(labels), style="dim"))


def marked_text(hit: "Hit", *, marked: bool) -> Text:
    """The text around the matching spans; these in reverse video, or in brackets."""
    opening, closing = ("[[", "]]") if marked else ("", "")
    line, end_before = Text(), 0
    for start, end in _apart(hit.spans):
        first, last = window(hit.text, start, end)
        if (end_before and first > end_before) or (not end_before and first):
            line.append("…")
        line.append(visible(hit.text[max(first, end_before) : start]) + opening)
        line.append(visible(hit.text[start:end]), style="reverse")
        line.append(closing)
        end_before = end
        if len(line) > _MOST_SHOWN:
            break
    last = window(hit.text, end_before, end_before)[1]
    line.append(visible(hit.text[end_before:last]) + ("…" if last < len(hit.text) else ""))
    return line


def _apart(spans: tuple[tuple[int, int], ...]) -> list[tuple[int, int]]:
    """Spans in order; of overlapping ones only the shortest is kept."""
    kept: list[tuple[int, int]] = []
    for span in sorted(spans, key=lambda span: span[1] - span[0]):
        if all(span[1] <= start or span[0] >= end for start, end in kept):
            kept.append(span)
    return sorted(kept)
