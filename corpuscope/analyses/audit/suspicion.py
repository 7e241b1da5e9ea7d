"""How suspect something is that goes with a label: how sure, how pure, and how much alone."""

import numpy as np

from corpuscope.analyses.audit.shortcut import Shortcut

# What a feature stands alone by: its company is one half, or a little more for the words it came
# with, and a standard error by luck; what a text is about has one of .65 to .9. A kind of sentence
# came with less: all of its sentence is left out.
_ALONE, _ALONE_KIND, _ERRORS, _TO_CONTENT = 0.57, 0.55, 1.0, 0.09
_MOST_OF_CONTENT = 0.5
_UNKNOWN = 0.5


def isolated_below(error: float, *, is_kind: bool) -> float:
    """Up to which company something stands alone.

    Args:
        error: The standard error of the company.
        is_kind: Whether it is a kind of sentence, and no feature.
    """
    return (_ALONE_KIND if is_kind else _ALONE) + _ERRORS * error


def purity(rate: float, elsewhere: float) -> float:
    """How rare it is in the rest: 0 for as frequent, 1 for never there."""
    return 1 - elsewhere / max(rate, 1e-9)


def isolation(one: Shortcut) -> float:
    """1 for what is a matter of form or has no company, 0 for what the text is about."""
    if one.nature == "form":
        return 1.0
    if np.isnan(one.context_auroc):
        return _UNKNOWN
    if one.nature == "isolated":
        return 1.0
    above = (one.context_auroc - one.isolated_below) / _TO_CONTENT
    return _MOST_OF_CONTENT * float(np.clip(1 - above, 0, 1))


def suspicion(one: Shortcut) -> tuple[float, float]:
    """How sure, how pure and how much alone it is; of what is not, how sure."""
    if one.nature == "length":
        return abs(one.z) * min(4 * abs(one.auroc - 0.5), 1.0), abs(one.z)
    return one.z * purity(one.rate, one.rate_elsewhere) * isolation(one), one.z
