"""`corpuscope document`."""

from typing import Annotated

import typer

from corpuscope.cli import early
from corpuscope.cli.options import Also, AStore, Json, Pair
from corpuscope.cli.render.looking import document as render
from corpuscope.ranges import check_at_least


def document(
    store: AStore,
    id: Annotated[str, typer.Argument(metavar="ID", help="The document's id.")],
    also: Also = None,
    pair: Pair = None,
    at: Annotated[int, typer.Option(help="First character shown of a long text.")] = 0,
    window: Annotated[int, typer.Option(help="Maximum number of characters shown.")] = 20_000,
    nearest: Annotated[
        int, typer.Option(help="How many similar documents to list, if the store has vectors.")
    ] = 5,
    rename: Annotated[
        bool, typer.Option(help="Label its thirty strongest features from these documents.")
    ] = True,
    json: Json = False,
) -> None:
    """What is in this document: its text, and every feature that is present?"""
    import corpuscope as cs

    check_at_least(0, at=at, nearest=nearest)
    check_at_least(1, window=window)
    stores = [store, *(also or [])]
    early.check_stores(stores, columns=[pair])
    found = cs.describe_document(
        [cs.open_store(path) for path in stores], id, pair=pair, at=at, window=window,
        nearest=nearest, rename=rename,
    )  # fmt: skip
    render.show(found, as_json=json)
