"""Which columns hold what, and from a row to a document."""

from collections.abc import Sequence
from dataclasses import dataclass

from corpuscope.corpus.chat import Chat, join_answer, join_messages, parse_messages
from corpuscope.corpus.document import Document, Scalar, Skipped
from corpuscope.corpus.rows import Row
from corpuscope.corpus.values import is_whole_unicode, metadata_value, plain_value
from corpuscope.errors import ColumnNotFound, InputError


@dataclass(frozen=True)
class Columns:
    """The columns that make up a document.

    Args:
        content: One name for `text` and `messages`; for an answer, the prompt's and the
            response's.
        reading: How the content is read: `text`, `messages` or `answer`.
        id: The column of ids; None to count the rows.
        metadata: The columns to keep; None for all others.
    """

    content: tuple[str, ...]
    reading: str
    id: str | None
    metadata: tuple[str, ...] | None

    def entry(self, row: Row, position: int) -> Document | Skipped:
        """The row as a document, or why it is none.

        Raises:
            InputError: The row holds something that cannot be a text, an id or metadata.
        """
        id = self.identify(row, position)
        chat = self._chat(row)
        metadata = self._metadata(row)
        if not chat.text or chat.text.isspace():
            return Skipped(id, "empty text", str(row.place))
        strings = {"the text": chat.text, **metadata}
        for column, value in strings.items():
            if isinstance(value, str) and not is_whole_unicode(value):
                return Skipped(id, f"half a surrogate pair in {column}", str(row.place))
        return Document(id, chat.text, metadata, chat.roles)

    def identify(self, row: Row, position: int) -> str:
        """The row's id: a value of its own, or its position in the corpus.

        Raises:
            InputError: The row has no id, or one that is neither text nor an integer.
        """
        if self.id is None:
            return f"{position:06d}"
        value = plain_value(row.values.get(self.id))
        is_integer = isinstance(value, int) and not isinstance(value, bool)
        if is_integer or (isinstance(value, str) and value and is_whole_unicode(value)):
            return str(value)
        raise InputError(
            f"{row.place}, has the id {value!r} in the column {self.id!r}",
            expected="text or an integer, different in each row",
            next_step="give that row an id, or name another column of ids",
        )

    def describe(self) -> dict[str, object]:
        """The choice as plain data, for the record of what was read."""
        names = ("prompt", "response") if self.reading == "answer" else (self.reading,)
        kept = None if self.metadata is None else list(self.metadata)
        content = dict(zip(names, self.content, strict=True))
        return {**content, "id": self.id, "metadata": kept}

    def _chat(self, row: Row) -> Chat:
        if self.reading == "messages":
            value = plain_value(row.values.get(self.content[0]))
            return join_messages([] if value is None else parse_messages(value, row.place))
        texts = [_text(row, column) for column in self.content]
        return Chat(texts[0], ()) if self.reading == "text" else join_answer(*texts)

    def _metadata(self, row: Row) -> dict[str, Scalar]:
        names: Sequence[str] = self.metadata or ()
        if self.metadata is None:
            used = (*self.content, self.id)
            names = [name for name in row.values if name not in used]
        values = row.values
        return {
            name: metadata_value(values.get(name), column=name, place=row.place) for name in names
        }


def _text(row: Row, column: str) -> str:
    value = plain_value(row.values.get(column))
    if value is None:
        return ""
    if isinstance(value, str):
        return str(value)
    raise InputError(
        f"{row.place}, holds a value of type {type(value).__name__} in the column {column!r}",
        expected="text",
        next_step="put the value in quotes, or name another column"
        + ("; a chat is read with messages=" if isinstance(value, list) else ""),
    )


def choose_content(
    found: Sequence[str],
    *,
    text: str | None,
    prompt: str | None,
    response: str | None,
    messages: str | None,
) -> tuple[str, tuple[str, ...]]:
    """How the content is read, and from which columns.

    Raises:
        InputError: More than one way is asked for, or only half of one.
        ColumnNotFound: Nothing is asked for, and no column has a usual name.
    """
    asked = {"text": (text,), "messages": (messages,), "answer": (prompt, response)}
    ways = [way for way, names in asked.items() if any(name is not None for name in names)]
    if len(ways) > 1 or (ways == ["answer"] and None in asked["answer"]):
        given = {"text": text, "prompt": prompt, "response": response, "messages": messages}
        raise InputError(
            f"the columns {', '.join(name for name, value in given.items() if value)} are named",
            expected="text alone, messages alone, or prompt and response together",
            next_step="name only one of these",
        )
    if ways:
        return ways[0], tuple(name for name in asked[ways[0]] if name is not None)
    usual = {"text": ("text",), "messages": ("messages",), "answer": ("prompt", "response")}
    for way, names in usual.items():
        if set(names) <= set(found):
            return way, names
    raise ColumnNotFound(
        f"the columns {', '.join(map(repr, found))}",
        expected="a column 'text', a column 'messages', or the columns 'prompt' and 'response'",
        next_step="say which column holds the text: text='...'",
    )


def check_columns(wanted: Sequence[str], found: Sequence[str], *, source: str) -> None:
    """Make sure that all wanted columns are there.

    Raises:
        ColumnNotFound: One of them is not.
    """
    missing = [name for name in wanted if name not in found]
    if missing:
        raise ColumnNotFound(
            f"{source} has no column {', '.join(map(repr, missing))}",
            expected=f"one of {', '.join(map(repr, found))}",
            next_step="name one of these columns",
        )
