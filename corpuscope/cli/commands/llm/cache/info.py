"""`corpuscope llm cache info`."""

from corpuscope.cli.llm_cache import CacheFile, cache_file, opened
from corpuscope.cli.options import Json
from corpuscope.cli.render import cache as render


def info(cache: CacheFile = None, json: Json = False) -> None:
    """Show where replies are kept, how many, and by which models."""
    with opened(cache) as found:
        render.show(
            path=cache_file(cache), n_bytes=found.n_bytes(), by_purpose=found.counts(),
            models=found.models(), as_json=json,
        )  # fmt: skip
