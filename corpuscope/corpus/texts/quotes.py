"""Finds quotations in the documents they are from, to the character."""

import re

__all__ = ["find_quote"]

# Marks that a model writes for others; a quotation with them is still one.
_ALIKE = [set("'’‘`´"), set('"“”„«»'), set("-–—‐‑")]

_SHOWN_MARKS = re.compile("[‹›⏎]")


def find_quote(quote: str, text: str) -> tuple[int, int] | None:
    """The half-open range of characters of a quotation; None if it is not in the text.

    White space and the shape of quotation marks and dashes may differ, nothing else. Marks that
    were added where passages are shown are ignored, and so are dots that stand for a cut at an end.

    Example:
        >>> find_quote("there's  time", "Well, there’s time.")
        (6, 18)
    """
    words = _SHOWN_MARKS.sub("", quote).strip().strip("…").strip(".").split()
    if not words:
        return None
    pattern = r"\s+".join("".join(map(_of_character, word)) for word in words)
    found = re.search(pattern, text) or re.search(pattern, text, re.IGNORECASE)
    return None if found is None else found.span()


def _of_character(character: str) -> str:
    for alike in _ALIKE:
        if character in alike:
            return f"[{re.escape(''.join(sorted(alike)))}]"
    return re.escape(character)
