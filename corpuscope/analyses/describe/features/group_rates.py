"""How often a feature is present in the groups of a column."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from corpuscope.analyses.describe.described_store import ColumnGroups
from corpuscope.statistics.rates.intervals import wilson_interval

_MOST_GROUPS = 50


@dataclass(frozen=True)
class GroupRate:
    """The documents of a group that have a feature.

    Attributes:
        group: The group.
        n_documents: How many documents it has.
        n_present: In how many of them the feature is present.
        rate: The share of these.
        low: Lower end of its 95 % interval, if documents are independent.
        high: Upper end of it.
    """

    group: str
    n_documents: int
    n_present: int
    rate: float
    low: float
    high: float


def group_rates(groups: ColumnGroups, rows: npt.NDArray[np.int64]) -> tuple[GroupRate, ...]:
    """The rate in each group; of many groups in the fifty largest, in the order of their names.

    Args:
        groups: The groups of all documents.
        rows: The documents in which the feature is present.
    """
    n_groups = len(groups.names)
    sizes = np.bincount(groups.codes[groups.codes >= 0], minlength=n_groups)
    own = groups.codes[rows]
    present = np.bincount(own[own >= 0], minlength=n_groups)
    largest = np.sort(np.argsort(-sizes, kind="stable")[:_MOST_GROUPS])
    return tuple(
        _rate(groups.names[at], int(sizes[at]), int(present[at])) for at in largest.tolist()
    )


def _rate(group: str, n: int, n_present: int) -> GroupRate:
    low, high = rate_interval(n_present, n)
    return GroupRate(group, n, n_present, n_present / n, low, high)


def rate_interval(n_present: int, n: int) -> tuple[float, float]:
    """The 95 % interval of a rate, by Wilson."""
    lower, upper = wilson_interval(np.array([n_present]), n)
    return float(lower[0]), float(upper[0])
