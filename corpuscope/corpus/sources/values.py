"""Converts cells of any source to plain Python values."""

import json
import math
from collections.abc import Mapping
from datetime import date, time, timedelta
from decimal import Decimal
from uuid import UUID

import numpy as np

from corpuscope.corpus.document import Scalar
from corpuscope.corpus.sources.rows import Place
from corpuscope.errors import InputError

_MISSING_IN_PANDAS = frozenset({"NAType", "NaTType"})
_LARGEST_INTEGER = 2**63


def plain_value(value: object) -> object:
    """The value without numpy types; NaN, NA and NaT become None."""
    if isinstance(value, np.generic | np.ndarray):
        value = value.tolist()
    if isinstance(value, float) and math.isnan(value):
        return None
    return None if type(value).__name__ in _MISSING_IN_PANDAS else value


def metadata_value(value: object, *, column: str, place: Place) -> Scalar:
    """The value as a scalar; nested values become compact JSON, dates ISO strings.

    Raises:
        InputError: The value is neither a scalar nor made of scalars, such as an image.
    """
    plain = plain_value(value)
    if plain is None or isinstance(plain, str | bool | float):
        return plain
    if isinstance(plain, int):
        return plain if -_LARGEST_INTEGER <= plain < _LARGEST_INTEGER else str(plain)
    try:
        if isinstance(plain, Mapping | list | tuple):
            return json.dumps(plain, ensure_ascii=False, separators=(",", ":"), default=_as_json)
        return _as_text(plain)
    except (TypeError, ValueError) as error:
        raise InputError(
            f"{place}, has a {type(plain).__name__} in the column {column!r} ({error})",
            expected="text, a number, a boolean, a date, or lists and objects of these",
            next_step="list the columns to keep, without this one, in metadata=[...]",
        ) from error


def is_whole_unicode(text: str) -> bool:
    """Whether the text has no unpaired surrogates, which cannot be encoded."""
    if text.isascii():
        return True
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


def _as_json(value: object) -> object:
    plain = plain_value(value)
    if plain is None or isinstance(plain, str | bool | int | float | list):
        return plain
    return _as_text(plain)


def _as_text(value: object) -> str:
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, timedelta | Decimal | UUID):
        return str(value)
    raise TypeError(f"a {type(value).__name__} is not a scalar")
