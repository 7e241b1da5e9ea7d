"""Renders a chat by the reader's chat template, with a mapping back to the document's text."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from corpuscope.corpus.document import Document


class ChatRefusedError(Exception):
    """The chat template cannot render a chat; its document is skipped, with this reason."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a rendered text that is copied from the document.

    Attributes:
        start: Its first character in the rendered text.
        document_start: Its first character in the document.
        length: Its number of characters.
    """

    start: int
    document_start: int
    length: int


def has_template(tokenizer: Any) -> bool:
    """Whether the reader's tokenizer has a chat template."""
    return getattr(tokenizer, "chat_template", None) is not None


def render(document: Document, tokenizer: Any) -> tuple[str, list[Piece]]:
    """The rendered chat, and the positions of its messages.

    The template is rendered twice, once with a placeholder for each message, so that a message is
    located where the template put it, and not where its words happen to occur.

    Raises:
        ChatRefusedError: The template rejects the roles, or rewrites a message.
    """
    contents = [document.text[role.start : role.end] for role in document.roles]
    # Private-use characters, which occur in no template and in hardly any text.
    signs = [f"\ue000{i}\ue001" for i in range(len(contents))]
    names = [role.role for role in document.roles]
    text = _written(tokenizer, names, contents)
    frame = _frame(_written(tokenizer, names, signs), signs)
    kept = _kept(text, frame, contents)
    pieces = []
    for role, content, (start, words) in zip(document.roles, contents, kept, strict=True):
        offset = content.find(words)
        if offset < 0:
            raise ChatRefusedError(f"the chat template rewrites what {role.role} says")
        pieces.append(Piece(start, role.start + offset, len(words)))
    return text, pieces


def _written(tokenizer: Any, roles: Sequence[str], contents: Sequence[str]) -> str:
    from jinja2 import TemplateError

    messages = [{"role": r, "content": c} for r, c in zip(roles, contents, strict=True)]
    try:
        return str(tokenizer.apply_chat_template(messages, tokenize=False))
    except TemplateError as error:
        raise ChatRefusedError(f"the chat template refuses it ({error})") from error


def _frame(text: str, signs: Sequence[str]) -> list[str]:
    """The text before, between and after the placeholders."""
    frame = []
    for sign in signs:
        before, found, text = text.partition(sign)
        if not found:
            raise ChatRefusedError("the chat template leaves a message out")
        frame.append(before)
    return [*frame, text]


def _kept(text: str, frame: Sequence[str], contents: Sequence[str]) -> list[tuple[int, str]]:
    """The start of each message in `text`, and what the template kept of it."""
    for candidate in (contents, [content.strip() for content in contents]):
        filled = "".join(f + c for f, c in zip(frame, [*candidate, ""], strict=True))
        if filled == text:
            starts, at = [], 0
            for before, content in zip(frame, candidate, strict=False):
                starts.append((at + len(before), content))
                at += len(before) + len(content)
            return starts
    # The template changed messages: match its own text around them.
    match = re.fullmatch("(.*?)".join(map(re.escape, frame)), text, re.DOTALL)
    if match is None:
        raise ChatRefusedError("the chat template writes it in a way that cannot be followed")
    return [(match.start(i + 1), match.group(i + 1)) for i in range(len(contents))]
