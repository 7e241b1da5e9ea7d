"""`corpuscope info`."""

from pathlib import Path
from typing import Annotated

import typer

from corpuscope.cli.options import (
    Json,
)
from corpuscope.cli.render.looking import info as render


def info(
    store: Annotated[Path, typer.Argument(help="A store's folder.")], json: Json = False
) -> None:
    """Show what a store holds, how it was made, and which questions fit it."""
    import corpuscope as cs

    render.show(cs.describe_store(cs.open_store(store)), as_json=json)
