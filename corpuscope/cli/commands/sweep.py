"""`corpuscope sweep`."""

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
    TrainingOptions,
    TrainingReaderOptions,
    UnitKind,
    picture,
)
from corpuscope.cli.render import sweep as render
from corpuscope.cli.terminal.picture import save_sweep
from corpuscope.cli.terminal.progress import steps
from corpuscope.cli.terminal.text import resumable
from corpuscope.ranges import BUILTIN_LAYERS, check_training

_DEFAULT_UNITS = 1_000_000


def sweep(
    corpus: Files,
    into: Into,
    objective: Annotated[
        list[str],
        typer.Option(
            "--objective",
            "--arm",
            help="An objective and its sparsities: batch-top-k:16,32,64. Repeatable.",
        ),
    ],
    columns: CorpusOptions,
    reading: TrainingReaderOptions,
    training: TrainingOptions,
    unit: UnitKind = "token",
    layer: Layers = None,
    features: Annotated[int, typer.Option(min=1, help="Number of features per dictionary.")] = 4096,
    seeds: Annotated[int, typer.Option(min=1, help="Number of random initialisations.")] = 1,
    control: Annotated[
        bool, typer.Option("--control", help="Also train controls with frozen random decoders.")
    ] = False,
    named_documents: Annotated[
        int, typer.Option(min=0, help="Documents to label features from and score labels; or 0.")
    ] = 0,
    unit_norm: Annotated[
        bool, typer.Option("--unit-norm", help="Normalise states to unit length.")
    ] = False,
    plot: Annotated[
        Path | None,
        typer.Option(help="Save plots as .png, .svg or .pdf, their names appended to this one."),
    ] = None,
    json: Json = False,
) -> None:
    """Train a grid of dictionaries on the same states and compare them. Resumable."""
    import corpuscope as cs

    picture(plot)
    objectives = dict(map(_objective, objective))
    for name in objectives:
        check_training(
            objective=name,
            unit=unit,
            layers=layer,
            n_layers=None if reading.reader else BUILTIN_LAYERS,
            n_features=features,
            learning_rate=training.learning_rate,
        )
    texts = columns.read(corpus)
    with resumable(into), steps() as on_step:
        found = cs.sweep(
            texts,
            objectives,
            into=into,
            seeds=range(seeds),
            control=control,
            named_documents=named_documents,
            unit=unit,  # type: ignore[arg-type]
            layers=layer or None,
            n_features=features,
            settings=replace(training.settings(cs.TrainingSettings, on_step), unit_norm=unit_norm),
            reading=reading.settings(training.max_units),
        )
    render.show(
        found,
        folder=str(into),
        parameters={"corpus": corpus, **columns.parameters(), "arm": objective,
                    "features": features, "seeds": seeds,
                    "units": training.units or _DEFAULT_UNITS},
        as_json=json,
    )  # fmt: skip
    if plot:
        save_sweep(found, plot)


def _objective(written: str) -> tuple[str, tuple[float, ...]]:
    name, colon, numbers = written.partition(":")
    try:
        sparsities = tuple(float(number) for number in numbers.split(","))
    except ValueError:
        sparsities = ()
    if not colon or not sparsities:
        raise typer.BadParameter(
            f"--objective {written}: expected a form such as batch-top-k:16,32,64"
        )
    return name, sparsities
