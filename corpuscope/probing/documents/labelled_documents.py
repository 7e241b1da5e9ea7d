"""The documents that have a label, their groups, and the train/test split."""

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
    """How documents are split.

    Attributes:
        group: The column whose values are never split; None for near-duplicates alone.
        test: Share of documents in the test set.
        folds: Cross-validation folds.
        seed: Random seed of the split.
    """

    group: str | None
    test: float
    folds: int
    seed: int


@dataclass(frozen=True, eq=False)
class LabelledDocuments:
    """Documents with a label, grouped and split.

    Attributes:
        labels: Which have one, and what it is.
        groups: The group of each.
        is_test: Which are in the test set.
        folds: The fold of each; meaningless in the test set.
        texts: The text of each, in training and test set.
    """

    labels: Labels
    groups: npt.NDArray[np.int64]
    is_test: npt.NDArray[np.bool_]
    folds: npt.NDArray[np.int64]
    texts: tuple[str, ...]

    @property
    def train(self) -> npt.NDArray[np.int64]:
        """The rows of the training set."""
        return self.labels.rows[~self.is_test]

    def training_set(self, aim: Target) -> TrainingSet:
        """Targets and folds of the training documents, and the loss."""
        learned = ~self.is_test
        targets, folds = self.labels.targets[learned], self.folds[learned]
        return TrainingSet(targets, folds, "squared" if aim.kind == "number" else "logistic")

    @property
    def evaluated(self) -> list[EvaluatedDocuments]:
        """The training set and the test set, for evaluation."""
        roles: tuple[tuple[CorpusRole, npt.NDArray[np.bool_]], ...]
        roles = (("train", ~self.is_test), ("test", self.is_test))
        return [
            EvaluatedDocuments(
                role, role, self.labels.rows[own], self.labels.targets[own], self.groups[own]
            )
            for role, own in roles
        ]

    def mask(self, n: int) -> npt.NDArray[np.bool_]:
        """Which of the `n` documents of the store are in the training set."""
        found = np.zeros(n, dtype=bool)
        found[self.train] = True
        return found


def labelled_documents(
    store: Store, aim: Target, labels: Labels, division: SplitSettings
) -> LabelledDocuments:
    """Documents grouped, and groups split so that test set and folds have every class.

    Raises:
        ColumnNotFound: There is no such group column.
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
    check_parts(is_test.astype(np.int64), strata, names, n=2, what="training or test set")
    folds, learned = np.zeros(len(groups), dtype=np.int64), ~is_test
    equal = [1 / division.folds] * division.folds
    # Another seed, so that folds do not repeat the order of the test split.
    folds[learned] = parts_of(groups[learned], strata[learned], equal, seed=division.seed + 1)
    check_parts(folds[learned], strata[learned], names, n=division.folds, what="fold")
    return LabelledDocuments(labels, groups, is_test, folds, tuple(own_texts))


def _strata(labels: Labels, aim: Target) -> tuple[npt.NDArray[np.int64], list[str]]:
    """The strata of stratified splits: classes, or quartiles of numbers."""
    if aim.kind == "number":
        values = labels.targets[:, 0]
        inner = np.linspace(0, 1, _STRATA_OF_NUMBERS + 1)[1:-1]
        edges = np.unique(np.quantile(values, inner))
        at = np.unique(np.searchsorted(edges, values, side="right"), return_inverse=True)[1]
        return at.astype(np.int64), [f"quartile {i + 1}" for i in range(at.max() + 1)]
    if len(aim.classes) == 2:
        return labels.targets[:, 0].astype(np.int64), list(aim.classes)
    return labels.targets.argmax(axis=1).astype(np.int64), list(aim.classes)
