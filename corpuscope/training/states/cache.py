"""Reads cached states in random order, reproducible by seed.

A slice of every segment is loaded at once, and the slices are shuffled together. Segments were
shuffled when written, so a slice is a random sample of its segment, and memory always holds a
random sample of the whole corpus, whatever its order. A batch is determined by its number alone,
so training can resume in the middle.
"""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import torch

from corpuscope.errors import DictionaryError, NotEnoughData
from corpuscope.sae.config import Moments
from corpuscope.tensor_shapes import States
from corpuscope.training.states.files import (
    TYPES,
    Kept,
    Stream,
    read_states_manifest,
    segment_path,
    shuffled,
    streams_of,
)

_SLICE_BYTES = 64 * 2**20


class StateCache:
    """The states in a folder.

    Raises:
        DictionaryError: There are none, or reading was not finished.
    """

    def __init__(self, folder: str | Path) -> None:
        self._folder = Path(folder)
        manifest = read_states_manifest(self._folder)
        if manifest is None or not manifest["is_complete"]:
            raise DictionaryError(
                f"{self._folder} holds {'no' if manifest is None else 'an unfinished cache of'} "
                "states",
                expected="a finished cache of states",
                next_step="read the corpus (again) into that folder",
            )
        self.settings: dict[str, Any] = manifest["settings"]
        self._position: dict[str, Any] = manifest["position"]
        self._streams = streams_of(manifest)

    @property
    def left_out(self) -> dict[str, int]:
        """How many documents the reader refused, and how many rows had no text."""
        return {
            "refused": int(self._position.get("n_refused", 0)),
            "empty": int(self._position.get("n_empty", 0)),
        }

    @property
    def streams(self) -> tuple[Stream, ...]:
        """The streams it holds."""
        return tuple(Stream(kept.unit, tuple(kept.layers)) for kept in self._streams.values())

    def stream(self, stream: Stream) -> "StateStream":
        """The states of one stream.

        Raises:
            DictionaryError: It has no such stream.
        """
        if stream.name not in self._streams:
            raise DictionaryError(
                f"no states {stream.name} in {self._folder}",
                expected=f"one of {sorted(self._streams)}",
                next_step="read the corpus again with these layers",
            )
        return StateStream(self._folder, stream, self._streams[stream.name])


class StateStream:
    """The states of one stream: training states in random order, and held-out ones."""

    def __init__(self, folder: Path, stream: Stream, kept: Kept) -> None:
        self._folder, self._stream, self._kept = folder, stream, kept

    @property
    def n_units(self) -> int:
        """The number of training states."""
        return sum(self._kept.segments)

    @property
    def n_held_out(self) -> int:
        """The number of held-out states."""
        return sum(self._kept.held_out)

    @property
    def width(self) -> int:
        """The dimension of a state."""
        return self._kept.width

    def moments(self, *, unit_norm: bool) -> Moments:
        """Mean and variance of the training states, raw or normalised to unit length.

        Raises:
            NotEnoughData: There are none.
        """
        self._check(1)
        return (self._kept.unit_norm if unit_norm else self._kept.plain).moments()

    def batches(self, size: int, *, seed: int = 0, first: int = 0) -> Iterator[States]:
        """An endless stream of batches from number `first` on; each epoch in another order.

        The next slice is prefetched in a thread. An incomplete batch at the end of an epoch is
        dropped.

        Raises:
            NotEnoughData: There are fewer states than a batch takes.
        """
        self._check(size)
        per_pass = self.n_units // size
        with ThreadPoolExecutor(1, "states") as pool:
            # Whole slices before batch `first` are skipped by their sizes, without reading them.
            rounds = _Rounds(self, seed, first // per_pass)
            skipped = first % per_pass * size
            coming = pool.submit(rounds.next, skipped)
            now, left_of_pass = first // per_pass, per_pass - first % per_pass
            rest: torch.Tensor | None = None
            while True:
                rows, number = coming.result()
                coming = pool.submit(rounds.next, 0)
                # A new epoch: drop the incomplete batch of the last one.
                if number != now:
                    now, left_of_pass, rest = number, per_pass, None
                rows = rows if rest is None else torch.cat([rest, rows])
                # Epochs have a fixed number of batches, so a batch is found by its number.
                n = min(len(rows) // size, left_of_pass)
                yield from (rows[i * size : (i + 1) * size] for i in range(n))
                left_of_pass -= n
                rest = rows[n * size :]

    def held_out(self, *, at_most: int | None = None) -> Iterator[States]:
        """The held-out states, a segment at a time; subsampled evenly above `at_most`."""
        share = 1.0 if at_most is None else min(1.0, at_most / max(1, self.n_held_out))
        for number, n_rows in enumerate(self._kept.held_out):
            yield self._rows(number, 0, round(share * n_rows), held_out=True)

    def _check(self, size: int) -> None:
        if self.n_units < size:
            raise NotEnoughData(
                f"{self.n_units:,} states {self._stream.name}",
                expected=f"at least {size:,}, one batch",
                next_step="use more text, or smaller batches",
            )

    def _n_slices(self) -> int:
        n_bytes = self.n_units * self.width * TYPES[self._kept.dtype].itemsize
        return max(1, -(-n_bytes // _SLICE_BYTES))

    def _slice(self, number: int, n_slices: int) -> torch.Tensor:
        """Slice `number` of every segment, concatenated."""
        return torch.cat(
            [
                self._rows(segment, begin, end, held_out=False)
                for segment, (begin, end) in enumerate(self._bounds(number, n_slices))
            ]
        )

    def _slice_size(self, number: int, n_slices: int) -> int:
        return sum(end - begin for begin, end in self._bounds(number, n_slices))

    def _bounds(self, number: int, n_slices: int) -> Iterator[tuple[int, int]]:
        """For each segment the first row of its slice, and the one after its last."""
        for n_rows in self._kept.segments:
            yield n_rows * number // n_slices, n_rows * (number + 1) // n_slices

    def _rows(self, segment: int, begin: int, end: int, *, held_out: bool) -> torch.Tensor:
        dtype = TYPES[self._kept.dtype]
        path = segment_path(self._folder, self._stream.name, segment, held_out=held_out)
        of_row = self.width * dtype.itemsize
        # Raw bytes, because numpy has no bfloat16.
        content = np.fromfile(path, np.uint8, (end - begin) * of_row, offset=begin * of_row)
        if content.size != (end - begin) * of_row:
            raise DictionaryError(
                f"{path} is shorter than its manifest says",
                expected="the file as it was written",
                next_step="remove the folder and read the corpus again",
            )
        return torch.from_numpy(content).view(dtype).view(-1, self.width)


class _Rounds:
    """Slices in random order, epoch after epoch."""

    def __init__(self, stream: StateStream, seed: int, number: int) -> None:
        self._stream, self._seed, self._pass = stream, seed, number
        self._left: list[int] = []
        self._n_slices = stream._n_slices()

    def next(self, n_skipped: int) -> tuple[torch.Tensor, int]:
        """The next slice, shuffled, and its epoch, after skipping `n_skipped` rows."""
        while True:
            number, of_pass = self._step()
            n_rows = self._stream._slice_size(number, self._n_slices)
            if n_skipped < n_rows:
                break
            n_skipped -= n_rows
        rows = self._stream._slice(number, self._n_slices)
        # Seeded by epoch and slice, so that any slice can be reproduced on its own.
        return shuffled(rows, [self._seed, of_pass, number])[n_skipped:], of_pass

    def _step(self) -> tuple[int, int]:
        if not self._left:
            order = np.random.default_rng([self._seed, self._pass]).permutation(self._n_slices)
            self._left = order.tolist()
            self._pass += 1
        return self._left.pop(0), self._pass - 1
