"""What a metadata column has: its kinds, how many different values, which, and a histogram."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from corpuscope.analyses.describe.described_store import DescribedStore
from corpuscope.analyses.describe.histograms import Histogram, histogram
from corpuscope.analyses.results.base import plain

_FEW, _N_SHOWN = 20, 10
_OF_NUMBERS = {"int", "float", "bigint"}


@dataclass(frozen=True)
class ColumnDescription:
    """A metadata column.

    Attributes:
        name: The column.
        kinds: The kinds of values in it, as `docs/format.md` names them.
        n_missing: The number of documents without a value.
        n_distinct: The number of different values.
        values: Each of at most twenty values with its number of documents, in natural order; of
            more, the ten most common.
        numbers: A histogram of its numbers; None if it has none.
    """

    name: str
    kinds: tuple[str, ...]
    n_missing: int
    n_distinct: int
    values: Mapping[str, int]
    numbers: Histogram | None

    def to_json(self) -> dict[str, Any]:
        """All of it; values as a list, since their order counts."""
        values = [{"value": value, "n_documents": n} for value, n in self.values.items()]
        numbers = None if self.numbers is None else self.numbers.to_json()
        found: dict[str, Any] = plain(asdict(self))
        return found | {"values": values, "numbers": numbers}


def columns_of(here: DescribedStore) -> tuple[ColumnDescription, ...]:
    """All columns that the store, or all of several stores, have."""
    kinds = here.store.column_kinds
    return tuple(_column(here, name, kinds[name]) for name in here.source.columns)


def _column(here: DescribedStore, name: str, kinds: Sequence[str]) -> ColumnDescription:
    groups = here.groups(name)
    sizes = np.bincount(groups.codes[groups.codes >= 0], minlength=len(groups.names))
    has_numbers = bool(_OF_NUMBERS & set(kinds))
    return ColumnDescription(
        name=name,
        kinds=tuple(kinds),
        n_missing=int(np.count_nonzero(groups.codes < 0)),
        n_distinct=len(groups.names),
        values=_values(groups.names, sizes),
        numbers=histogram(_numbers(here, name, kinds)) if has_numbers else None,
    )


def _values(names: Sequence[str], sizes: npt.NDArray[np.int64]) -> dict[str, int]:
    if len(names) <= _FEW:
        return dict(zip(names, sizes.tolist(), strict=True))
    best = np.argsort(-sizes, kind="stable")[:_N_SHOWN]
    return {names[at]: int(sizes[at]) for at in best.tolist()}


def _numbers(here: DescribedStore, name: str, kinds: Sequence[str]) -> npt.NDArray[np.float64]:
    """The numbers in a column, one for each document that has one."""
    if set(kinds) <= _OF_NUMBERS:
        # Quicker: each different number is read once.
        groups = here.groups(name)
        values = np.array([float(value) for value in groups.names])
        numbers: npt.NDArray[np.float64] = values[groups.codes[groups.codes >= 0]]
        return numbers
    found = [one for one in here.source.column(name).tolist() if isinstance(one, int | float)]
    return np.array([one for one in found if not isinstance(one, bool)], dtype=np.float64)
