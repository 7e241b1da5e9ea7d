"""Commands that judge a dictionary and name its features."""

from typing import Annotated

import typer

from corpuscope.cli import early
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
    Seed,
    TextColumn,
    corpus_of,
)


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
    beside: Annotated[
        list[str] | None,
        typer.Option(help="Another dictionary, such as a control or another seed; repeat it."),
    ] = None,
    loss: Annotated[
        bool,
        typer.Option("--loss", help="What the language model loses when it reads reconstructions."),
    ] = False,
    max_units: Annotated[int, typer.Option(min=2, help="So many tokens are enough.")] = 200_000,
    json: Json = False,
) -> None:
    """How well does a dictionary reconstruct these texts, and how sparsely?"""
    import corpuscope as cs

    for name in (dictionary, *(beside or [])):
        early.check_dictionary(name)
    columns = {"text": text, "prompt": prompt, "response": response, "messages": messages, "id": id}
    texts = corpus_of(corpus, **columns)
    from corpuscope.training import compare, loss_recovered

    lm = cs.load_reader(reader) if reader else None
    names = dict.fromkeys([dictionary, *(beside or [])])
    found = compare(
        {name: name for name in names},
        texts,
        reader=lm,
        roles=role or None,
        max_units=max_units,
        progress=True,
    )
    losses = {}
    if loss:
        for name in names:
            losses[name] = loss_recovered(
                name, texts, reader=lm, roles=role or None, max_tokens_judged=max_units,
                progress=True,
            )  # fmt: skip
    show.judged(
        found,
        losses,
        dictionary=dictionary,
        parameters={"corpus": corpus, **columns, "role": role or None, "max_units": max_units,
                    "beside": beside or []},
        as_json=json,
    )  # fmt: skip


def label(
    dictionary: Annotated[str, typer.Argument(help="A dictionary's folder.")],
    corpus: Files,
    text: TextColumn = None,
    prompt: PromptColumn = None,
    response: ResponseColumn = None,
    messages: MessagesColumn = None,
    id: IdColumn = None,
    reader: Reader = None,
    seed: Seed = 0,
    json: Json = False,
) -> None:
    """Name a dictionary's features from the words of these texts, and score the names."""
    import corpuscope as cs

    early.check_dictionary(dictionary)
    columns = {"text": text, "prompt": prompt, "response": response, "messages": messages, "id": id}
    texts = corpus_of(corpus, **columns)
    from corpuscope.sae.files import save_features
    from corpuscope.training import name_scores, with_names

    with show.counting("features named") as on_feature:
        named = with_names(
            dictionary,
            texts,
            reader=cs.load_reader(reader) if reader else None,
            seed=seed,
            progress=True,
            on_feature=on_feature,
        )
    save_features(named, dictionary)
    show.named(
        name_scores(named),
        dictionary=dictionary,
        parameters={"corpus": corpus, **columns, "seed": seed},
        as_json=json,
    )
