"""The pair counts against a sparse product: `python -m benchmarks.cooccurrence [--small]`.

100,000 documents, 65,536 features of lognormal rates, 300 in a document; every tenth feature
shares half of its documents with the one before. NPMI above 0.3. Both ways in one run, each in
a process of its own, so that its peak memory is its own.
"""

import argparse
import hashlib
import multiprocessing
import resource
import time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import scipy.sparse as sp

from benchmarks.results import record, table
from corpuscope.statistics.pairs.cooccurrence import frequent_pairs

MIN_NPMI, MIN_SUPPORT = 0.3, 10
RELATED = 10
ROUNDS = 3


def made(n_documents: int, n_features: int, n_each: int) -> sp.csr_array:
    """The presence matrix."""
    generator = np.random.default_rng(0)
    rates = generator.lognormal(0, 1.5, n_features)
    rates = np.minimum(rates * n_each / rates.sum(), 0.5)
    columns: list[np.ndarray[Any, Any]] = []
    for number, rate in enumerate(rates):
        n = max(1, min(generator.poisson(rate * n_documents), n_documents // 2))
        rows = generator.choice(n_documents, n, replace=False)
        if number % RELATED == 1:
            before = columns[-1]
            rows = np.unique(np.concatenate([before[: len(before) // 2], rows[: len(rows) // 2]]))
        columns.append(rows)
    starts = np.cumsum([0, *map(len, columns)])
    by_column = sp.csc_array(
        (np.ones(starts[-1], np.bool_), np.concatenate(columns), starts),
        shape=(n_documents, n_features),
    )
    return sp.csr_array(by_column)


def counted(folder: Path, compiled: bool, answers: "multiprocessing.Queue[Any]") -> None:
    """In a process of its own: seconds, peak memory, and a digest of the pairs."""
    matrix = sp.csr_array(sp.load_npz(folder / "presence.npz"))
    before = _peak()
    if compiled:
        frequent_pairs(matrix[:100], min_npmi=MIN_NPMI)
    seconds = []
    for _ in range(ROUNDS if compiled else 1):
        begun = time.perf_counter()
        found = frequent_pairs(matrix, min_npmi=MIN_NPMI, min_support=MIN_SUPPORT,
                               compiled=compiled)  # fmt: skip
        seconds.append(time.perf_counter() - begun)
    triples = np.stack([found.left, found.right, found.both])
    digest = hashlib.blake2b(triples.tobytes()).hexdigest()
    answers.put((min(seconds), _peak(), before, len(found), digest))


def _peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6


def main(*, small: bool) -> None:
    """Record both."""
    sizes = (10_000, 8_192, 100) if small else (100_000, 65_536, 300)
    matrix = made(*sizes)
    context = multiprocessing.get_context("spawn")
    found = {}
    with TemporaryDirectory() as place:
        sp.save_npz(Path(place) / "presence.npz", matrix, compressed=False)
        for name, compiled in (("kernel", True), ("sparse product", False)):
            answers: multiprocessing.Queue[Any] = context.Queue()
            process = context.Process(target=counted, args=(Path(place), compiled, answers))
            process.start()
            found[name] = answers.get()
            process.join()
    is_same = found["kernel"][3:] == found["sparse product"][3:]
    slow = found["sparse product"][0]
    body = [
        [name, f"{seconds:.1f}", f"{slow / seconds:.1f}", f"{peak:.2f} GB", f"{before:.2f} GB",
         f"{n:,}"]
        for name, (seconds, peak, before, n, *_) in found.items()
    ]  # fmt: skip
    increments = int((np.asarray(matrix.sum(axis=1), dtype=np.float64) ** 2).sum() / 2)
    lines = [
        f"{sizes[0]:,} documents, {sizes[1]:,} features, {matrix.nnz / sizes[0]:.0f} in a "
        f"document, NPMI above {MIN_NPMI}, in {MIN_SUPPORT} documents or more; {increments:.2g} "
        f"pairs in documents have to be counted. The pairs are the same: {is_same}.",
        "",
        *table(["", "seconds", "times faster", "peak memory", "of it the matrix", "pairs"], body),
    ]
    record("Pair counts", lines)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--small", action="store_true")
    main(small=parser.parse_args().small)
