"""`corpuscope evaluate`."""

from typing import Annotated

import typer

from corpuscope.cli import early
from corpuscope.cli.options import CorpusOptions, Files, Json, ReaderOptions
from corpuscope.cli.render import evaluate as render


def evaluate(
    dictionary: Annotated[str, typer.Argument(help="A dictionary's folder, or builtin.")],
    corpus: Files,
    columns: CorpusOptions,
    reading: ReaderOptions,
    others: Annotated[
        list[str] | None,
        typer.Option(
            "--compare",
            "--beside",
            help="Another dictionary to compare, such as a control; repeatable.",
        ),
    ] = None,
    loss: Annotated[
        bool,
        typer.Option("--loss", help="Also measure cross-entropy increase and loss recovered."),
    ] = False,
    max_units: Annotated[int, typer.Option(min=2, help="Stop after this many tokens.")] = 200_000,
    json: Json = False,
) -> None:
    """How well does a dictionary reconstruct these texts, and how sparsely?"""
    for name in (dictionary, *(others or [])):
        early.check_dictionary(name)
    texts, roles = columns.read(corpus), reading.role or None
    from corpuscope.training.evaluate import compare
    from corpuscope.training.loss_recovered.measure import LossSettings, losses_recovered

    lm = reading.load(dictionary)
    names = dict.fromkeys([dictionary, *(others or [])])
    found = compare(
        {name: name for name in names}, texts, reader=lm, roles=roles, max_units=max_units,
        progress=True,
    )  # fmt: skip
    losses = {}
    if loss:
        losses = losses_recovered(
            {name: name for name in names}, texts, reader=lm,
            settings=LossSettings(roles=roles, max_tokens_judged=max_units, progress=True),
        )  # fmt: skip
    render.show(
        found,
        losses,
        dictionary=dictionary,
        parameters={"corpus": corpus, **columns.parameters(), "role": roles,
                    "max_units": max_units, "beside": others or []},
        as_json=json,
    )  # fmt: skip
