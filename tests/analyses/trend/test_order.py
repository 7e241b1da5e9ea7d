"""Values come in the order that can be told, and are refused where it cannot."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpuscope.analyses.trend.order import equal_parts, ordered_values, range_names
from corpuscope.analyses.trend.times.column import TimeUnit
from corpuscope.errors import InputError


def ordered(*values: object) -> list[str]:
    return list(ordered_values({str(value): value for value in values}, by="x").names)


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
        ("3/4", "1/2", "5/6"),
        ("S2 2022", "S1 2023", "S2 2021"),
        ("1:15 PM", "12:30 PM"),
        ("31122022", "01012023"),
        ("122022", "012023"),
        ("31/12/2022", "12/31/2022"),
        ("v1", "v01", "v2"),
        ("2024-13-01", "2024-01-01", "later"),
    ],
)
def test_what_is_no_order_is_refused(values: tuple[str, ...]) -> None:
    with pytest.raises(InputError, match="as order"):
        ordered(*values)


def test_decimals_that_may_be_versions_come_with_a_remark() -> None:
    found = ordered_values({name: name for name in ("1.9", "1.10", "1.2")}, by="x")
    assert found.names == ("1.10", "1.2", "1.9")
    assert found.doubts == (
        "'1.10' to '1.9' were ordered as decimals, not as versions; use order to change this",
    )
    assert ordered_values({"0.25": 0.25, "0.5": 0.5, "0.125": 0.125}, by="x").doubts == ()
    assert ordered_values({name: name for name in ("0.1", "0.2", "0.3")}, by="x").doubts == ()


def test_times_that_say_the_same_are_one() -> None:
    found = ordered_values({"2024-02-01": 0, "31 Jan 2024": 0, "2024-01-31": 0}, by="x")
    assert found.names == ("31 Jan 2024", "2024-02-01")
    assert found.of["2024-01-31"] == "31 Jan 2024"


def test_times_are_put_together_by_periods() -> None:
    times = {name: name for name in ("2023-01-01 10:00", "30/12/2022", "2022-12-29", "1 Feb 2023")}
    found = ordered_values(times, by="x", every="month")
    assert found.names == ("2022-12", "2023-01", "2023-02")
    assert found.of["30/12/2022"] == "2022-12"
    assert ordered_values({"1672513620": 0, "1704049620": 1}, by="x", every="year").names == (
        "2022", "2023",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("values", "every", "said"),
    [
        (("2022-12-31", "unknown"), "month", "1 of 2 values .* 'unknown'"),
        (("2022-Q4", "2023-Q1"), "month", "does not say which month"),
        (("0.5", "2022"), "year", "'0.5'"),
    ],
)
def test_what_is_in_no_period_is_refused(
    values: tuple[str, ...], every: TimeUnit, said: str
) -> None:
    with pytest.raises(InputError, match=said):
        ordered_values({value: value for value in values}, by="x", every=every)


def test_a_few_that_are_no_times_are_named() -> None:
    values = dict.fromkeys([*(f"2022-01-{day:02}" for day in range(1, 21)), "n/a"])
    with pytest.raises(InputError, match="all but 1 of 21 are times: 'n/a'"):
        ordered_values(values, by="x")


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


@pytest.mark.parametrize(
    "truth",
    [
        ("31.12.2022 10:00 CET", "01.01.2023 09:00 CET"),
        ("sales_31-12-2021_1", "sales_01-01-2022_1"),
        ("31122021.csv", "01012022.csv"),
        ("12.31.22", "01.05.23"),
        ("2022-31-01", "2022-01-02"),
        ("Q4 FY21", "Q1 FY22"),
        ("W52-21", "W01-22"),
        ("12-21", "01-22"),
        ("98-99", "99-00", "00-01"),
        ("'99", "'00"),
        ("FY99Q4", "FY00Q1"),
        ("90s", "00s"),
        ("31.01.", "01.02."),
        ("28.11.22-04.12.22", "05.12.22-11.12.22"),
        ("2022-12-31 19:00 UTC+3", "2022-12-31 18:30 UTC+1"),
        ("06/Dec/2021:10:00:00 +0000", "05/Dec/2022:10:00:00 +0000"),
        ("12:30 a. m.", "1:30 a. m."),
        ("12:30a", "1:30a"),
        ("Day -14", "Day -7"),
        ("T-10", "T-3"),
        ("10 days ago", "3 days ago"),
        ("100 BC", "44 BC"),
        ("-10%", "-5%"),
        ("0,25", "0,5"),
        ("$1.25", "$1.5"),
        ("999.999", "1.000.000"),
        ("22/11/20", "22/12/31", "23/01/05"),
        ("22.11.20", "22.12.31", "23.01.05"),
        ("12/31/45", "05/20/71"),
        ("Nov-20", "Dec-31", "Jan-05"),
        ("02.05.22", "03.04.22"),
        ("2020", "2021", "2022", "nan"),
        ("1.2022", "2.2022", "1.2023"),
        ("31_12_2021", "01_01_2022"),
        ("31012022", "1022022"),
        ("122021", "12022"),
        ("311221", "010122"),
        ("3.8.10", "3.9.16", "3.11.4"),
        ("3.7.16", "3.8.10"),
        ("ene 2022", "feb 2022", "mar 2022"),
        ("31.12.22", "01.01.23"),
        ("run 8", "run 9", "run 10"),
    ],
)
def test_the_right_order_or_none(truth: tuple[str, ...]) -> None:
    try:
        found = ordered(*reversed(truth))
    except InputError:
        return
    assert found == list(truth)
