"""Clusters as people see them on a terminal."""

from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table
from rich.text import Text

from corpuscope.cli.render.text import (
    print_indented,
    print_json,
    print_table,
    quoted,
    visible,
    warn,
)

if TYPE_CHECKING:
    from corpuscope.analyses.cluster.descriptions import ClusterFeature
    from corpuscope.analyses.cluster.finding import Cluster
    from corpuscope.analyses.cluster.result import ClusterResult

_DISSOLVES = 0.5
_WHAT_UNSURE_MEANS = "?  Found again in less than half of what is drawn: it may be no group."


def show(found: "ClusterResult", *, as_json: bool, n_evidence: int) -> None:
    """Clusters as a table, then what sets each apart, with texts.

    Args:
        found: The answer.
        as_json: One object on standard output instead.
        n_evidence: How many texts show a cluster.
    """
    if as_json:
        print_json(found.to_json())
        return
    console = Console(highlight=False)
    console.print(_headline(found))
    print_table(console, _table(found))
    if any(one.stability < _DISSOLVES for one in found.clusters):
        console.print(Text(_WHAT_UNSURE_MEANS, style="dim"))
    for i in range(len(found)):
        _print_cluster(console, found, i, n_evidence)
    warn(found.warnings)


def _headline(found: "ClusterResult") -> Text:
    line = Text(f"{len(found)} clusters", style="bold")
    along = "; ".join(found.along) or "all features"
    structure = found.structure
    line.append(
        f": {found.n_documents:,} documents along {visible(along)}; {len(found.axis):,} features, "
        f"of which clusters explain {structure.explained:.1%} ({structure.by_chance:.1%} by "
        "chance)",
        style="not bold",
    )
    return line


def _table(found: "ClusterResult") -> Table:
    table = Table(box=None, pad_edge=False, header_style="dim")
    table.add_column("", no_wrap=True)
    table.add_column("cluster", max_width=60)
    if any(one.pole for one in found.clusters):
        table.add_column("nearest to", max_width=30)
    for name in ("size", "stability", "between"):
        table.add_column(name, justify="right", no_wrap=True)
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
    if one.beside:
        beside = "; ".join(map(_rates, one.beside))
        print_indented(console, Text(f"beside: {beside}", style="dim"))
    for entry in found.evidence(i)[:n]:
        print_indented(console, quoted(entry, "", marked=not console.is_terminal))


def _rates(one: "ClusterFeature") -> str:
    return f"{visible(one.label)}  {one.rate_inside:.0%} against {one.rate_outside:.0%}"
