"""Months are read in the language that reads all of them."""

from datetime import UTC, datetime

import pytest

from corpuscope.analyses.trend.times import month_names
from corpuscope.analyses.trend.times.digits import Time, normalised
from corpuscope.analyses.trend.times.month_names import LANGUAGES, in_language, in_words
from corpuscope.errors import InputError


@pytest.fixture(autouse=True)
def few_languages(monkeypatch: pytest.MonkeyPatch) -> None:
    """The tables of fifty languages take seconds to load."""
    monkeypatch.setattr(month_names, "LANGUAGES", ("en", "de", "fr", "pl", "hr"))


def read(text: str, language: str = "en") -> Time | None:
    found = in_language(normalised(text), language)
    return None if found is None else found.day_first


def day(month: int, day: int, year: int = 2022, *, length: str = "day", hour: int = 0) -> Time:
    return Time(datetime(year, month, day, hour, tzinfo=UTC), length)


def of_words(*names: str) -> list[Time | None] | None:
    found = in_words({name: normalised(name) for name in names}, by="when")
    return None if found is None else [one.day_first for one in found.values()]


@pytest.mark.parametrize(
    "text",
    ["31 December 2022", "31st of December 2022", "December 31, 2022", "Dec 31st 2022",
     "Sat, 31 Dec 2022", "Saturday, December 31, 2022", "31-dec-22", "31.Dec.2022", "2022 Dec 31",
     "31DEC2022", "31 dec '22"],
)  # fmt: skip
def test_a_day_stands_before_or_after_its_month(text: str) -> None:
    assert read(text) == day(12, 31)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Dec 2022", day(12, 1, length="month")),
        ("Sept. 2022", day(9, 1, length="month")),
        ("May of 2022", day(5, 1, length="month")),
        ("Dec '22", day(12, 1, length="month")),
        ("2022 March", day(3, 1, length="month")),
        ("Sat Dec 31 19:00:00 2022", day(12, 31, length="moment", hour=19)),
        ("31 Dec 2022 7 pm", day(12, 31, length="moment", hour=19)),
        ("Dec 31, 2022, 19:00 UTC", day(12, 31, length="moment", hour=19)),
        ("31 Dec 1969", day(12, 31, 1969)),
        ("1 Jan 69", day(1, 1, 1969)),
        ("1 Jan 68", day(1, 1, 2068)),
    ],
)
def test_months_and_moments(text: str, expected: Time) -> None:
    assert read(text) == expected


@pytest.mark.parametrize(
    "text",
    ["Dec 22", "December", "31 Dec", "Monday", "31 Dez 2022", "Dec 31 Jan 2022", "30 Feb 2022",
     "Decemberist 2022", "2022", "31/12/2022", "", "maybe 2022", "31 Dec 2022 25:00"],
)  # fmt: skip
def test_what_names_no_month_and_year_is_none(text: str) -> None:
    assert read(text) is None


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("31. Dezember 2022", "de"), ("31 décembre 2022", "fr"), ("31 de diciembre de 2022", "es"),
        ("31 декабря 2022 г.", "ru"), ("31 Aralık 2022", "tr"), ("Samstag, 31. Dez. 2022", "de"),
        ("31 december 2022", "nl"),
    ],
)  # fmt: skip
def test_each_language_reads_its_own_months(text: str, language: str) -> None:
    assert read(text, language) == day(12, 31)


def test_names_that_are_said_beside_the_official_ones() -> None:
    assert read("1. Jänner 2022", "de") == read("1. Januar 2022", "de") == day(1, 1)
    assert read("1. Mrz 2022", "de") == day(3, 1)
    assert read("1 Mrz 2022") is None


def test_one_language_reads_all() -> None:
    assert of_words("31. Dezember 2022", "1. Jan 2023") == [day(12, 31), day(1, 1, 2023)]
    assert of_words("31 Dec 2022", "1. Mai 2023") is None
    assert of_words("31 décembre 2022", "1 Mai 2023") == [day(12, 31), day(5, 1, 2023)]
    assert of_words("so und so") is None


def test_a_month_that_is_another_elsewhere_is_asked_for() -> None:
    """November in Polish, October in Croatian."""
    assert read("listopad 2022", "pl") == day(11, 1, length="month")
    assert read("listopad 2022", "hr") == day(10, 1, length="month")
    with pytest.raises(InputError) as refused:
        of_words("listopad 2022")
    for part in ("'listopad 2022'", "'when'", "'pl'", "'hr'", "November", "October"):
        assert part in refused.value.found
    assert of_words("listopad 2022", "styczeń 2023") == [
        day(11, 1, length="month"), day(1, 1, 2023, length="month")
    ]  # fmt: skip


def test_where_english_reads_all_no_other_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    real = month_names.in_language
    monkeypatch.setattr(
        month_names, "in_language", lambda text, of: (asked.append(of), real(text, of))[1]
    )
    assert of_words("31 Dec 2022") == [day(12, 31)]
    assert asked == ["en"]


def test_each_language_is_there_once() -> None:
    assert len(set(LANGUAGES)) == len(LANGUAGES) > 50
    assert LANGUAGES[0] == "en"
