"""Times in digits are read in each order that they may be written in."""

import re
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpuscope.analyses.trend.times.digits import (
    CLOCK,
    DOUBLE_YEAR,
    Read,
    Time,
    at_day,
    certain,
    day_of,
    in_digits,
    month_of,
    normalised,
    said,
    year_of,
)


def day(year: int, month: int, day: int, length: str = "day") -> Time:
    return Time(datetime(year, month, day, tzinfo=UTC), length)


def only(text: str) -> Time | None:
    """What a text says in whatever order; None if nothing."""
    read = in_digits(text)
    if read is None:
        return None
    assert read.day_first == read.month_first == read.year_first
    return read.day_first


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("  31  DEC\t2022\n", "31 dec 2022"),
        ("２０２２", "2022"),
        ("٣١/١٢", "31/12"),
        ("Dec ’22", "dec '22"),
        ("2022–12", "2022-12"),
        ("", ""),
    ],
)
def test_names_are_put_into_one_form(name: str, text: str) -> None:
    assert normalised(name) == text
    assert normalised(text) == text


def test_what_is_certain_says_the_same_in_every_order() -> None:
    one = day(2022, 12, 31)
    assert certain(one) == Read(one, one, one)
    assert certain(None) is None
    assert at_day(date(2022, 12, 31)) == one.start
    assert said(one) == "31 December 2022"
    assert said(day(2022, 3, 5)) == "5 March 2022"


@settings(max_examples=30)
@given(st.dates(date(1970, 1, 1), date(2068, 12, 31)), st.sampled_from("-/."))
def test_year_month_and_day_are_read_back(at: date, gap: str) -> None:
    expected = Time(at_day(at), "day")
    assert only(at.strftime(f"%Y{gap}%m{gap}%d")) == expected
    assert only(at.strftime("%Y%m%d")) == expected
    assert only(f"{at.year}年{at.month}月{at.day}日") == expected
    week = at.isocalendar()
    assert only(f"{week.year}-w{week.week:02}-{week.weekday}") == expected


@settings(max_examples=30)
@given(st.dates(date(1970, 1, 1), date(2068, 12, 31)), st.sampled_from("-/. "))
def test_a_day_before_its_month_is_read_in_the_orders_in_which_there_is_such_a_day(
    at: date, gap: str
) -> None:
    read = in_digits(at.strftime(f"%d{gap}%m{gap}%Y"))
    assert read is not None
    assert read.day_first == Time(at_day(at), "day")
    turned = None if at.day > 12 else day(at.year, at.day, at.month)
    assert read.month_first == turned
    assert read.year_first is None


def test_of_three_short_numbers_each_may_be_the_year() -> None:
    read = in_digits("03-05-22")
    assert read == Read(day(2022, 5, 3), day(2022, 3, 5), day(2003, 5, 22))
    assert in_digits("31.12.22") == Read(day(2022, 12, 31), None, day(2031, 12, 22))
    assert in_digits("99/12/31") == Read(None, None, day(1999, 12, 31))
    assert in_digits("31-12/2022") is None
    assert in_digits("31/31/2022") is None


@pytest.mark.parametrize(
    ("short", "year"), [("69", 1969), ("68", 2068), ("00", 2000), ("99", 1999)]
)
def test_two_digits_are_of_the_hundred_years_from_1969_on(short: str, year: int) -> None:
    read = in_digits(f"1.2.{short}")
    assert read is not None
    assert read.day_first == day(year, 2, 1)
    (found,) = (re.fullmatch(r"(?P<year>\d{4})?(?P<short>\d\d)", short) for _ in "1")
    assert found is not None
    assert year_of(found) == year


@pytest.mark.parametrize(
    ("text", "hours"),
    [
        ("00:00", 0), ("19:07", 19 + 7 / 60), ("7:07 pm", 19 + 7 / 60), ("7:07am", 7 + 7 / 60),
        ("12:00 am", 0), ("12:00 pm", 12), ("7 pm", 19), ("7h30", 7.5), ("7.30", 7.5),
        ("23:59:60", 24), ("06:00:00.5", 6 + 0.5 / 3600), ("06:00:00,25", 6 + 0.25 / 3600),
        ("06:00z", 6), ("06:00 utc", 6), ("06:00 est", 11), ("06:00 pdt", 13), ("06:00+02:00", 4),
        ("06:00-0330", 9.5), ("06:00+02", 4), ("01:00+03:00", -2),
    ],
)  # fmt: skip
def test_a_time_of_day_is_counted_in_utc(text: str, hours: float) -> None:
    expected = Time(datetime(2022, 12, 31, tzinfo=UTC) + timedelta(hours=hours), "moment")
    assert only(f"2022-12-31 {text}") == expected
    assert only(f"2022-12-31t{text}") == expected
    read = in_digits(f"31/12/2022, {text}")
    assert read is not None
    assert read.day_first == expected


@pytest.mark.parametrize(
    "text",
    ["24:00", "10:60", "10:10:61", "13:00 pm", "0:30 am", "10:00 xyz", "10", "10:00+", "1:1"],
)
def test_what_is_no_time_of_day_makes_the_day_none(text: str) -> None:
    assert only(f"2022-12-31 {text}") is None


def test_a_moment_in_one_piece() -> None:
    at = datetime(2022, 12, 31, 19, 7, tzinfo=UTC)
    assert only("20221231t1907") == Time(at, "moment")
    assert only("20221231t190730z") == Time(at.replace(second=30), "moment")
    assert only("20221231t1907+0200") == Time(at.replace(hour=17), "moment")
    assert only("20221331t1907") is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2022-12", day(2022, 12, 1, "month")),
        ("12/2022", day(2022, 12, 1, "month")),
        ("2022년 3월", day(2022, 3, 1, "month")),
        ("13/2022", None),
        ("2022-00", None),
        ("2022-q4", day(2022, 10, 1, "quarter")),
        ("q1 22", day(2022, 1, 1, "quarter")),
        ("3. quartal 2022", day(2022, 7, 1, "quarter")),
        ("q2/2022", day(2022, 4, 1, "quarter")),
        ("2022年第4四半期", day(2022, 10, 1, "quarter")),
        ("q5 2022", None),
        ("h2 2022", day(2022, 7, 1, "half")),
        ("1st half of 2022", day(2022, 1, 1, "half")),
        ("h3 2022", None),
        ("2022-w01", day(2022, 1, 3, "week")),
        ("kw 52/2022", day(2022, 12, 26, "week")),
        ("week 53, 2020", day(2020, 12, 28, "week")),
        ("2022-w53", None),
        ("fy22", day(2022, 1, 1, "year")),
        ("year 1999", day(1999, 1, 1, "year")),
        ("2022", None),
        ("2022-02-29", None),
        ("2024-02-29", day(2024, 2, 29)),
        ("20221", None),
        ("", None),
        ("then", None),
    ],
)
def test_periods_begin_on_their_first_day(text: str, expected: Time | None) -> None:
    assert only(text) == expected


def test_months_are_those_of_the_year() -> None:
    found = [month_of(2022, month) for month in range(14)]
    assert found[0] is found[13] is None
    assert [one.start.month for one in found[1:13] if one] == list(range(1, 13))


def test_a_day_can_have_the_year_of_another_place() -> None:
    found = re.fullmatch(r"(?P<year>\d{4})" + CLOCK, "2022 10:30")
    assert found is not None
    assert day_of(found, 5, 3) == Time(datetime(2022, 5, 3, 10, 30, tzinfo=UTC), "moment")
    assert day_of(found, 5, 3, year=1999) == Time(
        datetime(1999, 5, 3, 10, 30, tzinfo=UTC), "moment"
    )
    assert day_of(found, 2, 30) is None


@pytest.mark.parametrize(
    ("text", "is_one"), [("2022/23", 1), ("2022-2023", 1), ("2022", 0), ("22/23", 0)]
)
def test_double_years_are_written_in_two_ways(text: str, is_one: int) -> None:
    assert bool(DOUBLE_YEAR.fullmatch(text)) == is_one
