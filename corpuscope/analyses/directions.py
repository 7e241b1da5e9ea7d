"""Documents as directions, for what compares each with each or learns from all of it."""

import numpy as np
import scipy.sparse as sp

from corpuscope.analyses.columns import Columns
from corpuscope.analyses.document_vectors import are_at_hand, open_document_vectors
from corpuscope.analyses.groups import Rows
from corpuscope.analyses.source import Source
from corpuscope.shapes import DocumentDirections

_WIDTH = 100


def directions_of(source: Source, columns: Columns, rows: Rows, *, seed: int) -> DocumentDirections:
    """A direction for each of some documents.

    Their sentences' mean, where the stores came with it; to embed all sentences of others would
    take hours. Else the 100 directions in which their features and words vary most.

    Source: Deerwester, Dumais, Furnas, Landauer and Harshman 1990, for the latter.
    """
    found = vectors_at_hand(source, rows)
    return _at_length_one(_latent(weighted(columns, rows), seed)) if found is None else found


def vectors_at_hand(source: Source, rows: Rows) -> DocumentDirections | None:
    """The mean of their sentences for some documents, if the stores came with it."""
    if not all(are_at_hand(store) for store in source.stores):
        return None
    found = [open_document_vectors(store) for store in source.stores]
    return _at_length_one(np.concatenate([one.steps * one.scales[:, None] for one in found])[rows])


def _at_length_one(every: DocumentDirections) -> DocumentDirections:
    lengths = np.linalg.norm(every, axis=1, keepdims=True)
    directions: DocumentDirections = every / np.maximum(lengths, 1e-9)
    return directions


def weighted(columns: Columns, rows: Rows) -> sp.csr_array:
    """Features and words of some documents, in rows of length 1; rare ones count more."""
    presence = sp.csr_array(columns.presence[rows]).astype(np.float64)
    counts = np.asarray(presence.sum(axis=0)).ravel()
    weights = presence @ sp.diags_array(np.log(len(rows) / np.maximum(counts, 1)))
    lengths = np.sqrt(np.asarray((weights * weights).sum(axis=1)).ravel())
    return sp.csr_array(sp.diags_array(1 / np.maximum(lengths, 1e-9)) @ weights)


def _latent(weights: sp.csr_array, seed: int) -> DocumentDirections:
    from sklearn.utils.extmath import randomized_svd

    width = min(_WIDTH, min(weights.shape) - 1)
    if width < 1:
        return np.ones((weights.shape[0], 1))
    left, strengths, _ = randomized_svd(weights, width, random_state=seed)
    found: DocumentDirections = left * strengths
    return found
