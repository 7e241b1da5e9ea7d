"""The matrices that probes learn from, of one store: rows are its documents."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

from corpuscope.analyses.document_vectors import open_document_vectors
from corpuscope.probing.attention import Tokens, tokens_of
from corpuscope.probing.design import Matrix
from corpuscope.probing.half_precision import in_single_precision
from corpuscope.probing.pooled import PooledStore
from corpuscope.probing.specs import Spec
from corpuscope.store import Store, lexical_presence

_SIDES = {"dense": "states", "reconstruction": "reconstruction", "error": "error"}

LEAST_DOCUMENTS = 3
"""Training documents that must have a word, or a feature, for it to be learned from."""


@dataclass(frozen=True, eq=False)
class Material:
    """A store with what was read of it.

    Attributes:
        store: The documents.
        pooled: Their states and features; None where no probe needs them.
    """

    store: Store
    pooled: PooledStore | None

    def matrix(self, spec: Spec, rows: npt.NDArray[np.int64], columns: Any) -> Matrix:
        """What a probe learns from: rows x columns.

        Args:
            spec: The probe.
            rows: Which documents.
            columns: The names of words, or the numbers of features within their part; nothing
                for dense columns.
        """
        if spec.kind == "length":
            return np.log(self.store.n_tokens[rows].astype(np.float32) + 1)[:, None]
        if spec.kind == "embedding":
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

    def tokens(self, spec: Spec, rows: npt.NDArray[np.int64], columns: Any) -> Tokens:
        """The tokens that attention looks at; `rows` and `columns` as of a matrix."""
        assert self.pooled is not None
        states, counts = self.pooled.tokens()
        given = self.pooled.token_features(columns) if spec.kind == "sae" else states
        return tokens_of(given, counts).of(rows)

    def words(self, rows: npt.NDArray[np.int64], names: list[str]) -> sp.csr_array:
        """Whether each document has each of these words, pairs and marks."""
        matrix = lexical_presence(self.store, min_documents=1)
        place = {name: at for at, name in enumerate(matrix.names)}
        there = [at for at, name in enumerate(names) if name in place]
        columns = matrix.presence[:, [place[names[at]] for at in there]][rows].tocoo()
        at = (columns.row, np.asarray(there, dtype=np.int64)[columns.col])
        ones = np.ones(len(columns.data), dtype=np.float32)
        return sp.csr_array((ones, at), shape=(len(rows), len(names)))

    def columns(self, spec: Spec, train: npt.NDArray[np.int64], without: frozenset[int]) -> Any:
        """The columns that enough training documents have, without features that are struck out."""
        if spec.kind == "words":
            matrix = lexical_presence(self.store, min_documents=LEAST_DOCUMENTS)
            counts = np.bincount(matrix.presence[train].indices, minlength=len(matrix.names))
            return [n for n, c in zip(matrix.names, counts, strict=True) if c >= LEAST_DOCUMENTS]
        if spec.kind != "sae":
            return None
        assert self.pooled is not None
        first, n = self.pooled.parts[spec.unit]
        features = self.pooled.features(spec.unit, spec.pooling)[train]
        counts = np.bincount(features.indices, minlength=n)
        is_out = np.isin(np.arange(first, first + n), list(without))
        return np.flatnonzero((counts >= LEAST_DOCUMENTS) & ~is_out)
