"""The roles of columns, and the conversion of rows to documents."""

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from corpuscope.corpus.chats.dialogues import roles_in
from corpuscope.corpus.chats.messages import MESSAGE_COLUMNS, Said, are_messages, spoken_in
from corpuscope.corpus.chats.spans import Chat, join_messages
from corpuscope.corpus.document import Document, Scalar, Skipped
from corpuscope.corpus.sources.rows import Row
from corpuscope.corpus.sources.values import is_whole_unicode, metadata_value, plain_value
from corpuscope.corpus.sources.wide import ANSWER, ANSWER_OF, PREFERENCES
from corpuscope.errors import ColumnNotFound, InputError

BY_POSITION = "none"
"""The id column to name in order to number documents by position instead."""

_MOST_NAMED = 30
_PAIRS = (
    ("prompt", "response"), ("prompt", "completion"), ("instruction", "output"),
    ("question", "answer"),
)  # fmt: skip
"""Usual names of the prompt and response columns."""


@dataclass(frozen=True)
class DocumentColumns:
    """The columns that make up a document.

    Attributes:
        content: One column for `text` and `messages`; for an answer those of prompt and
            response; for several answers those of all.
        reading: How the content is read: `text`, `messages`, `answer` or `answers`.
        id: The id column; None to number the rows.
        metadata: The columns to keep; None for all others.
        prompt: The prompt column of several answers.
        is_dialogue: Whether texts have speaker names at the beginnings of lines.
    """

    content: tuple[str, ...]
    reading: str
    id: str | None
    metadata: tuple[str, ...] | None
    prompt: str | None = None
    is_dialogue: bool = False

    def entry(self, row: Row, position: int, left_out: Counter[str]) -> Document | Skipped:
        """The row as a document or a skipped row.

        Args:
            row: The row.
            position: Its number in the corpus.
            left_out: Counts what was left out of the row because it is not text.

        Raises:
            InputError: A value is not a valid text or id.
        """
        id = self.identify(row, position)
        chat = self._chat(row, left_out)
        if not chat.text or chat.text.isspace():
            return Skipped(id, "empty text", str(row.place))
        metadata = self._metadata(row, left_out)
        for column, value in {"the text": chat.text, **metadata}.items():
            if isinstance(value, str) and not is_whole_unicode(value):
                return Skipped(id, f"{_what_is_odd(value)} in {column}", str(row.place))
            if not is_whole_unicode(column):
                what = f"{_what_is_odd(column)} in a column name"
                return Skipped(id, what, str(row.place))
        return Document(id, chat.text, metadata, chat.roles)

    def identify(self, row: Row, position: int) -> str:
        """The row's id: its value in the id column, or its position in the corpus.

        Raises:
            InputError: The row has no id, or one that is neither text nor a number.
        """
        if self.id is None:
            return f"{position:06d}"
        if (found := self.own_id(row)) is not None:
            return found
        raise InputError(
            f"{row.place}, has {row.values.get(self.id)!r} in the id column {self.id!r}",
            expected="text or a number, different in each row",
            next_step="name another id column, or number documents by position "
            f"(id={BY_POSITION!r}, --id {BY_POSITION})",
        )

    def own_id(self, row: Row) -> str | None:
        """The value of the id column, with the answer's column name if a row has several."""
        found = None if self.id is None else id_of(row.values.get(self.id))
        is_one_of_several = found is not None and self.reading == "answers"
        return f"{found}/{row.values[ANSWER_OF]}" if is_one_of_several else found

    def by_position(self) -> "DocumentColumns":
        """The same columns, with documents numbered by position."""
        return replace(self, id=None)

    def describe(self) -> dict[str, object]:
        """The choice as JSON values, for provenance."""
        kept = None if self.metadata is None else list(self.metadata)
        if self.reading == "answers":
            content: dict[str, object] = {"answers": list(self.content), "prompt": self.prompt}
        else:
            names = ("prompt", "response") if self.reading == "answer" else (self.reading,)
            content = dict(zip(names, self.content, strict=True))
        dialogue = {"dialogue": True} if self.is_dialogue else {}
        return {**content, **dialogue, "id": self.id, "metadata": kept}

    def _chat(self, row: Row, left_out: Counter[str]) -> Chat:
        if self.reading == "messages":
            return _messages(row, self.content[0], left_out)
        if self.reading == "answers":
            return self._with_roles(self._one_answer(row, left_out))
        if self.reading == "answer":
            prompt, response = self.content
            answer = _turns(row, response, "assistant", left_out)
            # A prompt without an answer is skipped.
            is_answered = any(text for _, text in answer)
            asked = _turns(row, prompt, "user", left_out) if is_answered else []
            return join_messages([*asked, *answer])
        return self._with_roles(Chat(_text(row, self.content[0]), ()))

    def _one_answer(self, row: Row, left_out: Counter[str]) -> Chat:
        """One of several answers, after its prompt, unless its messages include the prompt."""
        answer = _turns(row, ANSWER, "assistant", left_out)
        is_whole = any(role == "user" for role, _ in answer) or not any(text for _, text in answer)
        if self.prompt is None or self.is_dialogue or is_whole:
            is_text = self.prompt is None and len(answer) == 1
            return Chat(answer[0][1], ()) if is_text or self.is_dialogue else join_messages(answer)
        return join_messages([*_turns(row, self.prompt, "user", left_out), *answer])

    def _with_roles(self, chat: Chat) -> Chat:
        return Chat(chat.text, roles_in(chat.text)) if self.is_dialogue else chat

    def _metadata(self, row: Row, left_out: Counter[str]) -> dict[str, Scalar]:
        values = row.values
        if self.metadata is not None:
            return {
                name: metadata_value(values.get(name), column=name, place=row.place)
                for name in self.metadata
            }
        content = (ANSWER, self.prompt) if self.reading == "answers" else self.content
        used = {name for name in (*content, self.id) if name is not None}
        found: dict[str, Scalar] = {}
        for name, value in values.items():
            if name not in used:
                try:
                    found[str(name)] = metadata_value(value, column=name, place=row.place)
                except InputError:
                    # Not requested explicitly, so an image beside the text skips no document.
                    left_out[f"{type(value).__name__} in the column {name!r}"] += 1
                    found[str(name)] = None
        return found


def id_of(value: object) -> str | None:
    """A cell as an id, or None if it is neither text nor a number."""
    value = plain_value(value)
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, float) and math.isfinite(value):
        value = int(value) if value.is_integer() else str(value)
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return value if isinstance(value, str) and value and is_whole_unicode(value) else None


def choose_content(
    found: Sequence[str],
    *,
    text: str | None,
    prompt: str | None,
    response: str | None,
    messages: str | None,
    answers: Sequence[str],
    known: Sequence[str] = (),
) -> tuple[str, tuple[str, ...]]:
    """How the content is read, and from which columns.

    Args:
        found: The columns that may be chosen by default.
        text: The text column.
        prompt: The prompt column.
        response: The response column.
        messages: The column of messages.
        answers: The columns of answers.
        known: All columns, for error messages.

    Raises:
        InputError: Columns of several readings are given, or only part of one.
        ColumnNotFound: None is given, and no column has a usual name.
    """
    asked: dict[str, tuple[str | None, ...]] = {
        "text": (text,), "messages": (messages,), "answers": tuple(answers),
        "answer": (None if answers else prompt, response),
    }  # fmt: skip
    ways = [way for way, names in asked.items() if any(name is not None for name in names)]
    if len(ways) > 1 or (ways == ["answer"] and None in asked["answer"]):
        given = {"text": text, "prompt": prompt, "response": response, "messages": messages,
                 "answers": answers}  # fmt: skip
        raise InputError(
            f"the columns {', '.join(name for name, value in given.items() if value)} are named",
            expected="text alone, messages alone, prompt and response together, or answers",
            next_step="name only one of these",
        )
    if ways:
        return ways[0], tuple(name for name in asked[ways[0]] if name is not None)
    usual: list[tuple[str, tuple[str, ...]]] = [
        ("text", ("text",)),
        *(("messages", (name,)) for name in MESSAGE_COLUMNS),
        *(("answer", pair) for pair in _PAIRS),
        ("answers", PREFERENCES),
    ]
    for way, names in usual:
        if set(names) <= set(found):
            return way, names
    raise ColumnNotFound(
        f"the columns {_listed(known or found)}"
        + "".join(f"; {name!r} has no messages" for name in known if name not in found),
        expected="a column 'text' or 'messages', or the columns 'prompt' and 'response'",
        next_step="name the column with the text (text=, --text), messages or answers",
    )


def check_column_names(wanted: Sequence[str], found: Sequence[str], *, source: str) -> None:
    """Check that all wanted columns exist.

    Raises:
        ColumnNotFound: One of them does not.
    """
    missing = [name for name in wanted if name not in found]
    if missing:
        raise ColumnNotFound(
            f"{source} has no column {', '.join(map(repr, missing))}",
            expected=f"one of {_listed(found)}",
            next_step="name one of these columns",
        )


def _listed(names: Sequence[str]) -> str:
    more = len(names) - _MOST_NAMED
    return ", ".join(map(repr, names[:_MOST_NAMED])) + (f" and {more} others" if more > 0 else "")


def _messages(row: Row, column: str, left_out: Counter[str]) -> Chat:
    value = plain_value(row.values.get(column))
    return join_messages([] if value is None else _said(value, row, left_out))


def _turns(row: Row, column: str, role: str, left_out: Counter[str]) -> list[Said]:
    """The messages in a cell, or its text as one message of the given role."""
    value = plain_value(row.values.get(column))
    is_written = isinstance(value, str) and value.lstrip().startswith(("[{", "{"))
    if isinstance(value, list | Mapping) or (is_written and are_messages(value)):
        return _said(value, row, left_out)
    return [(role, _text(row, column))]


def _said(value: object, row: Row, left_out: Counter[str]) -> list[Said]:
    spoken = spoken_in(value, row.place)
    left_out.update(spoken.left_out)
    return spoken.said


def _text(row: Row, column: str) -> str:
    value = plain_value(row.values.get(column))
    if value is None:
        return ""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return str(value)
    if isinstance(value, str):
        return str(value)
    raise InputError(
        f"{row.place}, has a value of type {type(value).__name__} in the column {column!r}",
        expected="text",
        next_step="put the value in quotes, or name another column"
        + ("; for chats, use messages=" if isinstance(value, list) else ""),
    )


def _what_is_odd(text: str) -> str:
    if any("\udc80" <= sign <= "\udcff" for sign in text):
        return "bytes that are not UTF-8"
    return "an unpaired surrogate"
