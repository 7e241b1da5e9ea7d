"""How learning goes, and how good dictionaries are, as people see it on a terminal."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table
from rich.text import Text

from corpuscope.cli.show import note, print_json, warn

if TYPE_CHECKING:
    from corpuscope.sae.evaluate import Evaluation
    from corpuscope.sae.recipe import StepReport
    from corpuscope.training.finetuning import Finetuned
    from corpuscope.training.grid import Sweep
    from corpuscope.training.judge import Comparison
    from corpuscope.training.loss_recovered import LossRecovered
    from corpuscope.training.names import NameScores

_BLOCKS = " ▁▂▃▄▅▆▇█"
_ROWS = (
    ("unexplained variance", "unexplained_variance", "{:.4f}"),
    ("features that fire (L0)", "l0", "{:.1f}"),
    ("dead", "dead_share", "{:.1%}"),
    ("dense (above 10 %)", "dense_share", "{:.2%}"),
    ("share of L0 that is dense", "l0_of_dense", "{:.1%}"),
    ("relative bias", "relative_bias", "{:.3f}"),
    ("cosine", "cosine", "{:.3f}"),
    ("decoder cosine (c_dec)", "decoder_cosine", "{:.4f}"),
    ("units", "n_units", "{:,}"),
)
_AGREEMENT = (
    ("features shared with 1", "shared", "{:.1%}"),
    ("overlap of presence with 1", "overlap", "{:.3f}"),
)
_LOSS = (
    ("loss of the language model", "ce_original", "{:.3f}"),
    ("more with reconstructions", "delta", "{:.3f}"),
    ("loss recovered", "loss_recovered", "{:.3f}"),
    ("KL divergence", "kl", "{:.3f}"),
)
_SWEPT = (
    ("L0", "l0", "{:.1f}"),
    ("unexplained", "unexplained_variance", "{:.4f}"),
    ("dead", "dead_share", "{:.1%}"),
    ("dense", "dense_share", "{:.2%}"),
    ("label", "label_score", "{:.3f}"),
    ("weighted", "label_score_weighted", "{:.3f}"),
    ("left out", "label_score_left_out", "{:.1%}"),
    ("stable", "stability", "{:.3f}"),
)

# An objective's name may wrap between words, not within them.
_WIDEST_WORD = 9


@contextmanager
def steps() -> Iterator[Callable[[str, "StepReport"], None]]:
    """A bar on standard error for each run, from its first step on, and what to tell it."""
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[seen]}"),
        TimeRemainingColumn(),
    )
    bar = Progress(*columns, console=Console(stderr=True))
    tasks: dict[str, Any] = {}

    def on_step(name: str, report: "StepReport") -> None:
        if name not in tasks:
            bar.start()
            tasks[name] = bar.add_task(name, total=report.n_steps, seen="")
        seen = f"unexplained {report.unexplained:.3f}, L0 {report.l0:.1f}, dead {report.n_dead}"
        bar.update(tasks[name], completed=report.step + 1, seen=seen)

    try:
        yield on_step
    finally:
        bar.stop()


@contextmanager
def counting(what: str) -> Iterator[Callable[[int, int], None]]:
    """A bar on standard error that counts, and what to tell it."""
    bar = Progress(BarColumn(), MofNCompleteColumn(), TextColumn(what), TimeRemainingColumn(),
                   console=Console(stderr=True))  # fmt: skip
    task = bar.add_task("", total=None)

    def on_one(done: int, of: int) -> None:
        bar.start()
        bar.update(task, completed=done, total=of)

    try:
        yield on_one
    finally:
        bar.stop()


def evaluations(
    found: Mapping[str, "Evaluation"],
    *,
    dictionary: str,
    command: str,
    parameters: Mapping[str, object],
    warnings: Sequence[str],
    as_json: bool,
) -> None:
    """How good a new dictionary is, and what it is measured against."""
    if as_json:
        arms = {name: evaluation.to_json() for name, evaluation in found.items()}
        print_json(_head(command, dictionary, parameters, warnings) | {"arms": arms})
        return
    console = Console(highlight=False)
    console.print(Text(dictionary, style="bold"))
    table = _columns(found)
    _fill(table, _ROWS, found)
    table.add_row(Text("log10 density", style="dim"), *map(_density, found.values()))
    console.print(table)
    warn(warnings)


def finetuned(
    found: "Finetuned", *, dictionary: str, parameters: Mapping[str, object], as_json: bool
) -> None:
    """A dictionary that went on learning, beside what it was."""
    import numpy as np

    stayed = found.cosines[~np.isnan(found.cosines)]
    drift = {
        "mean_cosine": float(stayed.mean()) if len(stayed) else None,
        "share_below_0.9": float((stayed < 0.9).mean()) if len(stayed) else None,
        "n_renewed": len(found.cosines) - len(stayed),
    }
    if as_json:
        head = _head("finetune", dictionary, parameters, found.warnings)
        arms = {name: one.to_json() for name, one in found.evaluations.items()}
        kept = {name: one.to_json() for name, one in found.kept.items()}
        print_json(head | {"arms": arms, "kept": kept, "drift": drift})
        return
    evaluations(found.evaluations, dictionary=dictionary, command="finetune",
                parameters=parameters, warnings=found.warnings, as_json=False)  # fmt: skip
    console = Console(highlight=False)
    if found.kept:
        console.print("\nOn what was mixed in:")
        table = _columns(found.kept)
        _fill(table, _ROWS[:4], found.kept)
        console.print(table)
    if len(stayed):
        console.print(
            f"\nDecoder rows before and after: mean cosine {drift['mean_cosine']:.3f}, "
            f"{drift['share_below_0.9']:.1%} below 0.9; {drift['n_renewed']:,} begun anew."
        )
    note("features that learned have no names yet: corpuscope label names them")


def judged(
    found: "Comparison",
    losses: Mapping[str, "LossRecovered"],
    *,
    dictionary: str,
    parameters: Mapping[str, object],
    as_json: bool,
) -> None:
    """How good a dictionary is, and others beside it, part by part."""
    from corpuscope.training.warnings import left_out_warnings

    units = list(found.evaluations[dictionary])
    if as_json:
        parts = {unit: _judged_json(found, losses, dictionary, unit) for unit in units}
        beside = {
            name: {unit: _judged_json(found, losses, name, unit) for unit in own}
            for name, own in found.evaluations.items()
            if name != dictionary
        }
        head = _head("evaluate", dictionary, parameters, left_out_warnings(refused=found.n_refused))
        print_json(head | {"parts": parts, "beside": beside})
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
    table = _columns(columns)
    own = {column: found.evaluations[name][unit] for column, (name, unit) in columns.items()}
    _fill(table, _ROWS, own)
    table.add_row(Text("log10 density", style="dim"), *map(_density, own.values()))
    same = {
        column: found.agreements.get(name, {}).get(unit)
        for column, (name, unit) in columns.items()
    }  # fmt: skip
    if any(same.values()):
        _fill(table, _AGREEMENT, same)
    lost = {column: losses.get(name) if unit == "token" else None
            for column, (name, unit) in columns.items()}  # fmt: skip
    if any(lost.values()):
        _fill(table, _LOSS, lost)
    console.print(table)
    warn(left_out_warnings(refused=found.n_refused))


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


def named(
    found: Mapping[Any, "NameScores"],
    *,
    dictionary: str,
    parameters: Mapping[str, object],
    as_json: bool,
) -> None:
    """How far the names of a dictionary can be trusted."""
    if as_json:
        scores = {unit: one.to_json() for unit, one in found.items()}
        print_json(_head("label", dictionary, parameters, ()) | {"scores": scores})
        return
    rows = (
        ("live features with a name", "named_share", "{:.1%}"),
        ("features with a score", "n_scored", "{:,}"),
        ("label score, chance .09", "uniform", "{:.3f}"),
        ("the same, weighted by density", "weighted", "{:.3f}"),
        ("firings it leaves out, without a score", "left_out", "{:.1%}"),
    )
    columns = {f"{unit}s": one for unit, one in found.items()}
    table = _columns(columns)
    _fill(table, rows, columns)
    console = Console(highlight=False)
    console.print(Text(dictionary, style="bold"))
    console.print(table)


def swept(found: "Sweep", *, folder: str, parameters: Mapping[str, object], as_json: bool) -> None:
    """A grid of dictionaries, the mean over seeds in each place."""
    if as_json:
        print_json(_head("sweep", folder, parameters, ()) | {"cells": found.to_json()})
        return
    rows = found.table
    shown = [column for column in _SWEPT if rows[column[1]].notna().any()]
    table = Table(box=None, pad_edge=False, header_style="dim")
    table.add_column("objective", overflow="fold", min_width=_WIDEST_WORD)
    for name in ("at", *(name for name, _, _ in shown)):
        table.add_column(name, justify="right", no_wrap=True)
    keys = ["objective", "sparsity", "control"]
    for key, seeds in rows.groupby(keys, sort=False):
        objective, sparsity, is_control = key
        cells = [pattern.format(seeds[attribute].mean()) for _, attribute, pattern in shown]
        name = "  random decoder" if is_control else str(objective)
        table.add_row(name, f"{sparsity:g}", *cells, style="dim" if is_control else None)
    Console(highlight=False).print(table)
    warn([f"{one.cell.name}, {warning}" for one in found.cells for warning in one.warnings])


def save_run(log: Path, path: Path) -> None:
    """How the run went, as a picture."""
    from corpuscope.training.plots import plot_run

    figure = plot_run(log)
    figure.savefig(path, dpi=160, bbox_inches="tight")
    note(f"drawn: {path}")


def save_sweep(found: "Sweep", path: Path) -> None:
    """The figures of a grid, each beside `path` under its own name."""
    from corpuscope.training.plots import plot_sweep

    for name, figure in plot_sweep(found).items():
        place = path.with_name(f"{path.stem}-{name}{path.suffix}")
        figure.savefig(place, dpi=160, bbox_inches="tight")
        note(f"drawn: {place}")


def _head(
    command: str, dictionary: str, parameters: Mapping[str, object], warnings: Sequence[str]
) -> dict[str, object]:
    return {
        "analysis": command,
        "version": version("corpuscope"),
        "dictionary": dictionary,
        "parameters": dict(parameters),
        "warnings": list(warnings),
    }


def _columns(names: Mapping[str, object]) -> Table:
    table = Table(box=None, pad_edge=False, header_style="dim")
    table.add_column("", no_wrap=True)
    for name in names:
        table.add_column(name, justify="right")
    return table


def _fill(
    table: Table, rows: Sequence[tuple[str, str, str]], found: Mapping[str, object | None]
) -> None:
    for name, attribute, pattern in rows:
        cells = [
            "" if one is None else pattern.format(getattr(one, attribute))
            for one in found.values()
        ]  # fmt: skip
        table.add_row(Text(name, style="dim"), *cells)


def _density(evaluation: "Evaluation") -> str:
    """The histogram of densities as a row of blocks between its ends."""
    bounds, counts = evaluation.histogram()
    highest = max(1, int(counts.max(initial=1)))
    blocks = "".join(_BLOCKS[-(-8 * int(n) // highest)] for n in counts)
    return f"{bounds[0]:.0f} {blocks} 0"
