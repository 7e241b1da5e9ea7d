"""Writes states to disk; committed segments survive a kill."""

import json
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy.typing as npt
import torch

from corpuscope.durable import write_durably
from corpuscope.errors import DictionaryError, FeatureMismatch
from corpuscope.sae.model import of_length_one
from corpuscope.tensor_shapes import States
from corpuscope.training.states.files import (
    FORMAT,
    TYPES,
    VERSION,
    Kept,
    Stream,
    read_states_manifest,
    segment_path,
    shuffled,
    streams_of,
)

_SEGMENT_BYTES = 128 * 2**20


class StateWriter:
    """Writes states into a folder; an interruption loses only what is not committed.

    Args:
        folder: Created if it does not exist; an unfinished cache is resumed.
        settings: What the states depend on, as JSON values.
        seed: Random seed of the order within segments.

    Raises:
        FeatureMismatch: The folder holds states that were read with other settings.
    """

    def __init__(self, folder: str | Path, *, settings: Mapping[str, Any], seed: int = 0) -> None:
        self._folder = Path(folder)
        self._seed = seed
        self._settings = json.loads(json.dumps(dict(settings), allow_nan=False))
        self._waiting: dict[tuple[str, bool], list[torch.Tensor]] = {}
        self._streams: dict[str, Kept] = {}
        self.position: dict[str, Any] = {}
        self.is_complete = False
        manifest = read_states_manifest(self._folder)
        if manifest is None:
            self._folder.mkdir(parents=True, exist_ok=True)
            return
        _check_settings(self._folder, manifest["settings"], self._settings)
        self._streams = streams_of(manifest)
        self.position = manifest["position"]
        self.is_complete = manifest["is_complete"]

    def add(self, stream: Stream, states: States, *, held_out: bool) -> None:
        """Add states of a stream; held-out ones go to separate segments."""
        if not len(states):
            return
        name = _type_name(states.dtype)
        kept = self._streams.setdefault(
            stream.name, Kept(stream.unit, list(stream.layers), states.shape[1], name)
        )
        # A copy, because a view would keep the whole batch of the reader in memory.
        states = states.detach().to("cpu", copy=True)
        self._waiting.setdefault((stream.name, held_out), []).append(states)
        if not held_out:
            kept.plain.add(states)
            kept.unit_norm.add(of_length_one(states.float(), len(stream.layers)))

    @property
    def is_full(self) -> bool:
        """Whether enough is buffered to commit."""
        waiting = sum(part.nbytes for parts in self._waiting.values() for part in parts)
        return waiting >= _SEGMENT_BYTES

    def commit(self, position: Mapping[str, Any], *, is_complete: bool = False) -> None:
        """Write all that was added to disk.

        Args:
            position: Where to resume; available as `position` after reopening.
            is_complete: Whether this is the last commit.

        Raises:
            StorageFull: The disk is full.
        """
        for (name, held_out), parts in self._waiting.items():
            kept = self._streams[name]
            sizes = kept.held_out if held_out else kept.segments
            rows = shuffled(torch.cat(parts), [self._seed, len(sizes), int(held_out)])
            path = segment_path(self._folder, name, len(sizes), held_out=held_out)
            path.parent.mkdir(exist_ok=True)
            write_durably(path, _as_numbers(rows).data.cast("B"))
            sizes.append(len(rows))
        self._waiting = {}
        self.position, self.is_complete = dict(position), is_complete
        manifest = {
            "format": FORMAT,
            "version": VERSION,
            "settings": self._settings,
            "position": self.position,
            "is_complete": is_complete,
            "streams": {name: asdict(kept) for name, kept in self._streams.items()},
        }
        # The manifest comes last: segments that it does not list are ignored after a kill.
        content = json.dumps(manifest, indent=1).encode()
        write_durably(self._folder / "manifest.json", memoryview(content))


def _as_numbers(rows: torch.Tensor) -> npt.NDArray[Any]:
    # The bits as integers, because numpy has no bfloat16.
    bits = torch.int16 if rows.dtype == torch.bfloat16 else torch.int32
    return rows.contiguous().view(bits).numpy()


def _type_name(dtype: torch.dtype) -> str:
    name = str(dtype).removeprefix("torch.")
    if name not in TYPES:
        raise DictionaryError(
            f"states of type {name}",
            expected=f"one of {sorted(TYPES)}",
            next_step="load the reader in one of these types",
        )
    return name


def _check_settings(folder: Path, found: Mapping[str, Any], wanted: Mapping[str, Any]) -> None:
    other = sorted(key for key in {*found, *wanted} if found.get(key) != wanted.get(key))
    if other:
        raise FeatureMismatch(
            f"the states in {folder} were read with different {', '.join(other)}",
            expected="the settings that the cache was started with",
            next_step="choose another folder",
        )
