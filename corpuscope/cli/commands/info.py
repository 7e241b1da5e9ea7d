"""`corpuscope info`."""

from pathlib import Path
from typing import Annotated

import typer

from corpuscope.cli.options import (
    Json,
)
from corpuscope.cli.render import info as render


def info(
    store: Annotated[Path, typer.Argument(help="A store's folder.")], json: Json = False
) -> None:
    """Show what a store holds and how it was made."""
    import corpuscope as cs

    render.show(cs.open_store(store), command="info", parameters={}, as_json=json)
