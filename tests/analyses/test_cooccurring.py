"""What tells a family of pairs: the least alike of those that are as good as the first."""

from typing import Any

import numpy as np
import pytest
import scipy.sparse as sp

from corpuscope.analyses.cooccurring import Together, _folded
from corpuscope.analyses.views import View

SAME = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9}


def view(*documents: set[int]) -> View:
    """A view of 40 documents, with those that each of its features is in."""
    presence = np.zeros((40, len(documents)), dtype=bool)
    for feature, own in enumerate(documents):
        presence[sorted(own), feature] = True
    made = View.__new__(View)
    object.__setattr__(made, "presence", sp.csr_array(presence))
    return made


def pairs(*columns: tuple[int, int], both: list[int], p: list[float]) -> Together:
    left, right = np.array(columns).T
    figures: dict[str, Any] = dict.fromkeys(Together.__dataclass_fields__, np.zeros(len(columns)))
    counts = dict.fromkeys(("n_left", "n_right"), np.zeros(len(columns), dtype=np.int64))
    known = {"left": left, "right": right, "both": np.array(both), "p": np.array(p)}
    return Together(**figures | counts | known)


@pytest.mark.parametrize(
    ("cost", "both", "p", "told"),
    [
        ([-0.5, -0.45], [10, 9], [1e-9, 1e-8], (0, 2)),
        ([-0.5, -0.35], [10, 9], [1e-9, 1e-8], (0, 1)),
        ([-0.5, -0.45], [10, 7], [1e-9, 1e-8], (0, 1)),
        ([-0.5, -0.45], [10, 9], [1e-9, 1e-2], (0, 1)),
    ],
    ids=["nearly as good", "worse", "in fewer documents", "not significant"],
)
def test_a_family_is_told_by_its_least_alike_pair_if_that_is_as_good(
    cost: list[float], both: list[int], p: list[float], told: tuple[int, int]
) -> None:
    one = view(SAME, SAME, SAME, {30, 31}, {30, 31})
    chosen = pairs((0, 1), (0, 2), (3, 4), both=[*both, 2], p=[*p, 1e-7])
    tellers, members = _folded(
        one, one, chosen, cost=np.array([*cost, 0.0]), alike=np.array([0.7, 0.2, 0.1]),
        is_found=lambda p: p <= 1e-6,
    )  # fmt: skip
    assert tellers.as_tuples() == [told, (3, 4)]
    (other,) = {(0, 1), (0, 2)} - {told}
    assert [one.as_tuples() for one in members] == [[other], []]
