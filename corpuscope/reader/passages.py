"""From sections to passages (the reader's inputs) and to padded batches of passages.

Tokens are in flat arrays in document order; a passage is a range of them. Does not run the model.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from corpuscope.reader.sections import Context, Section
from corpuscope.reader.tokens import Frame, Tokenizing, Tokens

IntArray = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Load:
    """The tokens of some sections, ready to be read.

    Attributes:
        ids: Input ids, without the special tokens around each passage.
        counts: Which tokens count, as far as is known without running the model.
        documents: The document of each counted token.
        spans: The half-open character range of each counted token in its document.
        sentences: The sentence of each counted token, a row of the next two.
        sentence_documents: The document of each sentence with a counted token.
        sentence_spans: The character range of each of these in its document.
        passages: The half-open token range of each passage.
        frame: The special tokens before and after each passage.
    """

    ids: IntArray
    counts: npt.NDArray[np.bool_]
    documents: IntArray
    spans: IntArray
    sentences: IntArray
    sentence_documents: IntArray
    sentence_spans: IntArray
    passages: IntArray
    frame: Frame


@dataclass(frozen=True, slots=True, eq=False)
class PassageBatch:
    """A padded batch of passages.

    Attributes:
        ids: Input ids.
        mask: Attention mask; padding is on the right.
        places: Positions of the counted tokens in the flattened batch.
        tokens: Indices of these among the load's counted tokens.
    """

    ids: IntArray
    mask: npt.NDArray[np.bool_]
    places: IntArray
    tokens: IntArray


def tokenized(
    sections: Sequence[Section],
    reader: Tokenizing,
    *,
    context: Context,
    max_tokens: int,
    frame: Frame | None = None,
) -> Load:
    """The passages of the sections, each at most `max_tokens` long including special tokens.

    Args:
        sections: The texts.
        reader: The model whose tokenizer is used.
        context: What is read at once.
        max_tokens: The most tokens of a passage.
        frame: The special tokens around each passage; None for those of the tokenizer.
    """
    before, after = frame = frame or reader.frame
    tokens = _without_frame(reader.tokenize([section.text for section in sections]), before)
    table = _SentenceTable(sections)
    sentences = table.sentences_of(tokens)
    spans, is_inside = table.document_spans(tokens)
    counts = is_inside & table.counts[sentences] & ~tokens.is_special
    counts &= spans[:, 0] < spans[:, 1]
    # Each passage is wrapped in the model's special tokens.
    capacity = max_tokens - len(before) - len(after)
    passages = _passages(
        sentences, None if context == "sentence" else table.sections, capacity=capacity
    )
    used, renumbered = np.unique(sentences[counts], return_inverse=True)
    return Load(
        ids=tokens.ids,
        counts=counts,
        documents=table.documents[sentences[counts]],
        spans=spans[counts],
        sentences=renumbered,
        sentence_documents=table.documents[used],
        sentence_spans=table.spans[used],
        passages=_with_counted_tokens(passages, counts),
        frame=frame,
    )


def batches(
    load: Load, reader: Tokenizing, *, batch_tokens: int, pads: bool = True
) -> Iterator[PassageBatch]:
    """Batches of passages of similar length, longest first, with at most `batch_tokens` positions.

    A batch has at least one passage, however long.

    Args:
        load: The passages.
        reader: Whose padding token is used.
        batch_tokens: The most positions of a batch.
        pads: Whether a batch may hold passages of several lengths.
    """
    n_frame = sum(map(len, load.frame))
    lengths = load.passages[:, 1] - load.passages[:, 0]
    # Similar lengths together, so that little is padded.
    order = np.argsort(-lengths, kind="stable")
    # For each passage in this order, how many are as long or longer.
    ends = np.searchsorted(-lengths[order], -lengths[order], side="right")
    at = 0
    while at < len(order):
        n = max(1, batch_tokens // (int(lengths[order[at]]) + n_frame))
        end = at + n if pads else min(at + n, int(ends[at]))
        yield _batch(load, load.passages[order[at:end]], reader)
        at = end


class _SentenceTable:
    """The sentences of all sections, with character positions in their concatenated text."""

    def __init__(self, sections: Sequence[Section]) -> None:
        lengths = np.array([len(section.text) for section in sections], dtype=np.int64)
        self._bases = np.cumsum(lengths) - lengths
        per_section = np.array([len(section.sentences) for section in sections], dtype=np.int64)
        self.sections = np.repeat(np.arange(len(sections)), per_section)
        rows = [(s.start, s.end, s.counts) for section in sections for s in section.sentences]
        table = np.array(rows, dtype=np.int64).reshape(-1, 3)
        self._starts = table[:, 0] + self._bases[self.sections]
        self._firsts = np.cumsum(per_section) - per_section
        self.counts = table[:, 2].astype(bool)
        numbers = np.array([section.document for section in sections], dtype=np.int64)
        self.documents = numbers[self.sections]
        self._set_pieces(sections)
        self.spans = self._moved(self._starts, table[:, 1] + self._bases[self.sections])

    def sentences_of(self, tokens: Tokens) -> IntArray:
        """The sentence of each token: the one that contains its last character, or the previous."""
        # A token may span a boundary or a leading space; its last character decides.
        last = self._bases[tokens.texts] + np.maximum(tokens.ends - 1, tokens.starts)
        found = np.searchsorted(self._starts, last, side="right") - 1
        return np.asarray(np.maximum(found, self._firsts[tokens.texts]))

    def document_spans(self, tokens: Tokens) -> tuple[IntArray, npt.NDArray[np.bool_]]:
        """The character range of each token in its document, and whether it has any there."""
        starts = self._bases[tokens.texts] + tokens.starts
        ends = self._bases[tokens.texts] + tokens.ends
        pieces = self._piece_of(np.maximum(ends - 1, starts))
        is_inside = (starts < self._pieces[pieces, 1]) & (ends > self._pieces[pieces, 0])
        return self._moved(starts, ends), is_inside

    def _set_pieces(self, sections: Sequence[Section]) -> None:
        rows = [
            (base + piece.start, base + piece.end, piece.document_start, number, piece.message)
            for number, (base, section) in enumerate(
                zip(self._bases.tolist(), sections, strict=True)
            )
            for piece in section.pieces
        ]
        self._pieces = np.array(rows, dtype=np.int64).reshape(-1, 5)

    def _piece_of(self, characters: IntArray) -> IntArray:
        found = np.searchsorted(self._pieces[:, 0], characters, side="right") - 1
        return np.maximum(found, 0)

    def _moved(self, starts: IntArray, ends: IntArray) -> IntArray:
        """Ranges of the document: of one message, that of the last character."""
        last = self._piece_of(np.maximum(ends - 1, starts))
        first = self._piece_of(starts)
        # What begins between two pieces begins with the next.
        first = np.minimum(first + (starts >= self._pieces[first, 1]), last)
        is_other = (self._pieces[first, 3:] != self._pieces[last, 3:]).any(axis=1)
        first = np.where(is_other, last, first)
        begin, end = self._pieces[first], self._pieces[last]
        return np.stack(
            [
                np.maximum(starts, begin[:, 0]) - begin[:, 0] + begin[:, 2],
                np.minimum(ends, end[:, 1]) - end[:, 0] + end[:, 2],
            ],
            axis=1,
        )


def _without_frame(tokens: Tokens, before: Sequence[int]) -> Tokens:
    """The tokens without opening special tokens that a chat template wrote; passages add them."""
    if not before or not len(tokens.ids):
        return tokens
    firsts = np.flatnonzero(np.diff(tokens.texts, prepend=-1))
    keep = np.ones(len(tokens.ids), dtype=bool)
    for first in firsts[tokens.ids[firsts] == before[0]]:
        if tokens.ids[first : first + len(before)].tolist() == list(before):
            keep[first : first + len(before)] = False
    return Tokens(*(getattr(tokens, name)[keep] for name in Tokens.__slots__))


def _passages(sentences: IntArray, sections: IntArray | None, *, capacity: int) -> IntArray:
    """Greedy runs of whole sentences of one section; a sentence that is too long is split.

    Args:
        sentences: The sentence of each token.
        sections: The section of each sentence; None reads each sentence alone.
        capacity: The most tokens per passage.
    """
    if not len(sentences):
        return np.zeros((0, 2), dtype=np.int64)
    firsts = np.flatnonzero(np.diff(sentences, prepend=-1))
    bounds = [*firsts.tolist(), len(sentences)]
    owners = (sentences if sections is None else sections[sentences])[firsts].tolist()
    passages: list[tuple[int, int]] = []
    begin, owner = 0, owners[0]
    for i, next_owner in enumerate(owners):
        start, end = bounds[i], bounds[i + 1]
        if begin < start and (next_owner != owner or end - begin > capacity):
            passages.append((begin, start))
            begin = start
        owner = next_owner
        while end - begin > capacity:
            passages.append((begin, begin + capacity))
            begin += capacity
    passages.append((begin, len(sentences)))
    return np.array(passages, dtype=np.int64)


def _with_counted_tokens(passages: IntArray, counts: npt.NDArray[np.bool_]) -> IntArray:
    n_counted = np.concatenate([[0], np.cumsum(counts)])
    return passages[n_counted[passages[:, 1]] > n_counted[passages[:, 0]]]


def _batch(load: Load, passages: IntArray, reader: Tokenizing) -> PassageBatch:
    before, after = (np.array(ids, dtype=np.int64) for ids in load.frame)
    lengths = passages[:, 1] - passages[:, 0]
    rows = np.repeat(np.arange(len(passages)), lengths)
    # The position of each token within its passage.
    within = np.arange(len(rows)) - np.repeat(np.cumsum(lengths) - lengths, lengths)
    tokens = np.repeat(passages[:, 0], lengths) + within
    n_places = int(lengths.max()) + len(before) + len(after)
    ids = np.full((len(passages), n_places), reader.pad_id, dtype=np.int64)
    ids[:, : len(before)] = before
    ids[rows, len(before) + within] = load.ids[tokens]
    ends = len(before) + lengths
    for i, token in enumerate(after):
        ids[np.arange(len(passages)), ends + i] = token
    mask = np.arange(n_places) < (ends + len(after))[:, None]
    counted = load.counts[tokens]
    places = (rows * n_places + len(before) + within)[counted]
    # From indices among all tokens to indices among the counted ones.
    numbers = (np.cumsum(load.counts) - 1)[tokens[counted]]
    return PassageBatch(ids, mask, places, numbers)
