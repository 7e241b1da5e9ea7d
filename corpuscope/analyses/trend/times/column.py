"""Times as people write them, read for a whole column at once.

One value alone may mean two days, "03/05/2024" as well as "Dec 22". A column mostly says which: a
31 in it is a day, and so is what stands in its place everywhere else. Where it does not say, the
caller is asked; nothing is guessed.
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

# How long what a value names is, from short to long.
_LENGTHS = ("moment", "day", "week", "month", "quarter", "half", "year")


def times_of(
    values: Mapping[str, object], *, by: str, day_first: bool | None = None
) -> dict[str, Time] | None:
    """What some names of times say; None if any of them is no time.

    Args:
        values: For each name a value that has it.
        by: What messages call the column.
        day_first: Whether the day comes before the month where a column does not say.

    Raises:
        InputError: It does not say which number is the day, or which language it is in.

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
    """What a number says as a time: 2022, 202212, 20221231, or seconds or less since 1970.

    To be asked only of a column that is known to hold times.

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
    """Years from autumn to autumn, such as 2022/23, if all values are such."""
    found: dict[str, Time] = {}
    for name in values:
        one = DOUBLE_YEAR.fullmatch(normalised(name))
        if not one or int(one["next"]) != (int(one["year"]) + 1) % 100:
            return None
        found[name] = Time(datetime(int(one["year"]), 1, 1, tzinfo=UTC), "year")
    return found


def no_times(values: Mapping[str, object]) -> list[str]:
    """Names that alone say no time, in whatever order and language."""
    return [
        name
        for name, value in values.items()
        if not isinstance(value, date)
        and in_digits(text := normalised(name)) is None
        and not any(in_language(text, language) for language in LANGUAGES)
    ]


def unit_of(time: Time, unit: TimeUnit) -> tuple[datetime, str]:
    """Where the day, week, month, quarter or year begins that a time is in, and its name.

    A week is of the month, quarter and year that its Thursday is in.

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
    """Whether a time does not say which day, week, month or year it is in."""
    return _LENGTHS.index(time.length) > _LENGTHS.index(unit)


def _of_one_order(
    read: Mapping[str, Read], *, by: str, day_first: bool | None
) -> dict[str, Time] | None:
    """The readings with the day first, or those with the month first, whichever all have."""
    asked = {None: ("day_first", "month_first", "year_first"), True: ("day_first",),
             False: ("month_first",)}[day_first]  # fmt: skip
    orders = [{name: getattr(one, order) for name, one in read.items()} for order in asked]
    possible = [one for one in orders if None not in one.values()]
    # A year that is yet to come is none where another order has none such.
    possible = [one for one in possible if not _to_come(one)] or possible
    if not possible:
        return None
    found, *others = possible
    if other := next((one for one in others if one != found), None):
        name = next(name for name in read if found[name] != other[name])
        raise InputError(
            f"{name!r} in the column {by!r} may be {said(found[name])} or {said(other[name])}, "
            "and no value there says which",
            expected="values that only one order fits, or the order",
            next_step="say which comes first: day_first=True or day_first=False "
            "(--day-first, --month-first), or give all groups from first to last, as order",
        )
    late = next(
        (name for name in _to_come(found) if not re.search(r"\d{4}", normalised(name))), None
    )
    if late is not None:
        raise InputError(
            f"{late!r} in the column {by!r} may be of {found[late].start.year} or a hundred years "
            "earlier",
            expected="years of four digits",
            next_step="write them so, or give all groups from first to last, as order",
        )
    return found


def _to_come(found: Mapping[str, Time]) -> list[str]:
    """Names of times after next year."""
    return [name for name, one in found.items() if one.start.year > datetime.now(UTC).year + 1]


def _of_date(value: date) -> Time | None:
    if not isinstance(value, datetime):
        return Time(at_day(value), "day")
    try:
        aware = value if value.tzinfo else value.replace(tzinfo=UTC)
        return Time(aware.astimezone(UTC), "moment")
    except (ValueError, OverflowError):
        return None
