"""What comparing files with their checksums costs: `python -m benchmarks.integrity`.

A store of 50,000 documents with 250 features each, of 1,000 that are different, is asked once with
an empty cache, once in a new opening with a full cache that nobody has compared, and once where
all is remembered. The seconds within the comparisons are counted apart.
"""

import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

import corpuscope as cs
from benchmarks.results import record, table
from corpuscope.corpus.document import Document
from corpuscope.store import cache, integrity
from corpuscope.store.writer import DocumentRecord, StoreWriter
from tests.store.worlds import PROVENANCE, feature_table, word_spans

N_DOCUMENTS, N_DIFFERENT, N_FEATURES, N_EACH, N_WORDS = 50_000, 1_000, 16_384, 250, 150


def main() -> None:
    """Record seconds, bytes and shares."""
    with tempfile.TemporaryDirectory() as scratch:
        path = Path(scratch) / "large.scope"
        _write(path)
        rows = []
        for title in ("empty cache", "full cache, not compared yet", "all remembered"):
            rows.append([title, *_asked(path)])
            print(rows[-1], flush=True)
            if title == "empty cache":
                for log in path.glob("cache/*/checked.log"):
                    log.unlink()
    header = ["state", "seconds of the question", "of these comparing", "share", "MB compared",
              "MB a second"]  # fmt: skip
    text = (f"`diff` by a column, without words, of {N_DOCUMENTS:,} documents with {N_EACH} "
            "features each.")  # fmt: skip
    record("What checksums cost", [text, "", *table(header, rows)])


def _write(path: Path) -> None:
    rng = np.random.default_rng(0)
    words = np.array([f"w{number}" for number in range(5_000)])
    records = [_record(rng, words, at) for at in range(N_DIFFERENT)]
    with StoreWriter(path, provenance=PROVENANCE, features=feature_table(N_FEATURES)) as writer:
        for shard in range(N_DOCUMENTS // N_DIFFERENT):
            writer.add(shard, records, source_digest=str(shard))
        writer.finish()


def _record(rng: np.random.Generator, words: Any, at: int) -> DocumentRecord:
    text = " ".join(rng.choice(words, N_WORDS))
    spans = word_spans(text)
    features = np.sort(rng.choice(N_FEATURES, N_EACH, replace=False)).astype(np.int32)
    return DocumentRecord(
        document=Document(id=str(at), text=text, metadata={"side": "ab"[at % 2]}, roles=()),
        n_tokens=N_WORDS,
        token_spans=spans,
        sentence_spans=np.array([[0, len(text)]], dtype=np.uint32),
        features=features,
        strengths=rng.uniform(0.1, 4, N_EACH).astype(np.float16),
        peaks=rng.integers(0, N_WORDS, N_EACH).astype(np.uint32),
    )


def _asked(path: Path) -> list[object]:
    with _counted() as counts:
        started = time.perf_counter()
        cs.diff(
            cs.open_store(path),
            by="side",
            settings=cs.ComparisonSettings(words=False, rename=False),
        ).to_json()
        seconds = time.perf_counter() - started
    share = counts["seconds"] / seconds
    speed = counts["bytes"] / max(counts["seconds"], 1e-9)
    return [f"{seconds:.1f}", f"{counts['seconds']:.3f}", f"{share:.1%}",
            f"{counts['bytes'] / 1e6:,.0f}", f"{speed / 1e6:,.0f}"]  # fmt: skip


@contextmanager
def _counted() -> Iterator[dict[str, float]]:
    """Seconds within comparisons, and bytes read for them."""
    counts = {"seconds": 0.0, "bytes": 0.0}
    compare, make = integrity.CheckedFiles.is_whole, cache.checksummed  # type: ignore[attr-defined]
    crc32, digest = integrity._crc32, _manifest().digest_of_file

    def timed(work: Callable[..., Any]) -> Callable[..., Any]:
        def call(*arguments: Any) -> Any:
            started = time.perf_counter()
            try:
                return work(*arguments)
            finally:
                counts["seconds"] += time.perf_counter() - started

        return call

    def measured(work: Callable[[Path], str]) -> Callable[[Path], str]:
        def call(path: Path) -> str:
            counts["bytes"] += path.stat().st_size
            return work(path)

        return call

    integrity.CheckedFiles.is_whole = timed(compare)  # type: ignore[method-assign]
    cache.checksummed = timed(make)  # type: ignore[attr-defined]
    integrity._crc32 = measured(crc32)
    _manifest().digest_of_file = measured(digest)
    try:
        yield counts
    finally:
        integrity.CheckedFiles.is_whole = compare  # type: ignore[method-assign]
        cache.checksummed = make  # type: ignore[attr-defined]
        integrity._crc32 = crc32
        _manifest().digest_of_file = digest


def _manifest() -> Any:
    from corpuscope.store import manifest

    return manifest


if __name__ == "__main__":
    main()
