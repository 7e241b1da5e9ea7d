"""Detection and fuzzing: does a reader, by a label alone, tell marked places with the feature?

`detection`: places with the feature, from strong to weak, against random places and near misses.
`fuzzing`: the same places against the same passages with the mark on another word; of token
features only, for a sentence has no other place. Both are balanced accuracies, chance is .5.

Source: Paulo, Mallen, Juang and Belrose 2024, arXiv 2410.13928, with near misses and with contexts
that did not name the feature.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from corpuscope.labels.by_reading.material import BANDS, FeatureMaterial
from corpuscope.labels.by_reading.prompts import window_request
from corpuscope.labels.context import FeatureContext
from corpuscope.llm.client import LLM
from corpuscope.llm.request import Answer, Request
from corpuscope.statistics.rates.intervals import newcombe_interval

__all__ = ["detection_table", "moved_mark"]

_AT_ONCE = 5
_MOST_UNREAD = 0.1
_WORD = re.compile(r"\w[\w'’-]*")
_NO_MEANING = "a piece of text"


@dataclass(frozen=True)
class _Window:
    """A marked place, the part of the test that it belongs to, and what is true of it."""

    context: FeatureContext
    part: str
    has_it: bool


def detection_table(
    material: Sequence[FeatureMaterial],
    labels: Mapping[int, str],
    llm: LLM,
    *,
    seed: int = 0,
    progress: Callable[[str, int, int], None] | None = None,
) -> pd.DataFrame:
    """How well labels, the label of another feature, and no label at all tell a feature.

    Args:
        material: What tests the features.
        labels: A label for each feature; others are left out.
        llm: Who reads.
        seed: The random seed.
        progress: Callback with the purpose, the number of answers so far, and of all.

    Returns:
        A row for each feature and kind of label (`own`, `shuffled`, `none`): `feature`, `of`,
        `label`, `detection` with `detection_low` and `detection_high` (95 %),
        `detection_by_frequency` (places weighted by how frequent their strength is), `strongest`,
        `middle`, `weakest` (shares told of each band), `random`, `near` (shares of foils told),
        `fuzzing`, `n`, `n_unread`. NaN where more than a tenth of the places could not be judged.

    Raises:
        EndpointRefused: The language model cannot be asked.
        AnswersMissing: Requests wait for answers.
    """
    named = [one for one in material if labels.get(one.feature)]
    tests = [
        (one, of, label, _windows(one, seed))
        for one, other in zip(named, [*named[1:], *named[:1]], strict=True)
        for of, label in (
            ("own", labels[one.feature]),
            *([("shuffled", labels[other.feature])] if len(named) > 1 else []),
            ("none", _NO_MEANING),
        )
    ]
    asked = [_requests(label, windows) for _, _, label, windows in tests]
    flat = [request for requests in asked for request in requests]
    answers = iter(
        llm.ask(
            flat,
            progress=None if progress is None else lambda done, n: progress("detect", done, n),
        )
    )
    rows = []
    for (one, of, label, windows), requests in zip(tests, asked, strict=True):
        told = _told(windows, [next(answers) for _ in requests])
        rows.append({"feature": one.feature, "of": of, "label": label} | _scores(windows, told))
    return pd.DataFrame(rows)


def moved_mark(one: FeatureContext, rng: np.random.Generator) -> FeatureContext | None:
    """The same passage with the mark on another word; None if it has no other.

    Example:
        >>> one = FeatureContext("I do not know.", 2, 4, 1.0, "d")
        >>> moved_mark(one, np.random.default_rng(0)).unit
        'know'
    """
    places = [
        m.span() for m in _WORD.finditer(one.text) if m.end() <= one.start or m.start() >= one.end
    ]
    others = [(start, end) for start, end in places if one.text[start:end] != one.unit]
    if not others:
        return None
    start, end = others[int(rng.integers(len(others)))]
    return replace(one, start=start, end=end, strength=0.0)


def _windows(one: FeatureMaterial, seed: int) -> list[_Window]:
    """All places that test a feature, in random order."""
    rng = np.random.default_rng([seed, one.feature, 9])
    found = [
        _Window(context, f"band {at}", True)
        for at, band in enumerate(one.windows.bands) for context in band
    ]  # fmt: skip
    moved = [moved_mark(window.context, rng) for window in found] if one.kind == "token" else []
    found += [_Window(context, "random", False) for context in one.windows.random]
    found += [_Window(context, "near", False) for context in one.windows.near]
    found += [_Window(context, "moved", False) for context in moved if context is not None]
    return [found[at] for at in rng.permutation(len(found))]


def _requests(label: str, windows: Sequence[_Window]) -> list[Request]:
    return [
        window_request("detect", label, [one.context for one in windows[first : first + _AT_ONCE]])
        for first in range(0, len(windows), _AT_ONCE)
    ]


def _told(windows: Sequence[_Window], answers: Sequence[Answer]) -> list[bool | None]:
    """What was said of each place; None for unclear and what could not be read."""
    found = []
    for at in range(len(windows)):
        answer = answers[at // _AT_ONCE]
        said = answer.value.get(f"passage_{at % _AT_ONCE + 1}") if answer.is_answered else None
        found.append({"yes": True, "no": False}.get(str(said)))
    return found


def _scores(windows: Sequence[_Window], told: Sequence[bool | None]) -> dict[str, object]:
    right: dict[str, list[bool]] = {}
    for window, said in zip(windows, told, strict=True):
        if said is not None:
            right.setdefault(window.part, []).append(said == window.has_it)
    n_unread = sum(said is None for said in told)
    bands = [_share(right.get(f"band {at}", [])) for at in range(len(BANDS))]
    foils = [_share(right.get(name, [])) for name in ("random", "near", "moved")]
    own = [one for at in range(len(BANDS)) for one in right.get(f"band {at}", [])]
    others = [one for name in ("random", "near") for one in right.get(name, [])]
    is_known = n_unread <= _MOST_UNREAD * len(windows) and bool(own) and bool(others)
    low, high = _balanced_interval(own, others)
    weights = np.where(np.isnan(bands), 0.0, BANDS)
    by_frequency = float(np.nansum(weights * bands) / weights.sum()) if weights.sum() else np.nan
    return {
        "detection": (_share(own) + _share(others)) / 2 if is_known else np.nan,
        "detection_low": low if is_known else np.nan,
        "detection_high": high if is_known else np.nan,
        "detection_by_frequency": (by_frequency + _share(others)) / 2 if is_known else np.nan,
        "strongest": bands[0], "middle": bands[1], "weakest": bands[2],
        "random": foils[0], "near": foils[1],
        "fuzzing": (_share(own) + foils[2]) / 2 if is_known else np.nan,
        "n": len(windows) - n_unread, "n_unread": n_unread,
    }  # fmt: skip


def _balanced_interval(own: Sequence[bool], others: Sequence[bool]) -> tuple[float, float]:
    """95 % interval of the balanced accuracy: half of 1 + hit rate - rate of false alarms."""
    hits, alarms = np.array([sum(own)]), np.array([len(others) - sum(others)])
    lower, upper = newcombe_interval(hits, len(own), alarms, len(others))
    return (1 + float(lower[0])) / 2, (1 + float(upper[0])) / 2


def _share(some: Sequence[bool]) -> float:
    return float(np.mean(some)) if some else np.nan
