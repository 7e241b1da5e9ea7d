import numpy as np
import pytest
import scipy.sparse as sp
from hypothesis import given
from hypothesis import strategies as st

from corpuscope.statistics.pairs import folding as redundancy
from corpuscope.statistics.pairs.folding import fold
from tests.statistics.worlds import sparse


def slow_fold(presence: np.ndarray, order: np.ndarray, min_jaccard: float) -> list[int]:
    """The definition, one pair at a time."""
    leader: dict[int, int] = {}
    for candidate in order:
        leader[candidate] = candidate
        for other in order:
            if other == candidate:
                break
            either = (presence[:, candidate] | presence[:, other]).sum()
            both = (presence[:, candidate] & presence[:, other]).sum()
            if leader[other] == other and both and both >= min_jaccard * either:
                leader[candidate] = other
                break
    return [int(leader[i]) for i in range(len(order))]


@pytest.mark.parametrize("block", [2, 256])
@given(seed=st.integers(0, 500), min_jaccard=st.sampled_from([0.2, 0.4, 0.6, 1.0]))
def test_families_equal_the_definition(block: int, seed: int, min_jaccard: float) -> None:
    generator = np.random.default_rng(seed)
    presence, order = generator.random((12, 9)) < 0.5, generator.permutation(9)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(redundancy, "_BLOCK", block)
        ours = fold(sparse(presence), order, min_jaccard=min_jaccard)
    assert ours.tolist() == slow_fold(presence, order, min_jaccard)


def test_a_member_of_a_member_is_not_drawn_in() -> None:
    """1 is like 0 and 2 is like 1, but 2 is not like the leader 0."""
    presence = sparse(np.array([[1, 0, 0], [1, 1, 0], [1, 1, 1], [0, 1, 1], [0, 0, 1]]))
    assert fold(presence, np.array([0, 1, 2]), min_jaccard=0.5).tolist() == [0, 0, 2]
    assert fold(presence, np.array([1, 0, 2]), min_jaccard=0.5).tolist() == [1, 1, 1]


def test_a_narrow_feature_joins_the_broad_leader_that_contains_it() -> None:
    broad = np.arange(100) < 20
    presence = sparse(np.column_stack([broad, np.arange(100) < 4, np.arange(100) % 25 == 0]))
    order = np.arange(3)
    assert fold(presence, order).tolist() == [0, 1, 2]
    assert fold(presence, order, min_containment=0.8).tolist() == [0, 0, 2]


def test_a_leader_that_is_nearly_everywhere_does_not_swallow_all() -> None:
    generator = np.random.default_rng(0)
    presence = generator.random((400, 30)) < 0.05
    presence[:, 0] = np.arange(400) % 20 > 0
    leaders = fold(sparse(presence), np.arange(30), min_containment=0.95)
    assert np.sum(leaders == 0) < 15
    presence[:, 0] = True
    assert np.sum(fold(sparse(presence), np.arange(30), min_containment=0.8) == 0) == 1


def test_features_known_to_be_the_same_are_joined_without_sharing_documents() -> None:
    same = sparse(np.array([[0, 0, 1], [0, 0, 0], [1, 0, 0]]))
    apart = sparse(np.eye(3, dtype=bool))
    assert fold(apart, np.array([2, 1, 0]), same=same).tolist() == [2, 1, 2]


def test_twins_are_one_family_and_empty_columns_lead_themselves() -> None:
    presence = sparse(np.array([[1, 1, 0, 0], [1, 1, 0, 0]]))
    assert fold(presence, np.arange(4)).tolist() == [0, 0, 2, 3]
    assert len(fold(sp.csr_array((3, 0), dtype=bool), np.zeros(0, dtype=int))) == 0
