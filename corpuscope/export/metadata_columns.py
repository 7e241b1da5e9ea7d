"""Metadata columns with one type each, for formats whose columns cannot mix types."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from corpuscope.store.metadata import KINDS, column_name

__all__ = ["MetadataColumn", "metadata_columns", "unified"]


@dataclass(frozen=True)
class MetadataColumn:
    """A metadata column, and how it is written.

    Attributes:
        name: Its name in the store.
        written: Its name in the export, which is another if the name is taken.
        kinds: The kinds of values in it, as `docs/format.md` names them.
    """

    name: str
    written: str
    kinds: tuple[str, ...]

    @property
    def sources(self) -> list[str]:
        """The columns of the store's document files that its values are in."""
        return [column_name(self.name, kind) for kind in self.kinds]

    @property
    def type(self) -> Any:
        """The Arrow type that holds all of its values.

        Integers beside other numbers become floating-point numbers, of which those beyond 2^53
        lose their last digits; other mixtures become text.
        """
        if len(self.kinds) == 1:
            return KINDS[self.kinds[0]]
        return pa.float64() if set(self.kinds) == {"int", "float"} else pa.string()

    @property
    def notes(self) -> list[str]:
        """What whoever reads the export should know about this column."""
        found = []
        if self.written != self.name:
            found.append(f"the metadata column {self.name!r} is called {self.written!r}")
        if len(self.kinds) > 1:
            kind = "numbers" if pa.types.is_floating(self.type) else "text"
            found.append(
                f"{self.written!r} has {' and '.join(self.kinds)} values, written as {kind}"
            )
        return found


def metadata_columns(
    kinds: Mapping[str, Sequence[str]],
    taken: Collection[str],
    valid: Callable[[str], str] = str,
) -> tuple[MetadataColumn, ...]:
    """The metadata columns, none of which is written under a name that is taken.

    Args:
        kinds: The kinds of values in each column, by name.
        taken: Names of the export's own columns.
        valid: Turns a name into one that the format allows.
    """
    used, found = set(taken), []
    for name, own in kinds.items():
        written = valid(name)
        if not written or written in used:
            written = f"metadata_{written}"
        while written in used or (written != name and written in kinds):
            written += "_"
        used.add(written)
        found.append(MetadataColumn(name, written, tuple(kind for kind in KINDS if kind in own)))
    return tuple(found)


def unified(column: MetadataColumn, table: Any) -> Any:
    """The values of a metadata column as one Arrow array, null where a document has none.

    Args:
        column: Which.
        table: Documents, with those of the column's `sources` that their shard has.
    """
    there = [name for name in column.sources if name in table.column_names]
    if not there:
        return pa.nulls(table.num_rows, column.type)
    arrays = [_as(column.type, table[name].combine_chunks()) for name in there]
    # A document has a value of at most one kind.
    return pc.coalesce(*arrays)


def _as(type: Any, array: Any) -> Any:
    if array.type == type:
        return array
    if pa.types.is_string(type):
        values = [None if one is None else str(one) for one in array.to_pylist()]
        return pa.array(values, pa.string())
    return array.cast(type, safe=False)
