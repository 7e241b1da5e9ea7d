"""Near duplicates: documents with the same text, nearly the same, or one contained in the other.

Candidate pairs share winnowed 16-grams; they are compared by their character 4-grams, ignoring
case, punctuation and white space. This finds texts that were edited in places or embedded in
others, but no paraphrases. Short texts, of which an edit may leave no 16-gram intact, are compared
by rules of their own (`short_texts`).
"""

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any, Literal, Protocol, get_args, runtime_checkable

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp
from scipy.sparse.csgraph import connected_components

from corpuscope.duplicates.fingerprints import (
    SURE_LENGTH,
    Numbers,
    end_to_end,
    fingerprints,
    overlap,
    pieces_of,
    plain_text,
)
from corpuscope.duplicates.short_texts import (
    SHORT,
    one_character_changed,
    short_within,
    words_left_out,
)
from corpuscope.shapes import PerDocument
from corpuscope.store.cache import mapped, saved_array
from corpuscope.store.joined import JoinedStore

How = Literal["same", "nearly", "within"]
"""Equal up to case, punctuation and white space; edited; or one contained in the other."""

_HOWS: tuple[How, ...] = get_args(How)

NEARLY = 0.8
"""Least Jaccard index of character 4-grams at which texts are nearly the same."""

WITHIN = 0.95
"""Least share of the shorter text's 4-grams at which it is contained in the other."""

# A passage in more texts than this is a template: each text is compared only with the next few of
# similar length, not with all.
_MOST_COMPARED, _NEIGHBOURS = 32, 3

# Prefilter: least Jaccard index and least containment of 16-grams for a comparison by 4-grams.
_WORTH_NEARLY, _WORTH_WITHIN = 0.2, 0.6

_LEAST_WITHIN = 2 * SURE_LENGTH
_ROWS_AT_ONCE = 512

# Arrays of the cache, and its version, to be increased whenever texts are compared differently.
_KEPT, _VERSION = ("first", "second", "likeness", "how"), 1


@dataclass(frozen=True, slots=True)
class SimilarPair:
    """A pair of documents with similar texts.

    Attributes:
        first: The row of the earlier document.
        second: The row of the later document.
        similarity: 1 for the same text; else the Jaccard index or containment behind `how`, from
            0.8 to 1; for short texts the share of common characters.
        how: The kind of similarity.
    """

    first: int
    second: int
    similarity: float
    how: How


@runtime_checkable
class Texts(Protocol):
    """Texts that can be iterated over, and read again by row."""

    def text_batches(self) -> Iterator[list[str]]:
        """All texts, in order."""

    def texts(self, rows: Sequence[int]) -> list[str]:
        """The texts of `rows`, in that order."""


@dataclass(frozen=True, slots=True)
class Listed:
    """Texts in memory."""

    every: Sequence[str]

    def text_batches(self) -> Iterator[list[str]]:
        """All texts, as one batch."""
        yield list(self.every)

    def texts(self, rows: Sequence[int]) -> list[str]:
        """The texts of `rows`, in that order."""
        return [self.every[row] for row in rows]


def duplicates(source: Texts, rows: Iterable[int] | None = None) -> list[SimilarPair]:
    """All pairs of similar texts, the most similar first.

    Identical texts are each paired with the first of them only, and only the first is compared
    with other texts.

    Args:
        source: The texts.
        rows: The texts compared; all by default.

    Cost: about 100 microseconds per text of usual length, and ten per pair compared.
    """
    included = None if rows is None else set(rows)
    every = (text for batch in source.text_batches() for text in batch)
    marks = {
        row: _Marks.of(text)
        for row, text in enumerate(every)
        if included is None or row in included
    }
    same = list(_identical(marks))
    copies = {one.second for one in same}
    firsts = [row for row in marks if row not in copies]
    found = {(one.first, one.second): one for one in _of_short(source, marks, firsts)}
    for one in _compared(source, marks, _candidates(marks, firsts)):
        found[one.first, one.second] = one
    return sorted(
        [*same, *found.values()], key=lambda one: (-one.similarity, one.first, one.second)
    )


def duplicates_in(source: JoinedStore, rows: PerDocument) -> list[SimilarPair]:
    """The pairs of similar texts among some documents, cached in the store.

    Cost: that of `duplicates` on the first call.

    Raises:
        StorageFull: There is no disk space for the cache.
    """

    def build(folder: Path) -> None:
        found = duplicates(source, rows.tolist())
        columns: dict[str, npt.NDArray[Any]] = {
            "first": np.array([one.first for one in found], dtype=np.int64),
            "second": np.array([one.second for one in found], dtype=np.int64),
            "likeness": np.array([one.similarity for one in found], dtype=np.float64),
            "how": np.array([_HOWS.index(one.how) for one in found], dtype=np.int8),
        }
        for name in _KEPT:
            saved_array(folder, name, columns[name])

    digest = hashlib.blake2b(rows.astype(np.int64).tobytes(), digest_size=8).hexdigest()
    name = f"copies-{_VERSION}-{digest}"
    folder = source.as_one.cached_folder(name, arrays=_KEPT, build=build)
    kept = (mapped(folder, name).tolist() for name in _KEPT)
    return [
        SimilarPair(a, b, similarity, _HOWS[how])
        for a, b, similarity, how in zip(*kept, strict=True)
    ]


def similar_groups(found: Sequence[SimilarPair], n_documents: int) -> PerDocument:
    """The group number of each document: connected components of similar pairs."""
    return groups_of_pairs([(one.first, one.second) for one in found], n_documents)


def groups_of_pairs(pairs: Sequence[tuple[int, int]], n: int) -> PerDocument:
    """The group number of each of `n` items: connected components of the pairs."""
    first, second = np.array(pairs, dtype=np.int64).reshape(-1, 2).T
    links = sp.coo_array((np.ones(len(first)), (first, second)), shape=(n, n))
    groups: PerDocument = connected_components(links, directed=False)[1].astype(np.int64)
    return groups


@dataclass(frozen=True, slots=True, eq=False)
class _Marks:
    """The summary of a text kept in memory while all are compared."""

    whole: int
    n_characters: int
    prints: Numbers
    short: str | None

    @classmethod
    def of(cls, text: str) -> "_Marks":
        bare = plain_text(text)
        short = bare if len(bare) <= SHORT else None
        # A text of punctuation only has an empty plain form, so the text itself is hashed. `hash`
        # is salted per process, so its values must not be stored.
        return cls(hash(bare or text), len(bare), fingerprints(bare), short)


_MarksOfRows = Mapping[int, _Marks]


def _identical(marks: _MarksOfRows) -> Iterator[SimilarPair]:
    first_of: dict[int, int] = {}
    for row, mark in marks.items():
        first = first_of.setdefault(mark.whole, row)
        if first != row:
            yield SimilarPair(first, row, 1.0, "same")


def _of_short(source: Texts, marks: _MarksOfRows, rows: Sequence[int]) -> Iterator[SimilarPair]:
    shorts = {row: short for row in rows if (short := marks[row].short)}
    firsts = set(rows)
    every = (plain_text(text) for batch in source.text_batches() for text in batch)
    for first, second in short_within(shorts, every, longest=_LEAST_WITHIN - 1):
        if {first, second} <= firsts:
            yield SimilarPair(first, second, 1.0, "within")
    for found in (words_left_out(shorts), one_character_changed(shorts)):
        for (first, second), share in found:
            yield SimilarPair(first, second, share, "nearly")


def _candidates(marks: _MarksOfRows, rows: Sequence[int]) -> npt.NDArray[np.int64]:
    """Distinct pairs of rows that share a winnowed 16-gram."""
    numbers, places = end_to_end([marks[row].prints for row in rows])
    # Within each hash, texts are sorted by length, as `_pairs_among` expects.
    sizes = np.array([marks[row].n_characters for row in rows], dtype=np.int64)
    order = np.lexsort((sizes[places], numbers))
    numbers, places = numbers[order], places[order]
    starts = np.flatnonzero(np.append(True, numbers[1:] != numbers[:-1]))
    pairs = [np.empty((0, 2), dtype=np.int64)]
    for start, end in pairwise([*starts.tolist(), len(numbers)]):
        if end - start > 1:
            pairs.append(_pairs_among(places[start:end]))
    found = np.sort(np.concatenate(pairs), axis=1)
    found = np.unique(found[found[:, 0] != found[:, 1]], axis=0)
    return np.array(rows, dtype=np.int64)[found]


def _pairs_among(places: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """All pairs; if there are many texts (sorted by length), each with the next few only."""
    n = len(places)
    if n <= _MOST_COMPARED:
        left, right = np.triu_indices(n, 1)
    else:
        left = np.repeat(np.arange(n), _NEIGHBOURS)
        right = left + np.tile(np.arange(1, _NEIGHBOURS + 1), n)
        left, right = left[right < n], right[right < n]
    return np.column_stack([places[left], places[right]])


def _compared(
    source: Texts, marks: _MarksOfRows, pairs: npt.NDArray[np.int64]
) -> Iterator[SimilarPair]:
    worth = [pair for pair in pairs.tolist() if _is_worth_comparing(marks[pair[0]], marks[pair[1]])]
    pieces = _pieces(source, sorted({row for pair in worth for row in pair}))
    for first, second in worth:
        one, other = pieces[first], pieces[second]
        shared = overlap(one, other)
        either, shorter = len(one) + len(other) - shared, min(len(one), len(other))
        if shared >= NEARLY * either:
            yield SimilarPair(first, second, shared / either, "nearly")
        elif shared >= WITHIN * shorter and _is_long_enough(marks[first], marks[second]):
            # Containment of short texts is left to `short_within`.
            yield SimilarPair(first, second, shared / shorter, "within")


def _is_worth_comparing(one: _Marks, other: _Marks) -> bool:
    shared = overlap(one.prints, other.prints)
    either = len(one.prints) + len(other.prints) - shared
    shorter = min(len(one.prints), len(other.prints))
    return shared >= _WORTH_NEARLY * either or shared >= _WORTH_WITHIN * shorter


def _is_long_enough(one: _Marks, other: _Marks) -> bool:
    return min(one.n_characters, other.n_characters) >= _LEAST_WITHIN


def _pieces(source: Texts, rows: Sequence[int]) -> dict[int, Numbers]:
    found: dict[int, Numbers] = {}
    for start in range(0, len(rows), _ROWS_AT_ONCE):
        here = rows[start : start + _ROWS_AT_ONCE]
        found |= dict(
            zip(here, (pieces_of(plain_text(text)) for text in source.texts(here)), strict=True)
        )
    return found
