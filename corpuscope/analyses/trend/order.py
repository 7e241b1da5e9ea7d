"""The natural order of the values of a column, if it has an unambiguous one.

Numbers are sorted by size, times chronologically (`times`), and names that differ only in one
number, such as "v2" and "v10", by that number. Any other order must be given by the caller.
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

# Where the differing number may count down ("3 days ago", BC), be part of a number or be a time:
# after a sign, comma or apostrophe, next to a slash or colon, in decades and a.m./p.m. times.
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

# If fewer than this share of the values are not times, these are listed in the error message; the
# second number is how many values are examined first.
_FEW_OF_ALL, _LOOKED_AT = 0.2, 200


@dataclass(frozen=True)
class Ordered:
    """Group names in order.

    Attributes:
        names: The names from first to last.
        of: The group name of each value: its own, that of an equivalent value, or that of its
            period.
        doubts: Caveats about the order.
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
    """The names of `values` in their natural order, with caveats.

    Args:
        values: A value for each name.
        by: The name of the column as used in messages.
        every: Bins times by day, week, month, quarter or year.
        day_first: Whether the day precedes the month in ambiguous dates.

    Raises:
        InputError: The order is ambiguous, or there are no times to bin.
    """
    if every is not None:
        return _in_periods(values, by=by, every=every, day_first=day_first)
    if len(values) < 2:
        return Ordered(tuple(values), _themselves(values))
    numbers = _numbers(values)
    if numbers is not None and _is_distinct(numbers) and not _end_with_year(values):
        ordered = _sorted(numbers)
        return Ordered(ordered, _themselves(values), tuple(_doubts(ordered, values)))
    # Times first: "2024-05" would also pass as a name with one differing number.
    if (times := times_of(values, by=by, day_first=day_first)) is not None:
        return _by_time(times)
    versions = _numbered(values)
    if versions is not None and _is_distinct(versions):
        return Ordered(_sorted(versions), _themselves(values))
    raise InputError(
        f"the order of the column {by!r} is ambiguous: {_some(sorted(values))}"
        + _unparsed_note(values),
        expected="numbers, times such as 2024-05-31, 31 May 2024 or Q2 2024, names that differ "
        "only in their numbers, or an order",
        next_step="list all groups from first to last, as order; documents with an empty value are "
        "left out",
    )


def _unparsed_note(values: Mapping[str, object]) -> str:
    """A note on the few values that cannot be parsed, if most of them are times."""
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
            f"{len(odd):,} of {len(values):,} values of the column {by!r} are not times, such as "
            f"{_some(odd or sorted(values))}",
            expected=f"times in one format, to be binned by {every}",
            next_step="name a column of times, or clear the values of documents to be left out",
        )
    if long := next((name for name, time in times.items() if is_longer(time, every)), None):
        raise InputError(
            f"{long!r} in the column {by!r} does not say which {every} it is in",
            expected=f"times precise to the {every}",
            next_step="choose longer periods, or omit every",
        )
    found = {name: unit_of(time, every) for name, time in times.items()}
    periods = sorted(set(found.values()))
    return Ordered(
        tuple(name for _, name in periods), {name: one for name, (_, one) in found.items()}
    )


def _by_time(times: Mapping[str, Time]) -> Ordered:
    """Times in order; equal ones share the first of their names."""
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
    """The quantile bin of each ordered value; bins hold about equally many documents.

    Values are not divided, so a frequent one may fill a bin alone and there may be fewer bins.

    Example:
        >>> equal_parts(np.array([2, 1, 1, 5, 1, 2]), 3)
        array([0, 0, 0, 1, 2, 2])
    """
    # The quantile at the middle of each value's documents.
    middle = (np.cumsum(sizes) - sizes / 2) / sizes.sum()
    part = np.minimum((middle * n_parts).astype(np.int64), n_parts - 1)
    parts: npt.NDArray[np.int64] = np.unique(part, return_inverse=True)[1].astype(np.int64)
    return parts


def range_names(ends: Sequence[tuple[str, str]]) -> list[str]:
    """The names of ranges between two values; numbers are rounded if names stay distinct.

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
    # Python parses 31_12_2022 as a number; NaN is the only value unequal to itself.
    is_odd = any("_" in name or found[name] != found[name] for name in found)
    return None if is_odd else dict(found)


def _numbered(values: Mapping[str, object]) -> dict[str, _Key] | None:
    """Sort keys from the numbers in names: versions, times of day, or one differing number."""
    keys: dict[str, _Key] = {name: _numbers_in(name) for name in values}
    if any(map(_end_with_year, zip(*(re.findall(r"\d+", name) for name in values), strict=False))):
        return None
    if _are_versions(values) or all(_CLOCK.fullmatch(name) for name in values):
        return keys
    # Equal skeletons: the names differ in nothing but numbers.
    skeletons = {re.sub(r"\d+", "0", name) for name in values}
    n_differing = sum(len(set(place)) > 1 for place in zip(*keys.values(), strict=False))
    if len(skeletons) > 1 or n_differing != 1:
        return None
    return None if any(map(_MAY_RUN_BACK.search, values)) else keys


def _numbers_in(name: str) -> tuple[int, ...]:
    return tuple(int(number[:_MOST_DIGITS]) for number in re.findall(r"\d+", name))


def _end_with_year(values: Iterable[str]) -> bool:
    """Whether all may be days or months that end with the year, such as 31122022 or 1.2022."""
    different = set(values)
    return len(different) > 1 and any(all(map(form.fullmatch, different)) for form in _YEAR_LAST)


def _are_versions(values: Mapping[str, object]) -> bool:
    """Whether all are version numbers after a common prefix, so that 2.1 precedes 2.1.3.

    Numbers with leading zeros are not versions, nor are values that could all be days.
    """
    found = [_VERSION.fullmatch(name) for name in values]
    if not all(found) or len({one[1] for one in found if one}) > 1:
        return False
    return not all(_DOTTED_DAY.fullmatch(name) for name in values)


def _doubts(ordered: Sequence[str], values: Mapping[str, object]) -> list[str]:
    """A caveat about decimals that would be ordered differently as versions."""
    if not all(isinstance(values[name], str) and name.count(".") for name in ordered):
        return []
    if sorted(ordered, key=_numbers_in) == list(ordered):
        return []
    return [f"{ordered[0]!r} to {ordered[-1]!r} were ordered as decimals, not as versions; "
            "use order to change this"]  # fmt: skip


def _shortened(name: str) -> str:
    try:
        return f"{float(name):.4g}" if "." in name else name
    except ValueError:
        return name
