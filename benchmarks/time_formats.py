"""Ways of writing a time: `python -m benchmarks.time_formats`.

Three years of moments, drawn anew for each of 20 columns, are written in 18 ways, and the days of
months with names in three languages. Is the column read in the right order, refused, or put into
another order without a word? In half of the columns no day is after the 12th, so that days cannot
be told from months. Then a rise from 5 to 95 % is planted along the times, and `trend` is asked.
"""

import tempfile
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
from babel.dates import format_date

import corpuscope as cs
from benchmarks.results import record, table
from corpuscope.analyses.trend.order import ordered_values
from corpuscope.errors import InputError
from tests.analyses.worlds import Made, vocabulary, write

N_COLUMNS, N_VALUES, N_DOCUMENTS = 20, 40, 400
FORMATS = (
    "%d/%m/%Y %H:%M", "%m/%d/%Y", "%m/%d/%y %I:%M %p", "%m/%Y", "%d.%m.%y", "%d.%m.%Y %H:%M:%S",
    "Q{quarter} %Y", "%Y-Q{quarter}", "W%V/%G", "%G-W%V", "H{half} %Y", "%Y-%m-%dT%H:%M:%SZ",
    "%Y%m%d", "%b %Y", "%d %B %Y", "%B %d, %Y", "%a, %d %b %Y %H:%M:%S +0000", "%d-%m-%Y",
)  # fmt: skip
LANGUAGES = ("de", "fr", "es")


def written(moment: datetime, form: str) -> str:
    """A moment in one way of writing; the code of a language stands for its day in words."""
    if form in LANGUAGES:
        return format_date(moment, "d MMMM y", locale=form)
    quarter, half = (moment.month - 1) // 3 + 1, (moment.month - 1) // 6 + 1
    return moment.strftime(form).format(quarter=quarter, half=half)


def moments(rng: np.random.Generator, n: int, *, is_early: bool) -> list[datetime]:
    """Random moments of three years, perhaps none after the 12th of its month."""
    first = datetime(2021, 1, 1, tzinfo=UTC)
    every = [first + timedelta(minutes=int(m)) for m in rng.integers(0, 3 * 365 * 1440, 4 * n)]
    return [one for one in every if one.day <= 12 or not is_early][:n]


def outcome(form: str, seed: int) -> str:
    """What becomes of one column: right, refused or wrong."""
    rng = np.random.default_rng(seed)
    drawn = moments(rng, N_VALUES, is_early=seed % 2 == 1)
    names: dict[str, datetime] = {}
    for moment in sorted(drawn):
        names.setdefault(written(moment, form), moment)
    shuffled = {list(names)[at]: None for at in rng.permutation(len(names))}
    try:
        found = ordered_values(shuffled, by="when").names
    except InputError:
        return "refused"
    return "right" if list(found) == list(names) else "wrong"


def finds_a_rise(form: str) -> bool:
    """Whether `trend` finds what rises with the times, as a user asks it."""
    rng = np.random.default_rng(0)
    made = []
    for moment in moments(rng, N_DOCUMENTS, is_early=False):
        share = (moment - datetime(2021, 1, 1, tzinfo=UTC)) / timedelta(days=3 * 365)
        has = {0} if rng.random() < 0.05 + 0.9 * share else {1}
        made.append(Made(vocabulary(rng, 20), has, {"when": written(moment, form)}))
    with tempfile.TemporaryDirectory() as folder:
        store = write(Path(folder) / "s", made)
        found = cs.trend(store, by="when", settings=cs.TrendSettings(words=False, rename=False))
    return any(0 in one.features and one.slope > 0 for one in found.findings)


def main() -> None:
    """Record what becomes of each way of writing."""
    body = []
    for form in (*FORMATS, *LANGUAGES):
        counts = Counter(outcome(form, seed) for seed in range(N_COLUMNS))
        rise = "yes" if finds_a_rise(form) else "no"
        example = written(datetime(2022, 12, 31, 19, 7, tzinfo=UTC), form)
        body.append([example, *(str(counts[one]) for one in ("right", "refused", "wrong")), rise])
        print(body[-1], flush=True)
    told = (
        f"{N_COLUMNS} columns of {N_VALUES} times in each way of writing; in half of them no day "
        "is after the 12th. Rise: whether trend finds a feature that rises from 5 to 95 %."
    )
    header = ["written", "in order", "refused", "in another order", "rise found"]
    record("Times: how they are written", [told, "", *table(header, body)])


if __name__ == "__main__":
    main()
