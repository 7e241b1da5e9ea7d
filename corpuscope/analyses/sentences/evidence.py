"""Evidence for a kind of sentence: distinct example sentences."""

import itertools
import re
from collections.abc import Iterable, Iterator

import numpy as np

from corpuscope.labels.named_store import NamedStore
from corpuscope.store.evidence import Evidence
from corpuscope.store.rows import StoredDocument

# Candidates examined per sentence wanted, and the Jaccard index of words from which one is skipped
# as too similar to an earlier one.
_LOOKED_AT, _SAME_WORDS = 20, 0.5


def shown_sentences(
    source: NamedStore, places: Iterable[tuple[int, int, float]], side: str, n: int
) -> tuple[Evidence, ...]:
    """Up to `n` distinct sentences, in the given order.

    Args:
        source: The texts.
        places: The row of a document, the index of a sentence in it, and its strength.
        side: The `side` of all of them.
        n: The number of sentences wanted.
    """
    found = list(itertools.islice(places, _LOOKED_AT * n))
    documents = source.documents(np.array([row for row, _, _ in found], dtype=np.int64))
    every = (
        Evidence(one.id, one.text, side, (_span(one, number),), strength)
        for one, (_, number, strength) in zip(documents, found, strict=True)
    )
    return tuple(itertools.islice(_distinct(every), n))


def _span(one: StoredDocument, number: int) -> tuple[int, int]:
    start, end = (int(character) for character in one.sentence_spans[number])
    return start, end


def _distinct(found: Iterable[Evidence]) -> Iterator[Evidence]:
    seen: list[set[str]] = []
    for one in found:
        ((start, end),) = one.spans
        words = set(re.findall(r"\w+", one.text[start:end].lower()))
        if all(len(words & other) < _SAME_WORDS * len(words | other) for other in seen):
            seen.append(words)
            yield one
