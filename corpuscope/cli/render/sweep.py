"""Prints the result of `sweep`."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from rich.console import Console

from corpuscope.cli.render.dictionaries import WIDEST_WORD, head_of
from corpuscope.cli.terminal.text import add_numbers, new_table, print_json, warn

if TYPE_CHECKING:
    from corpuscope.training.sweep import Sweep


_SWEPT = (
    ("L0", "l0", "{:.1f}"),
    ("unexplained", "unexplained_variance", "{:.4f}"),
    ("dead", "dead_share", "{:.1%}"),
    ("dense", "dense_share", "{:.2%}"),
    ("label", "label_score", "{:.3f}"),
    ("weighted", "label_score_weighted", "{:.3f}"),
    ("unscored", "label_score_left_out", "{:.1%}"),
    ("stable", "stability", "{:.3f}"),
)


def show(found: "Sweep", *, folder: str, parameters: Mapping[str, object], as_json: bool) -> None:
    """Print a table of runs, averaged over seeds."""
    if as_json:
        print_json(head_of("sweep", folder, parameters, ()) | {"cells": found.to_json()})
        return
    rows = found.table
    shown = [column for column in _SWEPT if rows[column[1]].notna().any()]
    table = new_table()
    table.add_column("objective", overflow="fold", min_width=WIDEST_WORD)
    add_numbers(table, "k or\ncoef.", *(name for name, _, _ in shown))
    keys = ["objective", "sparsity", "control"]
    for key, seeds in rows.groupby(keys, sort=False):
        objective, sparsity, is_control = key
        cells = [pattern.format(seeds[attribute].mean()) for _, attribute, pattern in shown]
        name = "  random decoder" if is_control else str(objective)
        table.add_row(name, f"{sparsity:g}", *cells, style="dim" if is_control else None)
    Console(highlight=False).print(table)
    warn([f"{one.cell.name}, {warning}" for one in found.cells for warning in one.warnings])
