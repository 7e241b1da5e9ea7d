"""Prints the result of `probe`."""

import math
from functools import partial
from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table
from rich.text import Text

from corpuscope.cli.terminal.findings import explain_marks, name_cell
from corpuscope.cli.terminal.text import (
    add_numbers,
    called,
    new_table,
    print_indented,
    print_result,
    print_table,
    quoted,
    visible,
)

if TYPE_CHECKING:
    from corpuscope.probing.finding import Probe, ProbeFeature
    from corpuscope.probing.metrics import ProbeEvaluation
    from corpuscope.probing.result import ProbeResult

_FEW = 16
_FEATURES = 8


def show(found: "ProbeResult", *, as_json: bool, n_evidence: int) -> None:
    """Print a table of probes by corpora, then the features of the best small probe.

    Args:
        found: The result.
        as_json: Whether to print one JSON object instead.
        n_evidence: Example texts per feature.
    """
    print_result(found, as_json=as_json, body=partial(_print, found, n_evidence))


def _print(found: "ProbeResult", n_evidence: int, console: Console) -> None:
    console.print(_headline(found))
    print_table(console, _table(found))
    for line in _in_words(found):
        console.print(Text(line))
    for one in _few(found):
        _print_features(console, found, one, n_evidence)


def _headline(found: "ProbeResult") -> Text:
    line = Text(f"{len(found)} probes", style="bold")
    what = ", ".join(map(visible, found.classes)) if found.classes else "numeric"
    measure = "AUROC" if found.classes else "correlation"
    line.append(
        f": {visible(found.label)} ({what}); {found.n_documents:,} documents; {measure}, on "
        "unseen corpora with the change from test in points",
        style="not bold",
    )
    return line


def _table(found: "ProbeResult") -> Table:
    table = new_table()
    table.add_column("probe", no_wrap=True)
    add_numbers(table, "size", "train", "test")
    unseen = [one.corpus for one in found.every[0].evaluations if one.role == "unseen"]
    for name in unseen:
        table.add_column(Text(visible(name)), justify="right", max_width=16)
    for one in found.every:
        table.add_row(
            visible(one.name),
            f"{one.n_features:,}",
            _number(one.on("train").measure),
            _with_interval(one.on("test")),
            *(_with_drop(one.on(name)) for name in unseen),
        )
    return table


def _number(value: float) -> str:
    return "-" if math.isnan(value) else f"{value:.3f}".replace("0.", ".", 1)


def _with_interval(one: "ProbeEvaluation") -> str:
    low, high = one.interval
    return f"{_number(one.measure)} ({_number(low)} to {_number(high)})"


def _with_drop(one: "ProbeEvaluation") -> str:
    """AUROC and change from test; for a corpus of one class, the share above the threshold."""
    if math.isnan(one.measure):
        return "-" if math.isnan(one.share_above) else f"{one.share_above:.0%} above"
    return f"{_number(one.measure)} {-100 * one.drop:+.1f}"


def _in_words(found: "ProbeResult") -> list[str]:
    lines = []
    for one in found.best:
        chosen = f"On {one.corpus}: best by cross-validation {one.with_sae}"
        low, high = (100 * bound for bound in one.interval)
        gain = f"{100 * one.gain:+.1f} points ({low:+.1f}..{high:+.1f})"
        if one.with_sae == one.without_sae:
            lines.append(f"{chosen}, which does not use the dictionary.")
        elif not math.isnan(one.gain):
            lines.append(
                f"{chosen}; gain over the best probe without the dictionary "
                f"({one.without_sae}): {gain}."
            )
    return lines[:1] if all(one.with_sae == one.without_sae for one in found.best) else lines


def _few(found: "ProbeResult") -> list["Probe"]:
    """The best small probe by cross-validation, and its version without excluded features."""
    small = [one for one in found.probes if one.features and one.n_features <= _FEW]
    whole = [one for one in small if not one.without]
    if not whole:
        return small[:1]
    best = max(whole, key=lambda one: one.validation)
    return [one for one in small if one is best or one.name.startswith(f"{best.name} (")]


def _print_features(console: Console, found: "ProbeResult", one: "Probe", n_evidence: int) -> None:
    console.print(Text(f"\nfeatures of {one.name}", style="bold"))
    table = new_table()
    add_numbers(table, "number")
    table.add_column("feature", max_width=52)
    add_numbers(table, "weight")
    table.add_column("present in", no_wrap=True)
    for feature in one.features[:_FEATURES]:
        table.add_row(
            Text(str(feature.feature), style="dim"),
            name_cell(feature.label, feature.label_score, feature.label_source),
            f"{feature.weight:+.2f}",
            _rates(feature),
        )
    print_table(console, table)
    shown = one.features[:_FEATURES]
    explain_marks(console, ((f.label_score, f.label_source) for f in shown))
    for feature in one.features[:_FEATURES] if n_evidence else ():
        console.print(Text(f"\n{feature.feature}  {visible(feature.label)}", style="bold"))
        for entry in found.evidence(feature.feature)[:n_evidence]:
            print_indented(console, quoted(entry, entry.side or "", marked=not console.is_terminal))


def _rates(feature: "ProbeFeature") -> str:
    return ", ".join(f"{called(name)} {rate:.0%}" for name, rate in feature.rates.items())
