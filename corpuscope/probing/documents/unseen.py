"""Corpora for evaluation only, and where their labels come from."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from corpuscope.duplicates.near_duplicates import duplicates_in
from corpuscope.errors import FeatureMismatch, InputError, NotEnoughData
from corpuscope.labels.named_store import NamedStore
from corpuscope.probing.documents.labelled_documents import LabelledDocuments
from corpuscope.probing.documents.splits import are_known, groups_of
from corpuscope.probing.documents.targets import Target, column_or_constant
from corpuscope.probing.metrics import EvaluatedDocuments
from corpuscope.store.store import Store


@dataclass(frozen=True, eq=False)
class Unseen:
    """A store that probes are evaluated on, but not trained on.

    Attributes:
        store: Its documents.
        label: The column of its labels; by default the same as in the training store.
        all: The class of all its documents, where it has no such column.
    """

    store: Store
    label: str | None = None
    all: str | None = None


UnseenStores = Sequence[Store | Unseen] | Mapping[str, Store | Unseen]
"""Unseen stores, as a sequence or by name."""


def named_unseen(unseen: UnseenStores, store: Store) -> dict[str, Unseen]:
    """Each unseen corpus by its name: the one given, or that of its folder.

    Raises:
        FeatureMismatch: One was read with another dictionary than the store.
        InputError: A name is repeated or reserved.
    """
    if isinstance(unseen, Mapping):
        found = [(str(name), _wrapped(one)) for name, one in unseen.items()]
    else:
        found = [(_wrapped(one).store.path.stem, _wrapped(one)) for one in unseen]
    names = [name for name, _ in found]
    if len(set(names)) < len(names) or {"train", "test"} & set(names):
        raise InputError(
            f"unseen corpora named {names}",
            expected="a distinct name for each, other than train and test",
            next_step="pass a mapping from names to stores",
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


def unseen_documents(
    one: Unseen,
    *,
    name: str,
    label: str,
    group: str | None,
    aim: Target,
    documents: LabelledDocuments,
) -> tuple[EvaluatedDocuments, list[str]]:
    """The documents of an unseen corpus, without near-duplicates of training and test documents.

    Args:
        one: The corpus.
        name: Its name.
        label: The column of its labels, if it names none itself.
        group: The column of groups, where it has one.
        aim: What is predicted.
        documents: The training and test documents.

    Raises:
        NotEnoughData: No document is left.
    """
    store = one.store
    found = aim.labels(column_or_constant(store, one.label or label, one.all), where=name)
    texts = [text for batch in store.text_batches() for text in batch]
    # Copies of test documents are dropped, too: `documents.texts` has both sets.
    is_new = ~are_known([texts[row] for row in found.rows], documents.texts)
    rows = found.rows[is_new]
    if not len(rows):
        raise NotEnoughData(
            f"no document of the unseen corpus {name!r} has a label seen in training "
            "and a text that was not",
            expected=f"labels among {list(aim.classes)}" if aim.classes else "numbers",
            next_step="name the column of its labels, or the class of all its documents",
        )
    remarks = list(found.warnings)
    if n_known := int((~is_new).sum()):
        remarks.append(
            f"{n_known:,} documents of {name} are near-duplicates of training or test documents; "
            "left out"
        )
    keys = store.column(group)[rows].tolist() if group and group in store.columns else None
    groups = groups_of(duplicates_in(NamedStore(store), rows), rows, keys)
    targets = found.targets[is_new]
    return EvaluatedDocuments(name, "unseen", rows, targets, groups), remarks
