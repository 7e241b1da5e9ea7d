"""The files of a cache of states: a manifest, and segments of each stream.

A segment is as much as fits in memory, shuffled and written in one piece.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch

from corpuscope.errors import DictionaryError, FeatureMismatch
from corpuscope.sae.config import Moments
from corpuscope.sae.dictionary import Unit

FORMAT, VERSION = "corpuscope states", 1
TYPES = {"bfloat16": torch.bfloat16, "float32": torch.float32}


@dataclass(frozen=True, slots=True)
class Stream:
    """Which states: of tokens or sentences, after given layers.

    Attributes:
        unit: "token" or "sentence".
        layers: After which layers; the states of several are concatenated.
    """

    unit: Unit
    layers: tuple[int, ...]

    @property
    def name(self) -> str:
        """The name in folders and messages."""
        return "-".join([self.unit, *map(str, self.layers)])


@dataclass(slots=True)
class Sums:
    """Running sums, in float64, from which mean and variance are computed."""

    n: int = 0
    total: list[float] = field(default_factory=list)
    square: float = 0.0

    def add(self, states: torch.Tensor) -> None:
        """Add states to the sums."""
        exact = states.double()
        total = exact.sum(dim=0)
        before = torch.tensor(self.total, dtype=torch.float64) if self.total else 0.0
        self.total = (total + before).tolist()
        self.square += float(exact.square().sum())
        self.n += len(states)

    def moments(self) -> Moments:
        """Mean and total variance of the states added."""
        mean = torch.tensor(self.total, dtype=torch.float64) / self.n
        # Total variance: E|x|^2 - |E x|^2.
        variance = self.square / self.n - float(mean.square().sum())
        return Moments(mean.float(), max(0.0, variance))


@dataclass(slots=True)
class Kept:
    """What is on disk of one stream.

    Attributes:
        unit: "token" or "sentence".
        layers: After which layers.
        width: Dimension of a state.
        dtype: A key of `TYPES`.
        segments: Number of training states in each segment.
        held_out: Number of states in each held-out segment.
        plain: Sums over the training states.
        unit_norm: Sums over the same, normalised to unit length.
    """

    unit: Unit
    layers: list[int]
    width: int
    dtype: str
    segments: list[int] = field(default_factory=list)
    held_out: list[int] = field(default_factory=list)
    plain: Sums = field(default_factory=Sums)
    unit_norm: Sums = field(default_factory=Sums)


def read_states_manifest(folder: Path) -> dict[str, Any] | None:
    """The manifest in a folder; None for a new or empty one.

    Raises:
        FeatureMismatch: It holds other files.
        DictionaryError: It was written in another format.
    """
    path = folder / "manifest.json"
    if not path.is_file():
        if folder.exists() and any(folder.glob("*")) and not any(folder.glob("*/*.states")):
            raise FeatureMismatch(
                f"{folder} holds files that are not a cache of states",
                expected="a new or empty folder, or a cache of states",
                next_step="choose another folder",
            )
        return None
    manifest = _manifest_in(path)
    if manifest.get("format") != FORMAT or manifest.get("version") != VERSION:
        raise DictionaryError(
            f"{path} is {manifest.get('format')!r}, version {manifest.get('version')}",
            expected=f"{FORMAT!r}, version {VERSION}",
            next_step="choose another folder, or read the corpus again",
        )
    if _KEYS - manifest.keys():
        raise _damaged(path, f"without {', '.join(sorted(_KEYS - manifest.keys()))}")
    return manifest


_KEYS = {"settings", "position", "streams", "is_complete"}


def _manifest_in(path: Path) -> dict[str, Any]:
    try:
        manifest = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise _damaged(path, str(error)) from error
    if not isinstance(manifest, dict):
        raise _damaged(path, "no JSON object")
    return manifest


def _damaged(path: Path, fault: str) -> DictionaryError:
    return DictionaryError(
        f"{path} is damaged ({fault})",
        expected="the manifest of a cache of states",
        next_step="remove the folder, and read the corpus again",
    )


def streams_of(manifest: Mapping[str, Any]) -> dict[str, Kept]:
    """The streams of a manifest by name."""
    return {
        name: Kept(**{**kept, "plain": Sums(**kept["plain"]),
                       "unit_norm": Sums(**kept["unit_norm"])})
        for name, kept in manifest["streams"].items()
    }  # fmt: skip


def segment_path(folder: Path, name: str, number: int, *, held_out: bool) -> Path:
    """The path of a segment."""
    return folder / name / f"{'held-out' if held_out else 'segment'}-{number:05d}.states"


def shuffled(rows: torch.Tensor, seed: Sequence[int]) -> torch.Tensor:
    """The rows in a random order that depends on the seed alone."""
    order = np.random.default_rng(list(seed)).permutation(len(rows))
    return rows[torch.from_numpy(order)]
