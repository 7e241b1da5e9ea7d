"""Prints the result of `label`."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.text import Text

from corpuscope.cli.render.dictionaries import columns_of, fill, head_of
from corpuscope.cli.terminal.text import print_json

if TYPE_CHECKING:
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
