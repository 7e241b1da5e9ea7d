"""The face of the room: one function that opens any source of texts."""

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from corpuscope.corpus.columns import Columns, check_columns, choose_content
from corpuscope.corpus.document import Document, Skipped
from corpuscope.corpus.files import looks_like_paths, parts_of_paths
from corpuscope.corpus.ids import MetIds
from corpuscope.corpus.rows import Part, Row, columns_found
from corpuscope.corpus.tables import frame_part, items_part
from corpuscope.errors import InputError, NotEnoughData


@dataclass(frozen=True)
class Corpus:
    """An ordered set of documents, read anew from its source each time it is gone through."""

    parts: tuple[Part, ...]
    columns: Columns

    def __iter__(self) -> Iterator[Document]:
        """The documents, in order."""
        return (entry for entry in self.entries() if isinstance(entry, Document))

    def entries(self) -> Iterator[Document | Skipped]:
        """The documents, and a record of each row that could not become one, in order.

        Raises:
            InputError: A row cannot be read, or two rows have the same id.
            NotEnoughData: The source holds no row at all; raised at the end.
        """
        met = MetIds()
        position = -1
        for position, row in enumerate(self._rows()):
            entry = self.columns.entry(row, position)
            if self.columns.id is not None and met.add(entry.id):
                self._check_fresh(entry.id, row, position)
            yield entry
        if position < 0:
            raise NotEnoughData(
                f"no rows in {', '.join(part.name for part in self.parts) or 'the source'}",
                expected="at least one row",
                next_step="check that this is the right source",
            )

    @property
    def n_documents(self) -> int | None:
        """How many rows there are, empty texts included; None where only reading tells."""
        counts = [part.n_rows() for part in self.parts]
        return None if None in counts else sum(count for count in counts if count is not None)

    @property
    def description(self) -> dict[str, object]:
        """What was read and how, as plain data without the folders above the files."""
        return {
            "sources": _short_names([part.name for part in self.parts]),
            "formats": sorted({part.kind for part in self.parts}),
            "columns": self.columns.describe(),
        }

    def _rows(self) -> Iterator[Row]:
        for part in self.parts:
            yield from part.rows()

    def _check_fresh(self, id: str, row: Row, position: int) -> None:
        """Go through the earlier rows again, because a shared hash is not yet a shared id."""
        for earlier_position, earlier in enumerate(islice(self._rows(), position)):
            if self.columns.identify(earlier, earlier_position) == id:
                raise InputError(
                    f"the id {id!r} is used twice: {earlier.place}, and {row.place}",
                    expected="a different id for each document",
                    next_step="mend one of them, or name another column of ids",
                )


def read_corpus(
    source: object,
    *,
    text: str | None = None,
    id: str | None = None,
    prompt: str | None = None,
    response: str | None = None,
    messages: str | None = None,
    metadata: Sequence[str] | None = None,
) -> Corpus:
    """A corpus over any source of texts; the texts are read when it is gone through.

    Args:
        source: A path or pattern (.jsonl, .ndjson, .json, .csv, .tsv, each also with .gz;
            .parquet; a folder of .txt files), a list of paths, a table (pandas, polars,
            pyarrow), a Hugging Face data set, or a list of strings or of dicts. A list of
            strings is a list of paths if all of them end like such files.
        text: The column with the text. Without any choice: `text`, else `messages`, else
            `prompt` and `response`.
        id: The column with the ids. Without it: `id` if there is one, else the position.
        prompt: The column with what the role `user` says; together with `response`.
        response: The column with what the role `assistant` says.
        messages: The column with a list of objects with `role` and `content`.
        metadata: The columns to keep; without it, all columns not used otherwise.

    Raises:
        InputError: The source is not there or cannot be read.
        ColumnNotFound: A column is not there; the message lists those that are.

    Example:
        >>> [document.text for document in read_corpus(["Good morning.", "Good night."])]
        ['Good morning.', 'Good night.']
    """
    if isinstance(metadata, str):
        raise InputError(
            f"metadata={metadata!r}", expected="a list", next_step=f"pass metadata=[{metadata!r}]"
        )
    parts = _parts(source)
    found = [(part.name, columns) for part in parts if (columns := columns_found(part))]
    union = tuple(dict.fromkeys(name for _, columns in found for name in columns))
    if not found:
        # Nothing to choose from: going through it says that there are no rows.
        return Corpus(parts, Columns((text or "text",), "text", None, ()))
    reading, content = choose_content(
        union, text=text, prompt=prompt, response=response, messages=messages
    )
    id = "id" if id is None and "id" in union else id
    for name, columns in found:
        check_columns([*content, *([id] if id else [])], columns, source=name)
    check_columns(metadata or (), union, source=parts[0].name)
    kept = None if metadata is None else tuple(metadata)
    return Corpus(parts, Columns(content, reading, id, kept))


def _parts(source: object) -> tuple[Part, ...]:
    if isinstance(source, str | Path):
        return parts_of_paths([source])
    if isinstance(source, list | tuple) and source and _are_paths(source):
        return parts_of_paths(source)
    table = frame_part(source)
    return (table if table is not None else items_part(source),)


def _are_paths(items: Sequence[object]) -> bool:
    return looks_like_paths(items) or all(isinstance(item, Path) for item in items)


def _short_names(names: list[str]) -> list[str]:
    """The names without the folders that all of them share."""
    if len(names) == 1:
        return [Path(names[0]).name]
    shared = os.path.commonpath([Path(name).absolute().parent for name in names])
    return [Path(name).absolute().relative_to(shared).as_posix() for name in names]
