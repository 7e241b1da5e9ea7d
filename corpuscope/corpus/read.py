"""`read_corpus`, which opens any source of texts."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import NamedTuple

from corpuscope.corpus.chats.messages import MESSAGE_COLUMNS, are_messages
from corpuscope.corpus.columns import (
    BY_POSITION,
    DocumentColumns,
    check_column_names,
    choose_content,
)
from corpuscope.corpus.corpus import Corpus
from corpuscope.corpus.sources.delimiters import delimiter_named
from corpuscope.corpus.sources.files import looks_like_paths, parts_of_paths
from corpuscope.corpus.sources.lines import checked_encoding
from corpuscope.corpus.sources.rows import N_ROWS_PEEKED, Row, SourcePart, columns_found
from corpuscope.corpus.sources.tables import parts_in_memory
from corpuscope.corpus.sources.wide import ANSWER_OF, ROW, check_names_are_free
from corpuscope.errors import ColumnNotFound, InputError

_N_ROWS_AGAIN = 100_000


@dataclass(frozen=True, kw_only=True)
class FileFormat:
    """The format of files, where detection is to be overridden.

    Attributes:
        encoding: Character encoding; by default UTF-8, or as given by a byte-order mark.
        delimiter: Cell delimiter of tables; by default detected.
    """

    encoding: str | None = None
    delimiter: str | None = None


def read_corpus(
    source: object,
    *,
    text: str | None = None,
    id: str | None = None,
    prompt: str | None = None,
    response: str | None = None,
    messages: str | None = None,
    answers: Sequence[str] | None = None,
    dialogue: bool = False,
    metadata: Sequence[str] | None = None,
    file_format: FileFormat | None = None,
) -> Corpus:
    """A corpus from any source of texts; texts are read lazily, when it is iterated over.

    Args:
        source: A path, pattern or folder (.jsonl, .ndjson, .json, .csv, .tsv, .txt, compressed or
            not, .parquet, .arrow, a dataset saved to disk), a list of paths, a table (pandas,
            polars, pyarrow), a Hugging Face dataset, or a list of strings or dicts. A list of
            strings is taken as paths if all of them end like such files.
        text: The text column. By default: `text`, else a column of messages, else `prompt` and
            `response`, else `chosen` and `rejected`.
        id: The id column, or "none" to number documents by position. By default: `id` if it
            exists and is unique, else the position.
        prompt: The column of the role `user`; together with `response` or `answers`.
        response: The column of the role `assistant`.
        messages: The column with lists of messages.
        answers: Columns of answers, such as one per model: each becomes a document, with the
            column's name as `answer_of` and the row's number as `row`, which pairs them.
        dialogue: Whether lines that begin with `Human:`, `Assistant:` and the like are turns.
        metadata: The metadata columns to keep; by default all columns not used otherwise.
        file_format: Overrides detection, such as `FileFormat(encoding="latin-1")`.

    Raises:
        InputError: The source does not exist or cannot be read.
        ColumnNotFound: There is no such column; the message lists the existing ones.

    Example:
        >>> [document.text for document in read_corpus(["Good morning.", "Good night."])]
        ['Good morning.', 'Good night.']
    """
    for name, value in (("metadata", metadata), ("answers", answers)):
        if isinstance(value, str):
            raise InputError(
                f"{name}={value!r}", expected="a list", next_step=f"pass {name}=[{value!r}]"
            )
    written = file_format or FileFormat()
    parts = _parts(source, checked_encoding(written.encoding), delimiter_named(written.delimiter))
    choice = _Choice(text, id, prompt, response, messages, answers or (), dialogue, metadata)
    try:
        return _chosen(parts, choice, N_ROWS_PEEKED)
    except ColumnNotFound:
        # A column may first appear beyond the peeked rows; look further before giving up.
        return _chosen(parts, choice, _N_ROWS_AGAIN)


class _Choice(NamedTuple):
    """The caller's choice of columns."""

    text: str | None
    id: str | None
    prompt: str | None
    response: str | None
    messages: str | None
    answers: Sequence[str]
    dialogue: bool
    metadata: Sequence[str] | None


def _chosen(parts: tuple[SourcePart, ...], choice: _Choice, n_rows: int) -> Corpus:
    """The corpus, with columns found in the first `n_rows` rows."""
    found = [(part.name, columns) for part in parts if (columns := columns_found(part, n_rows))]
    union = tuple(dict.fromkeys(name for _, columns in found for name in columns))
    if not found:
        # Nothing to choose from: iterating reports that there are no rows.
        return Corpus(parts, DocumentColumns((choice.text or "text",), "text", None, ()))
    is_wide = bool(choice.answers)
    reading, content = choose_content(
        _without_other_turns(union, parts, n_rows), text=choice.text, response=choice.response,
        prompt=choice.prompt, messages=choice.messages, answers=choice.answers, known=union,
    )  # fmt: skip
    prompt = choice.prompt
    if reading == "answers":
        check_names_are_free(union, content)
        prompt = "prompt" if prompt is None and not is_wide and "prompt" in union else prompt
    id = choice.id
    is_id_chosen = id is not None and not (id == BY_POSITION and id not in union)
    ids = id if is_id_chosen else ("id" if id is None and "id" in union else None)
    asked = (ids if is_id_chosen else None, prompt if reading == "answers" else None)
    for name, columns in found:
        check_column_names([*content, *filter(None, asked)], columns, source=name)
    made = (ANSWER_OF, ROW) if reading == "answers" else ()
    check_column_names(choice.metadata or (), [*union, *made], source=parts[0].name)
    kept = None if choice.metadata is None else tuple(choice.metadata)
    columns_chosen = DocumentColumns(
        content, reading, ids, kept, prompt if reading == "answers" else None, choice.dialogue
    )
    return Corpus(parts, columns_chosen, is_id_chosen=is_id_chosen)


def _parts(source: object, encoding: str | None, delimiter: str | None) -> tuple[SourcePart, ...]:
    if isinstance(source, str | Path):
        return parts_of_paths([source], encoding=encoding, delimiter=delimiter)
    if isinstance(source, list | tuple) and source and _are_paths(source):
        return parts_of_paths(source, encoding=encoding, delimiter=delimiter)
    return parts_in_memory(source)


def _are_paths(items: Sequence[object]) -> bool:
    return looks_like_paths(items) or all(isinstance(item, Path) for item in items)


def _without_other_turns(
    found: Sequence[str], parts: Sequence[SourcePart], n_rows: int
) -> list[str]:
    """The columns, without those named like messages that contain something else."""
    doubtful = set(MESSAGE_COLUMNS[1:]) & set(found)
    for part in parts:
        for row in islice(part.rows(), n_rows) if doubtful else ():
            if isinstance(row, Row):
                doubtful -= {name for name in doubtful if are_messages(row.values.get(name))}
            if not doubtful:
                break
    return [name for name in found if name not in doubtful]
