"""Passages that many documents share verbatim: templates, headers, signatures."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

from corpuscope.duplicates.fingerprints import (
    Numbers,
    end_to_end,
    fingerprints,
    passage_of,
    plain_text,
)
from corpuscope.duplicates.near_duplicates import Texts
from corpuscope.statistics.pairs.folding import fold

# Least number, and least share, of documents that share a template.
_LEAST, _LEAST_SHARE = 8, 0.005

# Shorter passages are ordinary phrases of the language.
_SHORTEST = 24

# n-grams whose documents have at least this Jaccard index belong to one passage.
_SAME_DOCUMENTS = 0.5
_MOST_STRETCHES = 2_000

# Documents in which a passage is located; the longest occurrence is reported.
_LOOKED_AT = 5


@dataclass(frozen=True)
class Template:
    """A passage that many documents share.

    Attributes:
        passage: Its text, as in one of them.
        rows: The documents.
        shown: Some of these, with the start and end offsets of the passage.
    """

    passage: str
    rows: tuple[int, ...]
    shown: tuple[tuple[int, tuple[int, int]], ...]


def templates(source: Texts, rows: Sequence[int]) -> list[Template]:
    """The passages shared by many of some documents, the most frequent first.

    Args:
        source: The texts.
        rows: The documents, without duplicates.

    Cost: about 150 microseconds per text of usual length.
    """
    prints = [fingerprints(plain_text(text)) for batch in source.text_batches() for text in batch]
    own = [prints[row] for row in rows]
    numbers, incidence = _shared(own, max(_LEAST, int(np.ceil(_LEAST_SHARE * len(rows)))))
    if not len(numbers):
        return []
    # n-grams of one passage are merged; the most frequent one represents them.
    leader_of = fold(
        incidence.T.tocsr(), np.arange(len(numbers)), min_jaccard=_SAME_DOCUMENTS,
        min_containment=1.0,
    )  # fmt: skip
    found = []
    for leader in np.unique(leader_of).tolist():
        documents = np.array(rows)[np.sort(incidence[[leader]].indices)]
        template = _template(source, documents, numbers[leader_of == leader])
        if len(template.passage) >= _SHORTEST:
            found.append(template)
    return sorted(found, key=lambda one: -len(one.rows))


def _shared(prints: Sequence[Numbers], least: int) -> tuple[Numbers, sp.csr_array]:
    """The n-grams in enough documents, most frequent first, as n-grams x documents."""
    numbers, places = end_to_end(prints)
    known, at, counts = np.unique(numbers, return_inverse=True, return_counts=True)
    order = np.argsort(-counts, kind="stable")[:_MOST_STRETCHES]
    order = order[counts[order] >= least]
    row_of = np.full(len(known), -1, dtype=np.int64)
    row_of[order] = np.arange(len(order))
    is_kept = row_of[at] >= 0
    shape = (len(order), len(prints))
    ones = np.ones(int(is_kept.sum()), dtype=np.int8)
    return known[order], sp.csr_array((ones, (row_of[at][is_kept], places[is_kept])), shape=shape)


def _template(source: Texts, documents: npt.NDArray[np.int64], numbers: Numbers) -> Template:
    spread = np.linspace(0, len(documents) - 1, min(len(documents), _LOOKED_AT))
    chosen = np.unique(documents[spread.astype(np.int64)]).tolist()
    places = [passage_of(text, numbers) for text in source.texts(chosen)]
    longest = max(range(len(chosen)), key=lambda i: places[i][1] - places[i][0])
    start, end = places[longest]
    passage = source.texts([chosen[longest]])[0][start:end]
    shown = tuple(zip(chosen, places, strict=True))
    return Template(passage, tuple(documents.tolist()), shown)
