"""Prints the result of `document`."""

from functools import partial
from typing import TYPE_CHECKING

from rich.console import Console
from rich.text import Text

from corpuscope.cli.terminal.excerpts import highlighted
from corpuscope.cli.terminal.findings import explain_marks, name_cell
from corpuscope.cli.terminal.text import (
    add_numbers,
    called,
    in_words,
    new_table,
    print_result,
    print_table,
    visible,
)

if TYPE_CHECKING:
    from corpuscope.analyses.describe.documents.document_description import DocumentDescription
    from corpuscope.analyses.describe.documents.text_window import ShownText

_FEATURES_SHOWN, _HIGHLIGHTED, _PEAK_SHOWN = 30, 9, 40


def show(found: "DocumentDescription", *, as_json: bool) -> None:
    """Print a document with its strongest features highlighted, then a table of features."""
    print_result(found, as_json=as_json, body=partial(_print, found))


def _print(found: "DocumentDescription", console: Console) -> None:
    print_head(console, found.document)
    spans = [one.span for one in found.features[:_HIGHLIGHTED]]
    print_text(console, found.document, spans)
    _print_features(console, found)
    if found.n_partners:
        ids = ", ".join(visible(one.id) for one in found.partners)
        more = found.n_partners - len(found.partners)
        console.print(Text(f"\npaired with {ids}{f' and {more:,} more' if more else ''}"))
    if found.nearest:
        near = ", ".join(f"{visible(one.id)} {one.similarity:.2f}" for one in found.nearest)
        console.print(Text(f"\nnearest: {near}"))


def print_head(console: Console, shown: "ShownText") -> None:
    """Print a document's id, length and metadata."""
    console.print(
        Text(visible(shown.id), style="bold").append(
            f"   {shown.n_tokens:,} tokens", style="not bold dim"
        )
    )
    for name, value in shown.metadata.items():
        if value is not None:
            console.print(Text(f"  {called(name)}: {visible(in_words(value))}", style="dim"))


def print_text(console: Console, shown: "ShownText", spans: "list[tuple[int, int]]") -> None:
    """Print the text, or the window of it, with these characters of the whole text highlighted.

    Of spans that overlap, such as a word in its sentence, the shortest is highlighted.
    """
    inside = [
        (start - shown.start, end - shown.start)
        for start, end in shortest(spans)
        if shown.start <= start and end <= shown.end
    ]
    before, after = shown.start, shown.n_characters - shown.end
    console.print()
    if before:
        console.print(Text(f"({before:,} characters before)", style="dim"))
    console.print(highlighted(shown.text, inside, marked=not console.is_terminal, lines=True))
    if after:
        console.print(Text(f"({after:,} characters after: --at {shown.end})", style="dim"))


def shortest(spans: "list[tuple[int, int]]") -> "list[tuple[int, int]]":
    """Spans in the order of the text; of overlapping ones only the shortest is kept."""
    kept: list[tuple[int, int]] = []
    for span in sorted(set(spans), key=lambda span: span[1] - span[0]):
        if all(span[1] <= start or span[0] >= end for start, end in kept):
            kept.append(span)
    return sorted(kept)


def _print_features(console: Console, found: "DocumentDescription") -> None:
    table = new_table()
    add_numbers(table, "number", "× threshold")
    table.add_column("feature", max_width=46)
    table.add_column("peak", max_width=_PEAK_SHOWN)
    shown = found.features[:_FEATURES_SHOWN]
    for one in shown:
        over = f"{one.over_threshold:.1f}" if one.over_threshold == one.over_threshold else "-"
        table.add_row(
            Text(str(one.feature), style="dim"), over,
            name_cell(one.label, one.label_score, one.label_source),
            Text(peak(found.document, one.span), style="dim"),
        )  # fmt: skip
    console.print()
    print_table(console, table)
    if len(found.features) > len(shown):
        more = f"and {len(found.features) - len(shown):,} more (--json lists all)"
        console.print(Text(more, style="dim"))
    explain_marks(console, [(one.label_score, one.label_source) for one in shown])


def peak(shown: "ShownText", span: tuple[int, int]) -> str:
    """The characters of a span of the whole text, shortened; a hyphen if they are not shown."""
    start, end = span
    if start < shown.start or end > shown.end:
        return "-"
    text = visible(shown.text[start - shown.start : end - shown.start])
    return text if len(text) <= _PEAK_SHOWN else f"{text[: _PEAK_SHOWN - 1]}…"
