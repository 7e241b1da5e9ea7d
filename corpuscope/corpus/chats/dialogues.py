"""Dialogues as plain text: turns are marked by speaker names at the beginnings of lines."""

import re
from collections.abc import Iterable

from corpuscope.corpus.document import Role

_NAMES = {
    "human": "user", "user": "user", "instruction": "user", "prompt": "user", "question": "user",
    "q": "user", "assistant": "assistant", "ai": "assistant", "bot": "assistant",
    "gpt": "assistant", "chatgpt": "assistant", "model": "assistant", "response": "assistant",
    "answer": "assistant", "a": "assistant", "system": "system", "customer": "customer",
    "client": "client", "agent": "agent", "operator": "operator", "doctor": "doctor",
    "patient": "patient", "interviewer": "interviewer", "interviewee": "interviewee",
    "teacher": "teacher", "student": "student", "therapist": "therapist",
}  # fmt: skip
_TURN = re.compile(
    r"(?:^|\n)[ \t]*(?:\*\*|#{1,4}[ ]|\[)?("
    + "|".join(_NAMES)
    + r")(?:\*\*|\])?:(?:\*\*)?[ \t\n]*",
    re.IGNORECASE,
)
_CHAT_ML = re.compile(r"<\|im_start\|>(\w+)\s*|<\|start_header_id\|>(\w+)<\|end_header_id\|>\s*")
_ENDS = re.compile(r"<\|(?:im_end|eot_id|endoftext|end_of_text)\|>")
_IN_MOST = 0.8


def roles_in(text: str) -> tuple[Role, ...]:
    r"""The character ranges of the speakers; empty if no speaker is named.

    Example:
        >>> roles_in("Human: Why?\n\nAssistant: Because.")
        (Role(start=7, end=11, role='user'), Role(start=24, end=32, role='assistant'))
    """
    turns = [
        (match.start(), match.end(), next(filter(None, match.groups())).lower())
        for match in (_CHAT_ML if _CHAT_ML.search(text) else _TURN).finditer(text)
    ]
    # Q and A only count together: a single letter may be a name in a play.
    if not {"q", "a"} <= {name for _, _, name in turns}:
        turns = [turn for turn in turns if len(turn[2]) > 1]
    bounds = [*[start for start, _, _ in turns], len(text)][1:]
    roles = []
    for (_, start, name), bound in zip(turns, bounds, strict=True):
        closing = _ENDS.search(text, start, bound)
        end = start + len(text[start : closing.start() if closing else bound].rstrip())
        if end > start:
            roles.append(Role(start, end, _NAMES.get(name, name)))
    return tuple(roles)


def are_dialogues(texts: Iterable[str]) -> bool:
    """Whether most of the texts begin with one of at least two named speakers."""
    found = [_is_dialogue(text) for text in texts]
    return bool(found) and sum(found) >= _IN_MOST * len(found)


def _is_dialogue(text: str) -> bool:
    roles = roles_in(text)
    # A dialogue starts at once: at most a short heading may precede the first speaker.
    return len({role.role for role in roles}) > 1 and roles[0].start < 60
