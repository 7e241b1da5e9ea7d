"""The face of the room: one function that opens any source of texts."""

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
    """How files are written, where that is not seen in them.

    Attributes:
        encoding: Of the characters; by default UTF-8, or what a byte-order mark says.
        delimiter: What stands between the cells of a table; by default what is seen in it.
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
    """A corpus over any source of texts; the texts are read when it is gone through.

    Args:
        source: A path, pattern or folder (.jsonl, .ndjson, .json, .csv, .tsv, .txt, compressed or
            not, .parquet, .arrow, a data set saved to disk), a list of paths, a table (pandas,
            polars, pyarrow), a Hugging Face data set, or a list of strings or of dicts. A list of
            strings is a list of paths if all of them end like such files.
        text: The column with the text. Without any choice: `text`, else a column of messages,
            else `prompt` and `response`, else `chosen` and `rejected`.
        id: The column with the ids, or "none" for positions. Without it: `id` if it is there
            and different in each row, else the position.
        prompt: The column with what the role `user` says; together with `response` or `answers`.
        response: The column with what the role `assistant` says.
        messages: The column with lists of messages.
        answers: Columns with an answer each, such as one for each model: each becomes a document,
            with the column's name as `answer_of` and the row's as `row`, by which they pair.
        dialogue: Lines that begin with `Human:`, `Assistant:` and the like say who speaks.
        metadata: The columns to keep; without it, all columns not used otherwise.
        file_format: How files are written, such as `FileFormat(encoding="latin-1")`.

    Raises:
        InputError: The source is not there or cannot be read.
        ColumnNotFound: A column is not there; the message lists those that are.

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
        # A column may begin further down than where a first look ends; a slip is told in seconds.
        return _chosen(parts, choice, _N_ROWS_AGAIN)


class _Choice(NamedTuple):
    """What the caller chose of the columns."""

    text: str | None
    id: str | None
    prompt: str | None
    response: str | None
    messages: str | None
    answers: Sequence[str]
    dialogue: bool
    metadata: Sequence[str] | None


def _chosen(parts: tuple[SourcePart, ...], choice: _Choice, n_rows: int) -> Corpus:
    """The corpus, by the columns that so many of the first rows have."""
    found = [(part.name, columns) for part in parts if (columns := columns_found(part, n_rows))]
    union = tuple(dict.fromkeys(name for _, columns in found for name in columns))
    if not found:
        # Nothing to choose from: going through it says that there are no rows.
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
    """The columns, without those that are called like messages but hold something else."""
    doubtful = set(MESSAGE_COLUMNS[1:]) & set(found)
    for part in parts:
        for row in islice(part.rows(), n_rows) if doubtful else ():
            if isinstance(row, Row):
                doubtful -= {name for name in doubtful if are_messages(row.values.get(name))}
            if not doubtful:
                break
    return [name for name in found if name not in doubtful]
