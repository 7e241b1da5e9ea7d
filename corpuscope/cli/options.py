"""Options that several commands share."""

from pathlib import Path
from typing import Annotated

import typer

Json = Annotated[bool, typer.Option("--json", help="One JSON object on standard output.")]

_PICTURES = (".png", ".svg", ".pdf")


def picture(path: Path | None) -> Path | None:
    """The path, if a plot can be drawn there."""
    if path is not None and path.suffix.lower() not in _PICTURES:
        raise typer.BadParameter(f"{path} ends with none of {', '.join(_PICTURES)}")
    return path
