"""`corpuscope label`."""

from typing import Annotated

import typer

from corpuscope.cli import early
from corpuscope.cli.options import CorpusOptions, Files, Json, Seed
from corpuscope.cli.render import label as render
from corpuscope.cli.terminal.progress import counting


def label(
    dictionary: Annotated[str, typer.Argument(help="A dictionary's folder.")],
    corpus: Files,
    columns: CorpusOptions,
    reader: Annotated[
        str | None,
        typer.Option("--reader", help="Path or name of the reader. Default: the dictionary's."),
    ] = None,
    seed: Seed = 0,
    json: Json = False,
) -> None:
    """Label a dictionary's features by the words of these texts, and score the labels."""
    import corpuscope as cs

    early.check_dictionary(dictionary)
    texts = columns.read(corpus)
    from corpuscope.sae.files import save_features
    from corpuscope.training.label import name_scores, with_names

    with counting("features labelled") as on_feature:
        named = with_names(
            dictionary,
            texts,
            reader=cs.load_reader(reader) if reader else None,
            seed=seed,
            progress=True,
            on_feature=on_feature,
        )
    save_features(named, dictionary)
    render.show(
        name_scores(named),
        dictionary=dictionary,
        parameters={"corpus": corpus, **columns.parameters(), "seed": seed},
        as_json=json,
    )
