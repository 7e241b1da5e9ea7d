"""Which feature is meant: a dictionary feature by its number, or a word feature by its name."""

import difflib

import numpy as np
import pandas as pd

from corpuscope.analyses.describe.described_store import DescribedStore
from corpuscope.errors import InputError

_N_SHOWN = 5
_MOST_COMPARED = 1 << 14


def feature_meant(here: DescribedStore, given: int | str) -> int | str:
    """The number of a dictionary feature, or the name of a word feature.

    Digits are a number; anything else is a word feature, whose case may differ.

    Raises:
        InputError: There is no such feature; features with similar names are listed.
    """
    if isinstance(given, str) and given.isascii() and given.strip().isdigit():
        return _numbered(here, int(given))
    if isinstance(given, int | np.integer) and not isinstance(given, bool):
        return _numbered(here, int(given))
    if not isinstance(given, str):
        raise InputError(
            f"feature is {given!r}",
            expected="the number of a dictionary feature, or a word feature such as 'of course'",
            next_step="take one from the findings of a question",
        )
    return _word(here, given)


def _numbered(here: DescribedStore, number: int) -> int:
    if not 0 <= number < here.store.n_features:
        last = here.store.n_features - 1
        raise InputError(
            f"feature is {number}",
            expected=f"a number from 0 to {last}, of the dictionary's features",
            next_step="take one from the findings of a question",
        )
    return number


def _word(here: DescribedStore, given: str) -> str:
    for name in (given, given.strip().lower().replace("’", "'")):
        if name in here.words.column:
            return name
    least = here.min_documents_of_words
    many = "" if least == 1 else f" in {least} documents or more"
    raise InputError(
        f"{here.store.path} has no word feature {given!r}",
        expected=f"a word, a pair of words or a format mark{many}{_similar_words(here, given)}",
        next_step=f"name one of these{_similar_labels(here, given)}",
    )


def _similar_words(here: DescribedStore, given: str) -> str:
    start = given.strip().lower()[:1]
    near = [name for name in here.words.column if name[:1] == start][:_MOST_COMPARED]
    close = difflib.get_close_matches(given.lower(), near, n=_N_SHOWN)
    return f", such as {', '.join(map(repr, close))}" if close else ""


def _similar_labels(here: DescribedStore, given: str) -> str:
    """Dictionary features whose label contains what was given, the most usual first."""
    wanted = given.strip().lower()
    labels = here.store.features.get("label", pd.Series(dtype=object)).tolist()
    found = [at for at, one in enumerate(labels) if isinstance(one, str) and wanted in one.lower()]
    found = sorted(found, key=lambda at: -int(here.n_present[at]))[:_N_SHOWN]
    if not wanted or not found:
        return ", or a feature by its number"
    return ", or a feature by its number: " + ", ".join(
        f"{at} ({here.source.own_label(at)})" for at in found
    )
