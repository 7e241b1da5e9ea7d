"""Regroups the roles of a document into the messages that chat templates take.

A message of an assistant has its reasoning, what it says and its tool calls, which are roles of
their own in a document.
"""

import json
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from corpuscope.corpus.document import Document, Role
from corpuscope.reader.chat.habits import Habits, Message
from corpuscope.reader.chat.marks import Marks, Segment, segments_of

REASONING, TOOL_CALL = "reasoning", "tool_call"
_BLANK_LINE = "\n\n"
_REFUSED_SYSTEM = ("system", "developer")


@dataclass(slots=True)
class Turn:
    """What one message consists of, as numbers of roles of the document.

    Attributes:
        role: The role of the message.
        reasoning: What was thought before.
        contents: What is said; a system prompt and the first message may be one.
        calls: Calls of tools.
    """

    role: str
    reasoning: list[int] = field(default_factory=list)
    contents: list[int] = field(default_factory=list)
    calls: list[int] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Call:
    """The arguments of a tool call that are given as an object, and so cannot be marked.

    Attributes:
        name: The segment of the tool's name, after which the template writes them.
        message: The number of the role.
        start: Their first character in the document.
        text: Their JSON in the document.
    """

    name: int
    message: int
    start: int
    text: str


def turns_of(roles: Sequence[Role], habits: Habits) -> list[Turn]:
    """The messages of the roles, in order; a system prompt that is refused begins the first one."""
    turns: list[Turn] = []
    for number, role in enumerate(roles):
        _add(turns, number, role.role)
    if habits.takes_system or not turns or turns[0].role not in _REFUSED_SYSTEM:
        return turns
    first, *rest = turns
    if rest and rest[0].role == "user":
        rest[0].contents[:0] = first.contents
        return rest
    return [Turn("user", contents=first.contents), *rest]


def _add(turns: list[Turn], number: int, role: str) -> None:
    last = turns[-1] if turns and turns[-1].role == "assistant" else None
    if role == REASONING:
        turns.append(Turn("assistant", reasoning=[number]))
    elif role == TOOL_CALL:
        if last is None:
            turns.append(last := Turn("assistant"))
        last.calls.append(number)
    elif role == "assistant" and last and not last.contents and not last.calls:
        last.contents.append(number)
    else:
        turns.append(Turn(role, contents=[number]))


class Script:
    """Writes the messages of a document, with or without marks.

    Attributes:
        segments: The marked parts, by number.
        calls: The tool calls whose arguments cannot be marked.
    """

    def __init__(self, document: Document, habits: Habits, marks: Marks | None) -> None:
        self.segments: list[Segment] = []
        self.calls: list[Call] = []
        self._document, self._habits, self._marks = document, habits, marks
        self._n_calls = self._n_answers = 0

    def messages(self, turns: Iterable[Turn]) -> Iterator[Message]:
        """The messages, as chat templates take them."""
        for turn in turns:
            yield self._message(turn)

    def _message(self, turn: Turn) -> Message:
        role = turn.role
        if role == "developer" and not self._habits.takes_developer:
            role = "system"
        message: Message = {"role": role}
        if turn.reasoning and self._habits.reasoning_key:
            message[self._habits.reasoning_key] = self._joined(turn.reasoning)
        message["content"] = self._content(turn)
        if turn.calls:
            message["tool_calls"] = [
                self._call(number, start, end)
                for number in turn.calls
                for start, end in self._calls_in(number)
            ]
        if role == "tool":
            message |= {"tool_call_id": _id(self._n_answers)}
            self._n_answers += 1
        return message

    def _content(self, turn: Turn) -> Any:
        if not turn.contents and turn.calls and self._habits.takes_none:
            return None
        text = self._joined(turn.contents)
        return [{"type": "text", "text": text}] if self._habits.takes_parts else text

    def _joined(self, numbers: Iterable[int]) -> str:
        return _BLANK_LINE.join(self._role(number) for number in numbers)

    def _role(self, number: int) -> str:
        role = self._document.roles[number]
        text = self._document.text[role.start : role.end]
        is_thinking = role.role == REASONING
        written, at = [], role.start
        for segment in segments_of(text, role.start, number, is_thinking=is_thinking):
            written += [self._document.text[at : segment.start], self._marked(segment)]
            at = segment.end
        return "".join([*written, self._document.text[at : role.end]])

    def _marked(self, segment: Segment) -> str:
        text = self._document.text[segment.start : segment.end]
        if self._marks is None:
            return text
        self.segments.append(segment)
        return self._marks.around(text, len(self.segments) - 1)

    def _calls_in(self, number: int) -> Iterator[tuple[int, int]]:
        """The ranges of the tool calls that a role consists of."""
        role = self._document.roles[number]
        return calls_in(self._document.text, role.start, role.end)

    def _call(self, number: int, start: int, end: int) -> Message:
        name, _, given = self._document.text[start:end].partition(" ")
        middle = start + len(name) + 1
        said = self._marked(Segment(number, start, start + len(name), is_thinking=False))
        function = {"name": said, "arguments": self._arguments(number, middle, given)}
        self._n_calls += 1
        return {"type": "function", "id": _id(self._n_calls - 1), "function": function}

    def _arguments(self, number: int, start: int, text: str) -> Any:
        value = _object(text)
        if value is not None and self._habits.takes_objects:
            if self._marks is not None:
                self.calls.append(Call(len(self.segments) - 1, number, start, text))
            return value
        if not text.strip():
            return {} if self._habits.takes_objects else "{}"
        return self._marked(Segment(number, start, start + len(text), is_thinking=False))


def calls_in(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    r"""The ranges of tool calls, each a name and JSON, with blank lines between them.

    What is not JSON is the argument of the call that it stands in.

    Example:
        >>> list(calls_in('find {"a": 1}\n\nstop', 0, 19))
        [(0, 13), (15, 19)]
    """
    decoder = json.JSONDecoder()
    while start < end:
        stop = end
        space = text.find(" ", start, end)
        blank = text.find(_BLANK_LINE, start, end)
        if blank >= 0 and not start < space < blank:
            # A name without arguments.
            stop = blank
        elif space >= 0:
            with suppress(ValueError, RecursionError):
                _, after = decoder.raw_decode(text, space + 1)
                stop = after if text.startswith(_BLANK_LINE, after) and after < end else end
        yield start, stop
        start = stop + len(_BLANK_LINE)


def _object(text: str) -> dict[str, Any] | None:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def _id(number: int) -> str:
    """An id of nine letters and digits, as some templates demand."""
    return f"call{number % 100_000:05d}"
