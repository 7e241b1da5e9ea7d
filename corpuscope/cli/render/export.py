"""Prints the result of the commands of `export`."""

from functools import partial
from typing import TYPE_CHECKING

from rich.console import Console
from rich.text import Text

from corpuscope.cli.terminal.text import add_numbers, new_table, note, print_result, visible

if TYPE_CHECKING:
    from corpuscope.export.result import Export


def show(found: "Export", *, as_json: bool) -> None:
    """Print what was written, and what another tool should know about it."""
    print_result(found, as_json=as_json, body=partial(_print, found))
    if not as_json:
        for line in found.notes:
            note(f"note: {line}")


def _print(found: "Export", console: Console) -> None:
    console.print(Text(visible(str(found.path)), style="bold"))
    counts = ", ".join(f"{n:,} {name}" for name, n in found.counts.items())
    console.print(f"  {counts}; {_size(found.n_bytes)}")
    if len(found.files) > 1:
        table = new_table()
        table.show_header = False
        table.add_column(overflow="fold")
        add_numbers(table, "size")
        for name, n_bytes in found.files.items():
            table.add_row(f"  {visible(name)}", _size(n_bytes))
        console.print(table)


def _size(n_bytes: int) -> str:
    return f"{n_bytes / 1e6:,.1f} MB" if n_bytes >= 1e5 else f"{n_bytes / 1e3:,.1f} kB"
