"""An inverted index of the words of a store, with precomputed BM25 scores.

Words are stemmed (`labels/word_forms.py`), so that "apologise" matches "apologies", and identified
by a 64-bit hash of the stem. Scores are computed once, so a search only sums columns. The library
bm25s does the same in memory; it lacks reading texts by shard and memory-mapping the columns.

Source: Robertson and Zaragoza 2009, "The Probabilistic Relevance Framework", 3.2, with the idf
of Lucene, which is never below 0.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from corpuscope.analyses.search.scoring_kernel import add_words
from corpuscope.labels.word_forms import FUNCTION_WORDS, stem, words_in
from corpuscope.shapes import EnrichmentPerWord, NumberPerDocument, PlacesOfWords
from corpuscope.statistics.rates.counts import enrichment
from corpuscope.store.cache import check_starts, mapped, new_array, saved_array
from corpuscope.store.spill import hashes_of, spilled_blocks
from corpuscope.store.store import Store

_K1, _B = 1.2, 0.75
_ARRAYS = ("hashes", "starts", "rows", "scores", "document_starts", "words")
_ENTRY = np.dtype([("hash", np.uint64), ("times", np.uint16)])
_ENTRIES_AT_ONCE = 1 << 21
_LEAST_SUPPORT = 3
_MOST_TIMES = np.iinfo(np.uint16).max
_VERSION = 2


@dataclass(frozen=True, eq=False)
class WordIndex:
    """Inverted index, words x documents, memory-mapped.

    Attributes:
        n_documents: Number of documents.
        hashes: Hash of each word, in ascending order.
        starts: Offset of each word's documents in `rows`.
        rows: Documents, grouped by word.
        scores: BM25 score of each entry of `rows`.
        document_starts: Offset of each document's words in `words`.
        words: Word positions, grouped by document.
    """

    n_documents: int
    hashes: npt.NDArray[np.uint64]
    starts: npt.NDArray[np.int64]
    rows: npt.NDArray[np.int32]
    scores: npt.NDArray[np.float32]
    document_starts: npt.NDArray[np.int64]
    words: npt.NDArray[np.int32]

    def places(self, words: Sequence[str]) -> PlacesOfWords:
        """Index positions of the given words; words in no text are dropped."""
        at = self.place_of_each(words)
        found: PlacesOfWords = at[at >= 0]
        return found

    def place_of_each(self, words: Sequence[str]) -> PlacesOfWords:
        """Index position of each word; -1 for words in no text."""
        if not len(self.hashes):
            return np.full(len(words), -1, dtype=np.int64)
        hashed = hashes_of(list(words))
        # A word beyond the last is compared with the last, and is not it.
        at = np.minimum(np.searchsorted(self.hashes, hashed), len(self.hashes) - 1)
        found: PlacesOfWords = np.where(self.hashes[at] == hashed, at, -1).astype(np.int64)
        return found

    def of(self, weights: Mapping[int, float]) -> NumberPerDocument:
        """Weighted sum of BM25 scores of each document, given weights by word position."""
        total: NumberPerDocument = np.zeros(self.n_documents, dtype=np.float32)
        places = np.fromiter(weights, dtype=np.int64, count=len(weights))
        spans = np.stack([self.starts[places], self.starts[places + 1]], axis=1)
        factors = np.fromiter(weights.values(), dtype=np.float32, count=len(weights))
        add_words(total, rows=self.rows, scores=self.scores, spans=spans, factors=factors)
        return total

    def enrichment(self, rows: npt.NDArray[np.int64]) -> EnrichmentPerWord:
        """Enrichment z-score of each word in some documents, relative to all.

        0 for words in fewer than three documents; see `statistics.enrichment`.
        """
        n, n_with = len(rows), np.diff(self.starts)
        bounds = zip(self.document_starts[rows], self.document_starts[rows + 1], strict=True)
        mine = np.concatenate([*(self.words[a:b] for a, b in bounds), np.empty(0, np.int32)])
        counts = np.bincount(mine, minlength=len(n_with))
        found: EnrichmentPerWord = enrichment(counts, n, n_with, self.n_documents)
        return np.where(n_with >= _LEAST_SUPPORT, found, 0.0)


def open_word_index(store: Store) -> WordIndex:
    """The index of a store's texts; built and cached on the first call.

    Cost: the first call reads every text, some 5 MB a second. Disk: 10 bytes per distinct word of
    each document while it runs, 12 afterwards. Memory: one number per word.

    Raises:
        StoreDamaged: A shard cannot be read.
        StorageFull: There is no disk space for the cache.
    """
    folder = store.cached_folder(
        f"bm25-{_VERSION}", arrays=_ARRAYS, build=lambda into: _build(into, store)
    )
    arrays: dict[str, Any] = {name: mapped(folder, name) for name in _ARRAYS}
    n_entries = len(arrays["rows"])
    check_starts(arrays["starts"], n_runs=len(arrays["hashes"]), n_entries=n_entries)
    check_starts(arrays["document_starts"], n_runs=store.n_documents, n_entries=n_entries)
    return WordIndex(store.n_documents, **arrays)


def searched_words(phrase: str) -> list[str]:
    """Distinct stems of the words of a phrase.

    Function words such as "the" and "with" are dropped, unless there are no others.

    Example:
        >>> searched_words("apologises for the delay")
        ['apolog', 'dela']
    """
    words = [word for word, _, _ in words_in(phrase)]
    content = [word for word in words if word not in FUNCTION_WORDS] or words
    return list(dict.fromkeys(map(stem, content)))


def _build(folder: Path, store: Store) -> None:
    # Counting sort on disk in two passes: document frequencies give each word's offset, then
    # entries are written to their final positions block by block.
    spill = folder / "entries.tmp"
    n_words, n_entries = _spilled(store, spill)
    hashes, n_with = _vocabulary(spill, n_entries)
    starts = np.concatenate([[0], np.cumsum(n_with)])
    saved_array(folder, "hashes", hashes)
    saved_array(folder, "starts", starts)
    saved_array(folder, "document_starts", np.concatenate([[0], np.cumsum(n_entries)]))
    words = new_array(folder, "words", dtype=np.int32, length=int(starts[-1]))
    rows = new_array(folder, "rows", dtype=np.int32, length=int(starts[-1]))
    scores = new_array(folder, "scores", dtype=np.float32, length=int(starts[-1]))
    # Lucene's idf, log(1 + (n - n_with + .5) / (n_with + .5)), is never negative.
    rarity = np.log1p((store.n_documents - n_with + 0.5) / (n_with + 0.5))
    relative = n_words / max(n_words.mean(), 1.0) if len(n_words) else n_words
    free, n_before = starts[:-1].copy(), 0
    for first, counts, entries in _blocks(spill, n_entries):
        column = np.searchsorted(hashes, entries["hash"])
        words[n_before : n_before + len(column)] = column
        n_before += len(column)
        row = np.repeat(first + np.arange(len(counts)), counts)
        times = entries["times"].astype(np.float64)
        score = rarity[column] * times * (_K1 + 1)
        score /= times + _K1 * (1 - _B + _B * relative[row])
        order = np.argsort(column, kind="stable")
        n_here = np.bincount(column, minlength=len(hashes))
        # Target position: next free slot of the column, plus the rank within the block.
        shift = free - (np.cumsum(n_here) - n_here)
        place = shift[column[order]] + np.arange(len(order))
        rows[place], scores[place] = row[order], score[order]
        free += n_here
    spill.unlink()


def _spilled(store: Store, spill: Path) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Write each document's distinct words to disk; return its word count and distinct count."""
    n_words: list[int] = []
    n_entries: list[int] = []
    with spill.open("wb") as file:
        for texts in store.text_batches():
            found = [Counter(stem(word) for word, _, _ in words_in(text)) for text in texts]
            entries = np.empty(sum(map(len, found)), dtype=_ENTRY)
            entries["hash"] = hashes_of([word for of_text in found for word in of_text])
            times = [n for of_text in found for n in of_text.values()]
            entries["times"] = np.minimum(times, _MOST_TIMES)
            file.write(entries.tobytes())
            n_words += [of_text.total() for of_text in found]
            n_entries += map(len, found)
    return np.array(n_words, dtype=np.int64), np.array(n_entries, dtype=np.int64)


def _vocabulary(
    spill: Path, n_entries: npt.NDArray[np.int64]
) -> tuple[npt.NDArray[np.uint64], npt.NDArray[np.int64]]:
    """Word hashes in ascending order, and document frequency of each."""
    hashes, n_with = np.empty(0, dtype=np.uint64), np.empty(0, dtype=np.int64)
    for _, _, entries in _blocks(spill, n_entries):
        found, n_found = np.unique(entries["hash"], return_counts=True)
        hashes, inverse = np.unique(np.concatenate([hashes, found]), return_inverse=True)
        both = np.concatenate([n_with, n_found])
        n_with = np.bincount(inverse, weights=both, minlength=len(hashes)).astype(np.int64)
    return hashes, n_with


def _blocks(
    spill: Path, counts: npt.NDArray[np.int64]
) -> Iterator[tuple[int, npt.NDArray[np.int64], npt.NDArray[Any]]]:
    return spilled_blocks(spill, counts, dtype=_ENTRY, at_once=_ENTRIES_AT_ONCE)
