"""Prediction targets: the labels of documents as classes or as numbers."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from numbers import Real
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from corpuscope.errors import GroupNotFound, InputError, NotEnoughData
from corpuscope.store.store import Store

TargetKind = Literal["classes", "number"]

_MOST_CLASSES = 50
_NUMBERS_FROM = 20
"""A numeric column with more distinct values than this is a regression target."""


@dataclass(frozen=True, eq=False)
class Labels:
    """The labels of some documents of a store.

    Attributes:
        rows: Which documents have one.
        targets: Rows x columns: one-hot classes (a single column if there are two), or the
            number.
        warnings: What was left out.
    """

    rows: npt.NDArray[np.int64]
    targets: npt.NDArray[np.float32]
    warnings: tuple[str, ...]


@dataclass(frozen=True)
class Target:
    """What probes predict.

    Attributes:
        kind: Classes or a number.
        classes: Their names; of two the second is positive. Empty for a number.
    """

    kind: TargetKind
    classes: tuple[str, ...] = ()

    @property
    def columns(self) -> tuple[str, ...]:
        """The classes that have a column: the positive one of two, or all of several."""
        return self.classes[1:] if len(self.classes) == 2 else self.classes

    def labels(self, values: Sequence[Any], *, where: str) -> Labels:
        """The documents that have a label, and their targets.

        Raises:
            InputError: A label is not a number where numbers are expected.
        """
        if self.kind == "number":
            return self._numbers(values, where)
        names = [None if value is None else str(value) for value in values]
        known = {name: at for at, name in enumerate(self.classes)}
        at = np.array([-1 if n is None else known.get(n, -1) for n in names], dtype=np.int64)
        rows = np.flatnonzero(at >= 0)
        # One-hot; with two classes only the column of the positive one is kept.
        targets = (at[rows, None] == np.arange(len(self.classes))).astype(np.float32)
        missing = sum(name is None for name in names)
        others = Counter(name for name in names if name is not None and name not in known)
        return Labels(
            rows,
            targets[:, 1:] if len(self.classes) == 2 else targets,
            (*_missing(missing, len(names), where), *_others(others, where)),
        )

    def _numbers(self, values: Sequence[Any], where: str) -> Labels:
        rows = np.array([i for i, value in enumerate(values) if value is not None], dtype=np.int64)
        if wrong := [values[i] for i in rows if not isinstance(values[i], Real)][:3]:
            raise InputError(
                f"the labels {wrong} in {where}",
                expected="numbers, as in the training documents",
                next_step="name another column",
            )
        found = np.array([float(values[i]) for i in rows], dtype=np.float32)[:, None]
        is_known = np.isfinite(found[:, 0])
        n_left_out = len(values) - int(is_known.sum())
        return Labels(
            rows[is_known], found[is_known], tuple(_missing(n_left_out, len(values), where))
        )


def _missing(n: int, of: int, where: str) -> list[str]:
    return [f"{n:,} of {of:,} documents of {where} have no label; left out"] if n else []


def _others(others: Counter[str], where: str) -> list[str]:
    if not others:
        return []
    shown = ", ".join(repr(name) for name, _ in others.most_common(5))
    n = sum(others.values())
    return [f"{n:,} documents of {where} have labels unseen in training ({shown}); left out"]


def find_target(values: Sequence[Any], *, label: str, target: str | None = None) -> Target:
    """Whether a column holds classes or numbers, and which classes.

    Args:
        values: One for each document.
        label: The column's name.
        target: The positive class, of two; by default the second.

    Raises:
        NotEnoughData: There is only one class, or none.
        GroupNotFound: There is no class `target`.
        InputError: There are too many classes.
    """
    known = [value for value in values if value is not None]
    if target is None and _are_numbers(known):
        return Target("number")
    classes = sorted({str(value) for value in known})
    if len(classes) < 2:
        raise NotEnoughData(
            f"the column {label!r} holds {f'only {classes[0]!r}' if classes else 'no value'}",
            expected="at least two classes, or numbers",
            next_step="name another column, or add documents of another class",
        )
    if len(classes) > _MOST_CLASSES:
        raise InputError(
            f"the column {label!r} holds {len(classes):,} distinct values",
            expected=f"at most {_MOST_CLASSES} classes, or numbers",
            next_step="name another column, or merge classes",
        )
    return Target("classes", _ordered(classes, label, target))


def _ordered(classes: list[str], label: str, target: str | None) -> tuple[str, ...]:
    if target is None:
        return tuple(classes)
    if target not in classes or len(classes) > 2:
        raise GroupNotFound(
            f"the target {target!r}, but the classes {classes} in column {label!r}",
            expected="one of two classes",
            next_step="name one of them, or leave the target out",
        )
    return (next(name for name in classes if name != target), target)


def _are_numbers(values: list[Any]) -> bool:
    is_number = all(isinstance(v, Real) and not isinstance(v, bool) for v in values)
    return is_number and len(set(values)) > _NUMBERS_FROM


def column_or_constant(store: Store, label: str | None, constant: str | None) -> list[Any]:
    """The label of each document: its value in a column, or the same for all.

    Raises:
        ColumnNotFound: There is no such column.
    """
    if constant is not None:
        return [constant] * store.n_documents
    values: list[Any] = store.column(label or "").tolist()
    return values


def sides_of(values: Sequence[Any], labels: Labels, aim: Target) -> npt.NDArray[np.object_]:
    """The heading under which each document of the store is shown as evidence: its class."""
    sides = np.full(len(values), None, dtype=object)
    for row in labels.rows:
        sides[row] = str(values[row]) if aim.kind == "classes" else ""
    return sides
