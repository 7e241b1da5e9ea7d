"""Corpora that no probe has learned from, and where their labels come from."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from corpuscope.errors import FeatureMismatch, InputError
from corpuscope.store import Store


@dataclass(frozen=True, eq=False)
class Unseen:
    """A store that probes are only judged on.

    Attributes:
        store: Its documents.
        label: The column of its labels; by default that of the store learned from.
        all: The class of all its documents, where it has no such column.
    """

    store: Store
    label: str | None = None
    all: str | None = None


UnseenStores = Sequence[Store | Unseen] | Mapping[str, Store | Unseen]
"""Unseen stores, or these by names of your choice."""


def named_unseen(unseen: UnseenStores, store: Store) -> dict[str, Unseen]:
    """Each unseen corpus by its name: the one given, or that of its folder.

    Raises:
        FeatureMismatch: One was read with another dictionary than the store.
        InputError: Two have one name, or a name that means something else.
    """
    if isinstance(unseen, Mapping):
        found = [(str(name), _wrapped(one)) for name, one in unseen.items()]
    else:
        found = [(_wrapped(one).store.path.stem, _wrapped(one)) for one in unseen]
    names = [name for name, _ in found]
    if len(set(names)) < len(names) or {"train", "test"} & set(names):
        raise InputError(
            f"unseen corpora of the names {names}",
            expected="a name of its own for each, other than train and test",
            next_step="give a mapping from names to stores",
        )
    for name, one in found:
        _check_dictionary(store, one.store, name)
    return dict(found)


def _wrapped(one: Store | Unseen) -> Unseen:
    return one if isinstance(one, Unseen) else Unseen(one)


def _check_dictionary(store: Store, other: Store, name: str) -> None:
    wanted, found = (s.provenance.get("dictionary") or {} for s in (store, other))
    if wanted != found:
        raise FeatureMismatch(
            f"the unseen corpus {name!r} was read with dictionary "
            f"{str(found.get('digest'))[:12]}, {store.path} with {str(wanted.get('digest'))[:12]}",
            expected="one dictionary for all stores",
            next_step="extract one of the two again with the other's dictionary",
        )
