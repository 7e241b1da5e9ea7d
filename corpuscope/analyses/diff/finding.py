"""The finding of `diff`: a feature that is more or less frequent in the target."""

from collections.abc import Mapping
from dataclasses import dataclass

from corpuscope.analyses.results.feature_findings import FeatureFinding


@dataclass(frozen=True)
class Finding(FeatureFinding):
    """A feature that is more or less frequent in the target than in the reference groups.

    Estimates are from all documents unless stated otherwise.

    Attributes:
        rate_target: Share of the target's documents that have it, in [0, 1].
        rate_reference: Share of the documents of `against` that have it.
        difference: The first minus the second; negative if it is rarer in the target. With
            several reference groups, an estimate of the smallest true difference: a little
            larger than the first minus the second, which is biased by selecting `against`.
        interval: 95 % confidence interval of the difference.
        adjusted_difference: The difference adjusted for length (in tokens or in sentences,
            whichever is less significant) and covariates; NaN without comparable documents.
        adjusted_interval: Its 95 % confidence interval.
        n_target: Number of the target's documents compared.
        n_reference: Number of documents of `against` compared.
        discovery_difference: The raw difference in the discovery half.
        holdout_difference: The raw difference in the held-out half.
        rates: The rate in each group.
        against: The reference group closest to the target.
    """

    rate_target: float
    rate_reference: float
    difference: float
    interval: tuple[float, float]
    adjusted_difference: float
    adjusted_interval: tuple[float, float]
    n_target: int
    n_reference: int
    discovery_difference: float
    holdout_difference: float
    rates: Mapping[str, float]
    against: str
