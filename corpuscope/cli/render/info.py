"""Prints the result of `info` and `extract`."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.text import Text

from corpuscope.cli.terminal.text import installed_version, print_json, warn

if TYPE_CHECKING:
    from corpuscope.store.store import Store


def show(opened: "Store", *, command: str, parameters: Mapping[str, object], as_json: bool) -> None:
    """Print what a store holds."""
    if as_json:
        print_json(_facts_of(opened, command, parameters))
        return
    console = Console(highlight=False)
    reader = opened.provenance.get("reader", {})
    console.print(Text(str(opened.path), style="bold"))
    console.print(f"  {opened.n_documents:,} documents, {opened.n_features:,} features")
    console.print(f"  read by {reader.get('name', 'unknown')}", markup=False)
    console.print(f"  columns: {', '.join(opened.columns) or 'none'}", markup=False)
    for reason, n in opened.skipped_counts.items():
        console.print(f"  skipped {n:,}: {reason}", markup=False)
    warn(opened.warnings)


def _facts_of(opened: "Store", command: str, parameters: Mapping[str, object]) -> dict[str, Any]:
    return {
        "analysis": command,
        "version": installed_version(),
        "store": {"path": str(opened.path), "digest": opened.digest},
        "parameters": dict(parameters),
        "n_documents": opened.n_documents,
        "warnings": list(opened.warnings),
        "n_features": opened.n_features,
        "columns": list(opened.columns),
        "complete": opened.is_complete,
        "skipped": dict(opened.skipped_counts),
        "provenance": dict(opened.provenance),
    }
