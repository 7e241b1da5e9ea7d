"""`corpuscope check`."""

from typing import Annotated

import typer

from corpuscope.cli import early
from corpuscope.cli.options import CorpusOptions, Json, ReaderOptions
from corpuscope.cli.render import check as render


def check(
    dictionary: Annotated[
        str,
        typer.Argument(help="A dictionary's folder or file, of ours or of another project."),
    ],
    columns: CorpusOptions,
    reading: ReaderOptions,
    corpus: Annotated[
        list[str] | None,
        typer.Argument(metavar="CORPUS", help="Files of texts. Default: the demo's 304 answers."),
    ] = None,
    max_units: Annotated[int, typer.Option(min=2, help="Stop after this many tokens.")] = 8_192,
    json: Json = False,
) -> None:
    """Was a dictionary loaded as it was trained? Names the likely mistake if not."""
    early.check_dictionary(dictionary)
    texts = columns.read(corpus) if corpus else None
    from corpuscope.training.check import check as checked

    found = checked(
        dictionary, texts, reader=reading.load(), roles=reading.role or None, max_units=max_units
    )
    render.show(found, as_json=json)
