"""Rule-based sentence splitting to character spans: first by lines, then by full stops.

Made for English, and reasonable for most other scripts. Runs in linear time, without a trained
model. Does not split lines of code or tables.
"""

import re
from collections.abc import Iterator

from corpuscope.corpus.texts.lines_of_text import Block, split_blocks
from corpuscope.corpus.texts.stops import ends_sentence
from corpuscope.errors import InputError

Span = tuple[int, int]

# What may precede the first word: list markers, bold marks, then a number or a letter.
_LEAD = re.compile(
    r"(?:(?:#{1,6}|>+|[-*+•‣▪◦·–—])\s++|\*\*|__)*+"
    r"(?:\(?(?:\d{1,3}|[a-z]|[A-Z]|[ivxIVX]{2,4})[.)](?=\s))?"
)
# Punctuation that ends a sentence before white space, and punctuation that needs none.
# Possessive, and anchored at the start of a run, so that no run is scanned twice.
_STOP = re.compile(
    r"(?<![.!?…‥؟۔।॥])(?:(?<!\.[ ])\.(?:[ ]\.)++|[.!?…‥؟۔।॥]++)[\"'”’»)\]}*_`]*+(?=\s)"
    r"|[。！？｡]++[」』”’）】〉》]*+"
)
_SPACE = re.compile(r"\s*+")
_TOKENISED_CLOSER = re.compile(r"(?:''|[\")\]])(?=\s|$)")
# Emoticons and emoji after a stop belong to the sentence that it ends.
_SMILE = re.compile(
    "(?:[:;=]['’-]?[)(\\]\\[DPpOo/|]+|[\u2600-\u27bf\U0001f000-\U0001faff\u200d\ufe0f]++)(?=\\s)"
)
_SCRAP = 3


def split_sentences(text: str, *, max_characters: int = 1000) -> list[Span]:
    """The character spans of the sentences, in order.

    They do not overlap, begin and end with visible characters, and together cover every
    non-white-space character. Each line of a list, table, dialogue or code begins a new sentence;
    short lines of a fenced code block are joined up to about 120 characters. A sentence of more
    than `max_characters` is cut at white space or, if there is none, at that length.

    Raises:
        InputError: `max_characters` is less than 1.

    Example:
        >>> split_sentences("Dr. Who came. He left.")
        [(0, 13), (14, 22)]
    """
    if max_characters < 1:
        raise InputError(
            f"max_characters={max_characters}",
            expected="at least 1",
            next_step="choose a larger number",
        )
    return [
        piece
        for block in split_blocks(text)
        for sentence in _sentences(text, block)
        for piece in _cut(text, sentence, max_characters)
    ]


def _sentences(text: str, block: Block) -> Iterator[Span]:
    start, end, is_prose = block
    if is_prose:
        lead = _LEAD.match(text, start, end)
        search_from = lead.end() if lead else start
        for stop in _STOP.finditer(text, search_from, end):
            cut = _boundary(text, start, stop, end)
            if cut is not None:
                yield start, cut[0]
                start = cut[1]
    yield start, end


def _boundary(text: str, begin: int, stop: re.Match[str], block_end: int) -> Span | None:
    """Where the sentence from `begin` ends and the next begins; None if it continues."""
    end = stop.end()
    after = _next_visible(text, end, block_end)
    smile = _SMILE.match(text, after, block_end)
    if smile:
        end = smile.end()
        after = _next_visible(text, end, block_end)
    if stop.start() < begin or _is_scrap(text, begin, stop.start()):
        return None
    if _is_scrap(text, after, block_end):
        return None
    if not ends_sentence(text, begin=begin, stop=stop.start(), end=stop.end(), after=after):
        return None
    closer = _TOKENISED_CLOSER.match(text, after, block_end)
    if closer and text[stop.start() - 1].isspace() and _closes(text, begin, stop, closer):
        end = closer.end()
        after = _next_visible(text, end, block_end)
    return (end, after) if after < block_end else None


def _closes(text: str, begin: int, stop: re.Match[str], closer: re.Match[str]) -> bool:
    """Whether a quotation mark between spaces closes one that was opened in the sentence."""
    return closer.group() != '"' or text.count('"', begin, stop.start()) % 2 == 1


def _next_visible(text: str, start: int, end: int) -> int:
    space = _SPACE.match(text, start, end)
    return space.end() if space else start


def _is_scrap(text: str, start: int, end: int) -> bool:
    """Whether the span is too short for a sentence: a few characters without letter or digit."""
    return end - start <= _SCRAP and not any(map(str.isalnum, text[start:end]))


def _cut(text: str, span: Span, max_characters: int) -> Iterator[Span]:
    """The span in pieces of at most `max_characters`."""
    start, end = span
    while end - start > max_characters:
        head = text[start : start + max_characters + 1].rsplit(None, 1)[0]
        cut = start + min(len(head), max_characters)
        yield start, cut
        start = _next_visible(text, cut, end)
    yield start, end
