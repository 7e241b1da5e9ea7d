"""Texts with highlighted characters on a terminal."""

from collections.abc import Sequence

from rich.text import Text

from corpuscope.cli.terminal.text import visible

Span = tuple[int, int]


def highlighted(text: str, spans: Sequence[Span], *, marked: bool, lines: bool = False) -> Text:
    """The text with these characters in reverse video, or in brackets if `marked`.

    Spans that overlap an earlier one are left out.

    Args:
        text: The text.
        spans: The characters to highlight.
        marked: Whether to put brackets around them.
        lines: Whether to keep line breaks; otherwise all is on one line.
    """
    opening, closing = ("[[", "]]") if marked else ("", "")
    line, done = Text(), 0
    for start, end in sorted(spans):
        if start >= done and end <= len(text):
            line.append(_shown(text[done:start], lines) + opening)
            line.append(_shown(text[start:end], lines), style="reverse")
            line.append(closing)
            done = end
    return line.append(_shown(text[done:], lines))


def _shown(text: str, lines: bool) -> str:
    return "\n".join(map(visible, text.split("\n"))) if lines else visible(text)
