"""Prints the result of `llm agreement`."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from rich.text import Text

from corpuscope.cli.terminal.text import add_numbers, new_table, print_json, print_table, visible

if TYPE_CHECKING:
    from corpuscope.llm.sheets.agreement import Agreement


def show(found: Sequence["Agreement"], *, folder: Path, as_json: bool) -> None:
    """Print how far each two readers agree."""
    if as_json:
        print_json({
            "analysis": "llm agreement", "folder": str(folder),
            "agreement": [one.to_json() for one in found],
        })  # fmt: skip
        return
    table = new_table()
    table.add_column("readers", overflow="fold")
    table.add_column("allowed answers", overflow="fold")
    add_numbers(table, "rows", "equal", "kappa")
    for one in found:
        table.add_row(
            Text(visible(" and ".join(one.readers))), Text(visible(one.allowed)), f"{one.n:,}",
            f"{one.share_equal:.0%}", "-" if one.kappa != one.kappa else f"{one.kappa:.2f}",
        )  # fmt: skip
    print_table(Console(highlight=False), table)
