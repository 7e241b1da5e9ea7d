"""Prints the result of `llm cache info`."""

from collections.abc import Mapping
from pathlib import Path

from rich.console import Console
from rich.text import Text

from corpuscope.cli.terminal.text import new_table, print_json, visible


def show(
    *, path: Path, n_bytes: int, by_purpose: Mapping[str, int], models: Mapping[str, int],
    as_json: bool,
) -> None:  # fmt: skip
    """Print where replies are kept, how many by purpose, and which models gave them."""
    n = sum(by_purpose.values())
    if as_json:
        print_json({
            "analysis": "llm cache info", "path": str(path), "bytes": n_bytes, "replies": n,
            "by_purpose": dict(by_purpose), "models": dict(models),
        })  # fmt: skip
        return
    table = new_table()
    table.show_header = False
    table.add_column(style="dim", no_wrap=True)
    table.add_column(overflow="fold")
    table.add_row("file", Text(visible(str(path))))
    table.add_row("size", f"{n_bytes / 1e6:,.1f} MB" if n_bytes else "not there yet")
    table.add_row("replies", f"{n:,}")
    for name, counts in (("by purpose", by_purpose), ("by model", models)):
        told = ", ".join(f"{visible(one)} {n:,}" for one, n in counts.items())
        table.add_row(name, Text(told or "none"))
    Console(highlight=False).print(table)
