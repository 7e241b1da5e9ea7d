"""Ranking of shortcuts: z-score x purity x isolation."""

import numpy as np

from corpuscope.analyses.audit.shortcut import Shortcut

# Threshold of isolation: chance is .5, plus a margin for words inserted together with the feature,
# plus one standard error; content has a context predictability of .65 to .9. Sentence clusters
# need a smaller margin, as their whole sentence is excluded.
_ALONE, _ALONE_KIND, _ERRORS, _TO_CONTENT = 0.57, 0.55, 1.0, 0.09
_MOST_OF_CONTENT = 0.5
_UNKNOWN = 0.5


def isolated_below(error: float, *, is_kind: bool) -> float:
    """Context predictability below which a feature is isolated.

    Args:
        error: Standard error of the context predictability.
        is_kind: Whether it is a sentence cluster rather than a feature.
    """
    return (_ALONE_KIND if is_kind else _ALONE) + _ERRORS * error


def purity(rate: float, elsewhere: float) -> float:
    """1 - elsewhere / rate: 0 if equally frequent in the rest, 1 if absent there."""
    return 1 - elsewhere / max(rate, 1e-9)


def isolation(one: Shortcut) -> float:
    """1 for formatting artefacts and isolated features, falling to 0 for content."""
    if one.nature == "form":
        return 1.0
    if np.isnan(one.context_auroc):
        return _UNKNOWN
    if one.nature == "isolated":
        return 1.0
    above = (one.context_auroc - one.isolated_below) / _TO_CONTENT
    return _MOST_OF_CONTENT * float(np.clip(1 - above, 0, 1))


def suspicion(one: Shortcut) -> tuple[float, float]:
    """Sort key: z-score x purity x isolation, ties broken by z-score."""
    if one.nature == "length":
        return abs(one.z) * min(4 * abs(one.auroc - 0.5), 1.0), abs(one.z)
    return one.z * purity(one.rate, one.rate_elsewhere) * isolation(one), one.z
