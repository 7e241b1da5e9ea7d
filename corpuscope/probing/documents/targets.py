"""What is to be told: the labels of documents as classes or as numbers."""

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
"""A column of numbers with more different values than this is told as numbers."""


@dataclass(frozen=True, eq=False)
class Labels:
    """The labels of some documents of a store.

    Attributes:
        rows: Which documents have one.
        targets: Rows x columns: 1 for the class and 0 else, one column where there are two
            classes; or the number.
        warnings: What was left out.
    """

    rows: npt.NDArray[np.int64]
    targets: npt.NDArray[np.float32]
    warnings: tuple[str, ...]


@dataclass(frozen=True)
class Target:
    """What probes are to tell.

    Attributes:
        kind: Classes or a number.
        classes: Their names; of two the second is the one that scores rise with. None of a number.
    """

    kind: TargetKind
    classes: tuple[str, ...] = ()

    @property
    def columns(self) -> tuple[str, ...]:
        """The classes that have a column: one of two, each of several."""
        return self.classes[1:] if len(self.classes) == 2 else self.classes

    def labels(self, values: Sequence[Any], *, where: str) -> Labels:
        """Documents whose value is a label, and what it is.

        Raises:
            InputError: A number was expected, and something else is there.
        """
        if self.kind == "number":
            return self._numbers(values, where)
        names = [None if value is None else str(value) for value in values]
        known = {name: at for at, name in enumerate(self.classes)}
        at = np.array([-1 if n is None else known.get(n, -1) for n in names], dtype=np.int64)
        rows = np.flatnonzero(at >= 0)
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
                expected="numbers, as in the documents that probes learn from",
                next_step="name another column",
            )
        found = np.array([float(values[i]) for i in rows], dtype=np.float32)[:, None]
        is_known = np.isfinite(found[:, 0])
        n_left_out = len(values) - int(is_known.sum())
        return Labels(
            rows[is_known], found[is_known], tuple(_missing(n_left_out, len(values), where))
        )


def _missing(n: int, of: int, where: str) -> list[str]:
    return [f"{n:,} of {of:,} documents of {where} have no label; they are left out"] if n else []


def _others(others: Counter[str], where: str) -> list[str]:
    if not others:
        return []
    shown = ", ".join(repr(name) for name, _ in others.most_common(5))
    n = sum(others.values())
    return [f"{n:,} documents of {where} have labels that were not learned ({shown}); left out"]


def find_target(values: Sequence[Any], *, label: str, target: str | None = None) -> Target:
    """Whether a column holds classes or numbers, and which classes.

    Args:
        values: One for each document.
        label: What the column is called.
        target: The class that scores rise with, where there are two; by default the second.

    Raises:
        NotEnoughData: There is one class only, or none.
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
            expected="two classes or more, or numbers",
            next_step="name another column, or add documents of another class",
        )
    if len(classes) > _MOST_CLASSES:
        raise InputError(
            f"the column {label!r} holds {len(classes):,} different values",
            expected=f"at most {_MOST_CLASSES} classes, or numbers",
            next_step="name another column, or put classes together",
        )
    return Target("classes", _ordered(classes, label, target))


def _ordered(classes: list[str], label: str, target: str | None) -> tuple[str, ...]:
    if target is None:
        return tuple(classes)
    if target not in classes or len(classes) > 2:
        raise GroupNotFound(
            f"the target {target!r}, and the classes {classes} in column {label!r}",
            expected="one of two classes",
            next_step="name one of them, or leave the target out",
        )
    return (next(name for name in classes if name != target), target)


def _are_numbers(values: list[Any]) -> bool:
    is_number = all(isinstance(v, Real) and not isinstance(v, bool) for v in values)
    return is_number and len(set(values)) > _NUMBERS_FROM


def column_or_constant(store: Store, label: str | None, constant: str | None) -> list[Any]:
    """The label of each document: that of a column, or one for all.

    Raises:
        ColumnNotFound: There is no such column.
    """
    if constant is not None:
        return [constant] * store.n_documents
    values: list[Any] = store.column(label or "").tolist()
    return values


def sides_of(values: Sequence[Any], labels: Labels, aim: Target) -> npt.NDArray[np.object_]:
    """For each document of the store what its evidence is shown under."""
    sides = np.full(len(values), None, dtype=object)
    for row in labels.rows:
        sides[row] = str(values[row]) if aim.kind == "classes" else ""
    return sides
