import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpuscope.analyses.describe.histograms import histogram

NUMBERS = st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=60)


def test_whole_numbers_get_a_bin_each() -> None:
    found = histogram(np.array([0, 0, 3, 1]))
    assert found is not None
    assert (found.edges, found.counts) == ((-0.5, 0.5, 1.5, 2.5, 3.5), (2, 1, 0, 1))
    assert found.quartiles == (0, 0, 0.5, 1.5, 3)


def test_skewed_numbers_are_binned_by_their_logarithm() -> None:
    found = histogram(np.array([0.0, 1, 2, 3, 4000]))
    assert found is not None
    assert (found.scale, found.n, len(found.counts)) == ("log", 5, 20)
    assert found.edges[0] == 0
    ratios = np.diff(np.log(found.edges[1:]))
    assert ratios == pytest.approx(ratios[0])


def test_a_threshold_is_an_edge_and_what_lies_at_it_is_below() -> None:
    values = np.array([0.5, 0.75, 1.0, 1.0, 1.25, 9.0])
    found = histogram(values, edge_at=1.0)
    assert found is not None
    at = found.edges.index(1.0)
    assert (sum(found.counts[:at]), sum(found.counts[at:])) == (4, 2)


def test_a_threshold_outside_changes_nothing() -> None:
    values = np.array([0.5, 0.75, 1.5])
    assert histogram(values, edge_at=2.0) == histogram(values) == histogram(values, edge_at=0.5)


def test_nothing_has_no_histogram_and_one_number_has() -> None:
    assert histogram(np.array([])) is None
    assert histogram(np.array([np.nan, np.inf])) is None
    found = histogram(np.array([2.5, 2.5]))
    assert found is not None
    assert (found.edges, found.counts) == ((2.0, 3.0), (2,))


@given(NUMBERS)
def test_every_number_is_counted_once_between_ascending_edges(values: list[float]) -> None:
    found = histogram(np.array(values))
    assert found is not None
    assert found.n == len(values)
    assert len(found.edges) == len(found.counts) + 1
    assert list(found.edges) == sorted(found.edges)
    assert found.edges[0] <= min(values)
    assert found.edges[-1] >= max(values)
    assert list(found.quartiles) == sorted(found.quartiles)


@given(NUMBERS, st.floats(0, 1))
def test_above_a_threshold_are_as_many_as_are_above(values: list[float], share: float) -> None:
    edge = min(values) + share * (max(values) - min(values))
    found = histogram(np.array(values), edge_at=edge)
    assert found is not None
    if edge in found.edges[1:-1] and min(values) < edge < max(values):
        above = sum(found.counts[found.edges.index(edge) :])
        assert above == sum(value > edge for value in values)
