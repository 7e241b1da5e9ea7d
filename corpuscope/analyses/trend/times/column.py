"""Parsing of dates and times, jointly for all values of a column.

A single value may be ambiguous, such as "03/05/2024" or "Dec 22". The column usually resolves it:
a 31 must be a day, and so must the number in its position in all other values. If it does not,
the caller is asked; nothing is guessed.
"""

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta

from corpuscope.analyses.trend.times.digits import (
    DOUBLE_YEAR,
    EPOCHS,
    Read,
    Time,
    at_day,
    certain,
    in_digits,
    normalised,
    said,
)
from corpuscope.analyses.trend.times.month_names import LANGUAGES, in_language, in_words
from corpuscope.errors import InputError
from corpuscope.ranges import UNITS, TimeUnit

# Precision of a value, from fine to coarse.
_LENGTHS = ("moment", "day", "week", "month", "quarter", "half", "year")


def times_of(
    values: Mapping[str, object], *, by: str, day_first: bool | None = None
) -> dict[str, Time] | None:
    """The times that some names denote; None if any of them is not a time.

    Args:
        values: A value for each name.
        by: The name of the column as used in messages.
        day_first: Whether the day precedes the month if the column does not settle it.

    Raises:
        InputError: Which number is the day, or the language of month names, is ambiguous.

    Example:
        >>> found = times_of({"31/12/2022": None, "01/02/2023": None}, by="day")
        >>> [str(one.start.date()) for one in found.values()]
        ['2022-12-31', '2023-02-01']
    """
    if (years := _double_years(values)) is not None:
        return years
    read: dict[str, Read] = {}
    with_names: dict[str, str] = {}
    for name, value in values.items():
        if isinstance(value, date):
            if (one := certain(_of_date(value))) is None:
                return None
            read[name] = one
            continue
        text = normalised(name)
        if (one := in_digits(text)) is not None:
            read[name] = one
        elif re.search(r"[^\W\d_]", text):
            with_names[name] = text
        else:
            return None
    if with_names:
        if (found := in_words(with_names, by=by)) is None:
            return None
        read |= found
    return _of_one_order({name: read[name] for name in values}, by=by, day_first=day_first)


def of_number(name: str) -> Time | None:
    """A number as a time: 2022, 202212, 20221231, or seconds (or fractions of these) since 1970.

    Only for columns that are known to hold times.

    Example:
        >>> str(of_number("1672513620").start)
        '2022-12-31 19:07:00+00:00'
    """
    text = normalised(name).removesuffix(".0")
    if not text.isdigit():
        return None
    try:
        if len(text) in EPOCHS:
            since = timedelta(microseconds=int(text) * 1_000_000 // EPOCHS[len(text)])
            return Time(datetime(1970, 1, 1, tzinfo=UTC) + since, "moment")
        if len(text) == 8:
            return Time(datetime.strptime(text, "%Y%m%d").replace(tzinfo=UTC), "day")
        if len(text) == 6:
            return Time(datetime.strptime(text, "%Y%m").replace(tzinfo=UTC), "month")
        return Time(datetime(int(text), 1, 1, tzinfo=UTC), "year") if len(text) == 4 else None
    except (ValueError, OverflowError):
        return None


def _double_years(values: Mapping[str, object]) -> dict[str, Time] | None:
    """Academic or fiscal years such as 2022/23; None unless all values are."""
    found: dict[str, Time] = {}
    for name in values:
        one = DOUBLE_YEAR.fullmatch(normalised(name))
        if not one or int(one["next"]) != (int(one["year"]) + 1) % 100:
            return None
        found[name] = Time(datetime(int(one["year"]), 1, 1, tzinfo=UTC), "year")
    return found


def no_times(values: Mapping[str, object]) -> list[str]:
    """The names that cannot be parsed as a time in any order or language."""
    return [
        name
        for name, value in values.items()
        if not isinstance(value, date)
        and in_digits(text := normalised(name)) is None
        and not any(in_language(text, language) for language in LANGUAGES)
    ]


def unit_of(time: Time, unit: TimeUnit) -> tuple[datetime, str]:
    """The start and the name of the day, week, month, quarter or year that contains a time.

    A week belongs to the month, quarter and year of its Thursday (ISO 8601).

    Example:
        >>> unit_of(Time(datetime(2022, 12, 31), "day"), "quarter")[1]
        '2022-Q4'
    """
    day = time.start.date()
    if time.length == "week" and unit in UNITS[2:]:
        day += timedelta(days=3)
    if unit == "week":
        year, week, _ = day.isocalendar()
        return at_day(date.fromisocalendar(year, week, 1)), f"{year}-W{week:02}"
    quarter = (day.month - 1) // 3
    first, name = {
        "day": (day, str(day)),
        "month": (day.replace(day=1), f"{day.year}-{day.month:02}"),
        "quarter": (date(day.year, 3 * quarter + 1, 1), f"{day.year}-Q{quarter + 1}"),
        "year": (date(day.year, 1, 1), str(day.year)),
    }[unit]
    return at_day(first), name


def is_longer(time: Time, unit: TimeUnit) -> bool:
    """Whether a time is too coarse to determine its day, week, month, quarter or year."""
    return _LENGTHS.index(time.length) > _LENGTHS.index(unit)


def _of_one_order(
    read: Mapping[str, Read], *, by: str, day_first: bool | None
) -> dict[str, Time] | None:
    """The parses in the one order of day, month and year that fits all values."""
    allowed = {None: ("day_first", "month_first", "year_first"), True: ("day_first",),
             False: ("month_first",)}[day_first]  # fmt: skip
    orders = [{name: getattr(one, order) for name, one in read.items()} for order in allowed]
    possible = [one for one in orders if None not in one.values()]
    # Orders that put dates in the future are discarded if another does not.
    possible = [one for one in possible if not _to_come(one)] or possible
    if not possible:
        return None
    found, *others = possible
    if other := next((one for one in others if one != found), None):
        name = next(name for name in read if found[name] != other[name])
        raise InputError(
            f"{name!r} in the column {by!r} may be {said(found[name])} or {said(other[name])}, "
            "and no other value settles which",
            expected="values that fit only one order of day and month, or that order",
            next_step="set day_first=True or day_first=False (--day-first, --month-first), or list "
            "all groups from first to last, as order",
        )
    late = next(
        (name for name in _to_come(found) if not re.search(r"\d{4}", normalised(name))), None
    )
    if late is not None:
        raise InputError(
            f"{late!r} in the column {by!r} may be in {found[late].start.year} or a hundred years "
            "earlier",
            expected="four-digit years",
            next_step="use four-digit years, or list all groups from first to last, as order",
        )
    return found


def _to_come(found: Mapping[str, Time]) -> list[str]:
    """The names of times later than next year."""
    return [name for name, one in found.items() if one.start.year > datetime.now(UTC).year + 1]


def _of_date(value: date) -> Time | None:
    # `datetime` is a subclass of `date`, so a plain date is tested by exclusion.
    if not isinstance(value, datetime):
        return Time(at_day(value), "day")
    try:
        aware = value if value.tzinfo else value.replace(tzinfo=UTC)
        return Time(aware.astimezone(UTC), "moment")
    except (ValueError, OverflowError):
        return None
