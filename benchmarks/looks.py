"""What clicks of an explorer take, before and after they were made quick.

    python -m benchmarks.looks [N]

A made store of N documents (100,000 unless given; `benchmarks/looks_store.py` says how), in which
the clicks of `benchmarks/looks_clicks.py` are timed by the clock: with the package as it was
before (commit `BEFORE`, in a git worktree that is removed afterwards) and as it is, in turns, each
in a process of its own with one thread.
"""

import json
import os
import subprocess
import sys
import tempfile
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from benchmarks.looks_store import made_store
from benchmarks.results import CACHE, record, table

BEFORE = "f051ddf"
_HERE = Path(__file__).resolve().parents[1]
_ROUNDS = 2

Taken = dict[str, list[float]]


def main() -> None:
    """Make the store, time both versions in turns, and record a table."""
    n = int(sys.argv[1]) if sys.argv[1:] else 100_000
    CACHE.mkdir(parents=True, exist_ok=True)
    store = made_store(CACHE / f"looks-{n}.scope", n)
    before: defaultdict[str, list[float]] = defaultdict(list)
    after: defaultdict[str, list[float]] = defaultdict(list)
    load = os.getloadavg()[0]
    with _worktree(BEFORE) as old:
        for _ in range(_ROUNDS):
            for package, found in ((old, before), (_HERE, after)):
                for name, taken in _clicks(package, store.path).items():
                    found[name] += taken
    rows = [[name, _told(before.get(name)), _told(taken)] for name, taken in after.items()]
    about = (
        f"{n:,} documents, {store.n_strengths:,} strengths, made from sentences of the demo. "
        "Milliseconds by the clock, median / 95th percentile of all turns of both rounds; "
        f'"before" is commit {BEFORE}. A first turn that is kept in the store\'s cache afterwards '
        "stands by itself, first of both rounds: in the second it is there. Names are the "
        f"dictionary's. Other work on the machine: a load of {load:.1f} on {os.cpu_count()} cores."
    )
    record("Looks", [about, "", *table(["click", "before", "after"], rows)])


def _told(taken: list[float] | None) -> str:
    if not taken:
        return ""
    if len(taken) <= _ROUNDS:
        return " then ".join(f"{one:,.0f}" for one in taken)
    return f"{np.median(taken):,.1f} / {np.quantile(taken, 0.95):,.1f}"


def _clicks(package: Path, store: Path) -> Taken:
    script = Path(__file__).with_name("looks_clicks.py")
    demo = store.with_name("demo.scope")
    done = subprocess.run(
        [sys.executable, str(script), str(store), str(demo)],
        env={**os.environ, "PYTHONPATH": str(package), "OMP_NUM_THREADS": "1"},
        stdout=subprocess.PIPE, text=True, check=True,
    )  # fmt: skip
    found: Taken = json.loads(done.stdout)
    return found


@contextmanager
def _worktree(commit: str) -> Iterator[Path]:
    """A checkout of a commit, for as long as the context lasts."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "before"
        git = ["git", "-C", str(_HERE), "worktree"]
        subprocess.run([*git, "add", "--detach", str(path), commit], check=True)
        try:
            yield path
        finally:
            subprocess.run([*git, "remove", "--force", str(path)], check=True)


if __name__ == "__main__":
    main()
