import numpy as np
import scipy.sparse as sp

from corpuscope.statistics.rates.counts import (
    paired_counts,
    present_counts,
    stratum_counts,
    stratum_pair_counts,
)
from tests.statistics.worlds import sparse


def test_present_counts_ignore_strength_and_stored_zeros() -> None:
    stored = sp.csr_array((np.array([0.0, 0.3, 7.0]), [0, 1, 1], [0, 2, 3]), shape=(2, 2))
    assert present_counts(stored, np.array([True, True])).tolist() == [0, 2]


def test_strata_split_the_counts_and_nobody_is_counted_twice() -> None:
    generator = np.random.default_rng(0)
    presence = generator.random((60, 5)) < 0.3
    target = generator.random(60) < 0.4
    reference = ~target & (generator.random(60) < 0.8)
    strata = generator.integers(0, 4, 60)
    counts = stratum_counts(sparse(presence), target, reference, strata=strata)
    for s in range(4):
        assert (counts.present_target[s] == presence[target & (strata == s)].sum(0)).all()
        assert (counts.present_reference[s] == presence[reference & (strata == s)].sum(0)).all()
        assert counts.n_reference[s] == (reference & (strata == s)).sum()
    assert counts.n_target.sum() == target.sum()


def test_the_order_of_documents_does_not_matter() -> None:
    generator = np.random.default_rng(1)
    presence, strata = generator.random((40, 3)) < 0.5, generator.integers(0, 3, 40)
    target = generator.random(40) < 0.5
    order = generator.permutation(40)
    straight = stratum_counts(sparse(presence), target, ~target, strata=strata)
    shuffled = stratum_counts(
        sparse(presence[order]), target[order], ~target[order], strata=strata[order]
    )
    assert (straight.present_target == shuffled.present_target).all()
    assert (straight.n_reference == shuffled.n_reference).all()


def test_pairs_fall_into_four_kinds() -> None:
    target, reference = [[1, 1], [1, 0], [0, 0], [2, 0]], [[1, 0], [0, 0], [3, 0], [1, 0]]
    counts = paired_counts(sparse(target), sparse(reference))
    assert counts.only_target.tolist() == [1, 1]
    assert counts.only_reference.tolist() == [1, 0]
    assert counts.both.tolist() == [2, 0]
    assert counts.neither.tolist() == [0, 3]
    assert counts.n_pairs == 4


def test_strata_of_pairs_add_up_to_the_whole() -> None:
    generator = np.random.default_rng(2)
    left, right = (sparse(generator.random((50, 4)) < 0.4) for _ in range(2))
    whole = paired_counts(left, right)
    parts = stratum_pair_counts(left, right, strata=generator.integers(0, 3, 50))
    for name in ("only_target", "only_reference", "both", "neither"):
        assert (getattr(parts, name).sum(axis=0) == getattr(whole, name)).all()


def test_no_documents_give_no_counts() -> None:
    nothing, nobody = sp.csr_array((0, 3), dtype=bool), np.zeros(0, dtype=bool)
    assert present_counts(nothing, nobody).tolist() == [0, 0, 0]
    counts = stratum_counts(nothing, nobody, nobody, strata=np.zeros(0, dtype=np.int64))
    assert counts.present_target.shape == (0, 3)
    assert paired_counts(nothing, nothing).n_pairs == 0
