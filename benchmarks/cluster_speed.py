"""Time and memory of grouping made-up documents: `python -m benchmarks.cluster_speed`.

Documents of eight kinds, 300 features, some 14 in each. 10,000 by all affinities, each step
beside the Jaccard matrix alone (ours, and a sparse product of SciPy's); 20,000 by neighbours,
with how many of the exact ones are found. `python -m benchmarks.cluster_speed many` takes
1,000,000, with their peak memory.
"""

import resource
import sys
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import scipy.sparse as sp
from sklearn.metrics import adjusted_rand_score

from benchmarks.results import record, table
from corpuscope.analyses.cluster.partition import BySharedFeatures
from corpuscope.analyses.cluster.stability import resampled, some_of, structure_of
from corpuscope.statistics.similarity.jaccard import weighted_jaccard
from corpuscope.statistics.similarity.neighbours import nearest_documents

N_KINDS, N_FEATURES = 8, 300
MANY = 1_000_000


def world(n: int) -> tuple[sp.csr_array, np.ndarray]:
    """Presence, and the kind of each document."""
    rng = np.random.default_rng(0)
    kinds = rng.integers(N_KINDS, size=n)
    rates = np.where(rng.random((N_KINDS, N_FEATURES)) < 0.08, 0.4, 0.02)
    blocks = [
        sp.csr_array(rng.random((len(some), N_FEATURES), dtype=np.float32) < rates[some])
        for some in np.array_split(kinds, max(1, n // 20_000))
    ]
    return sp.csr_array(sp.vstack(blocks)).astype(np.float32), kinds


def timed(work: Callable[[], Any]) -> tuple[float, Any]:
    begun = time.perf_counter()
    found = work()
    return time.perf_counter() - begun, found


def by_scipy(presence: sp.csr_array) -> np.ndarray:
    shared = (presence @ presence.T).toarray()
    sizes = shared.diagonal()
    found: np.ndarray = shared / np.maximum(sizes[:, None] + sizes[None] - shared, 1)
    return found


def ten_thousand() -> list[list[object]]:
    presence, kinds = world(10_000)
    partitioner = BySharedFeatures(presence, np.ones(N_FEATURES), 0)
    weighted_jaccard(presence[:10])
    alone, _ = timed(lambda: weighted_jaccard(presence))
    slow, _ = timed(lambda: by_scipy(presence))
    whole, found = timed(lambda: partitioner.whole(N_KINDS))
    rows = some_of(10_000, 0)
    given, _ = timed(lambda: resampled(partitioner, rows, [N_KINDS], seed=0))
    chosen, _ = timed(lambda: resampled(partitioner, rows, range(2, 13), seed=0))
    lengths = np.full(len(rows), 100)
    null, _ = timed(
        lambda: structure_of(
            partitioner, presence[rows], lengths, n=N_KINDS, of_axis=np.ones(N_FEATURES), seed=0
        )
    )
    rand = adjusted_rand_score(kinds, found.labels)
    steps = {
        "the Jaccard matrix alone": alone,
        "the same by a sparse product of SciPy's": slow,
        f"groups, all of it (adjusted Rand {rand:.3f})": whole,
        "stability of a given number": given,
        "choosing among 2 to 12": chosen,
        "the null": null,
    }
    return [[name, f"{value:.1f}", f"{value / alone:.1f}"] for name, value in steps.items()]


def recall() -> str:
    presence, _ = world(20_000)
    weights = np.ones(N_FEATURES)
    seconds, (_, affinity) = timed(lambda: nearest_documents(presence, weights))
    exact = weighted_jaccard(presence)
    np.fill_diagonal(exact, -1)
    fifteenth = np.concatenate(
        [np.partition(block, -15, axis=1)[:, -15] for block in np.array_split(exact, 20)]
    )
    found = (affinity >= fifteenth[:, None] - 1e-6).mean()
    return (
        f"Neighbours of 20,000 documents: {seconds:.0f} s; {found:.1%} of the 15 found are as near "
        "as the 15th of all."
    )


def many() -> None:
    presence, kinds = world(MANY)
    before = _peak()
    seconds, found = timed(lambda: BySharedFeatures(presence, np.ones(N_FEATURES), 0).whole(8))
    rand = adjusted_rand_score(kinds, found.labels)
    record(
        "Clusters: a million documents",
        [
            f"{MANY:,} documents in {N_KINDS} groups by neighbours and communities: {seconds:.0f} "
            f"s, peak memory {_peak():.1f} GB ({before:.1f} GB when the documents were made), "
            f"adjusted Rand {rand:.3f}."
        ],
    )


def _peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6


def main() -> None:
    body = ten_thousand()
    record(
        "Clusters: time and memory",
        [
            "10,000 documents, one core:",
            "",
            *table(["step", "seconds", "times the matrix alone"], body),
            "",
            recall(),
        ],
    )


if __name__ == "__main__":
    many() if sys.argv[1:] == ["many"] else main()
