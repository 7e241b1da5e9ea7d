"""Commands that make dictionaries."""

from pathlib import Path
from typing import Annotated

import typer

from corpuscope.cli import early
from corpuscope.cli import show_learning as show
from corpuscope.cli.options import (
    BatchSize,
    Coefficient,
    Files,
    IdColumn,
    Into,
    Json,
    Layers,
    LearningRate,
    MaxUnits,
    MessagesColumn,
    ObjectiveName,
    PromptColumn,
    Reader,
    ResponseColumn,
    Roles,
    Seed,
    TextColumn,
    UnitKind,
    UnitNorm,
    Units,
    corpus_of,
    picture,
)
from corpuscope.cli.show import resumable
from corpuscope.ranges import BUILTIN_LAYERS, check_training


def train(
    corpus: Files,
    into: Into,
    text: TextColumn = None,
    prompt: PromptColumn = None,
    response: ResponseColumn = None,
    messages: MessagesColumn = None,
    id: IdColumn = None,
    role: Roles = None,
    reader: Reader = None,
    unit: UnitKind = "token",
    layer: Layers = None,
    features: Annotated[int, typer.Option(min=1, help="How many features.")] = 8192,
    objective: ObjectiveName = "batch-top-k",
    k: Annotated[
        float | None,
        typer.Option("--k", help="Features that fire at a unit. Default: 32, where it is taken."),
    ] = None,
    coefficient: Coefficient = None,
    units: Units = 3_000_000,
    batch_size: BatchSize = 2048,
    learning_rate: LearningRate = None,
    unit_norm: UnitNorm = False,
    control: Annotated[
        bool, typer.Option("--control", help="Learn a twin with a random decoder, to compare.")
    ] = False,
    max_units: MaxUnits = 10_000_000,
    seed: Seed = 0,
    plot: Annotated[
        Path | None, typer.Option(help="Draw the run into this .png, .svg or .pdf.")
    ] = None,
    json: Json = False,
) -> None:
    """Learn a dictionary from a corpus. Cut short, the same command goes on where it was."""
    import corpuscope as cs

    picture(plot)
    columns = {"text": text, "prompt": prompt, "response": response, "messages": messages, "id": id}
    check_training(objective=objective, unit=unit, layers=layer, n_features=features, k=k,
                   n_layers=None if reader else BUILTIN_LAYERS,
                   learning_rate=learning_rate)  # fmt: skip
    texts = corpus_of(corpus, **columns)
    with resumable(into), show.steps() as on_step:
        learned = cs.train(
            texts,
            into=into,
            unit=unit,  # type: ignore[arg-type]
            layers=layer or None,
            n_features=features,
            objective=objective,
            k=k,
            coefficient=coefficient,
            n_units=units,
            batch_size=batch_size,
            learning_rate=learning_rate,
            unit_norm=unit_norm,
            control=control,
            seed=seed,
            reader=cs.load_reader(reader) if reader else None,
            roles=role or None,
            max_units=max_units,
            progress=True,
            on_step=on_step,
        )
    found = {f"{unit}s": learned.evaluation, "random decoder": learned.control}
    show.evaluations(
        {name: one for name, one in found.items() if one is not None},
        dictionary=str(into / "learned" / "dictionary"),
        command="train",
        parameters={"corpus": corpus, **columns, "objective": objective, "k": k,
                    "coefficient": coefficient, "units": units, "seed": seed},
        warnings=learned.warnings,
        as_json=json,
    )  # fmt: skip
    if plot:
        show.save_run(into / "learned" / "log.jsonl", plot)


def finetune(
    dictionary: Annotated[str, typer.Argument(help="A dictionary's folder, or builtin.")],
    corpus: Files,
    into: Into,
    text: TextColumn = None,
    prompt: PromptColumn = None,
    response: ResponseColumn = None,
    messages: MessagesColumn = None,
    id: IdColumn = None,
    role: Roles = None,
    reader: Reader = None,
    unit: Annotated[str, typer.Option(help="Which features learn: token or sentence.")] = "token",
    objective: ObjectiveName = "batch-top-k",
    k: Annotated[
        float | None,
        typer.Option("--k", help="Features that fire at a unit. Default: as many as did before."),
    ] = None,
    coefficient: Coefficient = None,
    units: Units = 1_000_000,
    batch_size: BatchSize = 2048,
    learning_rate: Annotated[
        float | None,
        typer.Option(help="At its height. Default: a tenth of what the objective suggests."),
    ] = None,
    renewed: Annotated[
        float,
        typer.Option(min=0, max=1, help="Share of the features, the rarest, that begin anew."),
    ] = 0.0,
    also: Annotated[
        list[str] | None,
        typer.Option(help="Files that are mixed in, with the same columns; repeat it."),
    ] = None,
    also_share: Annotated[
        float, typer.Option(min=0, max=1, help="Of each batch that comes from these.")
    ] = 0.2,
    from_scratch: Annotated[
        bool,
        typer.Option("--from-scratch", help="Learn one from random weights too, to compare."),
    ] = False,
    max_units: MaxUnits = 10_000_000,
    seed: Seed = 0,
    json: Json = False,
) -> None:
    """Go on with a dictionary on other texts, and hold it against what it was."""
    import corpuscope as cs

    columns = {"text": text, "prompt": prompt, "response": response, "messages": messages, "id": id}
    early.check_dictionary(dictionary)
    check_training(objective=objective, unit=unit, layers=None, k=k, learning_rate=learning_rate)
    texts, others = corpus_of(corpus, **columns), corpus_of(also, **columns) if also else None
    with resumable(into), show.steps() as on_step:
        found = cs.finetune(
            dictionary,
            texts,
            into=into,
            unit=unit,  # type: ignore[arg-type]
            objective=objective,
            k=k,
            coefficient=coefficient,
            n_units=units,
            batch_size=batch_size,
            learning_rate=learning_rate,
            renewed=renewed,
            also=others,
            also_share=also_share,
            from_scratch=from_scratch,
            reader=cs.load_reader(reader) if reader else None,
            roles=role or None,
            max_units=max_units,
            seed=seed,
            progress=True,
            on_step=on_step,
        )
    show.finetuned(
        found,
        dictionary=str(into / "dictionary"),
        parameters={"dictionary": dictionary, "corpus": corpus, **columns, "objective": objective,
                    "k": k, "coefficient": coefficient, "units": units, "renewed": renewed,
                    "also": also, "also_share": also_share, "seed": seed},
        as_json=json,
    )  # fmt: skip


def sweep(
    corpus: Files,
    into: Into,
    arm: Annotated[
        list[str],
        typer.Option(help="An objective and its sparsities: batch-top-k:16,32,64. Repeat it."),
    ],
    text: TextColumn = None,
    prompt: PromptColumn = None,
    response: ResponseColumn = None,
    messages: MessagesColumn = None,
    id: IdColumn = None,
    role: Roles = None,
    reader: Reader = None,
    unit: UnitKind = "token",
    layer: Layers = None,
    features: Annotated[int, typer.Option(min=1, help="How many features each has.")] = 4096,
    seeds: Annotated[int, typer.Option(min=1, help="How many first weights of each.")] = 1,
    control: Annotated[
        bool, typer.Option("--control", help="Give each a twin with a random decoder.")
    ] = False,
    named_documents: Annotated[
        int, typer.Option(min=0, help="Score names made from so many documents; 0 does not.")
    ] = 0,
    units: Units = 1_000_000,
    batch_size: BatchSize = 2048,
    learning_rate: LearningRate = None,
    unit_norm: UnitNorm = False,
    max_units: MaxUnits = 10_000_000,
    plot: Annotated[
        Path | None,
        typer.Option(help="Draw figures beside this .png, .svg or .pdf, names appended."),
    ] = None,
    json: Json = False,
) -> None:
    """Learn a grid of dictionaries from one stream and draw how they compare."""
    import corpuscope as cs

    picture(plot)
    columns = {"text": text, "prompt": prompt, "response": response, "messages": messages, "id": id}
    arms = dict(map(_arm, arm))
    for objective in arms:
        check_training(
            objective=objective,
            unit=unit,
            layers=layer,
            n_layers=None if reader else BUILTIN_LAYERS,
            n_features=features,
            learning_rate=learning_rate,
        )
    texts = corpus_of(corpus, **columns)
    with resumable(into), show.steps() as on_step:
        found = cs.sweep(
            texts,
            arms,
            into=into,
            seeds=range(seeds),
            control=control,
            named_documents=named_documents,
            unit=unit,  # type: ignore[arg-type]
            layers=layer or None,
            n_features=features,
            n_units=units,
            batch_size=batch_size,
            learning_rate=learning_rate,
            unit_norm=unit_norm,
            reader=cs.load_reader(reader) if reader else None,
            roles=role or None,
            max_units=max_units,
            progress=True,
            on_step=on_step,
        )
    show.swept(
        found,
        folder=str(into),
        parameters={"corpus": corpus, **columns, "arm": arm, "features": features,
                    "seeds": seeds, "units": units},
        as_json=json,
    )  # fmt: skip
    if plot:
        show.save_sweep(found, plot)


def _arm(written: str) -> tuple[str, tuple[float, ...]]:
    name, colon, numbers = written.partition(":")
    try:
        sparsities = tuple(float(number) for number in numbers.split(","))
    except ValueError:
        sparsities = ()
    if not colon or not sparsities:
        raise typer.BadParameter(f"--arm {written}: not like batch-top-k:16,32,64")
    return name, sparsities
