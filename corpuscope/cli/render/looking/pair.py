"""Prints the result of `pair`."""

from functools import partial
from typing import TYPE_CHECKING

from rich.console import Console
from rich.text import Text

from corpuscope.cli.render.looking.document import peak, print_head, print_text
from corpuscope.cli.terminal.findings import explain_marks, name_cell
from corpuscope.cli.terminal.text import add_numbers, new_table, print_result, print_table, visible

if TYPE_CHECKING:
    from corpuscope.analyses.describe.documents.document_comparison import (
        ComparedFeature,
        DocumentComparison,
        Occurrence,
    )
    from corpuscope.analyses.describe.documents.text_window import ShownText

_FEATURES_SHOWN, _HIGHLIGHTED = 30, 9


def show(found: "DocumentComparison", *, as_json: bool) -> None:
    """Print both texts, what one has and the other has not highlighted, then a table of it."""
    print_result(found, as_json=as_json, body=partial(_print, found))


def _print(found: "DocumentComparison", console: Console) -> None:
    for side, shown in (("left", found.left), ("right", found.right)):
        print_head(console, shown)
        print_text(console, shown, _spans(found, side))
        console.print()
    only_left, only_right = len(found.only("left")), len(found.only("right"))
    line = Text(f"only in {visible(found.left.id)}: {only_left:,}", style="bold")
    console.print(line.append(f";  only in {visible(found.right.id)}: {only_right:,}"))
    _print_features(console, found)


def _spans(found: "DocumentComparison", side: str) -> list[tuple[int, int]]:
    """What is highlighted of one side: the findings, or else the first that only it has."""
    of_findings = [one for one in found.features if one.layer != "only one"]
    chosen = of_findings or [one for one in found.features if one.present_in == side]
    own = [getattr(one, side) for one in chosen[:_HIGHLIGHTED]]
    return [span for one in own if one is not None and one.is_present for span in one.spans]


def _print_features(console: Console, found: "DocumentComparison") -> None:
    table = new_table()
    add_numbers(table, "number")
    table.add_column("feature", max_width=40)
    table.add_column("", no_wrap=True)
    for one in (found.left, found.right):
        # As text: rich would take brackets in an id for markup.
        table.add_column(Text(visible(one.id)), max_width=34)
    shown = found.features[:_FEATURES_SHOWN]
    for feature in shown:
        table.add_row(
            Text("" if feature.kind == "word" else str(feature.feature), style="dim"),
            name_cell(feature.label, feature.label_score, feature.label_source),
            Text(_layer(feature), style="dim"),
            Text(_cell(found.left, feature.left)), Text(_cell(found.right, feature.right)),
        )  # fmt: skip
    print_table(console, table)
    if any(one.layer != "only one" for one in shown):
        console.print(Text("●  Of the finding.  ○  Of other findings.", style="dim"))
    if len(found.features) > len(shown):
        more = f"and {len(found.features) - len(shown):,} more (--json lists all)"
        console.print(Text(more, style="dim"))
    explain_marks(console, [(one.label_score, one.label_source) for one in shown])


def _layer(one: "ComparedFeature") -> str:
    return {"finding": "●", "other finding": "○", "only one": ""}[one.layer]


def _cell(shown: "ShownText", own: "Occurrence | None") -> str:
    """How far above its threshold a feature is, and where; near misses in brackets."""
    if own is None:
        return ""
    if own.over_threshold != own.over_threshold:
        return f"{own.strength:g}"
    text = f"{own.over_threshold:.1f} × {peak(shown, own.spans[0])}"
    return text if own.is_present else f"({text})"
