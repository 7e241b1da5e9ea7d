"""Passages that many documents share, word for word: templates, headers, signatures."""

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

# A passage in so many documents, and in such a share of them, is a template.
_LEAST, _LEAST_SHARE = 8, 0.005

# What is shorter is a phrase of the language.
_SHORTEST = 24

# Stretches that share so much of their documents are of one passage.
_SAME_DOCUMENTS = 0.5
_MOST_STRETCHES = 2_000

# A passage is looked for in so many documents, and the longest of it told.
_LOOKED_AT = 5


@dataclass(frozen=True)
class Template:
    """A passage that many documents share.

    Attributes:
        passage: Its text, as it stands in one of them.
        rows: The documents.
        shown: Some of these, with the first character of the passage and the one after its last.
    """

    passage: str
    rows: tuple[int, ...]
    shown: tuple[tuple[int, tuple[int, int]], ...]


def templates(source: Texts, rows: Sequence[int]) -> list[Template]:
    """The passages that most of some documents share, those in most documents first.

    Args:
        source: The texts.
        rows: Documents no two of which are copies of each other.

    Cost: some 150 microseconds a text of usual length.
    """
    prints = [fingerprints(plain_text(text)) for batch in source.text_batches() for text in batch]
    own = [prints[row] for row in rows]
    numbers, incidence = _shared(own, max(_LEAST, int(np.ceil(_LEAST_SHARE * len(rows)))))
    if not len(numbers):
        return []
    # The most frequent stretch leads; the others of its passage are told with it.
    leader_of = fold(
        incidence.T.tocsr(), np.arange(len(numbers)), min_jaccard=_SAME_DOCUMENTS,
        min_containment=1.0,
    )  # fmt: skip
    found = []
    for leader in np.unique(leader_of).tolist():
        documents = np.array(rows)[np.sort(incidence[[leader]].indices)]
        told = _told(source, documents, numbers[leader_of == leader])
        if len(told.passage) >= _SHORTEST:
            found.append(told)
    return sorted(found, key=lambda one: -len(one.rows))


def _shared(prints: Sequence[Numbers], least: int) -> tuple[Numbers, sp.csr_array]:
    """The stretches in enough documents, most frequent first, and which documents have each."""
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


def _told(source: Texts, documents: npt.NDArray[np.int64], numbers: Numbers) -> Template:
    many = np.linspace(0, len(documents) - 1, min(len(documents), _LOOKED_AT))
    chosen = np.unique(documents[many.astype(np.int64)]).tolist()
    places = [passage_of(text, numbers) for text in source.texts(chosen)]
    longest = max(range(len(chosen)), key=lambda i: places[i][1] - places[i][0])
    start, end = places[longest]
    passage = source.texts([chosen[longest]])[0][start:end]
    shown = tuple(zip(chosen, places, strict=True))
    return Template(passage, tuple(documents.tolist()), shown)
