"""Pooled states and features of a store's documents, kept in the store's cache."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

from corpuscope.errors import StoreDamaged
from corpuscope.extras import check_torch
from corpuscope.probing.matrices.pooling import ALWAYS
from corpuscope.probing.models.csr_on_disk import SparseRows, of_columns
from corpuscope.store.cache import check_starts, mapped, new_array
from corpuscope.store.matrix import csr_of
from corpuscope.store.store import Store

if TYPE_CHECKING:
    from corpuscope.extraction.progress import Report
    from corpuscope.reader.language_model import LanguageModel
    from corpuscope.sae.dictionary import Dictionary

_VERSION = 2
_SIDES = ("states", "reconstruction", "error")
_SPARSE = ("values", "columns", "counts")


@dataclass(frozen=True, eq=False)
class PooledStore:
    """Pooled states and features of a store's documents, as a folder of arrays.

    Attributes:
        folder: Where the arrays are.
        n_documents: How many documents there are.
        parts: The first feature and the number of features of each unit's part.
    """

    folder: Path
    n_documents: int
    parts: dict[str, tuple[int, int]]
    _last: dict[tuple[str, str], sp.csr_array] = field(default_factory=dict, repr=False)

    def dense(self, unit: str, pooling: str, side: str) -> npt.NDArray[np.float16]:
        """Documents x width; `side` is states, reconstruction or error."""
        found: npt.NDArray[np.float16] = mapped(self.folder, f"{unit}-{pooling}-{side}")
        return found.reshape(self.n_documents, -1)

    def features(self, unit: str, pooling: str) -> sp.csr_array:
        """Documents x features of the unit's part; the last result is kept in memory."""
        if (unit, pooling) not in self._last:
            # Keep one matrix only: consecutive probes share it, and they are large.
            self._last.clear()
            self._last[unit, pooling] = self._read_features(unit, pooling)
        return self._last[unit, pooling]

    def _read_features(self, unit: str, pooling: str) -> sp.csr_array:
        values, columns, counts = self._sparse(f"{unit}-{pooling}-features")
        # Rows were appended as counts; CSR needs offsets.
        starts = np.concatenate([[0], np.cumsum(counts)])
        check_starts(starts, n_runs=self.n_documents, n_entries=len(values))
        matrix: sp.csr_array = csr_of(
            values.astype(np.float32), columns, starts, self.parts[unit][1]
        )
        return matrix

    def _sparse(self, name: str) -> tuple[npt.NDArray[Any], ...]:
        return tuple(mapped(self.folder, f"{name}-{kind}") for kind in _SPARSE)

    def token_features(self, wanted: npt.NDArray[np.int64]) -> SparseRows:
        """Activations on the kept tokens: tokens x the wanted features of the token part."""
        arrays = self._sparse("tokens-features")
        return of_columns(*arrays, wanted=wanted, n_columns=self.parts["token"][1])

    def tokens(self) -> tuple[npt.NDArray[np.float16], npt.NDArray[np.int64]]:
        """States of the kept tokens of all documents, concatenated, and each document's count."""
        counts = mapped(self.folder, "n-tokens")
        width = self.dense("token", "mean", "states").shape[1]
        return mapped(self.folder, "tokens").reshape(-1, width), counts


def open_pooled(
    store: Store,
    *,
    positions: Sequence[str] = (),
    tokens: bool = False,
    dictionary: "str | Path | Dictionary" = "builtin",
    reader: "LanguageModel | None" = None,
    progress: "Report | bool | None" = None,
) -> PooledStore:
    """A store's pooled states and features; computed on the first call, then cached.

    Args:
        store: Whose documents. For several joined stores, each caches its own, and the first
            one also caches the concatenation.
        positions: Poolings in addition to mean, max and last, such as `position=3`.
        tokens: Whether states and features of single tokens are kept, too, for attention.
        dictionary: The store's dictionary: an object, its folder, or "builtin".
        reader: The language model; by default the one that the dictionary names.
        progress: Callback for progress; True draws a bar on standard error.

    Cost: one pass of the reader over all texts, as at extraction. On disk about 30 kB per document
    with the built-in dictionary, and for attention 1,000 bytes per token, at most 256 tokens per
    document.

    Raises:
        FeatureMismatch: The store was read with another dictionary.
        ReaderError: The reader cannot be loaded.
        StoreDamaged: The store does not record how it was read.
        StorageFull: The disk is full.
    """
    if len(store.parts) > 1:
        every = [
            open_pooled(
                part, positions=positions, tokens=tokens, dictionary=dictionary, reader=reader,
                progress=progress,
            )
            for part in store.parts
        ]  # fmt: skip
        return _end_to_end(store, every, positions=positions, tokens=tokens)
    parts = _parts(store)
    poolings = _poolings(positions)

    def build(into: Path) -> None:
        check_torch("reading the texts of a store again")
        from corpuscope.probing.matrices.rereading import read_again

        read_again(
            store, into, poolings=poolings, tokens=tokens or False, dictionary=dictionary,
            reader=reader, progress=progress,
        )  # fmt: skip

    if dictionary != "builtin":
        check_torch("a probe with another dictionary than the built-in one")
        from corpuscope.probing.matrices.rereading import fitting_dictionary

        fitting_dictionary(dictionary, store)
    has_tokens = tokens and "token" in parts
    # A cache with tokens also has everything a cache without them has.
    if not has_tokens and (more := _kept(store, poolings, parts)):
        return PooledStore(more, store.n_documents, parts)
    folder = store.cached_folder(
        _name(store, poolings, has_tokens),
        arrays=_arrays(parts, poolings, tokens=has_tokens),
        build=build,
    )
    return PooledStore(folder, store.n_documents, parts)


def _poolings(positions: Sequence[str]) -> tuple[str, ...]:
    return (*ALWAYS, *sorted(set(positions)))


def _end_to_end(
    store: Store, every: Sequence[PooledStore], *, positions: Sequence[str], tokens: bool
) -> PooledStore:
    """Several stores' arrays as one: all are flat and row-major, so they are concatenated."""
    parts, poolings = every[0].parts, _poolings(positions)
    has_tokens = tokens and "token" in parts
    names = _arrays(parts, poolings, tokens=has_tokens)

    def build(into: Path) -> None:
        for name in names:
            found = [mapped(one.folder, name) for one in every]
            array = new_array(into, name, dtype=found[0].dtype, length=sum(map(len, found)))
            np.concatenate(found, out=array)

    folder = store.cached_folder(_name(store, poolings, has_tokens), arrays=names, build=build)
    return PooledStore(folder, store.n_documents, parts)


class _NotThereError(Exception):
    """The cache is not there, and must not be built."""


def _kept(store: Store, poolings: Sequence[str], parts: dict[str, Any]) -> Path | None:
    """The cached folder that includes tokens, or None."""

    def refuse(_into: Path) -> None:
        raise _NotThereError

    try:
        return store.cached_folder(
            _name(store, poolings, True), arrays=_arrays(parts, poolings, tokens=True), build=refuse
        )
    except _NotThereError:
        return None


def _name(store: Store, poolings: Sequence[str], tokens: bool) -> str:
    digest = str(store.provenance["dictionary"]["digest"])[:12]
    return "-".join(["probe", str(_VERSION), digest, *poolings, *(["tokens"] if tokens else [])])


def _arrays(parts: dict[str, Any], poolings: Sequence[str], *, tokens: bool) -> list[str]:
    of_features = [f"features-{kind}" for kind in _SPARSE]
    found = [
        f"{unit}-{pooling}-{name}"
        for unit in parts
        for pooling in poolings
        for name in (*_SIDES, *of_features)
    ]
    return found + ["tokens", "n-tokens", *(f"tokens-{name}" for name in of_features)] * tokens


def _parts(store: Store) -> dict[str, tuple[int, int]]:
    """The first feature and the number of features of the first part of each unit."""
    known = store.provenance.get("dictionary") or {}
    if not known.get("digest") or not known.get("parts"):
        raise StoreDamaged(
            f"{store.path} does not record which dictionary it was read with",
            expected="the dictionary's digest and parts in the provenance",
            next_step="extract the texts again",
        )
    found: dict[str, tuple[int, int]] = {}
    first = 0
    for part in known["parts"]:
        found.setdefault(part["unit"], (first, int(part["n_features"])))
        first += int(part["n_features"])
    return found
