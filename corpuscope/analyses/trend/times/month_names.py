"""Parsing of times with month names, in some fifty languages."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from corpuscope.analyses.trend.times.digits import (
    CLOCK,
    SHORT_YEAR,
    YEAR,
    Read,
    certain,
    day_of,
    forms,
    month_of,
    normalised,
    said,
    year_of,
)
from corpuscope.errors import InputError

# Languages tried, the most common ones first.
LANGUAGES = (
    "en", "de", "fr", "es", "it", "pt", "nl", "pl", "ru", "uk", "cs", "sk", "hr", "sr", "sl", "bg",
    "ro", "hu", "tr", "el", "sv", "da", "nb", "fi", "et", "lv", "lt", "ca", "eu", "gl", "id", "ms",
    "vi", "ar", "fa", "he", "hi", "bn", "ur", "sw", "af", "sq", "ga", "cy", "is", "mk", "kk", "uz",
    "az", "hy", "ka", "ta", "te", "th",
)  # fmt: skip

# Common names that CLDR lacks.
_ALSO = {"en": {"sept": 9}, "de": {"mrz": 3, "jän": 1, "jänner": 1, "feber": 2}}

# Patterns in which the name of the month has been replaced by its number in angle quotes.
_NAMED = forms(
    rf"(?:(?P<day>\d{{1,2}})(?:st|nd|rd|th|er|[.ºª])?)[\s-]*(?:of |de |d')?‹(?P<month>\d+)›"
    rf"[\s,.-]*(?:of |de |del )?{SHORT_YEAR}{CLOCK}",
    rf"‹(?P<month>\d+)›[\s.-]*(?P<day>\d{{1,2}})(?:st|nd|rd|th)?(?:,? ){YEAR}{CLOCK}",
    rf"{YEAR}[\s,.-]*‹(?P<month>\d+)›[\s.-]*(?P<day>\d{{1,2}}){CLOCK}",
    rf"‹(?P<month>\d+)› (?P<day>\d{{1,2}}){CLOCK[:-1]} {YEAR}",
)
_NAMED_MONTHS = forms(
    rf"‹(?P<month>\d+)›[\s,./-]*(?:of |de |del )?{YEAR}",
    r"‹(?P<month>\d+)›\.?[\s/-]*'(?P<short>\d{2})",
    rf"{YEAR}[\s,./-]*‹(?P<month>\d+)›\.?",
)


def in_words(values: Mapping[str, str], *, by: str) -> dict[str, Read] | None:
    """The parses of times with month names, in the language that fits all of them.

    Raises:
        InputError: Several languages fit, with different results.
    """
    found: dict[str, dict[str, Read]] = {}
    for language in LANGUAGES:
        if (read := _all_in(values, language)) is not None:
            found[language] = read
            # English comes first and is taken without looking for conflicts.
            if language == "en":
                break
    if not found:
        return None
    first, *others = found
    if other := next((one for one in others if found[one] != found[first]), None):
        name = next(name for name in values if found[first][name] != found[other][name])
        raise InputError(
            f"{name!r} in the column {by!r} is {said(found[first][name].day_first)} in the "
            f"language {first!r} but {said(found[other][name].day_first)} in {other!r}",
            expected="unambiguous times",
            next_step="write months as numbers, or list all groups from first to last, as order",
        )
    return found[first]


def _all_in(values: Mapping[str, str], language: str) -> dict[str, Read] | None:
    """The parses in one language; None if any value does not fit."""
    found: dict[str, Read] = {}
    for name, text in values.items():
        if (one := in_language(text, language)) is None:
            return None
        found[name] = one
    return found


def in_language(text: str, language: str) -> Read | None:
    """The parses of a value in one language; None if it does not fit."""
    months, weekdays = _names(language)
    # "2022 г." and "2022 р." abbreviate "year" in Russian and Ukrainian.
    text = re.sub(r"(?<=\d) ?[гр]\.?(?=\W|$)", "", text).strip(" ,.")
    numbered, n_found = months.number(text)
    if n_found != 1:  # A weekday may share its abbreviation with a month.
        numbered, n_found = months.number(weekdays.sub("", text, count=1))
    elif without := weekdays.sub("", numbered, count=1):
        numbered = without
    if n_found != 1:
        return None
    text = numbered.strip(" ,.")
    for form in _NAMED:
        if found := form.fullmatch(text):
            return certain(day_of(found, int(found["month"]), int(found["day"])))
    for form in _NAMED_MONTHS:
        if found := form.fullmatch(text):
            return certain(month_of(year_of(found), int(found["month"])))
    return None


@dataclass(frozen=True)
class _Months:
    """The month names of a language."""

    pattern: re.Pattern[str]
    numbers: Mapping[str, int]

    def number(self, text: str) -> tuple[str, int]:
        """The text with month names replaced by numbers in angle quotes, and their count."""
        return self.pattern.subn(lambda found: f"‹{self.numbers[found[1]]}›", text)


@cache
def _names(language: str) -> tuple[_Months, re.Pattern[str]]:
    """The names of months and of days of the week of a language."""
    table = _tables()[language]
    numbers: dict[str, int] = {}
    # Abbreviations that two months share are dropped.
    ambiguous: set[str] = set()
    for name, number in _each(table["months"]):
        if numbers.setdefault(name, number) != number:
            ambiguous.add(name)
    for name in ambiguous:
        del numbers[name]
    numbers |= _ALSO.get(language, {})
    days = {name for name, _ in _each(table["weekdays"])}
    return (
        _Months(_any_of(numbers), numbers),
        re.compile(rf"^(?:{_either(days)})(?![^\W\d_])[.,]*\s*"),
    )


@cache
def _tables() -> dict[str, dict[str, dict[str, list[str]]]]:
    """Names by language, kind and number. Source: Unicode CLDR, by `tools/month_names.py`."""
    path = Path(__file__).with_name("names.json")
    found: dict[str, dict[str, dict[str, list[str]]]] = json.loads(path.read_text("utf-8"))
    return found


def _each(names: Mapping[str, Sequence[str]]) -> Sequence[tuple[str, int]]:
    return [
        (name, int(number))
        for number, given in names.items()
        for each in given
        if len(name := normalised(each).strip(".")) > 1 and not name.isdigit()
    ]


def _any_of(names: Mapping[str, int]) -> re.Pattern[str]:
    return re.compile(rf"(?<![^\W\d_])({_either(names)})(?![^\W\d_])\.?")


def _either(names: object) -> str:
    # Longest first: alternation takes the first branch that matches.
    every = sorted(names, key=len, reverse=True)  # type: ignore[call-overload]
    return "|".join(re.escape(name) for name in every)
