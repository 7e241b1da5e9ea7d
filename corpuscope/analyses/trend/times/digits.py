"""Parsing of times written in digits, apart from letters such as the Q of a quarter."""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

_ZONES = {"z": 0, "utc": 0, "gmt": 0, "ut": 0, "est": -5, "edt": -4, "cst": -6, "cdt": -5,
          "mst": -7, "mdt": -6, "pst": -8, "pdt": -7}  # fmt: skip
"""Hours from UTC. Source: RFC 822, section 5."""

# Pivot of two-digit years, as in POSIX: 69 is 1969, and 68 is 2068.
_CENTURY = 69


@dataclass(frozen=True)
class Time:
    """A parsed time.

    Attributes:
        start: When it begins, in UTC; values without a time zone are taken as UTC.
        length: Its precision: a moment, a day, a week, and so on.
    """

    start: datetime
    length: str


@dataclass(frozen=True)
class Read:
    """The parses of a value with the day first, the month first, and the year first."""

    day_first: Time | None
    month_first: Time | None
    year_first: Time | None


def normalised(name: str) -> str:
    """A name in lower case, with ASCII digits and single spaces."""
    text = unicodedata.normalize("NFKC", name).strip().lower()
    # Digits of other scripts, such as Arabic-Indic ones.
    text = re.sub(r"(?![0-9])\d", lambda found: str(unicodedata.digit(found[0])), text)
    return re.sub(r"\s+", " ", text).replace("\u2019", "'").replace("\u2013", "-")


def certain(time: Time | None) -> Read | None:
    """The parse of an unambiguous value: the same time in every order."""
    return None if time is None else Read(time, time, time)


def at_day(day: date) -> datetime:
    """The start of a day, in UTC."""
    return datetime(day.year, day.month, day.day, tzinfo=UTC)


# An optional time of day: 19:07, 7:07:31.5 PM, 19h07, optionally with a time zone.
CLOCK = (
    r"(?:[t ,]+(?:(?P<hour>\d{1,2})[:h.](?P<minute>\d{2})(?:[:.](?P<second>\d{2})"
    r"(?:[.,](?P<fraction>\d{1,9}))?)?|(?P<sharp>\d{1,2})(?= ?[ap]\.?m))"
    r"(?: ?(?P<half>[ap])\.?m\.?)?(?: ?(?P<zone>[a-z]{1,3}(?![a-z])|[+-]\d{2}(?::?\d{2})?))?)?"
)
YEAR, SHORT_YEAR = r"(?P<year>[12]\d{3})", r"(?:(?P<year>[12]\d{3})|'?(?P<short>\d{2}))"
_OF, _GAP = r"(?:\s*(?:of|de|of the year|des jahres)\s+|[\s,./'-]*)", r"[\s,./-]*"


def forms(*patterns: str) -> tuple[re.Pattern[str], ...]:
    """Compiled patterns, each meant to match a whole value."""
    return tuple(re.compile(pattern) for pattern in patterns)


_DAYS = forms(
    rf"{YEAR}(?P<gap>[-/.])(?P<month>\d{{1,2}})(?P=gap)(?P<day>\d{{1,2}}){CLOCK}",
    rf"{YEAR}(?P<month>\d{{2}})(?P<day>\d{{2}})(?:t(?P<hour>\d{{2}})(?P<minute>\d{{2}})"
    rf"(?P<second>\d{{2}})?(?P<fraction>)(?P<half>)(?P<sharp>)(?P<zone>z|[+-]\d{{4}})?)?",
    rf"{YEAR}[년年] ?(?P<month>\d{{1,2}})[월月] ?(?P<day>\d{{1,2}})[일日]{CLOCK}",
)
_MONTHS = forms(
    rf"{YEAR}[-/.](?P<month>\d{{1,2}})",
    rf"(?P<month>\d{{1,2}})[-/.]{YEAR}",
    rf"{YEAR}[년年] ?(?P<month>\d{{1,2}})[월月]",
)
_SWAPPED = forms(
    rf"(?P<one>\d{{1,2}})(?P<gap>[-/. ]) ?(?P<two>\d{{1,2}})(?P=gap) ?{SHORT_YEAR}{CLOCK}",
)
_PARTS = {
    "quarter": forms(
        rf"{YEAR}{_GAP}(?:q|quarter |trimestre |quartal )(?P<n>[1-4])",
        rf"(?:q|t|quarter |trimestre |quartal ) ?(?P<n>[1-4]){_OF}{SHORT_YEAR}",
        rf"(?P<n>[1-4])(?:st|nd|rd|th|er|[eoº.])? ?(?:q|quarter|trimestre|quartal){_OF}"
        rf"{SHORT_YEAR}",
        rf"{YEAR}[년年] ?(?:第)?(?P<n>[1-4])(?:季度|분기|四半期)",
    ),
    "half": forms(
        rf"{YEAR}{_GAP}(?:h|hj|half )(?P<n>[12])",
        rf"(?:h|hj|half ) ?(?P<n>[12]){_OF}{SHORT_YEAR}",
        rf"(?P<n>[12])(?:st|nd|[.])? ?(?:h|hj|half|halbjahr){_OF}{SHORT_YEAR}",
    ),
    "week": forms(
        rf"{YEAR}{_GAP}(?:w|kw|wk|cw|week |kw )(?P<n>\d{{1,2}})(?:-(?P<weekday>[1-7]))?",
        rf"(?:w|kw|wk|cw|week|semaine|woche|semana)\.? ?(?P<n>\d{{1,2}}){_OF}{YEAR}",
    ),
    "year": forms(rf"(?:fy|ay|cy|year) ?{SHORT_YEAR}"),
}
DOUBLE_YEAR = re.compile(r"(?P<year>[12]\d{3})[/-](?:\d{2})?(?P<next>\d{2})")
EPOCHS = {10: 1, 13: 1_000, 16: 1_000_000, 19: 1_000_000_000}
"""Ticks per second of an epoch time, by its number of digits."""


def in_digits(text: str) -> Read | None:
    """The parses of a time written in digits; None if it matches no pattern."""
    for form in _DAYS:
        if found := form.fullmatch(text):
            return certain(day_of(found, int(found["month"]), int(found["day"])))
    for length, forms in _PARTS.items():
        for form in forms:
            if (found := form.fullmatch(text)) and (time := _part(length, found)):
                return certain(time)
    for form in _MONTHS:
        if found := form.fullmatch(text):
            return certain(month_of(year_of(found), int(found["month"])))
    for form in _SWAPPED:
        if found := form.fullmatch(text):
            one, two = int(found["one"]), int(found["two"])
            by_day, by_month, by_year = day_of(found, two, one), day_of(found, one, two), None
            if found["short"]:
                year = one + (1900 if one >= _CENTURY else 2000)
                by_year = day_of(found, two, int(found["short"]), year=year)
            read = (by_day, by_month, by_year)
            return None if read == (None, None, None) else Read(*read)
    return None


def year_of(found: re.Match[str]) -> int:
    """The year of a match; two digits as in POSIX."""
    given = found.groupdict()
    if given.get("year"):
        return int(given["year"])
    short = int(given["short"])
    return short + (1900 if short >= _CENTURY else 2000)


def month_of(year: int, month: int) -> Time | None:
    """The given month; None if it does not exist."""
    return Time(datetime(year, month, 1, tzinfo=UTC), "month") if 1 <= month <= 12 else None


def _part(length: str, found: re.Match[str]) -> Time | None:
    year, given = year_of(found), found.groupdict()
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
    return Time(at_day(day), "day" if given.get("weekday") else "week")


def day_of(found: re.Match[str], month: int, day: int, *, year: int | None = None) -> Time | None:
    """The given day, or a moment of it if there is a clock time; None if it does not exist."""
    given = found.groupdict()
    hour, has_clock = given.get("hour") or given.get("sharp"), False
    try:
        at = datetime(year_of(found) if year is None else year, month, day, tzinfo=UTC)
        if hour:
            has_clock = True
            at += _of_day(given, int(hour))
    except (ValueError, OverflowError):
        return None
    return Time(at, "moment" if has_clock else "day")


def _of_day(given: Mapping[str, str | None], hour: int) -> timedelta:
    """The offset from midnight UTC.

    Raises:
        ValueError: The time of day does not exist.
    """
    minute, second = int(given.get("minute") or 0), int(given.get("second") or 0)
    if given.get("half"):
        if not 1 <= hour <= 12:
            raise ValueError(hour)
        hour = hour % 12 + (12 if given["half"] == "p" else 0)
    # Second 60 is a leap second.
    if hour > 23 or minute > 59 or second > 60:
        raise ValueError(hour)
    fraction = float(f"0.{given.get('fraction') or 0}")
    return timedelta(hours=hour, minutes=minute, seconds=second + fraction) - _zone(
        given.get("zone") or "z"
    )


def _zone(name: str) -> timedelta:
    """The offset of a time zone from UTC.

    Raises:
        ValueError: The zone is unknown.
    """
    if name in _ZONES:
        return timedelta(hours=_ZONES[name])
    found = re.fullmatch(r"([+-])(\d{2}):?(\d{2})?", name)
    if not found:
        raise ValueError(name)
    offset = timedelta(hours=int(found[2]), minutes=int(found[3] or 0))
    return offset if found[1] == "+" else -offset


def said(one: Time | None) -> str:
    """The day of a time, formatted for messages."""
    assert one is not None
    return f"{one.start.day} {one.start:%B %Y}"
