"""What memory training takes: `python -m benchmarks.training_memory`.

Every run of the trainer is a fresh Python. Ends with an error if one took more memory than it
may.
"""

import json
import os
import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

import torch

from benchmarks.made_up_states import STREAM, said, write_states
from benchmarks.results import record, table
from corpuscope.sae.config import Recipe, StepReport
from corpuscope.sae.objectives import BatchTopKObjective
from corpuscope.training.runs import learn
from corpuscope.training.states.cache import StateCache

LARGE = Recipe(16_384, BatchTopKObjective(32), n_steps=40, batch_size=2048, bf16=True)
WIDTH, ROWS, SEGMENTS, COPIES = 384, 200_000, 5, 100
MOST_MEGABYTES = 3000


def memory() -> bool:
    """Peak memory with a million cached states, and with a hundred times as many."""
    with TemporaryDirectory() as folder:
        cache = Path(folder) / "states"
        said("training_memory", "_write_large", cache)
        body, peaks = [], []
        for copies in (1, COPIES):
            _multiply(cache, copies)
            found = said("training_memory", "_memory", cache, Path(folder) / f"run-{copies}")
            n_units = found["n_units"]
            middle = n_units // LARGE.batch_size // 2
            seconds = [
                said("training_memory", "_first_batch", cache, first)["seconds"]
                for first in (0, middle)
            ]
            peaks.append(found["peak"])
            body.append([
                f"{n_units:,}", f"{2e-9 * n_units * WIDTH:.1f}", f"{found['begun']:.0f}",
                f"{found['learned']:.0f}", f"{found['peak']:.0f}", f"{seconds[0]:.2f}",
                f"{seconds[1]:.2f}",
            ])  # fmt: skip
    record(
        "Training: memory with 100 million cached tokens",
        [
            f"{LARGE.n_features:,} features, BatchTopK, k = 32, {LARGE.n_steps} batches of "
            f"{LARGE.batch_size:,} in bfloat16 on a processor, a checkpoint after 20 and 40 steps, "
            "then presence thresholds and the evaluation. Peaks are of the whole process "
            f"(ru_maxrss), the limit is {MOST_MEGABYTES:,} MB. The states are made up, of width "
            f"{WIDTH} in bfloat16, with 20,000 held out. Only {SEGMENTS} segments of {ROWS:,} "
            f"are real files: the large cache has each of them {COPIES} times, as hard links, so "
            "its seconds are those of files that lie in memory, and a disk adds its own.",
            "",
            *table(
                ["cached states", "nominal GB", "peak MB after the first step",
                 "peak MB after the last step", "peak MB to the end", "seconds to the first batch",
                 "seconds to it from the middle of a pass"],
                body,
            ),
        ],
    )  # fmt: skip
    return max(peaks) <= MOST_MEGABYTES


def _multiply(cache: Path, copies: int) -> None:
    """Have each segment so many times, in the manifest and as links to the same files."""
    path = cache / "manifest.json"
    manifest = json.loads(path.read_text(encoding="utf-8"))
    (kept,) = manifest["streams"].values()
    files = sorted(cache.glob("*/segment-*.states"))
    for number in range(len(files), copies * len(files)):
        os.link(files[number % len(files)], files[0].with_name(f"segment-{number:05d}.states"))
    kept["segments"] *= copies
    for sums in (kept["plain"], kept["unit_norm"]):
        sums["n"] *= copies
        sums["square"] *= copies
        sums["total"] = [copies * value for value in sums["total"]]
    path.write_text(json.dumps(manifest), encoding="utf-8")


def _memory(cache: str, into: str) -> None:
    seen: dict[str, float] = {"n_units": StateCache(cache).stream(STREAM).n_units}

    def look(_name: str, report: StepReport) -> None:
        if report.step == 0:
            seen["begun"] = _peak()
        seen["learned"] = _peak()

    learn(cache, {"large": LARGE}, into=into, checkpoint_every=20, device="cpu", progress=look)
    print(json.dumps({**seen, "peak": _peak()}))


def _first_batch(cache: str, first: str) -> None:
    begun = time.perf_counter()
    batches = StateCache(cache).stream(STREAM).batches(LARGE.batch_size, first=int(first))
    next(batches)
    print(json.dumps({"seconds": time.perf_counter() - begun}))


def _peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6


def _write_large(cache: str) -> None:
    # In a process of its own: a child's ru_maxrss begins with its parent's.
    write_states(Path(cache), rows=ROWS, width=WIDTH, dtype=torch.bfloat16, segments=SEGMENTS)
    print(json.dumps({"peak": _peak()}))


_CHILDREN: dict[str, Callable[..., None]] = {
    "_memory": _memory,
    "_first_batch": _first_batch,
    "_write_large": _write_large,
}

if __name__ == "__main__":
    if sys.argv[1:]:
        _CHILDREN[sys.argv[1]](*sys.argv[2:])
    elif not memory():
        sys.exit("more memory than it may take")
