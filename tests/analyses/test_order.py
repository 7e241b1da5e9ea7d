"""Values come in the order that can be told, and are refused where it cannot."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpuscope.analyses.order import equal_parts, in_order, range_names
from corpuscope.errors import InputError


def ordered(*values: object) -> list[str]:
    return in_order({str(value): value for value in values}, by="x")[0]


@pytest.mark.parametrize(
    "values",
    [
        (-3, 2, 10),
        (0.25, 0.5, 10.0),
        ("9", "10", "1e3"),
        ("2019-12-31", "2020-01-01", "2020-11-03"),
        ("2024-05-01T09:00:00+02:00", "2024-05-01T08:00:00+00:00", "2024-05-01T09:00:00"),
        ("2024-01", "2024-02", "2024-11"),
        ("2024-Q1", "2024-Q4", "2025-Q1"),
        ("v2", "v10", "v11"),
        ("v1", "v1.2", "v1.10", "v2"),
        ("1.9.0", "1.10.0", "1.10.2"),
        ("gpt-3", "gpt-4", "gpt-10"),
    ],
)
def test_numbers_days_and_versions_are_ordered(values: tuple[object, ...]) -> None:
    assert ordered(*reversed(values)) == [str(value) for value in values]


@pytest.mark.parametrize(
    "values",
    [
        ("new", "old", "older"),
        ("gpt-3.5-turbo", "gpt-4", "gpt-4o"),
        ("03/05/2024", "04/05/2024", "01/06/2024"),
        ("Jan 2024", "Feb 2024", "Mar 2024"),
        ("v1", "v01", "v2"),
        ("2024-13-01", "2024-01-01", "later"),
    ],
)
def test_what_is_no_order_is_refused(values: tuple[str, ...]) -> None:
    with pytest.raises(InputError, match="as order"):
        ordered(*values)


def test_decimals_that_may_be_versions_come_with_a_remark() -> None:
    assert in_order({name: name for name in ("1.9", "1.10", "1.2")}, by="x") == (
        ["1.10", "1.2", "1.9"],
        ["'1.10' to '1.9' were ordered as decimals, not as versions; order says otherwise"],
    )
    assert in_order({"0.25": 0.25, "0.5": 0.5, "0.125": 0.125}, by="x")[1] == []
    assert in_order({name: name for name in ("0.1", "0.2", "0.3")}, by="x")[1] == []


@given(st.lists(st.integers(1, 50), min_size=1, max_size=40), st.integers(1, 12))
def test_parts_are_in_order_without_a_gap_and_nearly_equal(sizes: list[int], n: int) -> None:
    counts = np.array(sizes)
    parts = equal_parts(counts, n)
    assert parts[0] == 0
    assert set(np.diff(parts)) <= {0, 1}
    assert parts[-1] < n
    held = np.bincount(parts, weights=counts)
    assert held.max() <= counts.sum() / n + counts.max()


def test_ranges_are_named_by_their_ends() -> None:
    assert range_names([("1945", "1965"), ("1966", "1966")]) == ["1945 to 1965", "1966"]
    close = [("0.123451", "0.123452"), ("0.123453", "0.123454")]
    assert range_names(close) == ["0.123451 to 0.123452", "0.123453 to 0.123454"]
