"""The finding of `trend`: a feature that rises or falls along ordered groups."""

from collections.abc import Mapping
from dataclasses import dataclass

from corpuscope.analyses.results.feature_findings import FeatureFinding


@dataclass(frozen=True)
class Step:
    """The change in rate from one group to the next.

    Attributes:
        start: The first group.
        end: The next group.
        change: The rate in `end` minus the rate in `start`.
    """

    start: str
    end: str
    change: float


@dataclass(frozen=True)
class TrendFinding(FeatureFinding):
    """A feature whose rate rises or falls along the groups.

    Estimates are from all documents unless stated otherwise.

    Attributes:
        rates: The share of documents with the feature in each group, from first to last.
        rate_intervals: Their 95 % confidence intervals.
        slope: The change in rate per group of a straight line fitted to all groups; within keys
            if documents are paired. Negative if the rate falls.
        interval: 95 % confidence interval of the slope.
        adjusted_slope: The slope adjusted for length and covariates; NaN without comparable
            documents.
        adjusted_interval: Its 95 % confidence interval.
        monotone: Whether no step goes against the slope.
        reversals: The steps that go against the slope, however small.
        turns: Whether it significantly reverses: the rate of a later group is below that of an
            earlier one (above, if the slope is negative), with a Bonferroni-corrected p < .05
            over all pairs of groups.
        largest_step: The largest step in the direction of the slope.
        largest_share: The share of that step in the sum of all steps in the direction of the
            slope, in (0, 1]: 1 for a single jump, one over the number of steps for a linear
            drift.
        discovery_slope: The raw slope in the discovery half.
        holdout_slope: The raw slope in the held-out half.
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
