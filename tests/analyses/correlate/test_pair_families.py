"""Which pair tells a family: the least alike of those that are as good as the best finding."""

import numpy as np
import pytest
import scipy.sparse as sp

from corpuscope.analyses.correlate.pair_families import pair_families


def joint(*documents: range) -> sp.csc_array:
    """40 documents x pairs, with those that each pair is in."""
    presence = np.zeros((40, len(documents)), dtype=np.float32)
    for pair, own in enumerate(documents):
        presence[own, pair] = 1
    return sp.csc_array(presence)


@pytest.mark.parametrize(
    ("cost", "both", "p", "representative"),
    [
        ([-0.5, -0.45], [10, 9], [1e-9, 1e-8], 1),
        ([-0.5, -0.35], [10, 9], [1e-9, 1e-8], 0),
        ([-0.5, -0.45], [10, 7], [1e-9, 1e-8], 0),
        ([-0.5, -0.45], [10, 9], [1e-9, 1e-2], 0),
        ([-0.5, -0.35], [10, 7], [1e-2, 1e-8], 1),
        ([-0.5, -0.45], [10, 9], [1.0, 1.0], 0),
    ],
    ids=["nearly as good", "worse", "in fewer documents", "no finding", "the only finding", "none"],
)
def test_a_family_is_told_by_its_least_alike_pair_that_is_as_good(
    cost: list[float], both: list[int], p: list[float], representative: int
) -> None:
    alike = np.array([0.7, 0.2, 0.1])
    found = pair_families(
        joint(range(10), range(10), range(30, 32)), both=np.array([*both, 2]),
        p=np.array([*p, 1e-7]), cost=np.array([*cost, 0.0]), alike=lambda some: alike[some],
        expected_false=lambda p: 10_000 * p, q=0.05,
    )  # fmt: skip
    assert [one.representative for one in found] == [representative, 2]
    assert [one.others.tolist() for one in found] == [[1 - representative], []]
