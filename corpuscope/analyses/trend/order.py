"""In which order the values of a column come, where that can be told.

Numbers come by size, times by the calendar (`times`), and names that differ in one number
alone, such as "v2" and "v10", by it. What else there is to order by, only the caller knows.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from corpuscope.analyses.trend.times.column import is_longer, no_times, of_number, times_of, unit_of
from corpuscope.analyses.trend.times.digits import Time
from corpuscope.errors import InputError
from corpuscope.ranges import TimeUnit

_Key = float | tuple[int, ...]

_NAMED, _MOST_DIGITS = 4, 300

_VERSION = re.compile(r"(?![a-zA-Z]-\d)((?:.*[^\W\d_])?[ _-]?)(?:0|[1-9]\d*)(?:\.(?:0|[1-9]\d*))*")
_DOTTED_DAY = re.compile(r"\d{1,2}\.\d{1,2}\.\d{2}(?:\d{2})?")
_CLOCK = re.compile(r"\d{2}:\d{2}(?::\d{2})?")

# Where the number that differs may count down, be a part of one, or be of a time: before it a
# sign, a comma or an apostrophe, beside it a slash or a colon; decades and hours of half a day.
_MAY_RUN_BACK = re.compile(
    r"(?i)(?:^|[\s(])[-\u2212]\s?\d|\d[.,:/]\d|['\u2019]\d|\d ?/|\d0s\b|\bago\b|\bbc\b|\bbce\b"
    r"|\d\s*[ap]\.?\s?m?\b|^[a-z]-\d|[\u5348\uc624]"
)
_DAY, _MONTH, _YEAR = r"(?:0?[1-9]|[12]\d|3[01])", r"(?:0?[1-9]|1[0-2])", r"(?:19|20)\d\d"
_YEAR_LAST = [
    re.compile(form)
    for form in (
        _DAY + _MONTH + _YEAR, _MONTH + _DAY + _YEAR, _MONTH + _YEAR, rf"{_MONTH}\.{_YEAR}",
        r"(?:0[1-9]|[12]\d|3[01])(?:0[1-9]|1[0-2])\d\d",
        r"(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d\d",
    )
]  # fmt: skip

# Where fewer of the values than this share are no times, these are named; so many are looked at
# first.
_FEW_OF_ALL, _LOOKED_AT = 0.2, 200


@dataclass(frozen=True)
class Ordered:
    """Names in their order.

    Attributes:
        names: From first to last.
        of: For each value the name that it goes by: its own, that of another that says the
            same, or that of the period it is in.
        doubts: What to be careful about.
    """

    names: tuple[str, ...]
    of: Mapping[str, str]
    doubts: tuple[str, ...] = ()


def ordered_values(
    values: Mapping[str, object],
    *,
    by: str,
    every: TimeUnit | None = None,
    day_first: bool | None = None,
) -> Ordered:
    """The names of `values` in their order, and what to be careful about.

    Args:
        values: For each name a value that has it.
        by: What messages call the column.
        every: Puts times together by the day, week, month, quarter or year they are in.
        day_first: Whether the day comes before the month in times that do not say it.

    Raises:
        InputError: The order cannot be told, or there are no times to put together.
    """
    if every is not None:
        return _in_periods(values, by=by, every=every, day_first=day_first)
    if len(values) < 2:
        return Ordered(tuple(values), _themselves(values))
    numbers = _numbers(values)
    if numbers is not None and _is_distinct(numbers) and not _end_with_year(values):
        ordered = _sorted(numbers)
        return Ordered(ordered, _themselves(values), tuple(_doubts(ordered, values)))
    if (times := times_of(values, by=by, day_first=day_first)) is not None:
        return _by_time(times)
    versions = _numbered(values)
    if versions is not None and _is_distinct(versions):
        return Ordered(_sorted(versions), _themselves(values))
    raise InputError(
        f"the order of the column {by!r} is not clear: {_some(sorted(values))}"
        + _told_of_odd_ones(values),
        expected="numbers, times such as 2024-05-31, 31 May 2024 or Q2 2024, names that differ "
        "in their numbers alone, or an order",
        next_step="give all groups from first to last, as order; a value that is empty leaves its "
        "document out",
    )


def _told_of_odd_ones(values: Mapping[str, object]) -> str:
    """Which of many times cannot be read."""
    some = dict(list(values.items())[:_LOOKED_AT])
    if len(no_times(some)) >= max(_FEW_OF_ALL * len(some), 1) and len(some) < len(values):
        return ""
    odd = no_times(values)
    if not 0 < len(odd) < _FEW_OF_ALL * len(values):
        return ""
    return f"; all but {len(odd):,} of {len(values):,} are times: {_some(odd)}"


def _some(names: Sequence[str]) -> str:
    return ", ".join(map(repr, names[:_NAMED])) + (", ..." if len(names) > _NAMED else "")


def _in_periods(
    values: Mapping[str, object], *, by: str, every: TimeUnit, day_first: bool | None
) -> Ordered:
    times: dict[str, Time] | None = times_of(values, by=by, day_first=day_first)
    if times is None:
        numbers = {name: of_number(name) for name in values}
        times = {name: one for name, one in numbers.items() if one is not None}
    if len(times) < len(values):
        odd = no_times({name: value for name, value in values.items() if name not in times})
        raise InputError(
            f"{len(odd):,} of {len(values):,} values of the column {by!r} are no times, such as "
            f"{_some(odd or sorted(values))}",
            expected=f"times in one way of writing, to be put together by the {every}",
            next_step="name a column of times, or empty the values whose documents may be left out",
        )
    if long := next((name for name, time in times.items() if is_longer(time, every)), None):
        raise InputError(
            f"{long!r} in the column {by!r} does not say which {every} it is in",
            expected=f"times of a {every} or less",
            next_step="ask for longer periods, or leave out every",
        )
    found = {name: unit_of(time, every) for name, time in times.items()}
    periods = sorted(set(found.values()))
    return Ordered(
        tuple(name for _, name in periods), {name: one for name, (_, one) in found.items()}
    )


def _by_time(times: Mapping[str, Time]) -> Ordered:
    """Times in order; those that say the same go by the first name."""
    first: dict[tuple[float, str], str] = {}
    of = {
        name: first.setdefault((time.start.timestamp(), time.length), name)
        for name, time in times.items()
    }
    return Ordered(tuple(first[key] for key in sorted(first)), of)


def _themselves(values: Mapping[str, object]) -> dict[str, str]:
    return {name: name for name in values}


def _is_distinct(keys: Mapping[str, _Key]) -> bool:
    return len(set(keys.values())) == len(keys)


def _sorted(keys: Mapping[str, _Key]) -> tuple[str, ...]:
    return tuple(sorted(keys, key=lambda name: keys[name]))


def equal_parts(sizes: npt.NDArray[np.int64], n_parts: int) -> npt.NDArray[np.int64]:
    """For each of some ordered values its part, so that parts hold about as many documents.

    No value is divided, so a frequent one may fill a part alone and there may be fewer parts.

    Example:
        >>> equal_parts(np.array([2, 1, 1, 5, 1, 2]), 3)
        array([0, 0, 0, 1, 2, 2])
    """
    middle = (np.cumsum(sizes) - sizes / 2) / sizes.sum()
    part = np.minimum((middle * n_parts).astype(np.int64), n_parts - 1)
    parts: npt.NDArray[np.int64] = np.unique(part, return_inverse=True)[1].astype(np.int64)
    return parts


def range_names(ends: Sequence[tuple[str, str]]) -> list[str]:
    """What ranges from one name to another are called; numbers shortened where still distinct.

    Example:
        >>> range_names([("0.12345", "0.23456"), ("0.3", "0.3")])
        ['0.1235 to 0.2346', '0.3']
    """
    for shorten in (_shortened, str):
        named = [tuple(shorten(end) for end in both) for both in ends]
        found = [first if first == last else f"{first} to {last}" for first, last in named]
        if len(set(found)) == len(found):
            return found
    return found


def _numbers(values: Mapping[str, object]) -> dict[str, _Key] | None:
    try:
        found = {name: float(str(value)) for name, value in values.items()}
    except ValueError:
        return None
    # Python reads 31_12_2022 as a number; nan is in no order.
    is_odd = any("_" in name or found[name] != found[name] for name in found)
    return None if is_odd else dict(found)


def _numbered(values: Mapping[str, object]) -> dict[str, _Key] | None:
    """By the numbers in the names: of versions, of times of day, or the one that differs."""
    keys: dict[str, _Key] = {name: _numbers_in(name) for name in values}
    if any(map(_end_with_year, zip(*(re.findall(r"\d+", name) for name in values), strict=False))):
        return None
    if _are_versions(values) or all(_CLOCK.fullmatch(name) for name in values):
        return keys
    skeletons = {re.sub(r"\d+", "0", name) for name in values}
    n_that_differ = sum(len(set(place)) > 1 for place in zip(*keys.values(), strict=False))
    if len(skeletons) > 1 or n_that_differ != 1:
        return None
    return None if any(map(_MAY_RUN_BACK.search, values)) else keys


def _numbers_in(name: str) -> tuple[int, ...]:
    return tuple(int(number[:_MOST_DIGITS]) for number in re.findall(r"\d+", name))


def _end_with_year(values: Iterable[str]) -> bool:
    """Whether all may be days or months with the year last, such as 31122022 or 1.2022."""
    different = set(values)
    return len(different) > 1 and any(all(map(form.fullmatch, different)) for form in _YEAR_LAST)


def _are_versions(values: Mapping[str, object]) -> bool:
    """Whether all are one prefix and numbers between dots, so that 2.1 comes before 2.1.3.

    A number that begins with a zero is none of a version, nor are those of a day all.
    """
    found = [_VERSION.fullmatch(name) for name in values]
    if not all(found) or len({one[1] for one in found if one}) > 1:
        return False
    return not all(_DOTTED_DAY.fullmatch(name) for name in values)


def _doubts(ordered: Sequence[str], values: Mapping[str, object]) -> list[str]:
    """Decimals that would come in another order as versions."""
    if not all(isinstance(values[name], str) and name.count(".") for name in ordered):
        return []
    if sorted(ordered, key=_numbers_in) == list(ordered):
        return []
    return [f"{ordered[0]!r} to {ordered[-1]!r} were ordered as decimals, not as versions; "
            "order says otherwise"]  # fmt: skip


def _shortened(name: str) -> str:
    try:
        return f"{float(name):.4g}" if "." in name else name
    except ValueError:
        return name
