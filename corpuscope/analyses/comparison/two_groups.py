"""One group of documents against others: what `diff` asks, and `audit` of each class."""

from collections.abc import Sequence

from corpuscope.analyses.comparison.arguments import By, group_values, name_of
from corpuscope.analyses.comparison.effects import least_difference_p
from corpuscope.analyses.comparison.groups import (
    Groups,
    as_names,
    check_roles_of_columns,
    find_groups,
)
from corpuscope.analyses.comparison.settings import ComparisonSettings
from corpuscope.analyses.comparison.setup import Setup, set_up
from corpuscope.labels.named_store import NamedStore
from corpuscope.shapes import PerFeature, PresenceMatrix


def set_up_two_groups(
    source: NamedStore,
    *,
    by: By,
    target: str | None,
    reference: str | Sequence[str] | None,
    pair: str | None,
    group: str | None,
    strata: Sequence[str],
    settings: ComparisonSettings,
) -> Setup[Groups]:
    """What is compared when one group is asked about; the arguments are those of `diff`.

    Raises:
        ColumnNotFound: A column is not there.
        GroupNotFound: A group is not there, or the target is not clear.
        PairingError: The documents cannot be paired.
        NotEnoughData: A group is too small.
        InputError: Columns contradict each other.
    """
    check_roles_of_columns(by=name_of(by), pair=pair, group=group, strata=strata)
    groups = find_groups(
        as_names(group_values(source, by)),
        by=name_of(by),
        target=target,
        reference=reference,
        keys=None if pair is None else as_names(source.column(pair)),
        pair=pair or "",
    )
    return set_up(
        source, groups, by=name_of(by), pair=pair, group=group, strata=strata,
        settings=settings, least_p=_least_p,
    )  # fmt: skip


def _least_p(presence: PresenceMatrix, groups: Groups) -> PerFeature:
    return least_difference_p(presence, groups.contrasts)
