"""Joins messages to one text, with the character ranges of the roles."""

from collections.abc import Iterable
from typing import NamedTuple

from corpuscope.corpus.document import Role

BLANK_LINE = "\n\n"
"""The separator between two messages."""


class Chat(NamedTuple):
    """A text with the character ranges of its roles."""

    text: str
    roles: tuple[Role, ...]


def join_messages(messages: Iterable[tuple[str, str]]) -> Chat:
    r"""The contents joined by blank lines, without empty messages.

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
    """A prompt with the role `user` and its response with the role `assistant`, joined."""
    return join_messages([("user", prompt), ("assistant", response)])
