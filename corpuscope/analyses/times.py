"""Times as people write them, read for a whole column at once.

One value alone may mean two days, "03/05/2024" as well as "Dec 22". A column mostly says which: a
31 in it is a day, and so is what stands in its place everywhere else. Where it does not say, the
caller is asked; nothing is guessed.
"""

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import Literal, get_args

from corpuscope.errors import InputError

Unit = Literal["day", "week", "month", "quarter", "year"]
"""What times may be put together by."""

UNITS: tuple[Unit, ...] = get_args(Unit)

# How long what a value names is, from short to long.
_LENGTHS = ("moment", "day", "week", "month", "quarter", "half", "year")

# Languages whose names of months are known, those of most tables first.
_LANGUAGES = (
    "en", "de", "fr", "es", "it", "pt", "nl", "pl", "ru", "uk", "cs", "sk", "hr", "sr", "sl", "bg",
    "ro", "hu", "tr", "el", "sv", "da", "nb", "fi", "et", "lv", "lt", "ca", "eu", "gl", "id", "ms",
    "vi", "ar", "fa", "he", "hi", "bn", "ur", "sw", "af", "sq", "ga", "cy", "is", "mk", "kk", "uz",
    "az", "hy", "ka", "ta", "te", "th",
)  # fmt: skip

# What is written beside the names that CLDR has.
_ALSO = {"en": {"sept": 9}, "de": {"mrz": 3, "jän": 1, "jänner": 1, "feber": 2}}

_ZONES = {"z": 0, "utc": 0, "gmt": 0, "ut": 0, "est": -5, "edt": -4, "cst": -6, "cdt": -5,
          "mst": -7, "mdt": -6, "pst": -8, "pdt": -7}  # fmt: skip
"""Hours from UTC. Source: RFC 822, section 5."""

# Two digits of a year, as in POSIX: 69 is 1969, and 68 is 2068.
_CENTURY = 69


@dataclass(frozen=True)
class Time:
    """What a value says.

    Attributes:
        start: When it begins, in UTC; of a value without a zone as if it were UTC.
        length: What it names: a moment, a day, a week, and so on.
    """

    start: datetime
    length: str


@dataclass(frozen=True)
class _Read:
    """What a value says with the day first, with the month first, and with the year first."""

    day_first: Time | None
    month_first: Time | None
    year_first: Time | None


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
    read: dict[str, _Read] = {}
    with_names: dict[str, str] = {}
    for name, value in values.items():
        if isinstance(value, date):
            if (one := _certain(_of_date(value))) is None:
                return None
            read[name] = one
            continue
        text = _plain(name)
        if (one := _in_digits(text)) is not None:
            read[name] = one
        elif re.search(r"[^\W\d_]", text):
            with_names[name] = text
        else:
            return None
    if with_names:
        if (found := _in_words(with_names, by=by)) is None:
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
    text = _plain(name).removesuffix(".0")
    if not text.isdigit():
        return None
    try:
        if len(text) in _EPOCHS:
            since = timedelta(microseconds=int(text) * 1_000_000 // _EPOCHS[len(text)])
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
        one = _DOUBLE_YEAR.fullmatch(_plain(name))
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
        and _in_digits(text := _plain(name)) is None
        and not any(_in_language(text, language) for language in _LANGUAGES)
    ]


def unit_of(time: Time, unit: Unit) -> tuple[datetime, str]:
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
        return _at(date.fromisocalendar(year, week, 1)), f"{year}-W{week:02}"
    quarter = (day.month - 1) // 3
    first, name = {
        "day": (day, str(day)),
        "month": (day.replace(day=1), f"{day.year}-{day.month:02}"),
        "quarter": (date(day.year, 3 * quarter + 1, 1), f"{day.year}-Q{quarter + 1}"),
        "year": (date(day.year, 1, 1), str(day.year)),
    }[unit]
    return _at(first), name


def is_longer(time: Time, unit: Unit) -> bool:
    """Whether a time does not say which day, week, month or year it is in."""
    return _LENGTHS.index(time.length) > _LENGTHS.index(unit)


def _of_one_order(
    read: Mapping[str, _Read], *, by: str, day_first: bool | None
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
            f"{name!r} in the column {by!r} may be {_told(found[name])} or {_told(other[name])}, "
            "and no value there says which",
            expected="values that only one order fits, or the order",
            next_step="say which comes first: day_first=True or day_first=False "
            "(--day-first, --month-first), or give all groups from first to last, as order",
        )
    late = next((name for name in _to_come(found) if not re.search(r"\d{4}", _plain(name))), None)
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


def _told(one: Time | None) -> str:
    assert one is not None
    return f"{one.start.day} {one.start:%B %Y}"


def _plain(name: str) -> str:
    text = unicodedata.normalize("NFKC", name).strip().lower()
    text = re.sub(r"(?![0-9])\d", lambda found: str(unicodedata.digit(found[0])), text)
    return re.sub(r"\s+", " ", text).replace("\u2019", "'").replace("\u2013", "-")


def _certain(time: Time | None) -> _Read | None:
    return None if time is None else _Read(time, time, time)


def _at(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)


def _of_date(value: date) -> Time | None:
    if not isinstance(value, datetime):
        return Time(_at(value), "day")
    try:
        aware = value if value.tzinfo else value.replace(tzinfo=UTC)
        return Time(aware.astimezone(UTC), "moment")
    except (ValueError, OverflowError):
        return None


# A time of day: 19:07, 7:07:31.5 PM, 19h07, with a zone.
_CLOCK = (
    r"(?:[t ,]+(?:(?P<hour>\d{1,2})[:h.](?P<minute>\d{2})(?:[:.](?P<second>\d{2})"
    r"(?:[.,](?P<fraction>\d{1,9}))?)?|(?P<sharp>\d{1,2})(?= ?[ap]\.?m))"
    r"(?: ?(?P<half>[ap])\.?m\.?)?(?: ?(?P<zone>[a-z]{1,3}(?![a-z])|[+-]\d{2}(?::?\d{2})?))?)?"
)
_YEAR, _SHORT_YEAR = r"(?P<year>[12]\d{3})", r"(?:(?P<year>[12]\d{3})|'?(?P<short>\d{2}))"
_OF, _GAP = r"(?:\s*(?:of|de|of the year|des jahres)\s+|[\s,./'-]*)", r"[\s,./-]*"


def _forms(*patterns: str) -> tuple[re.Pattern[str], ...]:
    return tuple(re.compile(pattern) for pattern in patterns)


_DAYS = _forms(
    rf"{_YEAR}(?P<gap>[-/.])(?P<month>\d{{1,2}})(?P=gap)(?P<day>\d{{1,2}}){_CLOCK}",
    rf"{_YEAR}(?P<month>\d{{2}})(?P<day>\d{{2}})(?:t(?P<hour>\d{{2}})(?P<minute>\d{{2}})"
    rf"(?P<second>\d{{2}})?(?P<fraction>)(?P<half>)(?P<sharp>)(?P<zone>z|[+-]\d{{4}})?)?",
    rf"{_YEAR}[년年] ?(?P<month>\d{{1,2}})[월月] ?(?P<day>\d{{1,2}})[일日]{_CLOCK}",
)
_MONTHS = _forms(
    rf"{_YEAR}[-/.](?P<month>\d{{1,2}})",
    rf"(?P<month>\d{{1,2}})[-/.]{_YEAR}",
    rf"{_YEAR}[년年] ?(?P<month>\d{{1,2}})[월月]",
)
_SWAPPED = _forms(
    rf"(?P<one>\d{{1,2}})(?P<gap>[-/. ]) ?(?P<two>\d{{1,2}})(?P=gap) ?{_SHORT_YEAR}{_CLOCK}",
)
_PARTS = {
    "quarter": _forms(
        rf"{_YEAR}{_GAP}(?:q|quarter |trimestre |quartal )(?P<n>[1-4])",
        rf"(?:q|t|quarter |trimestre |quartal ) ?(?P<n>[1-4]){_OF}{_SHORT_YEAR}",
        rf"(?P<n>[1-4])(?:st|nd|rd|th|er|[eoº.])? ?(?:q|quarter|trimestre|quartal){_OF}"
        rf"{_SHORT_YEAR}",
        rf"{_YEAR}[년年] ?(?:第)?(?P<n>[1-4])(?:季度|분기|四半期)",
    ),
    "half": _forms(
        rf"{_YEAR}{_GAP}(?:h|hj|half )(?P<n>[12])",
        rf"(?:h|hj|half ) ?(?P<n>[12]){_OF}{_SHORT_YEAR}",
        rf"(?P<n>[12])(?:st|nd|[.])? ?(?:h|hj|half|halbjahr){_OF}{_SHORT_YEAR}",
    ),
    "week": _forms(
        rf"{_YEAR}{_GAP}(?:w|kw|wk|cw|week |kw )(?P<n>\d{{1,2}})(?:-(?P<weekday>[1-7]))?",
        rf"(?:w|kw|wk|cw|week|semaine|woche|semana)\.? ?(?P<n>\d{{1,2}}){_OF}{_YEAR}",
    ),
    "year": _forms(rf"(?:fy|ay|cy|year) ?{_SHORT_YEAR}"),
}
_DOUBLE_YEAR = re.compile(r"(?P<year>[12]\d{3})[/-](?:\d{2})?(?P<next>\d{2})")
_EPOCHS = {10: 1, 13: 1_000, 16: 1_000_000, 19: 1_000_000_000}
"""How many to a second, by how many digits a time since 1970 has."""


def _in_digits(text: str) -> _Read | None:
    """A time of which all is in digits, but for a letter such as that of a quarter."""
    for form in _DAYS:
        if found := form.fullmatch(text):
            return _certain(_day(found, int(found["month"]), int(found["day"])))
    for length, forms in _PARTS.items():
        for form in forms:
            if (found := form.fullmatch(text)) and (time := _part(length, found)):
                return _certain(time)
    for form in _MONTHS:
        if found := form.fullmatch(text):
            return _certain(_month(_year(found), int(found["month"])))
    for form in _SWAPPED:
        if found := form.fullmatch(text):
            one, two = int(found["one"]), int(found["two"])
            by_day, by_month, by_year = _day(found, two, one), _day(found, one, two), None
            if found["short"]:
                year = one + (1900 if one >= _CENTURY else 2000)
                by_year = _day(found, two, int(found["short"]), year=year)
            read = (by_day, by_month, by_year)
            return None if read == (None, None, None) else _Read(*read)
    return None


def _year(found: re.Match[str]) -> int:
    given = found.groupdict()
    if given.get("year"):
        return int(given["year"])
    short = int(given["short"])
    return short + (1900 if short >= _CENTURY else 2000)


def _month(year: int, month: int) -> Time | None:
    return Time(datetime(year, month, 1, tzinfo=UTC), "month") if 1 <= month <= 12 else None


def _part(length: str, found: re.Match[str]) -> Time | None:
    year, given = _year(found), found.groupdict()
    if length == "year":
        return Time(datetime(year, 1, 1, tzinfo=UTC), "year")
    n = int(given["n"])
    if length != "week":
        months = 3 if length == "quarter" else 6
        return Time(datetime(year, months * (n - 1) + 1, 1, tzinfo=UTC), length)
    try:
        day = date.fromisocalendar(year, n, int(given.get("weekday") or 1))
    except ValueError:
        return None
    return Time(_at(day), "day" if given.get("weekday") else "week")


def _day(found: re.Match[str], month: int, day: int, *, year: int | None = None) -> Time | None:
    """A day, or a moment of it; None where there is no such day."""
    given = found.groupdict()
    hour, has_clock = given.get("hour") or given.get("sharp"), False
    try:
        at = datetime(_year(found) if year is None else year, month, day, tzinfo=UTC)
        if hour:
            has_clock = True
            at += _of_day(given, int(hour))
    except (ValueError, OverflowError):
        return None
    return Time(at, "moment" if has_clock else "day")


def _of_day(given: Mapping[str, str | None], hour: int) -> timedelta:
    """How long after midnight, UTC.

    Raises:
        ValueError: There is no such time of day.
    """
    minute, second = int(given.get("minute") or 0), int(given.get("second") or 0)
    if given.get("half"):
        if not 1 <= hour <= 12:
            raise ValueError(hour)
        hour = hour % 12 + (12 if given["half"] == "p" else 0)
    if hour > 23 or minute > 59 or second > 60:
        raise ValueError(hour)
    fraction = float(f"0.{given.get('fraction') or 0}")
    return timedelta(hours=hour, minutes=minute, seconds=second + fraction) - _zone(
        given.get("zone") or "z"
    )


def _zone(name: str) -> timedelta:
    """How far a zone is from UTC.

    Raises:
        ValueError: It is not known.
    """
    if name in _ZONES:
        return timedelta(hours=_ZONES[name])
    found = re.fullmatch(r"([+-])(\d{2}):?(\d{2})?", name)
    if not found:
        raise ValueError(name)
    away = timedelta(hours=int(found[2]), minutes=int(found[3] or 0))
    return away if found[1] == "+" else -away


# With the month's number between angles, in place of its name.
_NAMED = _forms(
    rf"(?:(?P<day>\d{{1,2}})(?:st|nd|rd|th|er|[.ºª])?)[\s-]*(?:of |de |d')?‹(?P<month>\d+)›"
    rf"[\s,.-]*(?:of |de |del )?{_SHORT_YEAR}{_CLOCK}",
    rf"‹(?P<month>\d+)›[\s.-]*(?P<day>\d{{1,2}})(?:st|nd|rd|th)?(?:,? ){_YEAR}{_CLOCK}",
    rf"{_YEAR}[\s,.-]*‹(?P<month>\d+)›[\s.-]*(?P<day>\d{{1,2}}){_CLOCK}",
    rf"‹(?P<month>\d+)› (?P<day>\d{{1,2}}){_CLOCK[:-1]} {_YEAR}",
)
_NAMED_MONTHS = _forms(
    rf"‹(?P<month>\d+)›[\s,./-]*(?:of |de |del )?{_YEAR}",
    r"‹(?P<month>\d+)›\.?[\s/-]*'(?P<short>\d{2})",
    rf"{_YEAR}[\s,./-]*‹(?P<month>\d+)›\.?",
)


def _in_words(values: Mapping[str, str], *, by: str) -> dict[str, _Read] | None:
    """Times with names of months, in the language that reads all of them.

    Raises:
        InputError: Several languages do, and say different things.
    """
    found: dict[str, dict[str, _Read]] = {}
    for language in _LANGUAGES:
        if (read := _all_in(values, language)) is not None:
            found[language] = read
            if language == "en":
                break
    if not found:
        return None
    first, *others = found
    if other := next((one for one in others if found[one] != found[first]), None):
        name = next(name for name in values if found[first][name] != found[other][name])
        raise InputError(
            f"{name!r} in the column {by!r} is {_told(found[first][name].day_first)} in the "
            f"language {first!r} and {_told(found[other][name].day_first)} in {other!r}",
            expected="times that say one thing",
            next_step="write months as numbers, or give all groups from first to last, as order",
        )
    return found[first]


def _all_in(values: Mapping[str, str], language: str) -> dict[str, _Read] | None:
    """The readings in one language; None as soon as one is none."""
    found: dict[str, _Read] = {}
    for name, text in values.items():
        if (one := _in_language(text, language)) is None:
            return None
        found[name] = one
    return found


def _in_language(text: str, language: str) -> _Read | None:
    months, weekdays = _names(language)
    # "2022 г." and "2022 р." are years.
    text = re.sub(r"(?<=\d) ?[гр]\.?(?=\W|$)", "", text).strip(" ,.")
    numbered, n_found = months.number(text)
    if n_found != 1:  # A day of the week may be called as a month is.
        numbered, n_found = months.number(weekdays.sub("", text, count=1))
    elif without := weekdays.sub("", numbered, count=1):
        numbered = without
    if n_found != 1:
        return None
    text = numbered.strip(" ,.")
    for form in _NAMED:
        if found := form.fullmatch(text):
            return _certain(_day(found, int(found["month"]), int(found["day"])))
    for form in _NAMED_MONTHS:
        if found := form.fullmatch(text):
            return _certain(_month(_year(found), int(found["month"])))
    return None


@dataclass(frozen=True)
class _Months:
    """The names of months of a language."""

    pattern: re.Pattern[str]
    numbers: Mapping[str, int]

    def number(self, text: str) -> tuple[str, int]:
        """A text with the numbers of months between angles, and how many there are."""
        return self.pattern.subn(lambda found: f"‹{self.numbers[found[1]]}›", text)


@cache
def _names(language: str) -> tuple[_Months, re.Pattern[str]]:
    """The names of months and of days of the week. Source: Unicode CLDR, by Babel."""
    from babel.dates import get_day_names, get_month_names

    numbers: dict[str, int] = {}
    doubtful: set[str] = set()
    for name, number in _each(get_month_names, language):
        if numbers.setdefault(name, number) != number:
            doubtful.add(name)
    for name in doubtful:
        del numbers[name]
    numbers |= _ALSO.get(language, {})
    days = {name for name, _ in _each(get_day_names, language)}
    return (
        _Months(_any_of(numbers), numbers),
        re.compile(rf"^(?:{_either(days)})(?![^\W\d_])[.,]*\s*"),
    )


def _each(names: Callable[..., Mapping[int, str]], language: str) -> Sequence[tuple[str, int]]:
    return [
        (name, number)
        for width in ("wide", "abbreviated")
        for context in ("format", "stand-alone")
        for number, given in names(width, context, language).items()
        if len(name := _plain(given).strip(".")) > 1 and not name.isdigit()
    ]


def _any_of(names: Mapping[str, int]) -> re.Pattern[str]:
    return re.compile(rf"(?<![^\W\d_])({_either(names)})(?![^\W\d_])\.?")


def _either(names: object) -> str:
    every = sorted(names, key=len, reverse=True)  # type: ignore[call-overload]
    return "|".join(re.escape(name) for name in every)
