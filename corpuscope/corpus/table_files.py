"""Rows from files that know their columns: CSV, TSV and Parquet."""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any

from corpuscope.corpus.lines import decoded_lines
from corpuscope.corpus.rows import Place, Row
from corpuscope.errors import InputError

# Larger than any text, and within the C long of every platform.
_LARGEST_FIELD = 2**31 - 1
_BATCH_ROWS = 1024


@dataclass(frozen=True)
class DelimitedFile:
    """A file whose first line names the columns; cells are text, an empty cell is no value."""

    path: Path
    kind: str
    delimiter: str

    @property
    def name(self) -> str:
        """The path as it was given."""
        return str(self.path)

    def n_rows(self) -> int | None:
        """Unknown without reading."""
        return None

    def columns(self) -> tuple[str, ...]:
        """The names in the first line; none where the file is empty."""
        _, header = next(self._records(), (0, []))
        repeated = sorted({name for name in header if header.count(name) > 1})
        if repeated:
            raise InputError(
                f"{self.name} names these columns more than once: {', '.join(repeated)}",
                expected="different column names",
                next_step="rename the columns in the first line",
            )
        return tuple(header)

    def rows(self) -> Iterator[Row]:
        """One row for each record; the place is the line on which the record begins."""
        records = self._records()
        _, header = next(records, (0, []))
        for line, cells in records:
            place = Place(self.name, "line", line)
            if len(cells) != len(header):
                raise InputError(
                    f"{place}, has {len(cells)} cells",
                    expected=f"{len(header)} cells, as in the first line",
                    next_step="mend that line; a text with the delimiter in it needs quotes",
                )
            yield Row(dict(zip(header, (cell or None for cell in cells), strict=True)), place)

    def _records(self) -> Iterator[tuple[int, list[str]]]:
        """The line on which each record begins, and its cells."""
        csv.field_size_limit(_LARGEST_FIELD)
        # Strict, because the lax parser silently drops quotes and swallows the rest of a file.
        reader = csv.reader(decoded_lines(self.path), delimiter=self.delimiter, strict=True)
        line = 1
        try:
            for cells in reader:
                if cells:
                    yield line, cells
                line = reader.line_num + 1
        except csv.Error as error:
            raise InputError(
                f"{self.name}, the record from line {line}, cannot be parsed ({error})",
                expected="quoted cells that are closed, with inner quotes doubled",
                next_step="mend that record, or save the table as .jsonl or .parquet",
            ) from error


@dataclass(frozen=True)
class ParquetFile:
    """A Parquet file, read batch by batch."""

    path: Path
    kind = "parquet"

    @property
    def name(self) -> str:
        """The path as it was given."""
        return str(self.path)

    def n_rows(self) -> int | None:
        """The count in the file's own metadata."""
        with self._opened() as file:
            return int(file.metadata.num_rows)

    def columns(self) -> tuple[str, ...]:
        """The columns of the file's schema."""
        with self._opened() as file:
            return tuple(file.schema_arrow.names)

    def rows(self) -> Iterator[Row]:
        """One row for each record."""
        with self._opened() as file:
            records = chain.from_iterable(self._batches(file))
            for number, values in enumerate(records, start=1):
                yield Row(values, Place(self.name, "row", number))

    def _batches(self, file: Any) -> Iterator[list[dict[str, object]]]:
        try:
            for batch in file.iter_batches(batch_size=_BATCH_ROWS):
                yield batch.to_pylist()
        except (ValueError, OSError) as error:
            raise self._damaged(error) from error

    def _opened(self) -> Any:
        import pyarrow as pa
        import pyarrow.parquet as pq

        try:
            return pq.ParquetFile(self.path)
        except (pa.ArrowInvalid, OSError) as error:
            raise self._damaged(error) from error

    def _damaged(self, error: Exception) -> InputError:
        return InputError(
            f"{self.name} cannot be read as Parquet ({error})",
            expected="a whole Parquet file with text in UTF-8",
            next_step="write or fetch the file again",
        )
