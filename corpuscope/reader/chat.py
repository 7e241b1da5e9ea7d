"""A chat as the reader's own template writes it, with the way back to the document's text."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from corpuscope.corpus.document import Document


class ChatRefusedError(Exception):
    """A chat that the template cannot write: its document is skipped, with this reason."""


@dataclass(frozen=True, slots=True)
class Piece:
    """Characters of a rendered text that stand in the document as they are.

    Attributes:
        start: Where they begin in the rendered text.
        document_start: Where they begin in the document.
        length: How many they are.
    """

    start: int
    document_start: int
    length: int


def has_template(tokenizer: Any) -> bool:
    """Whether the reader knows how chats are written."""
    return getattr(tokenizer, "chat_template", None) is not None


def render(document: Document, tokenizer: Any) -> tuple[str, list[Piece]]:
    """The chat as the template writes it, and where its messages stand in it.

    The template is asked twice, once with a sign of its own in place of each message, so that
    a message is found where the template put it and not where its words happen to occur.

    Raises:
        ChatRefusedError: The template refuses the roles, or changes a message beyond recognition.
    """
    contents = [document.text[role.start : role.end] for role in document.roles]
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
    """What stands before, between and after the signs."""
    frame = []
    for sign in signs:
        before, found, text = text.partition(sign)
        if not found:
            raise ChatRefusedError("the chat template leaves a message out")
        frame.append(before)
    return [*frame, text]


def _kept(text: str, frame: Sequence[str], contents: Sequence[str]) -> list[tuple[int, str]]:
    """Where each message begins in `text`, and what the template kept of it."""
    for candidate in (contents, [content.strip() for content in contents]):
        filled = "".join(f + c for f, c in zip(frame, [*candidate, ""], strict=True))
        if filled == text:
            starts, at = [], 0
            for before, content in zip(frame, candidate, strict=False):
                starts.append((at + len(before), content))
                at += len(before) + len(content)
            return starts
    match = re.fullmatch("(.*?)".join(map(re.escape, frame)), text, re.DOTALL)
    if match is None:
        raise ChatRefusedError("the chat template writes it in a way that cannot be followed")
    return [(match.start(i + 1), match.group(i + 1)) for i in range(len(contents))]
