"""How a trend is worked out, beside what is asked."""

from dataclasses import dataclass

from corpuscope.analyses.comparison.settings import ComparisonSettings


@dataclass(frozen=True, kw_only=True)
class TrendSettings(ComparisonSettings):
    """What `trend` takes beside the question: as `diff`, and how values become groups.

    Attributes:
        max_groups: Of more different values than this neighbours are put together, in so many
            groups of about as many documents; at least 3.
        day_first: Whether 03/05/2024 is in May, where no value of the column says it.
    """

    max_groups: int = 12
    day_first: bool | None = None
