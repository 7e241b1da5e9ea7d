"""A feature that one group has more often than the others."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from corpuscope.analyses.results.feature_findings import FeatureFinding

if TYPE_CHECKING:
    pass


@dataclass(frozen=True)
class Finding(FeatureFinding):
    """A feature that one group has more often than another.

    Numbers come from all documents unless told otherwise.

    Attributes:
        rate_target: Share of the target's documents that have it, in [0, 1].
        rate_reference: Share of those of `against` that have it.
        difference: The first minus the second; below 0 where the target has it less often. With
            several other groups the smallest of the true differences: a little more than the
            first minus the second, for `against` was chosen by its luck, too.
        interval: 95 % interval of the difference.
        adjusted_difference: The difference at equal lengths and strata, of tokens or sentences
            as says less; NaN where no documents are alike.
        adjusted_interval: Its 95 % interval.
        n_target: Documents of the target that were compared.
        n_reference: Documents of `against` that were compared.
        discovery_difference: The raw difference in the other half.
        holdout_difference: The raw difference in the half that was held out.
        rates: The rate in each group.
        against: The other group that comes nearest to the target.
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
