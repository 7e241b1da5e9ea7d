"""Documents to sections: the texts that the tokenizer is given, and what stands where in them.

A section lies within one document, is cut at sentence ends, and is short enough that any number
of them can be read in bounded memory, however long the document is.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from corpuscope.corpus.document import Document
from corpuscope.corpus.texts.sentences import Span, split_sentences
from corpuscope.reader.chat import Piece, render
from corpuscope.reader.masks import MaskPolicy

Context = Literal["sentence", "passage"]
"""What the reader sees at once: a sentence alone, or as many as fit."""

_SECTION_CHARACTERS = 20_000


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence of a section: its characters there, and whether they count."""

    start: int
    end: int
    counts: bool


@dataclass(frozen=True, slots=True)
class Section:
    """A text for the tokenizer.

    Attributes:
        document: Which of the documents it is from.
        text: What is read.
        pieces: The parts of it that stand in the document; what lies outside is template.
        sentences: In order, at least one.
    """

    document: int
    text: str
    pieces: tuple[Piece, ...]
    sentences: tuple[Sentence, ...]


def plain_sections(
    document: Document, number: int, *, context: Context, masks: MaskPolicy, window: int
) -> Iterator[Section]:
    """The sections of a document that is read as it stands.

    Args:
        document: What is read.
        number: Which of the documents it is.
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
    """The sections of a chat that is read as the reader's template writes it.

    Raises:
        ChatRefusedError: The template cannot write it.
    """
    text, pieces = render(document, tokenizer)
    sentences = [
        Sentence(piece.start + start, piece.start + end, masks.counts_role(role.role))
        for role, piece in zip(document.roles, pieces, strict=True)
        for start, end in split_sentences(text[piece.start : piece.start + piece.length])
    ]
    if not any(sentence.counts for sentence in sentences):
        return
    groups = list(_grouped(sentences, window))
    starts = [0, *(group[0].start for group in groups[1:])]
    for group, start, end in zip(groups, starts, [*starts[1:], len(text)], strict=True):
        moved = tuple(Sentence(s.start - start, s.end - start, s.counts) for s in group)
        yield Section(number, text[start:end], _clipped(pieces, start, end), moved)


def _sentences(document: Document, masks: MaskPolicy) -> list[Sentence]:
    return [
        Sentence(start + a, start + b, counts)
        for start, end, counts in _regions(document, masks)
        if start < end
        for a, b in split_sentences(document.text[start:end])
    ]


def _regions(document: Document, masks: MaskPolicy) -> Iterator[tuple[int, int, bool]]:
    """The text in pieces that one role speaks, or nobody; no sentence lies across two."""
    at = 0
    for role in sorted(document.roles, key=lambda role: role.start):
        yield at, role.start, masks.counts_role(None)
        yield role.start, role.end, masks.counts_role(role.role)
        at = role.end
    yield at, len(document.text), masks.counts_role(None)


def _grouped(sentences: Iterable[Sentence], window: int) -> Iterator[list[Sentence]]:
    """Consecutive sentences, together about as long as a section may be."""
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
        first: Span = max(piece.start, start), min(piece.start + piece.length, end)
        if first[0] < first[1]:
            moved = piece.document_start + first[0] - piece.start
            found.append(Piece(first[0] - start, moved, first[1] - first[0]))
    return tuple(found)
