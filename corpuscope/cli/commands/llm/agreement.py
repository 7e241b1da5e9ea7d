"""`corpuscope llm agreement`."""

from pathlib import Path
from typing import Annotated

import typer

from corpuscope.cli.options import Json
from corpuscope.cli.render import agreement as render


def agreement(
    folder: Annotated[Path, typer.Argument(help="A batch folder with filled sheets.")],
    json: Json = False,
) -> None:
    """How far do people agree who filled in the same sheets?"""
    from corpuscope.llm.sheets.agreement import agreement

    render.show(agreement(folder), folder=folder, as_json=json)
