"""Chats to one text with the characters that each role spoke."""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple, TypeGuard

from corpuscope.corpus.document import Role
from corpuscope.corpus.rows import Place
from corpuscope.errors import InputError

BLANK_LINE = "\n\n"
"""What stands between two messages."""


class Chat(NamedTuple):
    """A text, and who speaks where in it."""

    text: str
    roles: tuple[Role, ...]


def join_messages(messages: Iterable[tuple[str, str]]) -> Chat:
    r"""The contents joined by a blank line; a message without any text takes no place.

    Args:
        messages: The role and the content of each message, in order.

    Example:
        >>> join_messages([("user", "Why?"), ("assistant", "Because.")]).text
        'Why?\n\nBecause.'
    """
    roles: list[Role] = []
    contents: list[str] = []
    start = 0
    for role, content in messages:
        if content:
            roles.append(Role(start, start + len(content), role))
            contents.append(content)
            start += len(content) + len(BLANK_LINE)
    return Chat(BLANK_LINE.join(contents), tuple(roles))


def join_answer(prompt: str, response: str) -> Chat:
    """A prompt of the role `user` and its response of the role `assistant`."""
    return join_messages([("user", prompt), ("assistant", response)])


def parse_messages(value: object, place: Place) -> list[tuple[str, str]]:
    """The role and the content of each message in a cell.

    Args:
        value: A list of objects with `role` and `content`, or such a list as a JSON string.
            A content may be a list of parts `{"type": "text", "text": ...}`.
        place: Where the value stands, for messages of errors.

    Raises:
        InputError: The value is not such a list.
    """
    if isinstance(value, str):
        value = _list_in_json(value, place)
    if not _is_list(value):
        raise _unfit(place, f"holds messages of type {type(value).__name__}")
    return [_message(message, place) for message in value]


def _is_list(value: object) -> TypeGuard[Sequence[object]]:
    return isinstance(value, Sequence) and not isinstance(value, str | bytes)


def _list_in_json(value: str, place: Place) -> object:
    if not value.strip():
        return []
    try:
        return json.loads(value)
    except (ValueError, RecursionError) as error:
        raise _unfit(place, f"holds messages that are not JSON ({error})") from error


def _message(message: object, place: Place) -> tuple[str, str]:
    if not isinstance(message, Mapping):
        raise _unfit(place, f"holds a message of type {type(message).__name__}")
    role = message.get("role")
    if not isinstance(role, str) or "content" not in message:
        raise _unfit(place, f"holds a message with the keys {', '.join(map(str, message))}")
    return role, _content(message["content"], place)


def _content(content: object, place: Place) -> str:
    if content is None:
        return ""
    if isinstance(content, str):
        return content
    if _is_list(content):
        return BLANK_LINE.join(_part(part, place) for part in content)
    raise _unfit(place, f"holds a message whose content is of type {type(content).__name__}")


def _part(part: object, place: Place) -> str:
    if isinstance(part, str):
        return part
    if isinstance(part, Mapping) and isinstance(part.get("text"), str):
        return str(part["text"])
    kind = part.get("type") if isinstance(part, Mapping) else type(part).__name__
    raise _unfit(place, f"holds a message part that is not text ({kind})")


def _unfit(place: Place, found: str) -> InputError:
    return InputError(
        f"{place}, {found}",
        expected='messages such as [{"role": "user", "content": "Why?"}], contents of text only',
        next_step="mend that row, or choose another column",
    )
