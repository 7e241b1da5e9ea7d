"""`corpuscope llm cache export`."""

from pathlib import Path
from typing import Annotated

import typer

from corpuscope.cli.llm_cache import CacheFile, cache_file, opened
from corpuscope.cli.options import writable
from corpuscope.cli.terminal.text import note


def export(
    into: Annotated[Path, typer.Argument(help="A new file of JSON lines.", callback=writable)],
    cache: CacheFile = None,
) -> None:
    """Write all replies that are kept as lines of JSON into a new file."""
    with opened(cache) as found:
        n = found.save(into)
    note(f"{n:,} replies of {cache_file(cache)} are in {into}; they quote the texts that were read")
