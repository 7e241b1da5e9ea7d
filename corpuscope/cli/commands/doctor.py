"""`corpuscope doctor`."""

from pathlib import Path
from typing import Annotated

import typer

from corpuscope.cli.options import Json
from corpuscope.cli.render import doctor as render


def doctor(
    llm: Annotated[
        str | None,
        typer.Option("--llm", help="Also ask this language model what it can do; two requests."),
    ] = None,
    llm_url: Annotated[
        str | None, typer.Option("--llm-url", help="Its address. Default: OPENAI_BASE_URL.")
    ] = None,
    llm_tokens: Annotated[
        int, typer.Option("--llm-tokens", min=100, help="Length of the prompt that it must read.")
    ] = 4_000,
    json: Json = False,
) -> None:
    """Check the installation. Uses no network, unless a language model is named."""
    from corpuscope.cli.environment import examine, examine_llm

    found = examine(Path.cwd())
    if llm is not None:
        examine_llm(found, llm, llm_url, n_tokens=llm_tokens)
    render.show(found, as_json=json)
