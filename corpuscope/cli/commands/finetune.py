"""`corpuscope finetune`."""

from dataclasses import replace
from typing import Annotated

import typer

from corpuscope.cli import early
from corpuscope.cli.options import (
    CorpusOptions,
    Files,
    Into,
    Json,
    ObjectiveOptions,
    ReaderOptions,
    Seed,
    TrainingOptions,
)
from corpuscope.cli.render import finetune as render
from corpuscope.cli.terminal.progress import steps
from corpuscope.cli.terminal.text import resumable
from corpuscope.ranges import check_training

_DEFAULT_UNITS = 1_000_000


def finetune(
    dictionary: Annotated[str, typer.Argument(help="A dictionary's folder, or builtin.")],
    corpus: Files,
    into: Into,
    columns: CorpusOptions,
    reading: ReaderOptions,
    goal: ObjectiveOptions,
    training: TrainingOptions,
    unit: Annotated[str, typer.Option(help="Features to train: token or sentence.")] = "token",
    renewed: Annotated[
        float,
        typer.Option(min=0, max=1, help="Share of features to reinitialise, rarest first."),
    ] = 0.0,
    also: Annotated[
        list[str] | None,
        typer.Option(help="Files to mix in, with the same columns; repeatable."),
    ] = None,
    also_share: Annotated[
        float, typer.Option(min=0, max=1, help="Share of each batch that comes from --also.")
    ] = 0.2,
    from_scratch: Annotated[
        bool,
        typer.Option("--from-scratch", help="Also train one from random weights, as a baseline."),
    ] = False,
    seed: Seed = 0,
    json: Json = False,
) -> None:
    """Finetune a dictionary on other texts, and compare it with the original."""
    import corpuscope as cs

    early.check_dictionary(dictionary)
    check_training(objective=goal.objective, unit=unit, layers=None, k=goal.k,
                   learning_rate=training.learning_rate)  # fmt: skip
    texts, others = columns.read(corpus), columns.read(also) if also else None
    with resumable(into), steps() as on_step:
        found = cs.finetune(
            dictionary,
            texts,
            into=into,
            unit=unit,  # type: ignore[arg-type]
            objective=goal.objective,
            k=goal.k,
            coefficient=goal.coefficient,
            also=others,
            from_scratch=from_scratch,
            seed=seed,
            settings=replace(
                training.settings(cs.FinetuneSettings, on_step),
                renewed=renewed,
                also_share=also_share,
            ),
            reading=reading.settings(training.max_units, dictionary),
        )
    render.show(
        found,
        dictionary=str(into / "dictionary"),
        parameters={"dictionary": dictionary, "corpus": corpus, **columns.parameters(),
                    "objective": goal.objective, "k": goal.k, "coefficient": goal.coefficient,
                    "units": training.units or _DEFAULT_UNITS, "renewed": renewed, "also": also,
                    "also_share": also_share, "seed": seed},
        as_json=json,
    )  # fmt: skip
