"""In which order the values of a column come, where that can be told.

Numbers come by size, days by the calendar, and names that differ in their numbers alone, such
as "v2" and "v10", by these. What else there is to order by, only the caller knows.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

import numpy as np
import numpy.typing as npt

from corpuscope.errors import InputError

_Key = float | tuple[int, ...]

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_NAMED = 4
_EARLIEST_YEAR = 1000


def in_order(values: Mapping[str, object], *, by: str) -> tuple[list[str], list[str]]:
    """The names of `values` in their order, and what to be careful about.

    Args:
        values: For each name a value that has it.
        by: What messages call the column.

    Raises:
        InputError: The order cannot be told.
    """
    for read, what in ((_numbers, "numbers"), (_days, "days"), (_numbered, "versions")):
        keys = read(values)
        if keys is not None and len(set(keys.values())) == len(keys):
            ordered = sorted(values, key=lambda name: keys[name])
            return ordered, _doubts(ordered, values) if what == "numbers" else []
    some = ", ".join(map(repr, sorted(values)[:_NAMED]))
    more = ", ..." if len(values) > _NAMED else ""
    raise InputError(
        f"the order of the column {by!r} is not clear: {some}{more}",
        expected="numbers, days such as 2024-05-31, names that differ in their numbers alone, "
        "or an order",
        next_step="give all groups from first to last, as order",
    )


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
        return {name: float(str(value)) for name, value in values.items()}
    except ValueError:
        return None


def _days(values: Mapping[str, object]) -> dict[str, _Key] | None:
    if not all(_DAY.match(name) for name in values):
        return None
    try:
        found = {name: datetime.fromisoformat(name) for name in values}
    except ValueError:
        return None
    return {name: (at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp()
            for name, at in found.items()}  # fmt: skip


def _numbered(values: Mapping[str, object]) -> dict[str, _Key] | None:
    """By the numbers in the names, where all else is the same."""
    keys: dict[str, _Key] = {name: _numbers_in(name) for name in values}
    skeletons = {re.sub(r"\d+", "0", name) for name in values}
    if len(skeletons) > 1 and not _are_versions(values):
        return None
    # 03/05/2024 may be in March or in May.
    return None if all(map(_ends_with_year, values)) else keys


def _numbers_in(name: str) -> tuple[int, ...]:
    return tuple(int(number) for number in re.findall(r"\d+", name))


def _ends_with_year(name: str) -> bool:
    numbers = _numbers_in(name)
    return len(numbers) == 3 and numbers[-1] >= _EARLIEST_YEAR > numbers[0]


def _are_versions(values: Mapping[str, object]) -> bool:
    """Whether all are one prefix and numbers between dots, so that 2.1 comes before 2.1.3."""
    found = [re.fullmatch(r"(\D*)\d+([._-]\d+)*", name) for name in values]
    return all(found) and len({one[1] for one in found if one}) == 1


def _doubts(ordered: list[str], values: Mapping[str, object]) -> list[str]:
    """Decimals that would come in another order as versions."""
    if not all(isinstance(values[name], str) and name.count(".") for name in ordered):
        return []
    as_versions = sorted(ordered, key=_numbers_in)
    if as_versions == ordered:
        return []
    return [f"{ordered[0]!r} to {ordered[-1]!r} were ordered as decimals, not as versions; "
            "order says otherwise"]  # fmt: skip


def _shortened(name: str) -> str:
    try:
        return f"{float(name):.4g}" if "." in name else name
    except ValueError:
        return name
