"""A feature that rises or falls along ordered groups."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from corpuscope.analyses.results.feature_findings import FeatureFinding

if TYPE_CHECKING:
    pass


@dataclass(frozen=True)
class Step:
    """From one group to the next.

    Attributes:
        start: The one group.
        end: The next.
        change: The rate in the next minus that in the one.
    """

    start: str
    end: str
    change: float


@dataclass(frozen=True)
class TrendFinding(FeatureFinding):
    """A feature whose rate rises or falls along the groups.

    Numbers come from all documents unless told otherwise.

    Attributes:
        rates: For each group, first to last, the share of its documents that have the feature.
        rate_intervals: Their 95 % intervals.
        slope: The change of the rate from one group to the next, along the straight line
            through all; within keys where documents are paired. Below 0 where it falls.
        interval: 95 % interval of the slope.
        adjusted_slope: The slope at equal lengths and strata; NaN where no documents are alike.
        adjusted_interval: Its 95 % interval.
        monotone: Whether the rate goes the way of the slope at every step, or stays.
        reversals: The steps at which it goes the other way, however little.
        turns: Whether it surely turns around: a later group has it less (or more, where it
            falls) than an earlier one, with p < .05 over all pairs of groups.
        largest_step: The step at which it goes the way of the slope the most.
        largest_share: How much of all such steps together the largest is, in (0, 1]; 1 where
            the rate changes once, and one over the steps where it drifts evenly.
        discovery_slope: The raw slope in the other half.
        holdout_slope: The raw slope in the half that was held out.
    """

    rates: Mapping[str, float]
    rate_intervals: Mapping[str, tuple[float, float]]
    slope: float
    interval: tuple[float, float]
    adjusted_slope: float
    adjusted_interval: tuple[float, float]
    monotone: bool
    reversals: tuple[Step, ...]
    turns: bool
    largest_step: Step
    largest_share: float
    discovery_slope: float
    holdout_slope: float
