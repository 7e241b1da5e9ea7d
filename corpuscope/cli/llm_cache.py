"""The file of kept replies, for the commands of `llm cache`."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from corpuscope.llm.cache import ReplyCache

CacheFile = Annotated[
    Path | None,
    typer.Option("--cache", help="File of replies. Default: the one in the user's cache."),
]


@contextmanager
def opened(path: Path | None) -> "Iterator[ReplyCache]":
    """The cache in a file, or in the default one, closed at the end.

    A file that is not there is not created: its cache is empty, and in memory.

    Raises:
        InputError: The file is no such cache.
    """
    from corpuscope.llm.cache import ReplyCache

    file = cache_file(path)
    cache = ReplyCache(file if file.exists() else None)
    try:
        yield cache
    finally:
        cache.close()


def cache_file(path: Path | None) -> Path:
    """The file itself, whether it is there or not."""
    from corpuscope.llm.cache import default_cache

    return path or default_cache()
