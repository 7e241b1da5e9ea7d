"""Word features: which words, word pairs and format marks each document contains.

Most names in a corpus occur once, so they are not all held in memory. Each text is processed
once. The names of each document are written to disk as 64-bit hashes; a table of counters shared
by several hashes (a one-row count-min sketch) bounds each name's document frequency from above,
and only names that may reach the minimum are counted exactly. A name is recovered from the first
document with its hash. A hash collision occurs once in 10^4 corpora of 50 million names.
"""

import functools
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from corpuscope.corpus import texts
from corpuscope.corpus.texts.words import word_features
from corpuscope.durable import digest_of
from corpuscope.shapes import PresenceMatrix
from corpuscope.store.cache import mapped, new_array, saved_array
from corpuscope.store.matrix import csr_of
from corpuscope.store.spill import hashes_of, spilled_blocks
from corpuscope.store.store import Store

__all__ = ["LexicalMatrix", "lexical_presence", "spans"]

_N_COUNTERS = 1 << 25
_HASHES_AT_ONCE = 1 << 21
_TEXTS_AT_ONCE = 1024
_RULES = ("words.py", "marks.py", "unspaced.py", "lines_of_text.py", "sentences.py", "stops.py")
"""Source files of the rules by which words and marks are found."""

_ARRAYS = ("document_starts", "names")


@dataclass(frozen=True, slots=True, eq=False)
class LexicalMatrix:
    """The documents that contain each word feature; column `j` of `presence` is `names[j]`."""

    presence: PresenceMatrix
    names: list[str]


def lexical_presence(store: Store, *, min_documents: int) -> LexicalMatrix:
    """The word features that occur in at least `min_documents` documents, sorted by name.

    Cost: the first call with a `min_documents` reads every text; the result is cached in the
    store. Memory: about 300 MB plus the result, for any number of texts. Disk: temporarily 8
    bytes for each distinct name of each document.

    Raises:
        StoreDamaged: A shard cannot be read.
        StorageFull: The disk is full.
    """
    minimum = max(1, min_documents)
    folder = store.cached_folder(
        f"words-{minimum}-{_rules_digest()}",
        arrays=_ARRAYS,
        build=lambda into: _build(into, store=store, minimum=minimum),
    )
    names = pq.read_table(folder / "names.parquet")["name"].to_pylist()
    columns = mapped(folder, "names")
    ones = np.ones(len(columns), dtype=np.bool_)
    presence = csr_of(ones, columns, mapped(folder, "document_starts"), len(names))
    return LexicalMatrix(presence, names)


def spans(text: str, name: str) -> list[list[int]]:
    """The half-open character ranges at which a word feature occurs in `text`."""
    return [[start, end] for found, start, end in word_features(text) if found == name]


@functools.cache
def _rules_digest() -> str:
    """A hash of the rules by which words are found, so that a change of rules renews the cache."""
    room = Path(texts.__file__).parent
    return digest_of(b"".join((room / name).read_bytes() for name in _RULES))[:8]


def _build(folder: Path, *, store: Store, minimum: int) -> None:
    spill = folder / "hashes.tmp"
    counts = _spill_hashes(store, spill)
    frequent = _frequent_hashes(spill, counts, minimum)
    names = _names_of(store, frequent)
    in_order = np.argsort(names) if len(names) else np.empty(0, dtype=np.int64)
    _write_presence(folder, _blocks(spill, counts), frequent, in_order, len(counts))
    spill.unlink()
    table = pa.table({"name": pa.array(names[in_order], pa.string())})
    pq.write_table(table, folder / "names.parquet")


def _spill_hashes(store: Store, spill: Path) -> npt.NDArray[np.int64]:
    """Write the hashes of each document's names to disk; returns each document's count."""
    counts = [np.empty(0, dtype=np.int64)]
    with spill.open("wb") as file:
        for texts in store.text_batches():
            names = [_distinct_names(text) for text in texts]
            file.write(hashes_of([name for of_text in names for name in of_text]).tobytes())
            counts.append(np.array([len(of_text) for of_text in names], dtype=np.int64))
    return np.concatenate(counts)


def _distinct_names(text: str) -> list[str]:
    return list(dict.fromkeys(name for name, _, _ in word_features(text)))


def _blocks(
    spill: Path, counts: npt.NDArray[np.int64]
) -> Iterator[tuple[int, npt.NDArray[np.int64], npt.NDArray[np.uint64]]]:
    return spilled_blocks(spill, counts, dtype=np.uint64, at_once=_HASHES_AT_ONCE)


@dataclass(frozen=True, slots=True, eq=False)
class _Frequent:
    """Hashes in ascending order, with the first document and the document frequency of each."""

    hashes: npt.NDArray[np.uint64]
    first_rows: npt.NDArray[np.int64]
    n_documents: npt.NDArray[np.int64]


def _frequent_hashes(spill: Path, counts: npt.NDArray[np.int64], minimum: int) -> _Frequent:
    """The hashes that at least `minimum` documents have."""
    # First pass: upper bounds. Second pass: exact counts of the hashes that may qualify.
    counters = np.zeros(_n_counters(int(counts.sum())), dtype=np.uint32)
    # The number of counters is a power of two, so a mask is a modulo.
    mask = np.uint64(len(counters) - 1)
    for _, _, hashes in _blocks(spill, counts):
        np.add.at(counters, hashes & mask, 1)
    candidates = np.empty(0, dtype=np.uint64)
    n_documents = np.empty(0, dtype=np.int64)
    first_rows = np.empty(0, dtype=np.int64)
    for first, n_each, hashes in _blocks(spill, counts):
        may_reach = counters[hashes & mask] >= minimum
        rows = np.repeat(first + np.arange(len(n_each)), n_each)[may_reach]
        found, at, n_found = np.unique(hashes[may_reach], return_index=True, return_counts=True)
        # Known hashes come first, so that `unique` keeps the earliest row of each.
        both = np.concatenate([candidates, found])
        candidates, first_at, inverse = np.unique(both, return_index=True, return_inverse=True)
        first_rows = np.concatenate([first_rows, rows[at]])[first_at]
        n_documents = np.bincount(
            inverse, weights=np.concatenate([n_documents, n_found]), minlength=len(candidates)
        ).astype(np.int64)
    is_kept = n_documents >= minimum
    return _Frequent(candidates[is_kept], first_rows[is_kept], n_documents[is_kept])


def _n_counters(n_hashes: int) -> int:
    return min(_N_COUNTERS, 1 << max(10, (2 * n_hashes).bit_length()))


def _names_of(store: Store, frequent: _Frequent) -> npt.NDArray[np.object_]:
    names = np.full(len(frequent.hashes), None, dtype=object)
    rows = np.unique(frequent.first_rows)
    for start in range(0, len(rows), _TEXTS_AT_ONCE):
        for text in store.texts(rows[start : start + _TEXTS_AT_ONCE]):
            of_text = np.array(_distinct_names(text), dtype=object)
            # Only the first document of each hash is read, to recover the name.
            at, is_kept = _places(frequent.hashes, hashes_of(list(of_text)))
            names[at] = of_text[is_kept]
    return names


def _places(
    hashes: npt.NDArray[np.uint64], wanted: npt.NDArray[np.uint64]
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.bool_]]:
    """Positions in `hashes` of those `wanted` that are in it, and a mask of which these are."""
    at = np.searchsorted(hashes, wanted)
    is_there = at < len(hashes)
    is_there[is_there] = hashes[at[is_there]] == wanted[is_there]
    return at[is_there], is_there


def _write_presence(
    folder: Path,
    blocks: Iterator[tuple[int, npt.NDArray[np.int64], npt.NDArray[np.uint64]]],
    frequent: _Frequent,
    in_order: npt.NDArray[np.int64],
    n_rows: int,
) -> None:
    """Write the columns of each row, where column `j` is the hash `in_order[j]`."""
    column_of = np.empty(len(in_order), dtype=np.int32)
    column_of[in_order] = np.arange(len(in_order), dtype=np.int32)
    n_per_row = np.zeros(n_rows + 1, dtype=np.int64)
    names = new_array(folder, "names", dtype=np.int32, length=int(frequent.n_documents.sum()))
    n_written = 0
    for first, counts, hashes in blocks:
        at, is_kept = _places(frequent.hashes, hashes)
        rows = np.repeat(np.arange(len(counts)), counts)[is_kept]
        columns = column_of[at]
        names[n_written : n_written + len(at)] = columns[np.lexsort((columns, rows))]
        n_per_row[first + 1 : first + len(counts) + 1] = np.bincount(rows, minlength=len(counts))
        n_written += len(at)
    saved_array(folder, "document_starts", np.cumsum(n_per_row))
