"""From documents to sections: the texts passed to the tokenizer, with their sentences.

A section is part of one document, ends at a sentence boundary, and is short enough that documents
of any length are read in bounded memory.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import Literal

from corpuscope.corpus.document import Document
from corpuscope.corpus.texts.sentences import Span, split_sentences
from corpuscope.reader.chat.pieces import Piece
from corpuscope.reader.chat.render import render
from corpuscope.reader.masks import MaskPolicy

Context = Literal["sentence", "passage"]
"""The reader's context: a single sentence, or as many sentences as fit."""

_SECTION_CHARACTERS = 20_000


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence of a section: its character range there, and whether it counts."""

    start: int
    end: int
    counts: bool


@dataclass(frozen=True, slots=True)
class Section:
    """A text for the tokenizer.

    Attributes:
        document: The number of its document.
        text: The text to tokenize.
        pieces: The parts of it that are from the document; the rest is from a chat template.
        sentences: In order, at least one.
    """

    document: int
    text: str
    pieces: tuple[Piece, ...]
    sentences: tuple[Sentence, ...]


def plain_sections(
    document: Document, number: int, *, context: Context, masks: MaskPolicy, window: int
) -> Iterator[Section]:
    """The sections of a document that is read without a chat template.

    Args:
        document: The document.
        number: Its number.
        context: With "sentence" each sentence is a section of its own, and those that do not
            count are not read at all.
        masks: Which roles count.
        window: About how many tokens are read at once.
    """
    sentences = _sentences(document, masks)
    if not any(sentence.counts for sentence in sentences):
        return
    if context == "sentence":
        groups: Iterable[list[Sentence]] = ([s] for s in sentences if s.counts)
    else:
        groups = _grouped(sentences, window)
    for group in groups:
        start, end = group[0].start, group[-1].end
        moved = tuple(Sentence(s.start - start, s.end - start, s.counts) for s in group)
        piece = Piece(0, start, end - start)
        yield Section(number, document.text[start:end], (piece,), moved)


def chat_sections(
    document: Document, number: int, *, tokenizer: object, masks: MaskPolicy, window: int
) -> Iterator[Section]:
    """The sections of a chat, as rendered by the reader's chat template.

    Raises:
        ChatRefusedError: The template cannot render it.
    """
    text, pieces = render(document, tokenizer, counts=masks.counts_role)
    sentences = sorted(_rendered(document, pieces, masks), key=lambda one: one.start)
    if not any(sentence.counts for sentence in sentences):
        return
    groups = list(_grouped(sentences, window))
    starts = [0, *(group[0].start for group in groups[1:])]
    for group, start, end in zip(groups, starts, [*starts[1:], len(text)], strict=True):
        moved = tuple(Sentence(s.start - start, s.end - start, s.counts) for s in group)
        yield Section(number, text[start:end], _clipped(pieces, start, end), moved)


def _rendered(document: Document, pieces: Iterable[Piece], masks: MaskPolicy) -> Iterator[Sentence]:
    """The sentences of a chat, as far as the template kept them, in the rendered text."""
    ordered = sorted(pieces, key=lambda piece: (piece.message, piece.start))
    for number, own in groupby(ordered, key=lambda piece: piece.message):
        role, kept = document.roles[number], list(own)
        ends = [piece.document_end for piece in kept]
        counts = masks.counts_role(role.role)
        for start, end in split_sentences(document.text[role.start : role.end]):
            a, b = role.start + start, role.start + end
            first = bisect_right(ends, a)
            last = bisect_left(ends, b)
            last = last if last < len(kept) and kept[last].document_start < b else last - 1
            if first <= last:
                from_, to = kept[first], kept[last]
                yield Sentence(
                    from_.start + max(a, from_.document_start) - from_.document_start,
                    to.start + min(b, to.document_end) - to.document_start,
                    counts,
                )


def _sentences(document: Document, masks: MaskPolicy) -> list[Sentence]:
    return [
        Sentence(start + a, start + b, counts)
        for start, end, counts in _regions(document, masks)
        if start < end
        for a, b in split_sentences(document.text[start:end])
    ]


def _regions(document: Document, masks: MaskPolicy) -> Iterator[tuple[int, int, bool]]:
    """The text in regions of one role, or of none; sentences do not cross these."""
    at = 0
    for role in sorted(document.roles, key=lambda role: role.start):
        yield at, role.start, masks.counts_role(None)
        yield role.start, role.end, masks.counts_role(role.role)
        at = role.end
    yield at, len(document.text), masks.counts_role(None)


def _grouped(sentences: Iterable[Sentence], window: int) -> Iterator[list[Sentence]]:
    """Groups of consecutive sentences, each at most about as long as a section may be."""
    # Long enough to fill a window even at 16 characters per token.
    limit = max(_SECTION_CHARACTERS, 16 * window)
    group: list[Sentence] = []
    for sentence in sentences:
        if group and sentence.end - group[0].start > limit:
            yield group
            group = []
        group.append(sentence)
    if group:
        yield group


def _clipped(pieces: Iterable[Piece], start: int, end: int) -> tuple[Piece, ...]:
    found = []
    for piece in pieces:
        first: Span = max(piece.start, start), min(piece.end, end)
        if first[0] < first[1]:
            moved = piece.document_start + first[0] - piece.start
            found.append(Piece(first[0] - start, moved, first[1] - first[0], piece.message))
    return tuple(found)
