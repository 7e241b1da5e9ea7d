"""Spectral coordinates, in which similar documents are close: leading eigenvectors."""

from typing import Any

import numpy as np
import numpy.typing as npt

from corpuscope.shapes import Affinity, Coordinates, PerComponent

# Multiplications by the matrix; each makes the leading directions stand out more.
_PASSES = 5
# Vectors of a block beyond the `n` wanted.
_SPARE = 4
_LEAST = 1e-12


def spectral_coordinates(
    affinity: Affinity, n: int, *, regularisation: float = 0.0, seed: int = 0
) -> tuple[PerComponent, Coordinates]:
    """The `n` largest eigenvalues of the normalised affinity matrix, and their eigenvectors.

    The matrix is D^(-1/2) A D^(-1/2), where D holds the row sums of A; its eigenvalues are one
    minus those of the normalised Laplacian, and the first is 1. The diagonal of A counts as 0:
    otherwise a document with hardly any affinity to others would be a group of its own. Costs six
    products of the matrix with about 2 n vectors.

    Rows are for k-means as they are. Ng, Jordan and Weiss scale them to length 1, which magnifies
    the noise of large groups, whose rows are the shortest: with groups of 300, 30 and 30 the
    large one is split and the small ones are merged.

    Args:
        affinity: Similarity of each two documents.
        n: Number of eigenvectors.
        regularisation: Share of the mean affinity that is added to each affinity, so that a few
            documents that share nothing with the others are not a group of their own. Large values
            hide small groups.
        seed: Random seed of the solver's start.

    Source: Ng, Jordan and Weiss 2001, steps 2 and 3; the solver, Musco and Musco 2015,
    algorithm 2; the regularisation, Amini, Chen, Bickel and Levina 2013, section 2.3.

    Example:
        >>> two_groups = np.kron(np.eye(2, dtype=np.float32), np.ones((3, 3), np.float32))
        >>> values, vectors = spectral_coordinates(two_groups, 2)
        >>> np.round(values, 4).tolist(), vectors.shape
        ([1.0, 1.0], (6, 2))
    """
    diagonal = affinity.diagonal()
    sums = affinity.sum(axis=1) - diagonal
    # Applied in the products, so that the matrix is neither copied nor changed.
    added = np.float32(regularisation * sums.mean() / len(sums))
    roots = 1 / np.sqrt(np.maximum(sums + added * len(sums), _LEAST)).astype(np.float32)

    def times(vectors: npt.NDArray[Any]) -> npt.NDArray[Any]:
        scaled = roots[:, None] * vectors
        product: npt.NDArray[Any] = affinity @ scaled - diagonal[:, None] * scaled
        back: npt.NDArray[Any] = roots[:, None] * (product + added * scaled.sum(axis=0))
        return back

    size = len(affinity)
    width = min(size, n + _SPARE)
    block = np.random.default_rng(seed).standard_normal((size, width)).astype(np.float32)
    # The leading eigenvector, D^(1/2) 1, is known; the other vectors are left to find the rest.
    block[:, 0] = 1 / roots
    found = []
    for _ in range(min(_PASSES, -(-size // width))):
        block = np.linalg.qr(times(block))[0]
        found.append(block)
    basis = np.linalg.qr(np.hstack(found).astype(np.float64))[0]
    # Rayleigh-Ritz: the eigenvectors of the matrix restricted to the block Krylov space.
    small = basis.T @ times(basis.astype(np.float32)).astype(np.float64)
    values, vectors = np.linalg.eigh((small + small.T) / 2)
    order = np.argsort(-values, kind="stable")[:n]
    return values[order], _with_one_sign(basis @ vectors[:, order])


def _with_one_sign(vectors: Coordinates) -> Coordinates:
    """Each vector with its largest entry positive, since the sign is arbitrary."""
    largest = vectors[np.abs(vectors).argmax(axis=0), np.arange(vectors.shape[1])]
    signed: Coordinates = vectors * np.where(largest < 0, -1, 1)
    return signed
