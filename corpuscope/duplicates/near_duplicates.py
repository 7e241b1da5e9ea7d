"""Which documents are the same text, nearly the same, or one within the other.

Texts that share some of their long stretches are compared in full, by the share of common
stretches of four characters; case, punctuation and white space do not count. Texts that were
edited here and there are found so, and texts that were wrapped in others; paraphrases are not.
Short texts, which an edit leaves no long stretch, are compared in ways of their own.
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
"""Equal but for case, punctuation and white space; edited; or all of one in the other."""

_HOWS: tuple[How, ...] = get_args(How)

NEARLY = 0.8
"""From this Jaccard index of stretches of four characters on texts are nearly the same."""

WITHIN = 0.95
"""From this share of the shorter text's stretches on it is within the other."""

# One passage in so many texts is a template, and no reason to compare each with each.
_MOST_COMPARED, _NEIGHBOURS = 32, 3

# What texts must share of their long stretches to be compared in full.
_WORTH_NEARLY, _WORTH_WITHIN = 0.2, 0.6

_LEAST_WITHIN = 2 * SURE_LENGTH
_ROWS_AT_ONCE = 512

# What a cache keeps, and how it was made: another number where texts are compared otherwise.
_KEPT, _VERSION = ("first", "second", "likeness", "how"), 1


@dataclass(frozen=True, slots=True)
class SimilarPair:
    """Two documents of one text.

    Attributes:
        first: The row of the one that stands first.
        second: The row of the other.
        similarity: 1 for the same; else what `how` is judged by, from 0.8 to 1; of short texts
            the share of their characters that is common.
        how: In which way.
    """

    first: int
    second: int
    similarity: float
    how: How


@runtime_checkable
class Texts(Protocol):
    """Texts that are gone through once, and some of them read again."""

    def text_batches(self) -> Iterator[list[str]]:
        """All texts in order."""

    def texts(self, rows: Sequence[int]) -> list[str]:
        """Some of them, in the order of `rows`."""


@dataclass(frozen=True, slots=True)
class Listed:
    """Texts at hand."""

    every: Sequence[str]

    def text_batches(self) -> Iterator[list[str]]:
        """All of them."""
        yield list(self.every)

    def texts(self, rows: Sequence[int]) -> list[str]:
        """Some of them."""
        return [self.every[row] for row in rows]


def duplicates(source: Texts, rows: Iterable[int] | None = None) -> list[SimilarPair]:
    """All that is found, the most alike first.

    Of several texts that are the same each is told once, with the first of them; the others of
    a text are not compared again.

    Args:
        source: The texts.
        rows: Those that take part; by default all.

    Cost: some 100 microseconds a text of usual length, and ten for each pair that is compared.
    """
    taking_part = None if rows is None else set(rows)
    every = (text for batch in source.text_batches() for text in batch)
    marks = {
        row: _Marks.of(text)
        for row, text in enumerate(every)
        if taking_part is None or row in taking_part
    }
    same = list(_the_same(marks))
    copies = {one.second for one in same}
    firsts = [row for row in marks if row not in copies]
    found = {(one.first, one.second): one for one in _of_short(source, marks, firsts)}
    for one in _compared(source, marks, _candidates(marks, firsts)):
        found[one.first, one.second] = one
    return sorted(
        [*same, *found.values()], key=lambda one: (-one.similarity, one.first, one.second)
    )


def duplicates_in(source: JoinedStore, rows: PerDocument) -> list[SimilarPair]:
    """Those among some documents; found on the first call, then taken from the store's cache.

    Cost: as `duplicates`, the first time.

    Raises:
        StorageFull: There is no room for the cache.
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

    taking_part = hashlib.blake2b(rows.astype(np.int64).tobytes(), digest_size=8).hexdigest()
    name = f"copies-{_VERSION}-{taking_part}"
    folder = source.as_one.cached_folder(name, arrays=_KEPT, build=build)
    kept = (mapped(folder, name).tolist() for name in _KEPT)
    return [
        SimilarPair(a, b, similarity, _HOWS[how])
        for a, b, similarity, how in zip(*kept, strict=True)
    ]


def similar_groups(found: Sequence[SimilarPair], n_documents: int) -> PerDocument:
    """For each document the number of its group: what is alike, and alike to these."""
    return groups_of_pairs([(one.first, one.second) for one in found], n_documents)


def groups_of_pairs(pairs: Sequence[tuple[int, int]], n: int) -> PerDocument:
    """For each of `n` things the number of its group: what is paired, and so on from one to one."""
    first, second = np.array(pairs, dtype=np.int64).reshape(-1, 2).T
    links = sp.coo_array((np.ones(len(first)), (first, second)), shape=(n, n))
    groups: PerDocument = connected_components(links, directed=False)[1].astype(np.int64)
    return groups


@dataclass(frozen=True, slots=True, eq=False)
class _Marks:
    """What is kept of a text while all are compared."""

    whole: int
    n_characters: int
    prints: Numbers
    short: str | None

    @classmethod
    def of(cls, text: str) -> "_Marks":
        bare = plain_text(text)
        # A text of signs alone is told by its signs.
        short = bare if len(bare) <= SHORT else None
        return cls(hash(bare or text), len(bare), fingerprints(bare), short)


_MarksOfRows = Mapping[int, _Marks]


def _the_same(marks: _MarksOfRows) -> Iterator[SimilarPair]:
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
    """Pairs of rows that share a long stretch, each pair once."""
    numbers, places = end_to_end([marks[row].prints for row in rows])
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
    """Each with each; of many, sorted by their lengths, each with the next few."""
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
