"""Prints the result of `info` and `extract`."""

from collections.abc import Iterator, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.text import Text

from corpuscope.cli.terminal.histogram import in_line
from corpuscope.cli.terminal.text import (
    called,
    installed_version,
    new_table,
    print_json,
    print_result,
    print_table,
    visible,
    warn,
)

if TYPE_CHECKING:
    from corpuscope.analyses.describe.stores.columns import ColumnDescription
    from corpuscope.analyses.describe.stores.store_description import StoreDescription
    from corpuscope.store.store import Store

_VALUES_SHOWN = 4
_DIGITS_OF_DIGEST = 12


def show(found: "StoreDescription", *, as_json: bool) -> None:
    """Print what a store holds, how it was made, and which questions fit it."""
    print_result(found, as_json=as_json, body=partial(_print, found))


def show_facts(
    opened: "Store", *, command: str, parameters: Mapping[str, object], as_json: bool
) -> None:
    """Print what a store holds, as its manifest says."""
    if as_json:
        print_json(_facts_of(opened, command, parameters))
        return
    console = Console(highlight=False)
    reader = opened.provenance.get("reader", {})
    console.print(Text(str(opened.path), style="bold"))
    console.print(f"  {opened.n_documents:,} documents, {opened.n_features:,} features")
    console.print(f"  read by {reader.get('name', 'unknown')}", markup=False)
    console.print(f"  columns: {', '.join(opened.columns) or 'none'}", markup=False)
    _print_skipped(console, opened.skipped_counts)
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


def _print(found: "StoreDescription", console: Console) -> None:
    console.print(Text(visible(found.store), style="bold"))
    for fact in _lines(found):
        console.print(Text(f"  {visible(fact)}"))
    _print_skipped(console, found.skipped)
    _print_columns(console, found)
    if found.proposals:
        console.print(Text("\nQuestions that fit it (nothing is claimed yet):", style="dim"))
    for one in found.proposals:
        line = Text(f"  {visible(one.asks)}").append(f"  {visible(one.because)}", style="dim")
        console.print(line)
        console.print(Text(f"    {visible(one.command)}"), soft_wrap=True)


def _lines(found: "StoreDescription") -> Iterator[str]:
    yield (
        f"{found.n_documents:,} documents, {found.n_features:,} features, {found.n_tokens:,} tokens"
    )
    made, features = found.made, found.features
    layers = [
        f"{unit}s after {'layer' if len(own) == 1 else 'layers'} {' and '.join(map(str, own))}"
        for unit, own in made.layers.items()
    ]
    yield ": ".join(filter(None, [f"read by {made.reader or 'unknown'}", ", ".join(layers)]))
    yield f"dictionary {(made.dictionary or 'unknown')[:_DIGITS_OF_DIGEST]}"
    if made.presence:
        yield f"present: {made.presence}"
    if found.lengths is not None:
        yield f"tokens of a document      {in_line(found.lengths)}"
    if features.n_each is not None:
        yield f"features of a document    {in_line(features.n_each)}"
    yield f"{features.n_present:,} features are present in some document"


def _print_skipped(console: Console, skipped: Mapping[str, int]) -> None:
    for reason, n in skipped.items():
        console.print(f"  skipped {n:,}: {reason}", markup=False)


def _print_columns(console: Console, found: "StoreDescription") -> None:
    if not found.columns:
        console.print("  columns: none")
        return
    table = new_table()
    table.add_column("column", max_width=30)
    table.add_column("values", justify="right", no_wrap=True)
    table.add_column("missing", justify="right", no_wrap=True)
    table.add_column("", max_width=60)
    for one in found.columns:
        n_missing = f"{one.n_missing:,}" if one.n_missing else ""
        table.add_row(Text(called(one.name)), f"{one.n_distinct:,}", n_missing, Text(_values(one)))
    console.print()
    print_table(console, table)


def _values(column: "ColumnDescription") -> str:
    """A histogram of numbers; of other columns the first values with their documents."""
    if column.numbers is not None:
        return in_line(column.numbers)
    shown = [f"{called(value)} {n:,}" for value, n in column.values.items()][:_VALUES_SHOWN]
    return ", ".join(shown) + (", …" if column.n_distinct > _VALUES_SHOWN else "")
