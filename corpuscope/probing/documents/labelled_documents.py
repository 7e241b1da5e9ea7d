"""The documents that have a label: which groups they are in, and which parts."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from corpuscope.duplicates.near_duplicates import duplicates_in
from corpuscope.labels.named_store import NamedStore
from corpuscope.probing.documents.splits import check_divisible, check_parts, groups_of, parts_of
from corpuscope.probing.documents.targets import Labels, Target
from corpuscope.probing.metrics import CorpusRole, EvaluatedDocuments
from corpuscope.probing.models.cross_validation import TrainingSet
from corpuscope.store.store import Store

_STRATA_OF_NUMBERS = 4


@dataclass(frozen=True, slots=True)
class SplitSettings:
    """How documents are divided.

    Attributes:
        group: The column whose values are never divided; None for near copies alone.
        test: The share that is tested on.
        folds: Of the cross-validation.
        seed: Which groups go where.
    """

    group: str | None
    test: float
    folds: int
    seed: int


@dataclass(frozen=True, eq=False)
class LabelledDocuments:
    """Documents with a label, in groups and parts.

    Attributes:
        labels: Which have one, and what it is.
        groups: For each of them its group.
        is_test: Which are tested on.
        folds: For each its fold; meaningless of those tested on.
        texts: Theirs, all that were learned from or tested on.
    """

    labels: Labels
    groups: npt.NDArray[np.int64]
    is_test: npt.NDArray[np.bool_]
    folds: npt.NDArray[np.int64]
    texts: tuple[str, ...]

    @property
    def train(self) -> npt.NDArray[np.int64]:
        """The rows that are learned from."""
        return self.labels.rows[~self.is_test]

    def training_set(self, aim: Target) -> TrainingSet:
        """What probes learn."""
        learned = ~self.is_test
        targets, folds = self.labels.targets[learned], self.folds[learned]
        return TrainingSet(targets, folds, "squared" if aim.kind == "number" else "logistic")

    @property
    def evaluated(self) -> list[EvaluatedDocuments]:
        """The rows that are learned from, and those tested on."""
        roles: tuple[tuple[CorpusRole, npt.NDArray[np.bool_]], ...]
        roles = (("train", ~self.is_test), ("test", self.is_test))
        return [
            EvaluatedDocuments(
                role, role, self.labels.rows[own], self.labels.targets[own], self.groups[own]
            )
            for role, own in roles
        ]

    def mask(self, n: int) -> npt.NDArray[np.bool_]:
        """Of `n` documents of the store those that are learned from."""
        found = np.zeros(n, dtype=bool)
        found[self.train] = True
        return found


def labelled_documents(
    store: Store, aim: Target, labels: Labels, division: SplitSettings
) -> LabelledDocuments:
    """Documents in groups, and groups in parts, so that each part has every class.

    Raises:
        ColumnNotFound: There is no such column of groups.
        NotEnoughData: A class has too few groups, or groups are too large.
    """
    texts = [text for batch in store.text_batches() for text in batch]
    own_texts = [texts[row] for row in labels.rows]
    keys: list[Any] | None = None
    if division.group is not None:
        keys = store.column(division.group).astype(object)[labels.rows].tolist()
    groups = groups_of(duplicates_in(NamedStore(store), labels.rows), labels.rows, keys)
    strata, names = _strata(labels, aim)
    by = "texts" + (f" and the column {division.group!r}" if division.group else "")
    check_divisible(groups, strata, names, folds=division.folds, grouped_by=by)
    shares = (1 - division.test, division.test)
    is_test = parts_of(groups, strata, shares, seed=division.seed) == 1
    check_parts(is_test.astype(np.int64), strata, names, n=2, what="part to learn or to test on")
    folds, learned = np.zeros(len(groups), dtype=np.int64), ~is_test
    equal = [1 / division.folds] * division.folds
    folds[learned] = parts_of(groups[learned], strata[learned], equal, seed=division.seed + 1)
    check_parts(folds[learned], strata[learned], names, n=division.folds, what="fold")
    return LabelledDocuments(labels, groups, is_test, folds, tuple(own_texts))


def _strata(labels: Labels, aim: Target) -> tuple[npt.NDArray[np.int64], list[str]]:
    """What is spread evenly over parts: classes, or quarters of the numbers."""
    if aim.kind == "number":
        values = labels.targets[:, 0]
        inner = np.linspace(0, 1, _STRATA_OF_NUMBERS + 1)[1:-1]
        edges = np.unique(np.quantile(values, inner))
        at = np.unique(np.searchsorted(edges, values, side="right"), return_inverse=True)[1]
        return at.astype(np.int64), [f"quarter {i + 1} of the numbers" for i in range(at.max() + 1)]
    if len(aim.classes) == 2:
        return labels.targets[:, 0].astype(np.int64), list(aim.classes)
    return labels.targets.argmax(axis=1).astype(np.int64), list(aim.classes)
