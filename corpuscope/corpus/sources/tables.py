"""Rows from memory: data frames, lists, and datasets that yield one dict per row."""

from collections.abc import Iterable, Iterator, Mapping, Sized
from dataclasses import dataclass
from typing import Any

import narwhals as nw
from narwhals.exceptions import NarwhalsError

from corpuscope.corpus.sources.arrow_files import named_classes
from corpuscope.corpus.sources.folders import SPLIT
from corpuscope.corpus.sources.rows import Broken, Labelled, Place, Row, SourcePart
from corpuscope.errors import InputError


@dataclass(frozen=True)
class Frame:
    """A table of pandas, polars, pyarrow or any other library that narwhals supports."""

    frame: nw.DataFrame[Any]
    name: str = "the table"
    kind = "table"

    def n_rows(self) -> int | None:
        """The number of rows."""
        return len(self.frame)

    def columns(self) -> tuple[str, ...]:
        """The table's columns."""
        return tuple(self.frame.columns)

    def rows(self) -> Iterator[Row]:
        """The rows of the table; an index is ignored."""
        for number, values in enumerate(self.frame.iter_rows(named=True), start=1):
            yield Row(values, Place(self.name, "row", number))

    def notes(self) -> tuple[str, ...]:
        """There are no notes."""
        return ()


@dataclass(frozen=True)
class Items:
    """A re-iterable of strings or dicts, such as a list or a dataset."""

    items: Iterable[object]
    name: str
    kind: str

    def n_rows(self) -> int | None:
        """The length, or None if the object has none."""
        return len(self.items) if isinstance(self.items, Sized) else None

    def columns(self) -> tuple[str, ...] | None:
        """The columns that a dataset declares, or None."""
        declared = getattr(self.items, "column_names", None)
        return tuple(declared) if isinstance(declared, list | tuple) else None

    def rows(self) -> Iterator[Row | Broken]:
        """One row per item; a string or a number is a row with the single column `text`."""
        classes = self._classes()
        for number, item in enumerate(self.items, start=1):
            place = Place(self.name, "item", number)
            if isinstance(item, Mapping):
                yield Row(named_classes(item, classes), place)
            elif item is None or isinstance(item, str | int | float):
                yield Row({"text": item}, place)
            else:
                yield Broken("an item that is neither a text nor a row", _unfit(item, place), place)

    def notes(self) -> tuple[str, ...]:
        """There are no notes."""
        return ()

    def _classes(self) -> dict[str, list[str]]:
        """The class names that a dataset declares for integer columns."""
        features = getattr(self.items, "features", None)
        if not isinstance(features, Mapping):
            return {}
        found = {name: getattr(one, "names", None) for name, one in features.items()}
        return {name: names for name, names in found.items() if isinstance(names, list)}


def _unfit(item: object, place: Place) -> InputError:
    return InputError(
        f"{place}, is of type {type(item).__name__}",
        expected="a string, or a dict with a value for each column",
        next_step="convert that item",
    )


def frame_part(source: object) -> Frame | None:
    """The table as a part of a corpus, or None if `source` is not a table.

    Raises:
        InputError: The table is lazy, or its column names are not distinct strings.
    """
    if nw.dependencies.is_into_dataframe(source):
        try:
            frame: nw.DataFrame[Any] = nw.from_native(source, eager_only=True)
        except (NarwhalsError, TypeError, ValueError) as error:
            raise _unfit_columns(str(error)) from error
        for name in frame.columns:
            if not isinstance(name, str):
                raise _unfit_columns(f"{name!r} ({type(name).__name__})")
        return Frame(frame)
    if hasattr(source, "collect") and hasattr(source, "collect_schema"):
        raise InputError(
            f"a lazy table ({type(source).__name__})",
            expected="a table with its rows",
            next_step="pass source.collect(), or write it to Parquet and pass the path",
        )
    return None


def parts_in_memory(source: object) -> tuple[SourcePart, ...]:
    """A table, a dataset or a list as parts of a corpus; each split is a part.

    Raises:
        InputError: As `frame_part` and `items_part`.
    """
    if isinstance(source, Mapping) and source and all(map(_are_rows, source.values())):
        return tuple(Labelled(items_part(one), SPLIT, str(name)) for name, one in source.items())
    if isinstance(source, Mapping) and source and _are_columns(source):
        cells = zip(*source.values(), strict=True)
        rows = [dict(zip(map(str, source), values, strict=True)) for values in cells]
        return (Items(rows, "the columns", "list"),)
    table = frame_part(source)
    return (table if table is not None else items_part(source),)


def _are_rows(source: object) -> bool:
    """Whether it is a dataset split: a list of rows, or an object that declares columns."""
    if hasattr(source, "column_names") and hasattr(source, "features"):
        return True
    return isinstance(source, list) and bool(source) and isinstance(source[0], Mapping)


def _are_columns(source: Mapping[Any, Any]) -> bool:
    """Whether it has a list of values for each column."""
    values = list(source.values())
    return (
        all(isinstance(one, list | tuple) for one in values)
        and len({len(one) for one in values}) == 1
    )


def items_part(source: object) -> Items:
    """A list, or a dataset that yields dicts or strings, as a part of a corpus.

    Raises:
        InputError: The source can be iterated over only once, or not at all.
    """
    if isinstance(source, Mapping):
        raise InputError(
            f"a {type(source).__name__} with the keys {', '.join(map(str, source))}",
            expected="one table, list or dataset",
            next_step="pass one of its values, such as a single split",
        )
    if isinstance(source, Iterator):
        raise InputError(
            f"a {type(source).__name__}, which can be iterated over only once",
            expected="a source that can be read again",
            next_step="pass a list, or write the rows to a .jsonl file and pass its path",
        )
    if isinstance(source, bytes) or not isinstance(source, Iterable):
        raise InputError(
            f"a source of type {type(source).__name__}",
            expected="a path, a table, a dataset, or a list of strings or dicts",
            next_step="convert the source to one of these",
        )
    is_list = isinstance(source, list | tuple)
    return Items(source, *(("the list", "list") if is_list else ("the data set", "dataset")))


def _unfit_columns(found: str) -> InputError:
    return InputError(
        f"a table with invalid column names: {found}",
        expected="column names that are strings, each used once",
        next_step="rename the columns",
    )
