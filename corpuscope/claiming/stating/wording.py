"""Rules for the wording of a sentence that is to be tested by reading."""

import re
from collections.abc import Iterable, Iterator, Sequence

__all__ = ["faults_of_sentence", "normalised"]

MOST_WORDS = 25
_COPIED_RUN = 8

# A comparison cannot be decided from one text, and a habit not from any one text.
_COMPARING = re.compile(
    r"\b(more|less|fewer|than|often|frequently|usually|generally|typically|tends?|rarely|sometimes|"
    r"longer|shorter|higher|lower)\b",
    re.IGNORECASE,
)
_OF_THE_TASK = re.compile(
    r"\b(findings?|features?|passages?|excerpts?|examples? (?:above|shown)|group [AB]|"
    r"(?:the )?other group|D\d+|F\d+)\b|[‹›]"
)
_QUOTED = re.compile(r'"[^"]*"|“[^”]*”')
_TOKENS = re.compile(r"\w+")


def faults_of_sentence(
    sentence: str, *, group_names: Sequence[str], documents: Iterable[str]
) -> Iterator[str]:
    """What is wrong with a sentence, in words that help to write it anew.

    Args:
        sentence: The sentence.
        group_names: Names that it must not contain, since the judge must not know the groups.
        documents: Texts of which it must copy no run of eight words.
    """
    words = _TOKENS.findall(sentence.lower())
    if not words:
        yield "it is empty"
        return
    if len(words) > MOST_WORDS:
        yield f"it has {len(words)} words; at most {MOST_WORDS}"
    # Words that a text says, in quotation marks, are none of ours.
    own = _QUOTED.sub("", sentence)
    if found := _COMPARING.search(own):
        yield f"{found[0]!r} compares texts, or tells of a habit; say what is true of one text"
    if found := _OF_THE_TASK.search(own):
        yield f"{found[0]!r} speaks of this task and not of a text"
    if re.search(r"\d", own):
        yield "it has a figure in it"
    for name in group_names:
        if re.search(rf"\b{re.escape(name.lower())}\b", sentence.lower()):
            yield f"it names the group {name!r}"
    runs = {tuple(words[at : at + _COPIED_RUN]) for at in range(len(words) - _COPIED_RUN + 1)}
    if runs and any(runs & set(_runs(text)) for text in documents):
        yield f"it copies {_COPIED_RUN} words in a row from a document; use words of your own"


def _runs(text: str) -> Iterator[tuple[str, ...]]:
    words = _TOKENS.findall(text.lower())
    return (tuple(words[at : at + _COPIED_RUN]) for at in range(len(words) - _COPIED_RUN + 1))


def normalised(sentence: str) -> str:
    """A sentence with single spaces and a full stop, or a question mark, at its end."""
    plain = " ".join(sentence.split())
    return plain if plain.endswith((".", "?", "!")) else f"{plain}."
