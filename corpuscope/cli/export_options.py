"""Options of the commands of `export`: where to, which must be new."""

from pathlib import Path
from typing import Annotated

import typer

from corpuscope.durable import check_new


def _new(path: Path) -> Path:
    """The path, if there is nothing yet; checked before any work is done."""
    check_new(path)
    return path


NewFolder = Annotated[Path, typer.Option("--into", help="A new folder.", callback=_new)]
NewFile = Annotated[Path, typer.Option("--into", help="A new file.", callback=_new)]
