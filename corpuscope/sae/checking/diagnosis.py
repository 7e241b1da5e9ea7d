"""Decides whether a dictionary does what it should, and which mistake is likely if not.

A mistake is named where undoing it brings the number of active features and the unexplained
variance to what they should be, while they are not as loaded; or where undoing it explains much
more with as few features. The bands are a policy of this project.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from corpuscope.sae.checking.measures import Measures

GOOD, BAD = 0.5, 0.9
"""Unexplained variance below the first is as it should be; from the second on it is wrong."""
L0_BAND, L0_BAD = 2.0, 10.0
"""Active features within a factor of the first are as expected; beyond the second wrong."""
_MUCH_BETTER = 0.75
_BETTER = 0.9
A_LITTLE_BETTER, _AS_SPARSE = 0.98, 1.1
"""Enough for a mistake that changes states by little and that is never undone to advantage."""
# Without a number to expect: a dictionary in which a tenth of the features fire is not sparse.
_FEWEST_ACTIVE, _MOST_ACTIVE = 1.0, 0.1

Status = Literal["fine", "doubtful", "wrong"]


@dataclass(frozen=True, slots=True)
class Tried:
    """A mistake, undone.

    Attributes:
        mistake: What was wrong if this one fits.
        meaning: The same in a sentence.
        measures: What the dictionary does without it.
        enough: What unexplained variance must fall to, as a share, where nothing else is wrong.
    """

    mistake: str
    meaning: str
    measures: Measures
    enough: float = _MUCH_BETTER


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """What is the matter with a dictionary.

    Attributes:
        status: "fine", "doubtful" or "wrong".
        likely: The mistake that is probably the reason; None if none explains it, or all is fine.
        reasons: What is not as it should be, in words.
    """

    status: Status
    likely: Tried | None
    reasons: tuple[str, ...]


def diagnosed(
    loaded: Measures,
    tried: Sequence[Tried],
    *,
    n_features: int,
    expected_l0: tuple[float, float] | None,
) -> Diagnosis:
    """The diagnosis of a dictionary as loaded, with what undoing each mistake gave."""
    band = _band(n_features, expected_l0)
    reasons = tuple(_reasons(loaded, band, expected_l0))
    is_fine = not reasons
    goal = None if expected_l0 is None else (expected_l0[0] * expected_l0[1]) ** 0.5
    fitting = [one for one in tried if _fits(one.measures, loaded, band, goal, is_fine=is_fine)]
    likely = min(fitting, key=lambda one: one.measures.unexplained_variance, default=None)
    if likely is not None:
        return Diagnosis("wrong", likely, reasons)
    if is_fine and (slight := next((one for one in tried if _is_slight(one, loaded)), None)):
        return Diagnosis("doubtful", slight, (_gain(slight, loaded),))
    return Diagnosis(_status(loaded, band, is_fine=is_fine), None, reasons)


def _is_slight(one: Tried, loaded: Measures) -> bool:
    """Whether undoing a mistake that changes little explains more with as many features."""
    if one.enough <= _MUCH_BETTER:
        return False
    ratio = one.measures.l0 / max(loaded.l0, 1e-9)
    is_as_sparse = 1 / _AS_SPARSE <= ratio <= _AS_SPARSE
    return is_as_sparse and one.measures.unexplained_variance < (
        one.enough * loaded.unexplained_variance
    )


def _gain(one: Tried, loaded: Measures) -> str:
    before, after = loaded.unexplained_variance, one.measures.unexplained_variance
    return f"unexplained variance is {before:.3f}, and {after:.3f} where {one.meaning}"


def _band(n_features: int, expected: tuple[float, float] | None) -> tuple[float, float]:
    if expected is None:
        return _FEWEST_ACTIVE, max(2 * _FEWEST_ACTIVE, _MOST_ACTIVE * n_features)
    return expected[0] / L0_BAND, expected[1] * L0_BAND


def _reasons(
    loaded: Measures, band: tuple[float, float], expected: tuple[float, float] | None
) -> list[str]:
    found = []
    if not band[0] <= loaded.l0 <= band[1]:
        known = "" if expected is None else f", expected {_shown(expected)}"
        found.append(f"{loaded.l0:.1f} features fire at a token{known}")
    fvu = loaded.unexplained_variance
    if not fvu < GOOD:
        found.append(f"unexplained variance is {fvu:.2f}, where below {GOOD} is usual")
    return found


def _shown(expected: tuple[float, float]) -> str:
    low, high = (f"{one:g}" for one in expected)
    return low if low == high else f"{low} to {high}"


def _fits(
    one: Measures,
    loaded: Measures,
    band: tuple[float, float],
    goal: float | None,
    *,
    is_fine: bool,
) -> bool:
    """Whether undoing a mistake gives what should be, and more than was there before."""
    fvu, before = one.unexplained_variance, loaded.unexplained_variance
    if not (band[0] <= one.l0 <= band[1] and fvu < BAD):
        return False
    if not band[0] <= loaded.l0 <= band[1]:
        # Too many features explain more than the right number does.
        return fvu < GOOD or fvu < before
    # More features explain more, whatever else is right.
    is_as_sparse = one.l0 <= 1.5 * loaded.l0
    share = _MUCH_BETTER if is_fine else _BETTER
    if goal is not None and abs(math.log(one.l0 / goal)) < abs(math.log(loaded.l0 / goal)):
        # Nearer in both: chance seldom brings that about.
        share = _BETTER
    return is_as_sparse and not fvu >= share * before


def _status(loaded: Measures, band: tuple[float, float], *, is_fine: bool) -> Status:
    if is_fine:
        return "fine"
    is_far = not band[0] * L0_BAND / L0_BAD <= loaded.l0 <= band[1] / L0_BAND * L0_BAD
    return "doubtful" if loaded.unexplained_variance < BAD and not is_far else "wrong"
