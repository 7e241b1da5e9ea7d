"""Prints the result of `doctor`."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from corpuscope.cli.terminal.text import in_words, print_json, warn

if TYPE_CHECKING:
    pass


def show(facts: Mapping[str, Any], *, as_json: bool) -> None:
    """Print what is installed and what is missing."""
    if as_json:
        print_json(dict(facts))
        return
    console = Console(highlight=False)
    table = Table(box=None, pad_edge=False, show_header=False)
    table.add_column(style="dim", no_wrap=True)
    table.add_column(overflow="fold")
    for name, value in facts["checks"].items():
        table.add_row(name.replace("_", " "), Text(in_words(value)))
    console.print(table)
    warn(facts["warnings"])
