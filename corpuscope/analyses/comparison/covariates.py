"""What makes documents alike that are compared: their lengths, and the strata they are in."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow.compute as pc

from corpuscope.labels.named_store import NamedStore
from corpuscope.shapes import PerDocument
from corpuscope.statistics.rates.lengths import length_strata


@dataclass(frozen=True, eq=False)
class Covariates:
    """What makes two documents alike: their lengths, and the strata they are in.

    Attributes:
        lengths: Tokens of each document.
        strata: A number for each document, equal for those that may be compared.
        sentences: Sentences of each document; None where these are not looked at.
    """

    lengths: PerDocument
    strata: PerDocument
    sentences: PerDocument | None = None

    def within(self, rows: PerDocument) -> Iterator[PerDocument]:
        """Strata from 0 of some documents: of like tokens, then of like sentences if known.

        Texts cut to their first sentences differ in sentences at equal tokens, texts chosen by
        their tokens in tokens at equal sentences; both at once would leave few that are alike.
        """
        for lengths in (self.lengths, self.sentences):
            if lengths is not None:
                yield crossed(length_strata(lengths[rows]), self.strata[rows])

    def comparable(self, rows: PerDocument, keys: PerDocument) -> PerDocument:
        """Numbers of documents, equal for those that could change places if nothing differed.

        Those of one key where there are keys, else those of like length and one stratum.

        Args:
            rows: The documents.
            keys: The number of the key of each; -1 is none.
        """
        if (keys >= 0).any():
            return keys
        return crossed(length_strata(self.lengths[rows]), self.strata[rows])


def covariates_of(source: NamedStore, columns: Sequence[str]) -> Covariates:
    """The documents' tokens, sentences, and the strata that some columns make."""
    sentences = n_sentences(source)
    return Covariates(
        source.n_tokens, strata_of(source, columns), sentences if sentences.any() else None
    )


def strata_of(source: NamedStore, columns: Sequence[str]) -> PerDocument:
    """A number for each document, equal where all these columns have the same value."""
    strata = np.zeros(source.n_documents, dtype=np.int64)
    for name in columns:
        values = np.array([str(value) for value in source.column(name)])
        strata = crossed(strata, np.unique(values, return_inverse=True)[1].astype(np.int64))
    return strata


def n_sentences(source: NamedStore) -> PerDocument:
    """How many sentences each document has; 0 where none were read."""
    found = [np.empty(0, dtype=np.int64)]
    for store in source.stores:
        starts = store.table(np.arange(store.n_documents), "sentence_starts")["sentence_starts"]
        found.append(pc.list_value_length(starts).to_numpy().astype(np.int64))
    return np.concatenate(found)


def crossed(left: PerDocument, right: PerDocument) -> PerDocument:
    """A number for each document, equal where both are; numbers count from 0."""
    undivided = left * (int(right.max(initial=0)) + 1) + right
    return np.unique(undivided, return_inverse=True)[1].astype(np.int64)
