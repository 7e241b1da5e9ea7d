"""Peak overlap: features that peak at the same places in the text are redundant.

Two features of different rates, one nested in the other, may still describe one thing, such as a
bold sign, a bold sign before a colon, and the format mark for bold text. Co-occurrence in
documents cannot show this; the positions of the peaks can.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

from corpuscope.corpus.texts.words import word_features
from corpuscope.labels.named_store import NamedStore
from corpuscope.shapes import Rows, SamePairs
from corpuscope.store.rows import StoredDocument

# Overlap in this share of the documents with the candidate, and this many times as often as
# expected by chance.
_MIN_SHARE = 0.6
_MIN_LIFT = 2.5
_LEAST_DOCUMENTS = 5

# Documents sampled: a feature with a rate of 2 % is then in about ten of them.
_MOST_DOCUMENTS = 500

PeakSpans = npt.NDArray[np.int64]


def with_overlapping_peaks(
    source: NamedStore, names: Sequence[int | str], documents: Rows
) -> SamePairs:
    """Which candidates peak where a leader peaks.

    A dictionary feature has one position per document, the token or sentence at which it peaks;
    a word feature has all its occurrences. A token overlaps with the sentence that contains it.

    Args:
        source: The texts.
        names: Numbers of dictionary features, names of word features.
        documents: The documents to examine; if there are many, 500 spread evenly.

    Returns:
        Leaders x candidates, not zero where both overlap in at least 60 % of the documents with
        the candidate, and 2.5 times as often as expected at random positions. Two word features
        are never compared.
    """
    spread = np.linspace(0, len(documents) - 1, min(len(documents), _MOST_DOCUMENTS))
    chosen = documents[np.unique(spread.round().astype(np.int64))]
    n = len(names)
    shared, expected = np.zeros((n, n), dtype=np.float32), np.zeros((n, n), dtype=np.float32)
    n_documents = np.zeros(n)
    for document in _placed(source, names, chosen):
        here = document.candidates
        at = np.ix_(here, here)
        hits, chance = document.overlaps()
        shared[at] += hits
        expected[at] += chance
        n_documents[here] += 1
    is_same = shared >= np.maximum(_MIN_SHARE * n_documents, 1)
    is_same &= shared >= _MIN_LIFT * expected
    is_same &= n_documents >= _LEAST_DOCUMENTS
    return sp.csr_array(is_same.astype(np.int8))


@dataclass(frozen=True, slots=True, eq=False)
class _Placed:
    """The candidates in one document, and the units at which each is located.

    Attributes:
        candidates: The candidates present: token features, sentence features, then words.
        token_peaks: For each token feature, the token at which it peaks.
        sentence_peaks: For each sentence feature, the sentence at which it peaks.
        word_tokens: Word features x tokens: where each occurs.
        word_sentences: Word features x sentences: where each occurs.
        sentence_of: The sentence of each token.
    """

    candidates: npt.NDArray[np.int64]
    token_peaks: npt.NDArray[np.int64]
    sentence_peaks: npt.NDArray[np.int64]
    word_tokens: npt.NDArray[np.bool_]
    word_sentences: npt.NDArray[np.bool_]
    sentence_of: npt.NDArray[np.int64]

    def overlaps(self) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]:
        """Whether each pair of candidates overlaps, and its probability at random positions."""
        token, sentence, words = self.token_peaks, self.sentence_peaks, self.word_tokens
        ends = np.cumsum([len(token), len(sentence), len(words)])
        tokens, sentences, lexical = (
            slice(end - len(own), end)
            for end, own in zip(ends.tolist(), (token, sentence, words), strict=True)
        )
        hits = np.zeros((ends[-1], ends[-1]), dtype=np.float32)
        hits[tokens, tokens] = token[:, None] == token
        hits[tokens, sentences] = self.sentence_of[token][:, None] == sentence
        hits[tokens, lexical] = words[:, token].T
        hits[sentences, sentences] = sentence[:, None] == sentence
        hits[sentences, lexical] = self.word_sentences[:, sentence].T
        chance = np.zeros_like(hits)
        chance[tokens, tokens] = 1 / max(len(self.sentence_of), 1)
        chance[tokens, sentences] = 1 / max(self.word_sentences.shape[1], 1)
        chance[tokens, lexical] = _share(words)
        chance[sentences, sentences] = 1 / max(self.word_sentences.shape[1], 1)
        chance[sentences, lexical] = _share(self.word_sentences)
        # Both tables are symmetric: fill the lower blocks from the upper ones.
        for table in (hits, chance):
            table[sentences, tokens] = table[tokens, sentences].T
            table[lexical, tokens] = table[tokens, lexical].T
            table[lexical, sentences] = table[sentences, lexical].T
        return hits, chance


def _share(has: npt.NDArray[np.bool_]) -> npt.NDArray[np.float64]:
    """The share of units in which each row occurs."""
    return has.mean(axis=1) if has.shape[1] else np.zeros(len(has))


def _placed(source: NamedStore, names: Sequence[int | str], rows: Rows) -> list[_Placed]:
    place = {name: number for number, name in enumerate(names)}
    kinds = {name: source.kind(name) for name in names if isinstance(name, int)}
    peaks: dict[str, list[tuple[list[int], list[int]]]] = {
        kind: [([], []) for _ in rows] for kind in ("token", "sentence")
    }
    for name, kind in kinds.items():
        found = source.peaks(name, rows)
        for position in np.flatnonzero(found >= 0).tolist():
            numbers, units = peaks[kind][position]
            numbers.append(place[name])
            units.append(int(found[position]))
    are_words = len(kinds) < len(names)
    return [
        _document(document, of_tokens, of_sentences, place if are_words else None)
        for document, of_tokens, of_sentences in zip(
            source.documents(rows), *peaks.values(), strict=True
        )
    ]


def _document(
    document: StoredDocument,
    of_tokens: tuple[list[int], list[int]],
    of_sentences: tuple[list[int], list[int]],
    place: dict[int | str, int] | None,
) -> _Placed:
    """The positions in one document; `place` maps names to candidate numbers, if any are words."""
    occurrences = [
        (place[name], start, end)
        for name, start, end in word_features(document.text)
        if name in place
    ] if place else []  # fmt: skip
    words, row_of = np.unique([number for number, _, _ in occurrences], return_inverse=True)
    bounds = np.array([(s, e) for _, s, e in occurrences], dtype=np.int64).reshape(-1, 2)
    tokens, sentences = document.token_spans, document.sentence_spans
    return _Placed(
        candidates=np.array([*of_tokens[0], *of_sentences[0], *words], dtype=np.int64),
        token_peaks=np.array(of_tokens[1], dtype=np.int64),
        sentence_peaks=np.array(of_sentences[1], dtype=np.int64),
        word_tokens=_covered(len(words), row_of, bounds, tokens),
        word_sentences=_covered(len(words), row_of, bounds, sentences),
        sentence_of=np.searchsorted(sentences[:, 0], tokens[:, 0], side="right") - 1,
    )


def _covered(
    n: int, row_of: npt.NDArray[np.int64], bounds: PeakSpans, units: PeakSpans
) -> npt.NDArray[np.bool_]:
    """Which units each of `n` word features shares a character with."""
    has = np.zeros((n, len(units)), dtype=bool)
    firsts = np.searchsorted(units[:, 1], bounds[:, 0], side="right")
    lasts = np.searchsorted(units[:, 0], bounds[:, 1], side="left")
    for row, first, last in zip(row_of.tolist(), firsts.tolist(), lasts.tolist(), strict=True):
        has[row, first:last] = True
    return has
