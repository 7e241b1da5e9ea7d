"""`corpuscope feature`."""

from typing import Annotated

import typer

from corpuscope.cli import early
from corpuscope.cli.options import Also, AStore, Json
from corpuscope.cli.render.looking import feature as render
from corpuscope.ranges import check_at_least


def feature(
    store: AStore,
    feature: Annotated[
        str,
        typer.Argument(help="Number of a feature, or a word feature such as 'of course'."),
    ],
    also: Also = None,
    by: Annotated[str | None, typer.Option(help="Column of groups: show the rate in each.")] = None,
    n: Annotated[int, typer.Option("-n", "--n", help="Contexts per band of strength.")] = 4,
    around: Annotated[
        int, typer.Option(help="Characters of the text on either side of a context.")
    ] = 80,
    rename: Annotated[
        bool,
        typer.Option(help="Label it and its companions from these documents."),
    ] = True,
    json: Json = False,
) -> None:
    """What is this feature: how often is it there, with what, and in which contexts?"""
    import corpuscope as cs

    check_at_least(0, n=n, around=around)
    stores = [store, *(also or [])]
    early.check_stores(stores, by=by)
    found = cs.describe_feature(
        [cs.open_store(path) for path in stores], feature, by=by, n=n, around=around, rename=rename
    )
    render.show(found, as_json=json)
