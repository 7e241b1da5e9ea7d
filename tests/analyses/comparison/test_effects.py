"""What a feature could show at best is no less than what it does show."""

import numpy as np
import pytest
import scipy.sparse as sp

from corpuscope.analyses.comparison.effects import least_difference_p, measure
from corpuscope.analyses.comparison.groups import Contrast


def contrast(n1: int, n2: int, *, is_paired: bool) -> Contrast:
    return Contrast("other", np.arange(n1), np.arange(n1, n1 + n2), is_paired)


@pytest.mark.parametrize(("n1", "n2"), [(8, 8), (5, 12), (40, 60)])
def test_the_least_p_value_is_that_of_the_most_lopsided_table(n1: int, n2: int) -> None:
    asked = contrast(n1, n2, is_paired=False)
    for n_present in (1, 4, 7, n1 + n2 - 1):
        first = np.arange(n1 + n2) < n_present
        last = first[::-1]
        presence = sp.csr_array(np.stack([first, last], axis=1))
        at_either_end = measure(presence, asked, covariates=None).raw.p_value
        assert least_difference_p(presence, [asked]) == pytest.approx(at_either_end.min())


@pytest.mark.parametrize("is_paired", [False, True])
def test_no_p_value_is_below_the_least(is_paired: bool) -> None:
    rng = np.random.default_rng(0)
    presence = sp.csr_array(rng.random((60, 300)) < rng.random(300))
    asked = contrast(30, 30, is_paired=is_paired)
    found = measure(presence, asked, covariates=None).raw.p_value
    assert (found >= least_difference_p(presence, [asked]) * (1 - 1e-9)).all()


def test_pairs_count_where_they_differ() -> None:
    presence = sp.csr_array(np.array([[1], [1], [1], [1], [0], [1]]).astype(bool))
    assert least_difference_p(presence, [contrast(3, 3, is_paired=True)]).tolist() == [1.0]


def test_of_several_groups_the_hardest_decides() -> None:
    presence = sp.csr_array(np.arange(60)[:, None] < 12)
    wide, narrow = (
        contrast(30, 30, is_paired=False),
        Contrast("few", np.arange(30), np.arange(30, 34), is_paired=False),
    )
    both = least_difference_p(presence, [wide, narrow])
    assert both == pytest.approx(
        max(least_difference_p(presence, [wide]), least_difference_p(presence, [narrow]))
    )
