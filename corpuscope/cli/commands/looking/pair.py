"""`corpuscope pair`."""

from typing import Annotated

import typer

from corpuscope.cli import early
from corpuscope.cli.options import Also, AStore, Json
from corpuscope.cli.render.looking import pair as render
from corpuscope.ranges import check_at_least


def pair(
    store: AStore,
    id: Annotated[str, typer.Argument(metavar="ID", help="The first document's id.")],
    other: Annotated[str, typer.Argument(metavar="OTHER", help="The second document's id.")],
    also: Also = None,
    feature: Annotated[
        list[str] | None,
        typer.Option(
            help="A feature of the finding to look at: a number or a word feature; repeatable."
        ),
    ] = None,
    other_feature: Annotated[
        list[str] | None,
        typer.Option(help="A feature of another finding; repeatable."),
    ] = None,
    window: Annotated[
        int, typer.Option(help="Maximum number of characters shown of each text.")
    ] = 20_000,
    rename: Annotated[
        bool, typer.Option(help="Label the first thirty features from these documents.")
    ] = True,
    json: Json = False,
) -> None:
    """What does one of these two documents have that the other has not?"""
    import corpuscope as cs

    check_at_least(1, window=window)
    stores = [store, *(also or [])]
    early.check_stores(stores)
    findings = [feature or [], *([one] for one in other_feature or [])]
    if not any(findings):
        findings = []
    found = cs.compare_documents(
        [cs.open_store(path) for path in stores],
        id,
        other,
        findings=findings,
        window=window,
        rename=rename,
    )
    render.show(found, as_json=json)
