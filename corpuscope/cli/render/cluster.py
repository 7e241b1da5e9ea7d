"""Prints the result of `cluster`."""

from functools import partial
from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table
from rich.text import Text

from corpuscope.cli.terminal.text import (
    add_numbers,
    new_table,
    print_indented,
    print_result,
    print_table,
    quoted,
    visible,
)

if TYPE_CHECKING:
    from corpuscope.analyses.cluster.descriptions import ClusterFeature
    from corpuscope.analyses.cluster.finding import Cluster
    from corpuscope.analyses.cluster.reading import ClusterReading
    from corpuscope.analyses.cluster.result import ClusterResult

_DISSOLVES = 0.5
_WHAT_UNSURE_MEANS = "?  Stability below 0.5: dissolves under subsampling, so it may be no cluster."


def show(found: "ClusterResult", *, as_json: bool, n_evidence: int) -> None:
    """Print a table of clusters, then the distinctive features of each, with texts.

    Args:
        found: The result.
        as_json: Whether to print one JSON object instead.
        n_evidence: Example texts per cluster.
    """
    print_result(found, as_json=as_json, body=partial(_print, found, n_evidence))


def _print(found: "ClusterResult", n_evidence: int, console: Console) -> None:
    console.print(_headline(found))
    print_table(console, _table(found))
    if any(one.stability < _DISSOLVES for one in found.clusters):
        console.print(Text(_WHAT_UNSURE_MEANS, style="dim"))
    if found.reading is not None:
        _print_reading(console, found.reading)
    for i in range(len(found)):
        _print_cluster(console, found, i, n_evidence)


def _print_reading(console: Console, reading: "ClusterReading") -> None:
    """Names by a language model, and how many texts find home by them."""
    table = new_table()
    table.add_column("", no_wrap=True)
    table.add_column("name by reading", max_width=60)
    add_numbers(table, "came back", "95 %", "right here")
    for number, one in enumerate(reading.clusters, start=1):
        low, high = one.recall_interval
        # A name by which no more come back than by chance says nothing.
        is_vain = low <= 1 / len(reading.clusters)
        name = Text(visible(one.name), style="dim" if is_vain or not one.is_clear else "")
        table.add_row(
            Text(str(number), style="dim"), name, f"{one.recall:.0%} of {one.n}",
            f"{low:.0%}..{high:.0%}", f"{one.precision:.0%}",
        )  # fmt: skip
    console.print()
    print_table(console, table)
    low, high = reading.accuracy_interval
    told = (
        f"{reading.accuracy:.0%} ({low:.0%}..{high:.0%}) of the texts that did not make the names "
        f"come back by name alone; {reading.guessing:.0%} by naming the largest; "
        f"{reading.n_nowhere} fit none"
    )
    for a, b in reading.confused:
        told += f"; {a + 1} and {b + 1} are taken for each other"
    console.print(Text(told, style="dim"))


def _headline(found: "ClusterResult") -> Text:
    line = Text(f"{len(found)} clusters", style="bold")
    along = "; ".join(found.along) or "all features"
    structure = found.structure
    line.append(
        f": {found.n_documents:,} documents along {visible(along)}; {len(found.axis):,} features; "
        f"clusters explain {structure.explained:.1%} of variance (permuted: "
        f"{structure.by_chance:.1%})",
        style="not bold",
    )
    return line


def _table(found: "ClusterResult") -> Table:
    table = new_table()
    table.add_column("", no_wrap=True)
    table.add_column("cluster", max_width=60)
    if any(one.pole for one in found.clusters):
        table.add_column("pole", max_width=30)
    add_numbers(table, "size", "stability", "ambiguous")
    for one in found.clusters:
        table.add_row(
            Text(str(one.cluster), style="dim"),
            _name(one),
            *([Text(visible(one.pole))] if one.pole else []),
            f"{one.size:,}",
            f"{one.stability:.2f}",
            f"{one.n_ambiguous:,}",
        )
    return table


def _name(one: "Cluster") -> Text:
    return Text(visible(one.label)) + Text(" ?" if one.stability < _DISSOLVES else "", style="dim")


def _print_cluster(console: Console, found: "ClusterResult", i: int, n: int) -> None:
    one = found.clusters[i]
    console.print(Text(f"\n{one.cluster}  {visible(one.label)}", style="bold"))
    for feature in one.features:
        print_indented(console, Text(_rates(feature)))
    if one.other_features:
        beside = "; ".join(map(_rates, one.other_features))
        print_indented(console, Text(f"other features: {beside}", style="dim"))
    for entry in found.evidence(i)[:n]:
        print_indented(console, quoted(entry, "", marked=not console.is_terminal))


def _rates(one: "ClusterFeature") -> str:
    return f"{visible(one.label)}  {one.rate_inside:.0%} vs. {one.rate_outside:.0%}"
