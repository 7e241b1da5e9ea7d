"""Counts of documents in which features are present, by group, stratum and pair."""

from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp

from corpuscope.shapes import (
    CountPerFeature,
    CountPerStratum,
    CountPerStratumAndFeature,
    DocumentMask,
    PairedPresence,
    PerDocument,
    PerFeature,
    PerPair,
    PresenceMatrix,
)


@dataclass(frozen=True)
class StratumCounts:
    """Documents in which each feature is present, by stratum and group.

    Attributes:
        present_target: Documents of the target group with the feature.
        present_reference: Documents of the reference group with the feature.
        n_target: All documents of the target group.
        n_reference: All documents of the reference group.
    """

    present_target: CountPerStratumAndFeature
    present_reference: CountPerStratumAndFeature
    n_target: CountPerStratum
    n_reference: CountPerStratum


@dataclass(frozen=True)
class PairCounts:
    """Number of pairs with each feature in one document only, in both or in neither."""

    only_target: CountPerFeature
    only_reference: CountPerFeature
    both: CountPerFeature
    neither: CountPerFeature
    n_pairs: int


@dataclass(frozen=True)
class StratumPairCounts:
    """`PairCounts` for each stratum of pairs."""

    only_target: CountPerStratumAndFeature
    only_reference: CountPerStratumAndFeature
    both: CountPerStratumAndFeature
    neither: CountPerStratumAndFeature
    n_pairs: CountPerStratum


# Added to the binomial variance in `enrichment`.
_SPARE_VARIANCE = 0.1


def present_counts(presence: PresenceMatrix, rows: DocumentMask) -> CountPerFeature:
    """Number of the documents `rows` in which each feature is present.

    Any stored value other than zero counts as present.

    Example:
        >>> presence = sp.csr_array(np.array([[1, 0], [1, 1], [0, 1]]))
        >>> present_counts(presence, np.array([True, True, False]))
        array([2, 1])
    """
    counts: CountPerFeature = as_ones(presence).T @ rows.astype(np.int64)
    return counts


def stratum_counts(
    presence: PresenceMatrix,
    target: DocumentMask,
    reference: DocumentMask,
    *,
    strata: PerDocument,
) -> StratumCounts:
    """Number of documents of each stratum and group in which each feature is present.

    `strata` numbers the strata from 0. Documents of neither group are ignored. Costs one sparse
    product per group; the result is dense, 4 bytes per group, stratum and feature.

    Example:
        >>> presence = sp.csr_array(np.array([[1], [1], [0], [1]]))
        >>> target = np.array([True, True, False, False])
        >>> counts = stratum_counts(presence, target, ~target, strata=np.array([0, 1, 0, 1]))
        >>> counts.present_target.tolist(), counts.present_reference.tolist()
        ([[1], [1]], [[0], [1]])
    """
    n_strata = int(strata.max(initial=-1)) + 1
    ones = as_ones(presence)
    return StratumCounts(
        present_target=_sum_by_stratum(ones, target, strata, n_strata),
        present_reference=_sum_by_stratum(ones, reference, strata, n_strata),
        n_target=np.bincount(strata[target], minlength=n_strata),
        n_reference=np.bincount(strata[reference], minlength=n_strata),
    )


def paired_counts(
    presence_target: PairedPresence, presence_reference: PairedPresence
) -> PairCounts:
    """Number of pairs with each feature in one document only, in both or in neither.

    Row `i` of both matrices is pair `i`.

    Example:
        >>> target = sp.csr_array(np.array([[1], [1], [0]]))
        >>> reference = sp.csr_array(np.array([[0], [1], [0]]))
        >>> paired_counts(target, reference).only_target
        array([1])
    """
    pairs = stratum_pair_counts(
        presence_target,
        presence_reference,
        strata=np.zeros(presence_target.shape[0], dtype=np.int64),
        n_strata=1,
    )
    return PairCounts(
        only_target=pairs.only_target[0].astype(np.int64),
        only_reference=pairs.only_reference[0].astype(np.int64),
        both=pairs.both[0].astype(np.int64),
        neither=pairs.neither[0].astype(np.int64),
        n_pairs=int(pairs.n_pairs[0]),
    )


def stratum_pair_counts(
    presence_target: PairedPresence,
    presence_reference: PairedPresence,
    *,
    strata: PerPair,
    n_strata: int | None = None,
) -> StratumPairCounts:
    """`paired_counts` for each stratum of pairs (numbered from 0).

    Example:
        >>> target = sp.csr_array(np.array([[1], [1], [0]]))
        >>> reference = sp.csr_array(np.array([[0], [1], [0]]))
        >>> stratum_pair_counts(target, reference, strata=np.array([0, 1, 1])).both.tolist()
        [[0], [1]]
    """
    n_strata = int(strata.max(initial=-1)) + 1 if n_strata is None else n_strata
    everyone = np.ones(len(strata), dtype=bool)
    left, right = as_ones(presence_target), as_ones(presence_reference)
    both, target, reference = (
        _sum_by_stratum(matrix, everyone, strata, n_strata)
        for matrix in (sp.csr_array(left.multiply(right)), left, right)
    )
    n_pairs = np.bincount(strata, minlength=n_strata)
    return StratumPairCounts(
        only_target=target - both,
        only_reference=reference - both,
        both=both,
        # Inclusion-exclusion, so that matrices stay sparse.
        neither=n_pairs[:, None] - target - reference + both,
        n_pairs=n_pairs,
    )


def as_ones(presence: sp.csr_array) -> sp.csr_array:
    """The matrix with 1 for every stored value other than zero; stored zeros stay 0.

    Example:
        >>> as_ones(sp.csr_array(np.array([[0.0, 2.5]]))).toarray().tolist()
        [[0, 1]]
    """
    ones = (presence.data != 0).astype(np.int32)
    return sp.csr_array((ones, presence.indices, presence.indptr), shape=presence.shape)


def _sum_by_stratum(
    ones: PresenceMatrix, rows: DocumentMask, strata: PerDocument, n_strata: int
) -> CountPerStratumAndFeature:
    """Counts by stratum, as a sparse product of stratum membership and presence."""
    documents = np.flatnonzero(rows)
    membership = sp.csr_array(
        (np.ones(len(documents), dtype=np.int32), (strata[documents], documents)),
        shape=(n_strata, len(strata)),
    )
    counts: CountPerStratumAndFeature = (membership @ ones).toarray()
    return counts


def enrichment(
    count: CountPerFeature, n: int, count_of_all: CountPerFeature, n_of_all: int
) -> PerFeature:
    """z-score of each feature's count in some documents, given its rate in all documents.

    A tenth is added to the binomial variance, so that one document with a rare feature does not get
    a very large score. A score to rank by, not a test.

    Args:
        count: Number of the `n` documents with each feature.
        n: Number of documents of interest.
        count_of_all: Number of all documents with each feature.
        n_of_all: Number of all documents.

    Example:
        >>> enrichment(np.array([9, 1]), 10, np.array([50, 1]), 100).round(1)
        array([2.5, 2. ])
    """
    rate = count_of_all / max(n_of_all, 1)
    found: PerFeature = (count - n * rate) / np.sqrt(n * rate * (1 - rate) + _SPARE_VARIANCE)
    return found
