"""Design matrices of one store: rows are its documents."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

from corpuscope.embedding.documents import open_document_vectors
from corpuscope.probing.matrices.pooled_cache import PooledStore, open_pooled
from corpuscope.probing.models.attention import TokenMatrix, tokens_of
from corpuscope.probing.models.float16 import in_single_precision
from corpuscope.probing.models.standardisation import Matrix
from corpuscope.probing.probe_names import Spec, positions_in
from corpuscope.store.lexical import lexical_presence
from corpuscope.store.store import Store

if TYPE_CHECKING:
    from corpuscope.extraction.progress import Report
    from corpuscope.reader.language_model import LanguageModel
    from corpuscope.sae.dictionary import Dictionary

_SIDES = {"dense": "states", "reconstruction": "reconstruction", "error": "error"}

LEAST_TRAINING_DOCUMENTS = 3
"""A word or feature in fewer training documents is dropped from the design matrix."""


@dataclass(frozen=True, eq=False)
class DesignMatrices:
    """A store with its pooled states and features.

    Attributes:
        store: The documents.
        pooled: Their pooled states and features; None where no probe needs them.
    """

    store: Store
    pooled: PooledStore | None

    def matrix(self, spec: Spec, rows: npt.NDArray[np.int64], columns: Any) -> Matrix:
        """The design matrix of a probe: rows x columns.

        Args:
            spec: The probe.
            rows: Which documents.
            columns: Word names, or feature indices within the part; unused for dense matrices.
        """
        if spec.kind == "length":
            return np.log(self.store.n_tokens[rows].astype(np.float32) + 1)[:, None]
        if spec.kind == "embedding":
            # Embeddings are stored as integers, with one scale per document.
            found = open_document_vectors(self.store).of(rows)
            return found.steps.astype(np.float32) * found.scales[:, None]
        if spec.kind == "words":
            return self.words(rows, columns)
        assert self.pooled is not None
        if spec.kind == "sae":
            features = self.pooled.features(spec.unit, spec.pooling)[rows]
            return sp.csr_array(features[:, columns])
        dense = self.pooled.dense(spec.unit, spec.pooling, _SIDES[spec.kind])
        return in_single_precision(dense, rows)

    def tokens(self, spec: Spec, rows: npt.NDArray[np.int64], columns: Any) -> TokenMatrix:
        """The tokens that attention pools over; `rows` and `columns` as in `matrix`."""
        assert self.pooled is not None
        states, counts = self.pooled.tokens()
        given = self.pooled.token_features(columns) if spec.kind == "sae" else states
        return tokens_of(given, counts).of(rows)

    def words(self, rows: npt.NDArray[np.int64], names: list[str]) -> sp.csr_array:
        """Whether each document has each of these words, pairs and marks."""
        # Columns are the training store's words; those missing in this store stay 0.
        matrix = lexical_presence(self.store, min_documents=1)
        place = {name: at for at, name in enumerate(matrix.names)}
        there = [at for at, name in enumerate(names) if name in place]
        columns = matrix.presence[:, [place[names[at]] for at in there]][rows].tocoo()
        at = (columns.row, np.asarray(there, dtype=np.int64)[columns.col])
        ones = np.ones(len(columns.data), dtype=np.float32)
        return sp.csr_array((ones, at), shape=(len(rows), len(names)))

    def columns(self, spec: Spec, train: npt.NDArray[np.int64], without: frozenset[int]) -> Any:
        """The columns present in enough training documents, without excluded features."""
        if spec.kind == "words":
            matrix = lexical_presence(self.store, min_documents=LEAST_TRAINING_DOCUMENTS)
            counts = np.bincount(matrix.presence[train].indices, minlength=len(matrix.names))
            return [
                n
                for n, c in zip(matrix.names, counts, strict=True)
                if c >= LEAST_TRAINING_DOCUMENTS
            ]
        if spec.kind != "sae":
            return None
        assert self.pooled is not None
        first, n = self.pooled.parts[spec.unit]
        features = self.pooled.features(spec.unit, spec.pooling)[train]
        counts = np.bincount(features.indices, minlength=n)
        is_out = np.isin(np.arange(first, first + n), list(without))
        return np.flatnonzero((counts >= LEAST_TRAINING_DOCUMENTS) & ~is_out)


def design_matrices_of(
    store: Store,
    specs: Sequence[Spec],
    dictionary: "str | Path | Dictionary",
    reader: "LanguageModel | None",
    progress: "Report | bool | None",
) -> DesignMatrices:
    """A store with what some probes need of it, taken from its cache or read anew.

    Raises:
        FeatureMismatch: The store was read with another dictionary.
        ReaderError: The reader cannot be loaded.
    """
    if not any(one.unit for one in specs):
        return DesignMatrices(store, None)
    tokens = any(one.pooling == "attention" for one in specs)
    pooled = open_pooled(
        store, positions=positions_in(specs), tokens=tokens, dictionary=dictionary,
        reader=reader, progress=progress,
    )  # fmt: skip
    return DesignMatrices(store, pooled)
