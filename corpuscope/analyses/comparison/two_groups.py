"""The setup for one group of documents against others, as in `diff` and in `audit` per class."""

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
from corpuscope.shapes import DocumentMask, PerFeature, PresenceMatrix


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
    among: DocumentMask | None = None,
) -> Setup[Groups]:
    """The setup of a comparison of one group with others; the arguments are those of `diff`.

    `among` are the documents to compare, all by default.

    Raises:
        ColumnNotFound: A column does not exist.
        GroupNotFound: A group does not exist, or the target is ambiguous.
        PairingError: The documents cannot be paired.
        NotEnoughData: A group is too small.
        InputError: Columns contradict each other.
    """
    groups = groups_of(
        source, by=by, target=target, reference=reference, pair=pair, group=group, strata=strata,
        among=among,
    )  # fmt: skip
    return set_up(
        source, groups, by=name_of(by), pair=pair, group=group, strata=strata,
        settings=settings, least_p=_least_p,
    )  # fmt: skip


def groups_of(
    source: NamedStore,
    *,
    by: By,
    target: str | None,
    reference: str | Sequence[str] | None,
    pair: str | None,
    group: str | None,
    strata: Sequence[str],
    among: DocumentMask | None = None,
) -> Groups:
    """The groups of a comparison, before copies are dropped; arguments and errors as above."""
    check_roles_of_columns(by=name_of(by), pair=pair, group=group, strata=strata)
    return find_groups(
        as_names(group_values(source, by)),
        by=name_of(by),
        target=target,
        reference=reference,
        keys=None if pair is None else as_names(source.column(pair)),
        pair=pair or "",
        among=among,
    )


def _least_p(presence: PresenceMatrix, groups: Groups) -> PerFeature:
    return least_difference_p(presence, groups.contrasts)
