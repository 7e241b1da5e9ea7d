"""States on disk, read back in random order, the same order for the same seed.

States are kept in segments: as many as fit into memory, shuffled, then written in one piece.
Reading takes a slice of every segment at once and shuffles the slices together. A slice is a
random part of its segment, so what is in memory is a random part of all that was read, whatever
the order of the corpus. A batch is found again by its number alone, so that learning can go on
in the middle.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch

from corpuscope.errors import DictionaryError, FeatureMismatch, NotEnoughData
from corpuscope.sae.dictionary import Unit
from corpuscope.sae.model import of_length_one
from corpuscope.sae.recipe import Moments
from corpuscope.store.durable import write_durably
from corpuscope.tensor_shapes import States

FORMAT, VERSION = "corpuscope states", 1
_SEGMENT_BYTES = 128 * 2**20
_SLICE_BYTES = 64 * 2**20
_TYPES = {"bfloat16": torch.bfloat16, "float32": torch.float32}


@dataclass(frozen=True, slots=True)
class Stream:
    """One kind of states.

    Attributes:
        unit: What they belong to: "token" or "sentence".
        layers: After which layers; put end to end.
    """

    unit: Unit
    layers: tuple[int, ...]

    @property
    def name(self) -> str:
        """As folders and messages call it."""
        return "-".join([self.unit, *map(str, self.layers)])


@dataclass(slots=True)
class _Sums:
    """What moments are made of, in float64, of states as they are or divided by their lengths."""

    n: int = 0
    total: list[float] = field(default_factory=list)
    square: float = 0.0

    def add(self, states: torch.Tensor) -> None:
        exact = states.double()
        total = exact.sum(dim=0)
        before = torch.tensor(self.total, dtype=torch.float64) if self.total else 0.0
        self.total = (total + before).tolist()
        self.square += float(exact.square().sum())
        self.n += len(states)

    def moments(self) -> Moments:
        mean = torch.tensor(self.total, dtype=torch.float64) / self.n
        variance = self.square / self.n - float(mean.square().sum())
        return Moments(mean.float(), max(0.0, variance))


@dataclass(slots=True)
class _Kept:
    """What is on disk of one stream."""

    unit: Unit
    layers: list[int]
    width: int
    dtype: str
    segments: list[int] = field(default_factory=list)
    held_out: list[int] = field(default_factory=list)
    plain: _Sums = field(default_factory=_Sums)
    unit_norm: _Sums = field(default_factory=_Sums)


class StateWriter:
    """Puts states into a folder; what is not committed is lost when it is cut short.

    Args:
        folder: Made if it is not there; a cache that was cut short is gone on with.
        settings: What the states depend on, as JSON values.
        seed: Of the order in segments.

    Raises:
        FeatureMismatch: The folder holds states that were read in another way.
    """

    def __init__(self, folder: str | Path, *, settings: Mapping[str, Any], seed: int = 0) -> None:
        self._folder = Path(folder)
        self._seed = seed
        self._settings = json.loads(json.dumps(dict(settings), allow_nan=False))
        self._waiting: dict[tuple[str, bool], list[torch.Tensor]] = {}
        self._streams: dict[str, _Kept] = {}
        self.position: dict[str, Any] = {}
        self.is_complete = False
        manifest = _manifest(self._folder)
        if manifest is None:
            self._folder.mkdir(parents=True, exist_ok=True)
            return
        _check_settings(self._folder, manifest["settings"], self._settings)
        self._streams = _streams(manifest)
        self.position = manifest["position"]
        self.is_complete = manifest["is_complete"]

    def add(self, stream: Stream, states: States, *, held_out: bool) -> None:
        """States of a stream; those held out are kept apart and never learned from."""
        if not len(states):
            return
        name = _type_name(states.dtype)
        kept = self._streams.setdefault(
            stream.name, _Kept(stream.unit, list(stream.layers), states.shape[1], name)
        )
        states = states.detach().to("cpu", copy=True)
        self._waiting.setdefault((stream.name, held_out), []).append(states)
        if not held_out:
            kept.plain.add(states)
            kept.unit_norm.add(of_length_one(states.float(), len(stream.layers)))

    @property
    def is_full(self) -> bool:
        """Whether it is time to commit."""
        waiting = sum(part.nbytes for parts in self._waiting.values() for part in parts)
        return waiting >= _SEGMENT_BYTES

    def commit(self, position: Mapping[str, Any], *, is_complete: bool = False) -> None:
        """Bring all that was added to the disk.

        Args:
            position: Where to go on after a kill; found in `position` then.
            is_complete: Whether nothing more will come.

        Raises:
            StorageFull: There is no room.
        """
        for (name, held_out), parts in self._waiting.items():
            kept = self._streams[name]
            sizes = kept.held_out if held_out else kept.segments
            rows = _shuffled(torch.cat(parts), [self._seed, len(sizes), int(held_out)])
            path = _segment_path(self._folder, name, len(sizes), held_out=held_out)
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
        content = json.dumps(manifest, indent=1).encode()
        write_durably(self._folder / "manifest.json", memoryview(content))


class StateCache:
    """The states in a folder.

    Raises:
        DictionaryError: There are none, or not all that were to come.
    """

    def __init__(self, folder: str | Path) -> None:
        self._folder = Path(folder)
        manifest = _manifest(self._folder)
        if manifest is None or not manifest["is_complete"]:
            raise DictionaryError(
                f"{self._folder} holds {'no' if manifest is None else 'an unfinished cache of'} "
                "states",
                expected="a finished cache of states",
                next_step="read the corpus (again) into that folder",
            )
        self.settings: dict[str, Any] = manifest["settings"]
        self._position: dict[str, Any] = manifest["position"]
        self._streams = _streams(manifest)

    @property
    def left_out(self) -> dict[str, int]:
        """How many documents the reader refused, and how many rows had no text."""
        return {
            "refused": int(self._position.get("n_refused", 0)),
            "empty": int(self._position.get("n_empty", 0)),
        }

    @property
    def streams(self) -> tuple[Stream, ...]:
        """What kinds of states it holds."""
        return tuple(Stream(kept.unit, tuple(kept.layers)) for kept in self._streams.values())

    def stream(self, stream: Stream) -> "StateStream":
        """The states of one kind.

        Raises:
            DictionaryError: It has none of that kind.
        """
        if stream.name not in self._streams:
            raise DictionaryError(
                f"no states {stream.name} in {self._folder}",
                expected=f"one of {sorted(self._streams)}",
                next_step="read the corpus again with these layers",
            )
        return StateStream(self._folder, stream, self._streams[stream.name])


class StateStream:
    """States of one kind, in random order and those held out."""

    def __init__(self, folder: Path, stream: Stream, kept: _Kept) -> None:
        self._folder, self._stream, self._kept = folder, stream, kept

    @property
    def n_units(self) -> int:
        """How many states there are to learn from."""
        return sum(self._kept.segments)

    @property
    def n_held_out(self) -> int:
        """How many are held out."""
        return sum(self._kept.held_out)

    @property
    def width(self) -> int:
        """How long a state is."""
        return self._kept.width

    def moments(self, *, unit_norm: bool) -> Moments:
        """Of all states to learn from, as they are or each divided by its length.

        Raises:
            NotEnoughData: There are none.
        """
        self._check(1)
        return (self._kept.unit_norm if unit_norm else self._kept.plain).moments()

    def batches(self, size: int, *, seed: int = 0, first: int = 0) -> Iterator[States]:
        """Batches without end, from number `first` on; each pass in another order.

        The next states are fetched while the ones before are used. What does not fill a batch
        at the end of a pass is left out of it.

        Raises:
            NotEnoughData: There are fewer states than a batch takes.
        """
        self._check(size)
        per_pass = self.n_units // size
        with ThreadPoolExecutor(1, "states") as pool:
            rounds = _Rounds(self, seed, first // per_pass)
            skipped = first % per_pass * size
            coming = pool.submit(rounds.next, skipped)
            now, left_of_pass = first // per_pass, per_pass - first % per_pass
            rest: torch.Tensor | None = None
            while True:
                rows, number = coming.result()
                coming = pool.submit(rounds.next, 0)
                if number != now:
                    now, left_of_pass, rest = number, per_pass, None
                rows = rows if rest is None else torch.cat([rest, rows])
                n = min(len(rows) // size, left_of_pass)
                yield from (rows[i * size : (i + 1) * size] for i in range(n))
                left_of_pass -= n
                rest = rows[n * size :]

    def held_out(self, *, at_most: int | None = None) -> Iterator[States]:
        """Those held out, a segment at a time; of each the same share where they are too many."""
        share = 1.0 if at_most is None else min(1.0, at_most / max(1, self.n_held_out))
        for number, n_rows in enumerate(self._kept.held_out):
            yield self._rows(number, 0, round(share * n_rows), held_out=True)

    def _check(self, size: int) -> None:
        if self.n_units < size:
            raise NotEnoughData(
                f"{self.n_units:,} states {self._stream.name}",
                expected=f"at least {size:,}, one batch",
                next_step="bring more text, or make batches smaller",
            )

    def _n_slices(self) -> int:
        n_bytes = self.n_units * self.width * _TYPES[self._kept.dtype].itemsize
        return max(1, -(-n_bytes // _SLICE_BYTES))

    def _slice(self, number: int, n_slices: int) -> torch.Tensor:
        """The part with that number of every segment, end to end."""
        return torch.cat(
            [
                self._rows(segment, begin, end, held_out=False)
                for segment, (begin, end) in enumerate(self._bounds(number, n_slices))
            ]
        )

    def _slice_size(self, number: int, n_slices: int) -> int:
        return sum(end - begin for begin, end in self._bounds(number, n_slices))

    def _bounds(self, number: int, n_slices: int) -> Iterator[tuple[int, int]]:
        """Of each segment the first row of its part, and the one after its last."""
        for n_rows in self._kept.segments:
            yield n_rows * number // n_slices, n_rows * (number + 1) // n_slices

    def _rows(self, segment: int, begin: int, end: int, *, held_out: bool) -> torch.Tensor:
        dtype = _TYPES[self._kept.dtype]
        path = _segment_path(self._folder, self._stream.name, segment, held_out=held_out)
        of_row = self.width * dtype.itemsize
        content = np.fromfile(path, np.uint8, (end - begin) * of_row, offset=begin * of_row)
        if content.size != (end - begin) * of_row:
            raise DictionaryError(
                f"{path} is shorter than its manifest says",
                expected="the file as it was written",
                next_step="remove the folder and read the corpus again",
            )
        return torch.from_numpy(content).view(dtype).view(-1, self.width)


class _Rounds:
    """Slices in the order of a pass, pass after pass."""

    def __init__(self, stream: StateStream, seed: int, number: int) -> None:
        self._stream, self._seed, self._pass = stream, seed, number
        self._left: list[int] = []
        self._n_slices = stream._n_slices()

    def next(self, n_skipped: int) -> tuple[torch.Tensor, int]:
        """The shuffled rows of the next slice after so many rows, and of which pass it is."""
        while True:
            number, of_pass = self._step()
            n_rows = self._stream._slice_size(number, self._n_slices)
            if n_skipped < n_rows:
                break
            n_skipped -= n_rows
        rows = self._stream._slice(number, self._n_slices)
        return _shuffled(rows, [self._seed, of_pass, number])[n_skipped:], of_pass

    def _step(self) -> tuple[int, int]:
        if not self._left:
            order = np.random.default_rng([self._seed, self._pass]).permutation(self._n_slices)
            self._left = order.tolist()
            self._pass += 1
        return self._left.pop(0), self._pass - 1


def _shuffled(rows: torch.Tensor, seed: Sequence[int]) -> torch.Tensor:
    order = np.random.default_rng(list(seed)).permutation(len(rows))
    return rows[torch.from_numpy(order)]


def _as_numbers(rows: torch.Tensor) -> npt.NDArray[Any]:
    bits = torch.int16 if rows.dtype == torch.bfloat16 else torch.int32
    return rows.contiguous().view(bits).numpy()


def _type_name(dtype: torch.dtype) -> str:
    name = str(dtype).removeprefix("torch.")
    if name not in _TYPES:
        raise DictionaryError(
            f"states of type {name}",
            expected=f"one of {sorted(_TYPES)}",
            next_step="load the reader with that number type",
        )
    return name


def _segment_path(folder: Path, name: str, number: int, *, held_out: bool) -> Path:
    return folder / name / f"{'held-out' if held_out else 'segment'}-{number:05d}.states"


def _manifest(folder: Path) -> dict[str, Any] | None:
    path = folder / "manifest.json"
    if not path.is_file():
        if folder.exists() and any(folder.glob("*")) and not any(folder.glob("*/*.states")):
            raise FeatureMismatch(
                f"{folder} holds something else than states",
                expected="a new or empty folder, or a cache of states",
                next_step="choose another folder",
            )
        return None
    manifest: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    if manifest.get("format") != FORMAT or manifest.get("version") != VERSION:
        raise DictionaryError(
            f"{path} is {manifest.get('format')!r}, version {manifest.get('version')}",
            expected=f"{FORMAT!r}, version {VERSION}",
            next_step="choose another folder, or read the corpus again",
        )
    return manifest


def _streams(manifest: Mapping[str, Any]) -> dict[str, _Kept]:
    return {
        name: _Kept(**{**kept, "plain": _Sums(**kept["plain"]),
                       "unit_norm": _Sums(**kept["unit_norm"])})
        for name, kept in manifest["streams"].items()
    }  # fmt: skip


def _check_settings(folder: Path, found: Mapping[str, Any], wanted: Mapping[str, Any]) -> None:
    other = sorted(key for key in {*found, *wanted} if found.get(key) != wanted.get(key))
    if other:
        raise FeatureMismatch(
            f"the states in {folder} were read with other {', '.join(other)}",
            expected="the settings that the cache was begun with",
            next_step="choose another folder",
        )
