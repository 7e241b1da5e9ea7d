"""States that nobody read, for measurements that need none that somebody did; and children."""

import json
import subprocess
import sys
from pathlib import Path

import torch

from corpuscope.training.states.files import Stream
from corpuscope.training.states.writer import StateWriter

_ROOT = Path(__file__).resolve().parents[1]
STREAM = Stream("token", (2,))
_SETTINGS = {
    "corpus": {"source": "made up"},
    "reader": {"name": "none", "revision": "1"},
    "context": "sentence",
    "max_tokens": 32,
    "masks": {"special_tokens": "out", "template": "out", "roles": None, "outlier_norm": 10.0},
}


def write_states(
    folder: Path, *, rows: int, width: int, dtype: torch.dtype, segments: int = 1
) -> None:
    """Made-up states of low rank and some noise; a tenth of one segment is held out besides."""
    generator = torch.Generator().manual_seed(0)
    directions = torch.randn(width // 2, width, generator=generator)
    writer = StateWriter(folder, settings=_SETTINGS)

    def some(n: int) -> torch.Tensor:
        fires = torch.rand(n, len(directions), generator=generator) < 0.05
        strengths = fires * torch.rand(n, len(directions), generator=generator)
        noise = 0.05 * torch.randn(n, width, generator=generator)
        return (strengths @ directions + noise).to(dtype)

    for _ in range(segments):
        for _ in range(10):
            writer.add(STREAM, some(rows // 10), held_out=False)
        writer.commit({})
    writer.add(STREAM, some(rows // 10), held_out=True)
    writer.commit({}, is_complete=True)


def started(module: str, work: str, *arguments: object) -> "subprocess.Popen[str]":
    """A fresh Python that does a piece of work of one of these modules."""
    return subprocess.Popen(
        [sys.executable, "-m", f"benchmarks.{module}", work, *map(str, arguments)],
        cwd=_ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip


def said(module: str, work: str, *arguments: object) -> dict[str, float]:
    """What a child says in its last line.

    Raises:
        RuntimeError: It failed.
    """
    running = started(module, work, *arguments)
    out, errors = running.communicate()
    if running.returncode:
        raise RuntimeError(errors)
    found: dict[str, float] = json.loads(out.splitlines()[-1])
    print(work, found, flush=True)
    return found
