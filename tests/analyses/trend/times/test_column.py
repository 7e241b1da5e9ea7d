"""Times are read as their column means them, or refused; none is guessed."""

from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from babel.dates import format_date
from hypothesis import given
from hypothesis import strategies as st

from corpuscope.analyses.trend.times.column import of_number, times_of, unit_of
from corpuscope.analyses.trend.times.digits import Time
from corpuscope.errors import InputError
from corpuscope.ranges import UNITS

NEW_YEARS_EVE = datetime(2022, 12, 31, tzinfo=UTC)
MOMENT = NEW_YEARS_EVE.replace(hour=19, minute=7)


def read(*names: object, day_first: bool | None = None) -> list[datetime] | None:
    found = times_of({str(name): name for name in names}, by="when", day_first=day_first)
    return None if found is None else [one.start for one in found.values()]


MOMENTS = (
    "31/12/2022 19:07", "12/31/2022 7:07 PM", "31.12.2022 19:07", "31.12.22, 19:07:00",
    "2022-12-31T19:07:00Z", "2022-12-31 19:07:00.000", "20221231T190700Z", "31 Dec 2022 19:07",
    "Sat, 31 Dec 2022 19:07:00 +0000", "Sat Dec 31 19:07:00 2022", "Dec 31, 2022, 7:07 p.m.",
    "Sat Dec 31 19:07:00 +0000 2022", "Saturday, December 31, 2022 7:07 PM",
    "2022-12-31T21:07+02:00", "2022-12-31 14:07 EST", "31-12-2022 19:07:00", "2022/12/31 19:07",
)  # fmt: skip
DAYS = (
    "31/12/2022", "31.12.22", "31-12-22", "12/31/22", "2022-12-31", "2022.12.31",
    "31 December 2022", "December 31st, 2022", "31st of December 2022", "2022-W52-6",
    "31. Dezember 2022", "31 décembre 2022", "31 de diciembre de 2022", "31 декабря 2022",
    "31-Dec-22", "2022 Dec 31", "2022年12月31日", "2022년 12월 31일", "٣١/١٢/٢٠٢٢",
    "31 Aralık 2022",
)  # fmt: skip
FIRSTS = {
    "2022-12-01": ("12/2022", "2022-12", "12.2022", "Dec 2022", "Dez. 2022", "Dec '22",
                   "décembre 2022", "2022年12月"),
    "2022-09-01": ("Sept. 2022", "September, 2022", "9/2022"),
    "2022-10-01": ("Q4 2022", "2022Q4", "2022-Q4", "4Q22", "Q4/2022", "4th quarter of 2022"),
    "2022-07-01": ("H2 2022", "2H22", "2022-H2"),
    "2022-12-19": ("W51/2022", "2022-W51", "KW 51/2022", "week 51, 2022"),
    "2022-01-01": ("2022/23", "FY2022"),
}  # fmt: skip


@pytest.mark.parametrize("name", MOMENTS)
def test_moments(name: str) -> None:
    assert read(name) == [MOMENT]


@pytest.mark.parametrize("name", DAYS)
def test_days(name: str) -> None:
    assert read(name) == [NEW_YEARS_EVE]


@pytest.mark.parametrize("first", FIRSTS)
def test_periods_begin(first: str) -> None:
    found = {name: read(name) for name in FIRSTS[first]}
    assert found == {name: [datetime.fromisoformat(first).replace(tzinfo=UTC)] for name in found}


@pytest.mark.parametrize(
    "name",
    ["v2", "1.10", "new", "10:30", "3/4", "2022-13-01", "29.02.2023", "31/02/2022", "W60/2022",
     "Q5 2022", "Dec 22", "Monday", "December", "S2 2022", "2022-12-31 25:00", "13:07 PM",
     "2022-12-31 19:07 XYZ", "31 Dec", "Dec 31 Jan 2022", "", "2022-12-31 to 2023-01-05"],
)  # fmt: skip
def test_what_is_no_time_is_none(name: str) -> None:
    assert read(name) is None


def test_one_value_says_which_number_is_the_day() -> None:
    assert read("03/05/2024", "31/12/2022") == [datetime(2024, 5, 3, tzinfo=UTC), NEW_YEARS_EVE]
    assert read("03/05/2024", "12/31/2022") == [datetime(2024, 3, 5, tzinfo=UTC), NEW_YEARS_EVE]
    assert read("31/12/2022", "12/31/2022") is None


def test_what_no_value_says_is_asked() -> None:
    with pytest.raises(InputError, match=r"3 May 2024 or 5 March 2024.*day_first"):
        read("03/05/2024", "04/05/2024")
    assert read("03/05/2024", day_first=True) == [datetime(2024, 5, 3, tzinfo=UTC)]
    assert read("03/05/2024", day_first=False) == [datetime(2024, 3, 5, tzinfo=UTC)]
    assert read("05/05/2024") == [datetime(2024, 5, 5, tzinfo=UTC)]


def test_a_month_that_two_languages_call_by_one_name_is_asked() -> None:
    with pytest.raises(InputError, match="listopad"):
        read("listopad 2022")
    assert read("listopad 2022", "styczeń 2023") is not None


def test_dates_are_what_they_are() -> None:
    here = timezone(timedelta(hours=2))
    assert read(date(2022, 12, 31)) == [NEW_YEARS_EVE]
    assert read(datetime(2022, 12, 31, 21, 7, tzinfo=here)) == [MOMENT]


@pytest.mark.parametrize("language", ["en", "de", "fr", "es", "pt", "ru", "pl", "tr"])
@pytest.mark.parametrize("width", ["long", "medium"])
@given(days=st.lists(st.dates(date(1970, 1, 1), date(2068, 12, 31)), min_size=1, max_size=5))
def test_what_a_language_writes_is_read(language: str, width: str, days: list[date]) -> None:
    days = [*days, date(2022, 12, 31)]
    names = [format_date(day, width, locale=language) for day in days]
    if len(set(names)) < len(set(days)):
        return
    found = times_of(dict.fromkeys(names), by="when")
    assert found is not None, names
    assert [found[name].start.date() for name in names] == days


@given(st.datetimes(datetime(1971, 1, 1), datetime(2068, 12, 31)))
def test_iso_is_read_back(at: datetime) -> None:
    assert read(at.isoformat()) == [at.replace(tzinfo=UTC)]


@given(st.dates(date(1971, 1, 1), date(2068, 12, 31)), st.sampled_from(UNITS))
def test_a_time_is_in_the_period_that_begins_last(day: date, unit: str) -> None:
    time = Time(datetime(day.year, day.month, day.day, tzinfo=UTC), "day")
    first, name = unit_of(time, unit)
    assert first <= time.start
    assert unit_of(Time(first, "day"), unit) == (first, name)
    later = unit_of(Time(time.start + timedelta(days=1), "day"), unit)[0]
    assert later in (first, time.start + timedelta(days=1))


def test_numbers_are_times_where_times_are_asked_for() -> None:
    of = {"2022": "2022-01-01", "202212": "2022-12-01", "20221231": "2022-12-31",
          "1672513620": "2022-12-31", "1672513620000": "2022-12-31"}  # fmt: skip
    for name, day in of.items():
        found = of_number(name)
        assert found is not None
        assert str(found.start.date()) == day
    for name in ("7", "202213", "20221301", "0.5", "-2022", "99999"):
        assert of_number(name) is None
