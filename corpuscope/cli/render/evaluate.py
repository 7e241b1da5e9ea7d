"""Prints the result of `evaluate`."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from corpuscope.cli.render.dictionaries import MEASURES, _density, columns_of, fill, head_of
from corpuscope.cli.terminal.text import print_json, warn

if TYPE_CHECKING:
    from corpuscope.training.evaluate import Comparison
    from corpuscope.training.loss_recovered.measure import LossRecovered

_AGREEMENT = (
    ("features shared with 1", "shared", "{:.1%}"),
    ("firing overlap with 1 (Jaccard)", "overlap", "{:.3f}"),
)
_LOSS = (
    ("cross-entropy (nats)", "ce_original", "{:.3f}"),
    ("increase by reconstruction", "delta", "{:.3f}"),
    ("loss recovered", "loss_recovered", "{:.3f}"),
    ("KL divergence", "kl", "{:.3f}"),
)
_OF_ROLES = tuple(row for row in _LOSS if row[1] in ("delta", "kl"))


def show(
    found: "Comparison",
    losses: Mapping[str, "LossRecovered"],
    *,
    dictionary: str,
    parameters: Mapping[str, object],
    as_json: bool,
) -> None:
    """Print the metrics of dictionaries side by side, part by part."""
    from corpuscope.training.warnings import left_out_warnings

    units = list(found.evaluations[dictionary])
    if as_json:
        parts = {unit: _judged_json(found, losses, dictionary, unit) for unit in units}
        others = {
            name: {unit: _judged_json(found, losses, name, unit) for unit in own}
            for name, own in found.evaluations.items()
            if name != dictionary
        }
        head = head_of(
            "evaluate", dictionary, parameters, left_out_warnings(refused=found.n_refused)
        )
        print_json(head | {"parts": parts, "beside": others})
        return
    console = Console(highlight=False)
    several = len(found.evaluations) > 1
    columns = {
        (f"{unit}s {number}" if several else f"{unit}s"): (name, unit)
        for unit in units
        for number, (name, own) in enumerate(found.evaluations.items(), start=1)
        if unit in own
    }
    for number, name in enumerate(found.evaluations, start=1):
        console.print(Text(f"{number}  {name}" if several else name, style="bold"))
    table = columns_of(columns)
    own = {column: found.evaluations[name][unit] for column, (name, unit) in columns.items()}
    fill(table, MEASURES, own)
    table.add_row(Text("log10 density", style="dim"), *map(_density, own.values()))
    same = {
        column: found.agreements.get(name, {}).get(unit)
        for column, (name, unit) in columns.items()
    }  # fmt: skip
    if any(same.values()):
        fill(table, _AGREEMENT, same)
    lost = {column: losses.get(name) if unit == "token" else None
            for column, (name, unit) in columns.items()}  # fmt: skip
    if any(lost.values()):
        fill(table, _LOSS, lost)
        _fill_roles(table, lost)
    console.print(table)
    warn(left_out_warnings(refused=found.n_refused))


def _fill_roles(table: Table, losses: Mapping[str, "LossRecovered | None"]) -> None:
    """The cost of reconstruction for the tokens of each role, in texts that have roles."""
    for role in dict.fromkeys(role for one in losses.values() if one for role in one.by_role):
        own = {column: one.by_role.get(role) if one else None for column, one in losses.items()}
        fill(table, [(f"{name}, {role}", field, form) for name, field, form in _OF_ROLES], own)


def _judged_json(
    found: "Comparison", losses: Mapping[str, "LossRecovered"], name: str, unit: Any
) -> dict[str, Any]:
    made = found.evaluations[name][unit].to_json()
    same = found.agreements.get(name, {}).get(unit)
    if same:
        made["agreement"] = same.to_json()
    if unit == "token" and name in losses:
        made["loss_recovered"] = losses[name].to_json()
    return made
