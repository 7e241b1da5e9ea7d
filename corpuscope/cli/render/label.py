"""Prints the result of `label`."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.text import Text

from corpuscope.cli.render.dictionaries import columns_of, fill, head_of
from corpuscope.cli.terminal.bill import bill_in_words
from corpuscope.cli.terminal.text import add_numbers, new_table, print_json, print_table, visible

if TYPE_CHECKING:
    import pandas as pd

    from corpuscope.llm.budget import Receipt
    from corpuscope.training.label import NameScores


def show(
    found: Mapping[Any, "NameScores"],
    *,
    dictionary: str,
    parameters: Mapping[str, object],
    as_json: bool,
) -> None:
    """Print the label scores of a dictionary."""
    if as_json:
        scores = {unit: one.to_json() for unit, one in found.items()}
        print_json(head_of("label", dictionary, parameters, ()) | {"scores": scores})
        return
    rows = (
        ("live features with a label", "named_share", "{:.1%}"),
        ("features with a score", "n_scored", "{:,}"),
        ("mean label score (chance: .091)", "uniform", "{:.3f}"),
        ("weighted by density", "weighted", "{:.3f}"),
        ("firings of features without a score", "left_out", "{:.1%}"),
    )
    columns = {f"{unit}s": one for unit, one in found.items()}
    table = columns_of(columns)
    fill(table, rows, columns)
    console = Console(highlight=False)
    console.print(Text(dictionary, style="bold"))
    console.print(table)


def show_written(table: "pd.DataFrame", *, store: Path, receipt: "Receipt", as_json: bool) -> None:
    """Print names by reading beside names from words, which are shown where they do better."""
    rows = [
        {name: _plain(value) for name, value in row.items()} for row in table.to_dict("records")
    ]
    if as_json:
        print_json({"analysis": "label", "store": str(store), "labels": rows,
                    "receipt": receipt.to_json()})  # fmt: skip
        return
    console = Console(highlight=False)
    n = sum(row["label_source"] not in ("words", None) for row in rows)
    head = Text(f"{n} of {len(rows)} features named by reading", style="bold")
    console.print(head + Text("; names from words tell the others better", style="not bold"))
    shown = new_table()
    add_numbers(shown, "feature")
    shown.add_column("name by reading", max_width=44)
    shown.add_column("name from words", max_width=40)
    is_detected = "detection" in table
    add_numbers(shown, "trials", "reading", "words", *(["detection"] if is_detected else []))
    for row in rows:
        is_read = row["label_source"] not in ("words", None)
        written = Text(visible(row["written"] or f"({row['status']})"), "" if is_read else "dim")
        words = Text(visible(row["words"] or "-"), "dim" if is_read else "")
        shown.add_row(
            Text(str(row["feature"]), style="dim"), written, words, str(row["n_trials"]),
            _share(row["written_score"]), _share(row["words_score"]),
            *([_detection(row)] if is_detected else []),
        )  # fmt: skip
    print_table(console, shown)
    console.print(Text("Trials: the place with the feature among five; chance .20.", style="dim"))
    if is_detected:
        console.print(Text(
            "Detection: balanced accuracy place by place, with its 95 % interval; chance .50; ✓ "
            "where the label of another feature does clearly worse.", style="dim",
        ))  # fmt: skip
    console.print(Text(bill_in_words(receipt), style="dim"))


def _detection(row: Mapping[Any, Any]) -> str:
    if row["detection"] is None:
        return "-"
    low, high = _share(row["detection_low"]), _share(row["detection_high"])
    return f"{_share(row['detection'])} ({low}-{high}){' ✓' if row['is_trusted'] else ''}"


def _plain(value: Any) -> Any:
    if value != value:
        return None
    return value.item() if hasattr(value, "item") else value


def _share(value: float | None) -> str:
    return "-" if value is None else f"{value:.2f}"
