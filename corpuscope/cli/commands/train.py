"""`corpuscope train`."""

from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from corpuscope.cli.options import (
    CorpusOptions,
    Files,
    Into,
    Json,
    Layers,
    ObjectiveOptions,
    Seed,
    TrainingOptions,
    TrainingReaderOptions,
    UnitKind,
    picture,
)
from corpuscope.cli.render.dictionaries import show_evaluations
from corpuscope.cli.terminal.picture import save_run
from corpuscope.cli.terminal.progress import steps
from corpuscope.cli.terminal.text import resumable
from corpuscope.ranges import BUILTIN_LAYERS, check_training

_DEFAULT_UNITS = 3_000_000


def train(
    corpus: Files,
    into: Into,
    columns: CorpusOptions,
    reading: TrainingReaderOptions,
    goal: ObjectiveOptions,
    training: TrainingOptions,
    unit: UnitKind = "token",
    layer: Layers = None,
    features: Annotated[int, typer.Option(min=1, help="Number of features.")] = 8192,
    unit_norm: Annotated[
        bool, typer.Option("--unit-norm", help="Normalise states to unit length.")
    ] = False,
    control: Annotated[
        bool, typer.Option("--control", help="Also train a control with a frozen random decoder.")
    ] = False,
    seed: Seed = 0,
    plot: Annotated[
        Path | None, typer.Option(help="Save training curves as this .png, .svg or .pdf.")
    ] = None,
    json: Json = False,
) -> None:
    """Train a dictionary on a corpus. Resumable: run it again."""
    import corpuscope as cs

    picture(plot)
    check_training(objective=goal.objective, unit=unit, layers=layer, n_features=features,
                   k=goal.k, n_layers=None if reading.reader else BUILTIN_LAYERS,
                   learning_rate=training.learning_rate)  # fmt: skip
    texts = columns.read(corpus)
    with resumable(into), steps() as on_step:
        learned = cs.train(
            texts,
            into=into,
            unit=unit,  # type: ignore[arg-type]
            layers=layer or None,
            n_features=features,
            objective=goal.objective,
            k=goal.k,
            coefficient=goal.coefficient,
            control=control,
            seed=seed,
            settings=replace(training.settings(cs.TrainingSettings, on_step), unit_norm=unit_norm),
            reading=reading.settings(training.max_units),
        )
    found = {f"{unit}s": learned.evaluation, "random decoder": learned.control}
    show_evaluations(
        {name: one for name, one in found.items() if one is not None},
        dictionary=str(into / "learned" / "dictionary"),
        command="train",
        parameters={"corpus": corpus, **columns.parameters(), "objective": goal.objective,
                    "k": goal.k, "coefficient": goal.coefficient,
                    "units": training.units or _DEFAULT_UNITS, "seed": seed},
        warnings=learned.warnings,
        as_json=json,
    )  # fmt: skip
    if plot:
        save_run(into / "learned" / "log.jsonl", plot)
