"""`corpuscope llm cache clear`."""

import sys
from typing import Annotated

import typer

from corpuscope.cli.llm_cache import CacheFile, cache_file, opened
from corpuscope.cli.terminal.text import note
from corpuscope.errors import InputError


def clear(
    cache: CacheFile = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask before.")] = False,
) -> None:
    """Forget all replies that are kept. What is asked again is paid for again."""
    path = cache_file(cache)
    with opened(cache) as found:
        n = sum(found.counts().values())
        if n and not yes:
            _ask(f"{n:,} replies in {path} will be lost")
        note(f"{found.clear():,} replies were forgotten in {path}")


def _ask(what: str) -> None:
    if not sys.stdin.isatty():
        raise InputError(what, expected="consent", next_step="add --yes")
    if not typer.confirm(f"{what}. Go on?", err=True):
        raise typer.Exit
