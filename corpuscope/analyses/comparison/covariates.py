"""Covariates that a comparison adjusts for: length, and strata formed by metadata columns."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow.compute as pc

from corpuscope.labels.named_store import NamedStore
from corpuscope.shapes import PerDocument
from corpuscope.statistics.rates.lengths import length_strata


@dataclass(frozen=True, eq=False)
class Covariates:
    """The covariates of each document: its length, and the stratum it belongs to.

    Attributes:
        lengths: Tokens of each document.
        strata: Stratum number of each document; only documents of one stratum are compared.
        sentences: Sentences of each document; None if they are not used.
    """

    lengths: PerDocument
    strata: PerDocument
    sentences: PerDocument | None = None

    def within(self, rows: PerDocument) -> Iterator[PerDocument]:
        """Length strata of some documents: by tokens, then by sentences if these are known.

        Stratum numbers start at 0. Each yields a separate adjustment. Texts cut to their first
        sentences still differ in sentences at equal tokens, texts selected by token count still
        differ in tokens at equal sentences; crossing both would leave few comparable documents.
        """
        for lengths in (self.lengths, self.sentences):
            if lengths is not None:
                yield crossed(length_strata(lengths[rows]), self.strata[rows])

    def comparable(self, rows: PerDocument, keys: PerDocument) -> PerDocument:
        """Numbers of exchangeability blocks: documents exchangeable under the null share one.

        Blocks are the pair keys if there are any, else similar length within one stratum.

        Args:
            rows: The documents.
            keys: The key number of each document; -1 for none.
        """
        if (keys >= 0).any():
            return keys
        return crossed(length_strata(self.lengths[rows]), self.strata[rows])


def covariates_of(source: NamedStore, columns: Sequence[str]) -> Covariates:
    """The token counts, sentence counts, and the strata formed by some columns."""
    sentences = n_sentences(source)
    return Covariates(
        source.n_tokens, strata_of(source, columns), sentences if sentences.any() else None
    )


def strata_of(source: NamedStore, columns: Sequence[str]) -> PerDocument:
    """A stratum number for each document, equal where all these columns have equal values."""
    strata = np.zeros(source.n_documents, dtype=np.int64)
    for name in columns:
        values = np.array([str(value) for value in source.column(name)])
        strata = crossed(strata, np.unique(values, return_inverse=True)[1].astype(np.int64))
    return strata


def n_sentences(source: NamedStore) -> PerDocument:
    """The number of sentences of each document; 0 if the store has none."""
    found = [np.empty(0, dtype=np.int64)]
    for store in source.stores:
        starts = store.table(np.arange(store.n_documents), "sentence_starts")["sentence_starts"]
        found.append(pc.list_value_length(starts).to_numpy().astype(np.int64))
    return np.concatenate(found)


def crossed(left: PerDocument, right: PerDocument) -> PerDocument:
    """A number for each document, equal where both inputs are equal; numbers start at 0."""
    # Mixed radix: one integer per combination of both numbers.
    combined = left * (int(right.max(initial=0)) + 1) + right
    return np.unique(combined, return_inverse=True)[1].astype(np.int64)
