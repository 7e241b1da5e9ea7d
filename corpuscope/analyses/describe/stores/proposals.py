"""Questions that fit the columns of a store. They fill a form; they claim nothing."""

import re
import shlex
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from corpuscope.analyses.describe.described_store import ColumnGroups, DescribedStore
from corpuscope.analyses.describe.stores.columns import ColumnDescription

# A class that can be tested, and as many classes as one can look at.
_LEAST_OF_A_CLASS, _MOST_CLASSES, _LEAST_IN_ORDER = 10, 20, 3
_MOST_COLUMNS = 4
_NEARLY_ALL = 0.9
_DATE = re.compile(r"\d{4}-\d{2}(?:-\d{2}(?:[T ]\d{2}:\d{2}.*)?)?")
_NUMBERED = re.compile(r"(\D*)\d{1,9}(\D*)")


@dataclass(frozen=True)
class Proposal:
    """A question that can be asked of a store.

    Attributes:
        question: The question's function and command, such as "diff".
        asks: The question in words.
        because: What it was proposed for.
        parameters: Its parameters, beside the store.
        command: The command line that asks it.
    """

    question: str
    asks: str
    because: str
    parameters: Mapping[str, Any]
    command: str


@dataclass(frozen=True)
class _Classes:
    """A column of classes, and the columns that pair them."""

    column: ColumnDescription
    pairs: tuple[str, ...]


def proposals_of(
    here: DescribedStore, columns: Sequence[ColumnDescription]
) -> tuple[Proposal, ...]:
    """Questions that fit the columns: of pairs first, then of groups, of order, of labels."""
    paths = [str(store.path) for store in here.store.parts]
    classes = [_Classes(one, _pairs(here, one, columns)) for one in columns if _is_classes(one)]
    classes = sorted(classes, key=lambda one: (not one.pairs, one.column.n_distinct))
    ordered = [one for one in columns if _is_ordered(here, one, classes)]
    # Years are not kinds of texts; versions are, and have an order.
    measured = {one.name for one in ordered if not _are_names(here, one)}
    classes = [one for one in classes if one.column.name not in measured]
    found = [
        *(_diff(one) for one in classes[:_MOST_COLUMNS]),
        *(_trend(one) for one in ordered),
        _correlate(classes),
        *_of_labels(classes[:_MOST_COLUMNS]),
    ]
    return tuple(
        Proposal(verb, asks, because, parameters, _command(verb, paths, parameters))
        for verb, asks, because, parameters in found
    )


_Draft = tuple[str, str, str, dict[str, Any]]


def _is_classes(column: ColumnDescription) -> bool:
    """Whether a column divides the documents into a few classes that are large enough."""
    if not 2 <= column.n_distinct <= _MOST_CLASSES:
        return False
    return sum(n >= _LEAST_OF_A_CLASS for n in column.values.values()) >= 2


def _pairs(
    here: DescribedStore, classes: ColumnDescription, columns: Sequence[ColumnDescription]
) -> tuple[str, ...]:
    """The columns whose every value is once in each class; those with short values first.

    A few values may be missing in some, since documents are skipped.
    """
    by = here.groups(classes.name)
    found = [
        one.name
        for one in columns
        if one.name != classes.name and _are_paired(here.groups(one.name), by)
    ]
    return tuple(sorted(found, key=lambda name: sum(map(len, here.groups(name).names))))


def _are_paired(keys: ColumnGroups, by: ColumnGroups) -> bool:
    """Whether no key is twice in a group, and nearly all are in each."""
    is_both = (keys.codes >= 0) & (by.codes >= 0)
    cells = keys.codes[is_both] * len(by.names) + by.codes[is_both]
    n_cells = len(keys.names) * len(by.names)
    if not _NEARLY_ALL * n_cells <= len(cells) <= n_cells or not n_cells:
        return False
    table = np.bincount(cells, minlength=n_cells).reshape(len(keys.names), len(by.names))
    return bool(table.max() == 1 and np.mean(table.all(axis=1)) >= _NEARLY_ALL)


def _diff(one: _Classes) -> _Draft:
    column, n = one.column, one.column.n_distinct
    # With two groups, the one that `diff` itself would take.
    target = max(column.values) if n == 2 else max(column.values, key=lambda v: column.values[v])
    other = next(iter(set(column.values) - {target})) if n == 2 else "the others"
    parameters: dict[str, Any] = {"by": column.name, "target": target}
    because = f"{column.name} has {n} groups"
    if one.pairs:
        parameters["pair"] = one.pairs[0]
        because = f"each {one.pairs[0]} is once in each {column.name}"
    return "diff", f"What does {target} do that {_did(other, n)}?", because, parameters


def _did(other: str, n: int) -> str:
    return f"{other} did not" if n == 2 else f"{other} do not"


def _is_ordered(
    here: DescribedStore, column: ColumnDescription, classes: Sequence[_Classes]
) -> bool:
    """Whether the values of a column have an order that `trend` understands."""
    if column.n_distinct < _LEAST_IN_ORDER or column.n_missing > here.n_documents / 2:
        return False
    if set(column.kinds) <= {"int", "float"}:
        # Numbers that only count the documents say nothing of them.
        return not (set(column.kinds) == {"int"} and column.n_distinct == here.n_documents)
    if column.kinds != ("text",):
        return False
    names = here.groups(column.name).names
    if not _are_names(here, column):
        return True
    is_key = any(column.name in one.pairs for one in classes)
    return column.n_distinct <= _MOST_CLASSES and not is_key and _are_numbered(names)


def _are_names(here: DescribedStore, column: ColumnDescription) -> bool:
    """Whether values are neither numbers nor dates."""
    names = here.groups(column.name).names
    return column.kinds == ("text",) and not all(map(_DATE.fullmatch, names))


def _are_numbered(names: Sequence[str]) -> bool:
    """Whether names differ in one number only, as v1, v2 and v10 do."""
    found = [_NUMBERED.fullmatch(name) for name in names]
    return all(found) and len({one.groups() for one in found if one}) == 1


def _trend(column: ColumnDescription) -> _Draft:
    because = f"the {column.n_distinct:,} values of {column.name} have an order"
    return "trend", f"What rises or falls along {column.name}?", because, {"by": column.name}


def _correlate(classes: Sequence[_Classes]) -> _Draft:
    key = next((one.pairs[0] for one in classes if one.pairs), None)
    asks = "Which features come together that one would not expect to?"
    if key is None:
        return "correlate", asks, "it needs no column", {}
    return "correlate", asks, f"documents share each {key}: one of each counts", {"one_per": key}


def _of_labels(classes: Sequence[_Classes]) -> Iterator[_Draft]:
    for one in classes:
        name = one.column.name
        because = f"{name} has {one.column.n_distinct} classes"
        kept = {"group": one.pairs[0]} if one.pairs else {}
        yield "probe", f"Can {name} be told from the texts?", because, {"label": name, **kept}
        yield "audit", f"Is anything wrong with {name} as labels?", because, {"label": name, **kept}


def _command(verb: str, paths: Sequence[str], parameters: Mapping[str, Any]) -> str:
    # `correlate` takes a second store as another view of the same documents.
    first, *others = paths
    more = [word for path in others for word in ("--also", path)]
    stores = [first, *more] if verb == "correlate" else list(paths)
    options = [
        word
        for name, value in parameters.items()
        for word in (f"--{name.replace('_', '-')}", str(value))
    ]
    return shlex.join(["corpuscope", verb, *stores, *options])
