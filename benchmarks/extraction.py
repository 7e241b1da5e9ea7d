"""What extraction costs: `python -m benchmarks.extraction`.

Time against the bare stopped forward pass on the same batches in one run, peak memory at 1,000
and at 100,000 documents, and what a store takes on disk and to open.
"""

import itertools
import multiprocessing
import resource
import shutil
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import torch

import corpuscope as cs
from benchmarks.kinds import rows
from benchmarks.results import CACHE, record, table
from corpuscope.corpus.document import Document
from corpuscope.corpus.read import read_corpus
from corpuscope.extraction.progress import Clock
from corpuscope.extraction.records import Extractor
from corpuscope.reader.masks import MaskPolicy
from corpuscope.reader.passages import batches, tokenized
from corpuscope.reader.read import ReadingPlan, loads
from corpuscope.reader.threads import free_cores

SHORT = (
    ("nltk_reviews/pros_cons.jsonl.gz", "text"),
    ("clinc150/queries.jsonl.gz", "text"),
    ("meld_dialogue/utterances.jsonl.gz", "text"),
    ("nltk_reviews/sentence_polarity.jsonl.gz", "text"),
    ("nltk_reviews/subjectivity.jsonl.gz", "text"),
)
"""100,000 short documents."""


def short_documents() -> Iterator[dict[str, str]]:
    """Real short texts with ids of their own."""
    texts = (row[column] for file, column in SHORT for row in rows(file))
    for number, text in enumerate(texts):
        yield {"id": f"{number:06d}", "text": text}


def ratio_to_bare_pass(*, n_documents: int = 150, n_pairs: int = 7) -> None:
    """Seconds to make records over seconds of the bare forward pass, in pairs."""
    torch.set_num_threads(free_cores())
    dictionary, lm = cs.load_dictionary(), cs.load_reader()
    parts = {part.unit: part.layers for part in dictionary.parts}
    plan = ReadingPlan(
        parts["token"], parts["sentence"], context=dictionary.context,
        max_tokens=dictionary.max_tokens, masks=MaskPolicy.from_config(dictionary.masks),
    )  # fmt: skip
    documents = [
        Document(row["id"], row["response"], {})
        for row in itertools.islice(rows("alpaca_eval/responses.jsonl.gz"), n_documents)
        if row["response"].strip()
    ]
    extractor = Extractor(lm, dictionary, plan)
    padded = []
    for sections, _, _ in loads(documents, lm, plan):
        load = tokenized(sections, lm, context=plan.context, max_tokens=plan.max_tokens)
        padded += list(batches(load, lm, batch_tokens=plan.batch_tokens))

    def bare() -> None:
        for batch in padded:
            lm.states(batch.ids, batch.mask, layers=plan.layers)

    def whole() -> None:
        extractor.records(documents, Clock(None, None))

    pairs = [(_seconds(bare), _seconds(whole)) for _ in range(n_pairs + 1)][1:]
    ratios = sorted(b / a for a, b in pairs)
    record(
        "Extraction against the bare stopped forward pass",
        table(
            ["documents", "features", "pairs", "ratio: median", "least", "most"],
            [[len(documents), f"{dictionary.n_features:,}", n_pairs,
              f"{statistics.median(ratios):.2f}", f"{ratios[0]:.2f}", f"{ratios[-1]:.2f}"]],
        ),
    )  # fmt: skip


def peak_memory() -> None:
    """Peak resident memory of an extraction, each in a process of its own."""
    body = []
    for n in (1_000, 100_000):
        with multiprocessing.get_context("spawn").Pool(1) as pool:
            peak, n_nonzeros, n_bytes = pool.apply(_extract_some, (n,))
        body.append([f"{n:,}", f"{peak:.0f}", f"{n_nonzeros:,}", f"{n_bytes / n_nonzeros:.2f}"])
    header = ["documents", "peak MB", "non-zeros stored", "bytes a non-zero on disk"]
    record("Extraction: peak memory, and what a store takes", table(header, body))


def opening_time() -> None:
    """How long a store of 100,000 documents takes to open, in a warm process."""
    path = CACHE / "short-100000.scope"
    times = sorted(_seconds(lambda: cs.open_store(path)) for _ in range(20))
    record(
        "Opening a store of 100,000 documents",
        table(["median ms", "most ms"], [[f"{1e3 * times[10]:.1f}", f"{1e3 * times[-1]:.1f}"]]),
    )


def _extract_some(n: int) -> tuple[float, int, int]:
    path = CACHE / f"short-{n}.scope"
    shutil.rmtree(path, ignore_errors=True)
    file = CACHE / f"short-{n}.jsonl"
    _write_lines(file, itertools.islice(short_documents(), n))
    cs.extract(read_corpus(file), into=path)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    store = cs.open_store(path)
    n_bytes = sum(each.stat().st_size for each in (path / "strengths").iterdir())
    return peak, len(store.strengths().features), n_bytes


def _write_lines(file: Path, found: Iterator[dict[str, str]]) -> None:
    import json

    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("w", encoding="utf-8") as lines:
        lines.writelines(json.dumps(row) + "\n" for row in found)


def _seconds(work: Callable[[], object]) -> float:
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


if __name__ == "__main__":
    wanted = sys.argv[1:] or ["ratio", "memory", "open"]
    if "ratio" in wanted:
        ratio_to_bare_pass()
    if "memory" in wanted:
        peak_memory()
    if "open" in wanted:
        opening_time()
