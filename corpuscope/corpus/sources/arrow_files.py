"""Rows from Parquet and Arrow files, with class labels as names if the file declares them."""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from corpuscope.corpus.sources.rows import Broken, OneFile, Place, Row
from corpuscope.errors import InputError

_BATCH_ROWS = 1024
_NOT_DECODED = "a value that cannot be decoded"


@dataclass(frozen=True)
class ArrowFile(OneFile):
    """A Parquet or an Arrow file, read batch by batch.

    Attributes:
        kind: `parquet`, or `arrow` for Arrow's own formats.
    """

    kind: str

    def n_rows(self) -> int | None:
        """The count in a Parquet file's metadata; None for Arrow files."""
        if self.kind != "parquet":
            return None
        with self._parquet() as file:
            return int(file.metadata.num_rows)

    def columns(self) -> tuple[str, ...]:
        """The columns of the file's schema.

        Raises:
            InputError: A column name is repeated.
        """
        names = tuple(self._schema().names)
        repeated = sorted({name for name in names if names.count(name) > 1})
        if repeated:
            raise InputError(
                f"{self.name} has more than one column named {', '.join(map(repr, repeated))}",
                expected="different column names",
                next_step="rename or drop one of them, and write the file again",
            )
        return names

    def rows(self) -> Iterator[Row | Broken]:
        """One row per record."""
        classes = classes_in(self._schema().metadata or {})
        number = 0
        for batch in self._batches():
            for values in _values_in(batch):
                number += 1
                place = Place(self.name, "row", number)
                if isinstance(values, dict):
                    yield Row(named_classes(values, classes), place)
                else:
                    yield Broken(_NOT_DECODED, _not_decoded(place, values), place)

    def _schema(self) -> Any:
        if self.kind == "parquet":
            with self._parquet() as file:
                return file.schema_arrow
        with self._arrow() as reader:
            return reader.schema

    def _batches(self) -> Iterator[Any]:
        if self.kind == "parquet":
            with self._parquet() as file:
                yield from self._watched(file.iter_batches(batch_size=_BATCH_ROWS))
            return
        with self._arrow() as reader:
            is_file = hasattr(reader, "num_record_batches")
            batches = map(reader.get_batch, range(reader.num_record_batches)) if is_file else reader
            for batch in self._watched(iter(batches)):
                for start in range(0, batch.num_rows, _BATCH_ROWS):
                    yield batch.slice(start, _BATCH_ROWS)

    @contextmanager
    def _parquet(self) -> Iterator[Any]:
        import pyarrow as pa
        import pyarrow.parquet as pq

        try:
            file = pq.ParquetFile(self.path)
        except (pa.ArrowInvalid, OSError) as error:
            raise self._damaged(error) from error
        with file:
            yield file

    @contextmanager
    def _arrow(self) -> Iterator[Any]:
        import pyarrow as pa

        try:
            source = pa.memory_map(str(self.path))
            with self.path.open("rb") as file:
                is_file = file.read(6) == b"ARROW1"
            opener = pa.ipc.open_file if is_file else pa.ipc.open_stream
            reader = opener(source)
        except (pa.ArrowInvalid, OSError) as error:
            raise self._damaged(error) from error
        with source, reader:
            yield reader

    def _watched(self, batches: Iterator[Any]) -> Iterator[Any]:
        try:
            yield from batches
        except (ValueError, OSError) as error:
            raise self._damaged(error) from error

    def _damaged(self, error: Exception) -> InputError:
        return InputError(
            f"{self.name} cannot be read as {self.kind.capitalize()} ({error})",
            expected=f"an intact {self.kind.capitalize()} file with text in UTF-8",
            next_step="save or download the file again",
        )


def _values_in(batch: Any) -> Iterator[dict[str, object] | Exception]:
    """The rows of a batch, with an exception in place of each that cannot be decoded."""
    try:
        yield from batch.to_pylist()
    except (ValueError, OverflowError):
        for at in range(batch.num_rows):
            try:
                yield batch.slice(at, 1).to_pylist()[0]
            except (ValueError, OverflowError) as error:
                yield error


def _not_decoded(place: Place, error: Exception) -> InputError:
    return InputError(
        f"{place}, has a value that cannot be decoded ({error})",
        expected="text in UTF-8, and times within the years 1 to 9999",
        next_step="correct that value, and save the file again",
    )


def classes_in(metadata: Mapping[bytes, bytes]) -> dict[str, Sequence[str]]:
    """The class names of integer columns, as Hugging Face `datasets` records them."""
    try:
        features = json.loads(metadata[b"huggingface"])["info"]["features"]
        return {
            column: feature["names"]
            for column, feature in features.items()
            if isinstance(feature, dict) and feature.get("_type") == "ClassLabel"
            and isinstance(feature.get("names"), list)
        }  # fmt: skip
    except (KeyError, TypeError, ValueError, AttributeError):
        return {}


def named_classes(
    values: Mapping[str, object], classes: Mapping[str, Sequence[str]]
) -> Mapping[str, object]:
    """The row with class names for class numbers; a negative number is a missing label."""
    named = {}
    for column, names in classes.items():
        at = values.get(column)
        if isinstance(at, int) and not isinstance(at, bool):
            named[column] = names[at] if 0 <= at < len(names) else None
    return {**values, **named} if named else values
