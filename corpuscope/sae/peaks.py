"""Peaks: the largest activation of a feature in a group of units, and where it is."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt


@dataclass(frozen=True, slots=True, eq=False)
class Peaks:
    """Maxima of features in groups of units; entry `i` is one feature in one group.

    Attributes:
        groups: Which group.
        features: Which feature.
        strengths: Its largest activation there.
        units: The first unit at which it is reached.
    """

    groups: npt.NDArray[np.int64]
    features: npt.NDArray[np.int64]
    strengths: npt.NDArray[np.float32]
    units: npt.NDArray[np.int64]


def merged(parts: Sequence[Peaks]) -> Peaks:
    """One entry per group and feature: the strongest, and among ties the first."""
    if not parts:
        nothing = np.zeros(0, dtype=np.int64)
        return Peaks(nothing, nothing, np.zeros(0, dtype=np.float32), nothing)
    groups = np.concatenate([part.groups for part in parts])
    features = np.concatenate([part.features for part in parts])
    strengths = np.concatenate([part.strengths for part in parts])
    units = np.concatenate([part.units for part in parts])
    # By group, feature, decreasing strength and unit: the first of each pair is its peak.
    order = np.lexsort((units, -strengths, features, groups))
    groups, features = groups[order], features[order]
    is_first = np.ones(len(order), dtype=bool)
    is_first[1:] = (groups[1:] != groups[:-1]) | (features[1:] != features[:-1])
    kept = order[is_first]
    return Peaks(groups[is_first], features[is_first], strengths[kept], units[kept])
