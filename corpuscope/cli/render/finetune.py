"""Prints the result of `finetune`."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from rich.console import Console

from corpuscope.cli.render.dictionaries import MEASURES, columns_of, fill, head_of, show_evaluations
from corpuscope.cli.terminal.text import note, print_json

if TYPE_CHECKING:
    from corpuscope.training.finetune import Finetuned


def show(
    found: "Finetuned", *, dictionary: str, parameters: Mapping[str, object], as_json: bool
) -> None:
    """Print the metrics of a finetuned dictionary and of its baselines."""
    import numpy as np

    stayed = found.cosines[~np.isnan(found.cosines)]
    drift = {
        "mean_cosine": float(stayed.mean()) if len(stayed) else None,
        "share_below_0.9": float((stayed < 0.9).mean()) if len(stayed) else None,
        "n_renewed": len(found.cosines) - len(stayed),
    }
    if as_json:
        head = head_of("finetune", dictionary, parameters, found.warnings)
        arms = {name: one.to_json() for name, one in found.evaluations.items()}
        kept = {name: one.to_json() for name, one in found.kept.items()}
        print_json(head | {"arms": arms, "kept": kept, "drift": drift})
        return
    show_evaluations(found.evaluations, dictionary=dictionary, command="finetune",
                parameters=parameters, warnings=found.warnings, as_json=False)  # fmt: skip
    console = Console(highlight=False)
    if found.kept:
        console.print("\nOn the texts mixed in:")
        table = columns_of(found.kept)
        fill(table, MEASURES[:4], found.kept)
        console.print(table)
    if len(stayed):
        console.print(
            f"\nDecoder rows before and after: mean cosine {drift['mean_cosine']:.3f}, "
            f"{drift['share_below_0.9']:.1%} below 0.9; {drift['n_renewed']:,} reinitialised."
        )
    note("finetuned features have no labels yet: run corpuscope label")
