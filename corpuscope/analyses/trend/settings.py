"""Settings of `trend`."""

from dataclasses import dataclass

from corpuscope.analyses.comparison.settings import ComparisonSettings


@dataclass(frozen=True, kw_only=True)
class TrendSettings(ComparisonSettings):
    """Settings of `trend`: those of `diff`, and how values become groups.

    Attributes:
        max_groups: If there are more distinct values than this, they are binned into at most
            this many groups of about equal size; at least 3.
        day_first: Whether 03/05/2024 is in May, if no value of the column settles it.
    """

    max_groups: int = 12
    day_first: bool | None = None
