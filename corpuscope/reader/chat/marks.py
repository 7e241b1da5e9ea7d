"""Marks around texts that a template is given, by which they are found in what it writes.

A text is found where the template put it, and not where its words happen to occur. Unlike a
placeholder, a marked text is still there, so templates that look into it behave as they do
without marks.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from corpuscope.reader.chat.pieces import ChatRefusedError

# Private-use characters, which occur in no template and in hardly any text.
_FIRST, _LAST = 0xE000, 0xF8FE

# Templates look for these at the ends of texts and between them, so they are left bare.
_TAGS = re.compile(r"</?(?:think|thinking|response|tool_response|tool_call)>|\[/?THINK\]")
_ENDS_OF_THINKING = ("</think>", "</thinking>", "[/THINK]")


@dataclass(frozen=True, slots=True)
class Segment:
    """A part of a document that is marked as one.

    Attributes:
        message: The number of its role in the document.
        start: Its first character in the document.
        end: The character after its last.
        is_thinking: Whether templates may drop it, as the thinking of earlier turns.
    """

    message: int
    start: int
    end: int
    is_thinking: bool


class Marks:
    """Two characters that a text does not have, between which numbers of segments are written."""

    def __init__(self, text: str) -> None:
        free = (chr(code) for code in range(_FIRST, _LAST) if chr(code) not in text)
        self._open, self._close = next(free), next(free)
        self._pattern = re.compile(f"{self._open}(/?)([0-9]+){self._close}")

    def around(self, text: str, number: int) -> str:
        """The text between the two marks of a segment."""
        return f"{self._open}{number}{self._close}{text}{self._open}/{number}{self._close}"

    def split(self, text: str) -> tuple[list[str], list[tuple[int, str]]]:
        """The texts around the marked ones, and the marked ones with their numbers, in order.

        Raises:
            ChatRefusedError: A segment is cut by the template.
        """
        frames, marked, numbers = [""], [], set()
        at = 0
        marks = list(self._pattern.finditer(text))
        if len(marks) % 2:
            raise ChatRefusedError("the chat template cuts a message")
        for opening, closing in zip(marks[::2], marks[1::2], strict=True):
            if opening[1] or not closing[1] or opening[2] != closing[2]:
                raise ChatRefusedError("the chat template cuts a message")
            words, number = text[opening.end() : closing.start()], int(opening[2])
            frames[-1] += text[at : opening.start()]
            # What is written again, such as the name of a tool, counts where it stands first.
            if number in numbers:
                frames[-1] += words
            else:
                marked.append((number, words))
                numbers.add(number)
                frames.append("")
            at = closing.end()
        frames[-1] += text[at:]
        return frames, marked


def segments_of(text: str, start: int, message: int, *, is_thinking: bool) -> Iterator[Segment]:
    """The segments of a text between tags such as `<think>`; none of them is white space alone.

    Args:
        text: The text of one role.
        start: Its first character in the document.
        message: The number of the role.
        is_thinking: Whether all of it is thinking.
    """
    tags = list(_TAGS.finditer(text))
    starts = [0, *(tag.end() for tag in tags)]
    ends = [*(tag.start() for tag in tags), len(text)]
    names = [*(tag[0] for tag in tags), ""]
    for a, b, name in zip(starts, ends, names, strict=True):
        if text[a:b].strip():
            thought = is_thinking or name in _ENDS_OF_THINKING
            yield Segment(message, start + a, start + b, thought)
