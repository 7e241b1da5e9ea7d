"""Texts of which the answer is known: a sentence that shows a statement is put into one.

Into a text that has none of a statement's features goes a sentence that showed it elsewhere. A
judge should find the statement there, and should not find others that neither text has.
"""

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from corpuscope.analyses.comparison.groups import Contrast
from corpuscope.claiming.material import Shown
from corpuscope.claiming.statement import Quote, Side, Statement
from corpuscope.labels.named_store import NamedStore
from corpuscope.shapes import DocumentMask, Rows

__all__ = ["Planted", "plant"]

_LONGEST_SENTENCE = 600
_LONGEST_BASE = 8_000


@dataclass(frozen=True, slots=True)
class Planted:
    """A pair of texts, or a text, into which a sentence was put.

    Attributes:
        statement: The statement that the sentence shows.
        side: The side of the pair into which it was put; None for a single text.
        rows: The documents, the target's first.
        texts: Their texts, with the sentence.
        neutral: Other statements of whose features no text has any.
    """

    statement: int
    side: Side | None
    rows: tuple[int, ...]
    texts: tuple[str, ...]
    neutral: tuple[int, ...]


def plant(
    source: NamedStore, statements: Sequence[Statement], shown: Sequence[Shown], bases: Contrast,
    *, n: int, seed: int,
) -> list[Planted]:  # fmt: skip
    """About `n` planted texts, equally many for each statement that can be planted, on both sides.

    Statements of degree, and those that only a whole text shows, cannot.

    Args:
        source: The documents.
        statements: The statements.
        shown: The findings that they were made from.
        bases: The documents to plant in.
        n: The number of planted texts, over all statements.
        seed: The random seed.
    """
    rng = np.random.default_rng([seed, 2])
    has = [_has(one, shown, source.n_documents) for one in statements]
    sentences = [_sentences(source, one) for one in statements]
    possible = [
        i for i, one in enumerate(statements)
        if one.kind == "presence" and one.has_place and sentences[i]
    ]  # fmt: skip
    if not possible or not n:
        return []
    each = max(2, round(n / len(possible)))
    planted: list[Planted] = []
    for i in possible:
        quoted = {one.row for one in statements[i].quotes}
        units = [rows for rows in _units(bases, has[i], rng) if not quoted & set(rows)]
        kinds = itertools.cycle(sentences[i])
        for rows, side in zip(units[:each], _sides(bases.is_paired), strict=False):
            texts = _planted_texts(source, rows, side, next(kinds), rng)
            if texts is not None:
                neutral = tuple(
                    j for j in range(len(statements))
                    if j != i and statements[j].findings and not has[j][list(rows)].any()
                    and not set(statements[j].findings) & set(statements[i].findings)
                )  # fmt: skip
                planted.append(Planted(i, side, rows, texts, neutral))
    return planted


def _has(one: Statement, shown: Sequence[Shown], n_documents: int) -> DocumentMask:
    found: DocumentMask = np.zeros(n_documents, dtype=bool)
    for number in one.findings:
        found = found | shown[number].has
    return found


def _units(bases: Contrast, has: DocumentMask, rng: np.random.Generator) -> list[tuple[int, ...]]:
    """Pairs, or documents, without the features, in random order."""
    if bases.is_paired:
        lacks = ~has[bases.target_rows] & ~has[bases.reference_rows]
        pairs = np.stack([bases.target_rows, bases.reference_rows], axis=1)[lacks]
        return [(int(left), int(right)) for left, right in rng.permutation(pairs)]
    rows: Rows = bases.rows
    return [(int(row),) for row in rng.permutation(rows[~has[rows]])]


def _sides(is_paired: bool) -> Iterator[Side | None]:
    return itertools.cycle(("target", "reference") if is_paired else (None,))


def _sentences(source: NamedStore, one: Statement) -> list[str]:
    """The sentences around the quotations."""
    found = [_sentence_of(source, quote) for quote in one.quotes]
    return list(dict.fromkeys(one for one in found if 0 < len(one) <= _LONGEST_SENTENCE))


def _sentence_of(source: NamedStore, quote: Quote) -> str:
    (document,) = source.documents(np.array([quote.row], dtype=np.int64))
    spans = document.sentence_spans
    if not len(spans):
        return quote.passage
    inside = (spans[:, 1] > quote.start) & (spans[:, 0] < quote.end)
    if not inside.any():
        return quote.passage
    start, end = int(spans[inside, 0].min()), int(spans[inside, 1].max())
    return document.text[start:end].strip()


def _planted_texts(
    source: NamedStore, rows: tuple[int, ...], side: Side | None, sentence: str,
    rng: np.random.Generator,
) -> tuple[str, ...] | None:  # fmt: skip
    documents = source.documents(np.array(rows, dtype=np.int64))
    if any(len(one.text) > _LONGEST_BASE for one in documents):
        return None
    texts = [one.text for one in documents]
    at = 1 if side == "reference" else 0
    ends = [int(end) for _, end in documents[at].sentence_spans] or [len(texts[at])]
    place = int(rng.choice(ends))
    before, after = texts[at][:place].rstrip(), texts[at][place:]
    gap = "" if after[:1].isspace() or not after else " "
    texts[at] = f"{before} {sentence}{gap}{after}"
    return tuple(texts)
