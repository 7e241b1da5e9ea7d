"""Shortcuts are ranked by how sure, how pure and how isolated they are."""

import math
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpuscope.analyses.audit.shortcut import Shortcut
from corpuscope.analyses.audit.suspicion import isolated_below, isolation, purity, suspicion

NAN = float("nan")
ALONE = Shortcut("a", 1, "one", (), "isolated", 0.4, 0.1, 0.65, 0.5, 0.6, 8.0, 0.01)
CONTENT = replace(ALONE, nature="content", context_auroc=0.645)
LENGTH = replace(ALONE, feature="length", nature="length", auroc=0.35, z=-6.0, context_auroc=NAN)


def test_the_bar_of_isolation_is_chance_a_margin_and_one_standard_error() -> None:
    assert isolated_below(0.03, is_kind=False) == pytest.approx(0.60)
    assert isolated_below(0.03, is_kind=True) == pytest.approx(0.58)


@pytest.mark.parametrize(
    ("rate", "elsewhere", "pure"),
    [(0.4, 0.1, 0.75), (0.4, 0.0, 1.0), (0.3, 0.3, 0.0), (0.0, 0.0, 1.0)],
)
def test_purity_is_the_share_that_the_rest_does_not_have(
    rate: float, elsewhere: float, pure: float
) -> None:
    assert purity(rate, elsewhere) == pytest.approx(pure)


@pytest.mark.parametrize(
    ("one", "isolated"),
    [
        (ALONE, 1.0),
        (replace(ALONE, nature="form", context_auroc=0.9), 1.0),
        (replace(ALONE, nature="form", context_auroc=NAN), 1.0),
        (replace(ALONE, context_auroc=NAN), 0.5),
        # Half way between the bar of .6 and what is content for sure, at .69.
        (CONTENT, 0.25),
        (replace(CONTENT, context_auroc=0.6), 0.5),
        (replace(CONTENT, context_auroc=0.69), 0.0),
        (replace(CONTENT, context_auroc=0.95), 0.0),
        (replace(CONTENT, context_auroc=0.3), 0.5),
    ],
)
def test_isolation_falls_from_one_to_nothing(one: Shortcut, isolated: float) -> None:
    assert isolation(one) == pytest.approx(isolated, abs=1e-9)


def test_suspicion_is_the_product_and_ties_go_to_the_surer() -> None:
    assert suspicion(ALONE) == pytest.approx((8 * 0.75 * 1, 8.0))
    assert suspicion(CONTENT) == pytest.approx((8 * 0.75 * 0.25, 8.0))
    sure, unsure = (replace(CONTENT, context_auroc=0.9, z=z) for z in (9.0, 4.0))
    assert suspicion(sure)[0] == suspicion(unsure)[0] == 0
    assert suspicion(sure) > suspicion(unsure)


def test_length_counts_by_how_far_its_auroc_is_from_a_half_in_either_direction() -> None:
    assert suspicion(LENGTH) == pytest.approx((6 * 0.6, 6.0))
    assert suspicion(replace(LENGTH, auroc=0.65, z=6.0)) == pytest.approx((6 * 0.6, 6.0))
    assert suspicion(replace(LENGTH, auroc=0.98)) == pytest.approx((6.0, 6.0))
    assert suspicion(replace(LENGTH, auroc=0.5))[0] == 0


@settings(max_examples=50)
@given(st.floats(0.01, 1), st.floats(0, 1), st.floats(0.3, 1), st.floats(0, 20))
def test_nothing_is_more_suspect_than_it_is_sure(
    rate: float, share: float, context: float, z: float
) -> None:
    one = replace(CONTENT, rate=rate, rate_elsewhere=rate * share, context_auroc=context, z=z)
    value, _ = suspicion(one)
    assert -1e-9 <= value <= z / 2 + 1e-9
    assert not math.isnan(value)
