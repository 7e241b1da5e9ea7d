"""Commands that make a dictionary and judge one."""

from pathlib import Path
from typing import Annotated

import typer

from corpuscope.cli import show_learning as show
from corpuscope.cli.options import (
    Files,
    IdColumn,
    Json,
    MessagesColumn,
    PromptColumn,
    Reader,
    ResponseColumn,
    Roles,
    TextColumn,
    corpus_of,
    picture,
)


def train(
    corpus: Files,
    into: Annotated[Path, typer.Option(help="A folder for states, run and dictionary.")],
    text: TextColumn = None,
    prompt: PromptColumn = None,
    response: ResponseColumn = None,
    messages: MessagesColumn = None,
    id: IdColumn = None,
    role: Roles = None,
    reader: Reader = None,
    unit: Annotated[str, typer.Option(help="Of what the states are: token or sentence.")] = "token",
    layer: Annotated[
        list[int] | None,
        typer.Option(help="After which layer of the reader; repeat it. Default: two thirds up."),
    ] = None,
    features: Annotated[int, typer.Option(min=1, help="How many features.")] = 8192,
    objective: Annotated[
        str,
        typer.Option(
            help="batch-top-k, matryoshka, top-k, relu, gated, jump-relu, quadratic-frequency, "
            "tanh or target-l0."
        ),
    ] = "batch-top-k",
    k: Annotated[
        float | None,
        typer.Option("--k", help="Features that fire at a unit. Default: 32, where it is taken."),
    ] = None,
    coefficient: Annotated[
        float | None, typer.Option(help="Of the sparsity penalty, where there is one.")
    ] = None,
    units: Annotated[int, typer.Option(min=1, help="Units to learn from.")] = 3_000_000,
    batch_size: Annotated[int, typer.Option(min=1, help="Units to a step.")] = 2048,
    learning_rate: Annotated[
        float | None, typer.Option(help="At its height. Default: as the objective suggests.")
    ] = None,
    unit_norm: Annotated[
        bool, typer.Option("--unit-norm", help="Divide states by their lengths.")
    ] = False,
    max_units: Annotated[
        int, typer.Option(min=1, help="Reading stops at so many units.")
    ] = 10_000_000,
    seed: Annotated[int, typer.Option(help="Of all that is drawn.")] = 0,
    plot: Annotated[
        Path | None, typer.Option(help="Draw the run into this .png, .svg or .pdf.")
    ] = None,
    json: Json = False,
) -> None:
    """Learn a dictionary from a corpus. Cut short, the same command goes on where it was."""
    import corpuscope as cs

    picture(plot)
    columns = {"text": text, "prompt": prompt, "response": response, "messages": messages, "id": id}
    with show.steps(units // batch_size) as on_step:
        learned = cs.train(
            corpus_of(corpus, **columns),
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
            seed=seed,
            reader=cs.load_reader(reader) if reader else None,
            roles=role or None,
            max_units=max_units,
            progress=True,
            on_step=on_step,
        )
    folder = into / "learned" / "dictionary"
    parameters = {"corpus": corpus, **columns, "objective": objective, "k": k,
                  "coefficient": coefficient, "units": units, "seed": seed}  # fmt: skip
    evaluations = {unit: learned.evaluation} if learned.evaluation else {}
    if plot:
        show.save_run(into / "learned" / "log.jsonl", plot)
    show.evaluations(
        evaluations, dictionary=str(folder), command="train", parameters=parameters,
        warnings=learned.warnings, as_json=json,
    )  # fmt: skip


def evaluate(
    dictionary: Annotated[str, typer.Argument(help="A dictionary's folder, or builtin.")],
    corpus: Files,
    text: TextColumn = None,
    prompt: PromptColumn = None,
    response: ResponseColumn = None,
    messages: MessagesColumn = None,
    id: IdColumn = None,
    role: Roles = None,
    reader: Reader = None,
    max_units: Annotated[int, typer.Option(min=2, help="So many tokens are enough.")] = 200_000,
    json: Json = False,
) -> None:
    """How well does a dictionary reconstruct these texts, and how sparsely?"""
    import corpuscope as cs

    columns = {"text": text, "prompt": prompt, "response": response, "messages": messages, "id": id}
    found = cs.evaluate(
        dictionary,
        corpus_of(corpus, **columns),
        reader=cs.load_reader(reader) if reader else None,
        roles=role or None,
        max_units=max_units,
        progress=True,
    )
    parameters = {"corpus": corpus, **columns, "role": role or None, "max_units": max_units}
    show.evaluations(
        found, dictionary=dictionary, command="evaluate", parameters=parameters, warnings=(),
        as_json=json,
    )  # fmt: skip
