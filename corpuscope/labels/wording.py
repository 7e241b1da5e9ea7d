"""The text of a label, from its clauses."""

from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import groupby, pairwise
from operator import itemgetter

from corpuscope.labels.context import FeatureContext, UnitKind
from corpuscope.labels.label import Clause
from corpuscope.labels.word_forms import pieces, stem

__all__ = ["FORM_NAMES", "surface_forms", "wording"]

_OFTEN = 1 / 3
"""Minimum frequency of a common form, relative to the most frequent one."""

_ANY_NUMBER = "‹number›"
_NO_SPACE_BEFORE = frozenset(",.;:!?)]}%…”")
_NO_SPACE_AFTER = frozenset("([{$£€#@“")
_SIGN_NAMES = {
    ",": "comma", ".": "full stop", "?": "question mark", "!": "exclamation mark",
    ":": "colon", ";": "semicolon", "-": "hyphen", "--": "dash", "–": "dash", "—": "dash",
    "...": "ellipsis", "…": "ellipsis", "(": "opening bracket", ")": "closing bracket",
    "[": "opening square bracket", "]": "closing square bracket", "{": "opening brace",
    "}": "closing brace", "#": "hash sign", "*": "asterisk", "**": "bold sign",
    "_": "underscore", "`": "backtick", "```": "code fence", "/": "slash", "\\": "backslash",
    "=": "equals sign", "==": "double equals sign", "<": "less-than sign",
    ">": "greater-than sign", "%": "percent sign", "$": "dollar sign", "&": "ampersand",
    "@": "at sign", "+": "plus sign", "|": "vertical bar", "~": "tilde", "'": "apostrophe",
    '"': "quotation mark", "“": "opening quotation mark", "”": "closing quotation mark",
}  # fmt: skip
_TAILS = {
    "question": "in a question", "exclamation": "in an exclamation", "few words": "in few words",
    "long sentence": "in a long sentence", "numbered item": "in a numbered item",
    "list item": "in a list item", "heading": "in a heading", "code line": "in code",
    "link or address": "with a link", "dialogue turn": "in dialogue",
    "quotation": "with a quotation", "bracketed remark": "with brackets",
    "lower-case text": "in lower case", "all capitals": "in capitals", "command": "in a command",
    "ends with a colon": "before a colon", "no final punctuation": "without final punctuation",
    "negation": "with a negation", "the whole text": "as the whole text",
    "no words": "without words", "mostly signs or digits": "among signs or digits",
    'first person "I"': "in the first person", 'first person "we"': "in the first person plural",
    'second person "you"': "in the second person", '"he"': "with he or him",
    '"she"': "with she or her", '"they"': "with they or them",
    "not in Latin letters": "not in Latin letters",
}  # fmt: skip
_HEADS = {
    "few words": "a few words", "with a number": "sentence with a number",
    "lower-case text": "lower-case text without capitals", "all capitals": "text in capitals",
    "ends with a colon": "line ending with a colon", "negation": "negation (not, no, never)",
    "opening the text": "opening of the text", "ending the text": "end of the text",
    "after a question": "reply to a question", "the whole text": "text of one sentence",
    'first person "I"': "first person (I)", 'first person "we"': "first person plural (we)",
    'second person "you"': "second person (you)", '"he"': "he or him", '"she"': "she or her",
    '"they"': "they or them",
    "bracketed remark": "remark in brackets", "link or address": "link or address",
    "no final punctuation": "no final punctuation",
}  # fmt: skip
_PLACES = {
    "opening a sentence": "first word of a sentence", "opening the text": "start of the text",
    "opening a line": "start of a line", "second in a sentence": "second word of a sentence",
    "ending a sentence": "end of a sentence", "ending the text": "end of the text",
    "after a question": "first word after a question",
    "alone in its sentence": "word alone in its sentence",
    "within quotation marks": "word within quotation marks",
    "within brackets": "word within brackets", "within bold text": "word within bold text",
    "joined to the word before": "second half of a hyphenated word",
    "joined to the word after": "first half of a hyphenated word",
}  # fmt: skip


def wording(criteria: Sequence[Clause], kind: UnitKind, surfaces: dict[str, str]) -> str:
    """The text of a label with these clauses.

    Args:
        criteria: The clauses, most important first.
        kind: Type of the feature's units.
        surfaces: Surface form of each stem.
    """
    if kind == "token":
        return _token_wording(criteria, surfaces)
    return _sentence_wording(criteria, surfaces)


def surface_forms(contexts: Iterable[FeatureContext]) -> dict[str, str]:
    """Surface form to display for each stem in the contexts: the shortest common one."""
    counts: Counter[tuple[str, str]] = Counter()
    for context in contexts:
        counts.update({(stem(word), word) for word, _, _ in pieces(context.text)})
    forms: dict[str, str] = {}
    most: dict[str, int] = {}
    for (key, word), n in sorted(counts.items(), key=lambda entry: (-entry[1], entry[0])):
        often = n >= _OFTEN * most.setdefault(key, n)
        if key not in forms or (often and len(word) < len(forms[key])):
            forms[key] = word
    return forms


def _token_wording(criteria: Sequence[Clause], surfaces: dict[str, str]) -> str:
    first, *rest = criteria
    if len(rest) == 1 and (phrase := _phrase_around(first, rest[0])):
        return phrase
    text = _token_head(first, surfaces)
    for clause in rest:
        text += f" {_token_tail(clause, surfaces)}"
    return text


def _phrase_around(first: Clause, second: Clause) -> str | None:
    """`"free" in "feel free"` if a word occurs next to a fixed phrase; otherwise None."""
    if first.slot != "word" or len(first.traits) > 1 or len(second.traits) > 1:
        return None
    word, beside = first.values[0], second.values[0]
    if second.slot not in ("after", "before") or not _are_words(f"{word} {beside}"):
        return None
    phrase = f"{beside} {word}" if second.slot == "after" else f"{word} {beside}"
    return f'"{word}" in "{phrase}"'


def _are_words(text: str) -> bool:
    return all(word[0].isalnum() for word in text.split())


def _token_head(clause: Clause, surfaces: dict[str, str]) -> str:
    slot, values = clause.slot, clause.values
    if slot in ("word", "after", "before", "near", "forms"):
        listed = _listed(values, surfaces if slot in ("near", "forms") else {})
        lead = {"word": "", "forms": "forms of "}.get(slot, f"{slot} ")
        return lead + listed
    if slot == "ending":
        return "word ending in " + " or ".join(f"-{value.lstrip('-')}" for value in values)
    if slot == "beginning":
        return "word beginning with " + " or ".join(f"{value}-" for value in values)
    if slot == "where":
        return _PLACES.get(values[0], values[0])
    if slot == "in":
        return f"word {_tail(values[0])}"
    return " or ".join(values)


def _token_tail(clause: Clause, surfaces: dict[str, str]) -> str:
    slot, values = clause.slot, clause.values
    if slot == "where":
        return values[0]
    if slot == "in":
        return _tail(values[0])
    if slot == "initial":
        return f"beginning with {values[0]}-"
    if slot == "final":
        return f"ending in -{values[0]}"
    if slot in ("word", "forms", "class", "ending", "beginning"):
        return f"({_token_head(clause, surfaces)})"
    return _token_head(clause, surfaces)


def _listed(values: Sequence[str], surfaces: dict[str, str]) -> str:
    return ", ".join(_named(surfaces.get(value, value)) for value in values)


def _named(word: str) -> str:
    words = word.split()
    if len(words) == 1 and word in _SIGN_NAMES:
        return _SIGN_NAMES[word]
    is_number = [piece == _ANY_NUMBER for piece in words]
    # The placeholder for any number is written out, not quoted.
    runs = [
        "number" if is_one else f'"{_joined([piece for piece, _ in run])}"'
        for is_one, run in groupby(zip(words, is_number, strict=True), key=itemgetter(1))
    ]
    return " ".join(runs)


def _joined(words: Sequence[str]) -> str:
    """Words and signs joined with standard spacing: `however ,` becomes `however,`."""
    text = words[0]
    for before, word in pairwise(words):
        text += word if word in _NO_SPACE_BEFORE or before in _NO_SPACE_AFTER else f" {word}"
    return text


def _sentence_wording(criteria: Sequence[Clause], surfaces: dict[str, str]) -> str:
    first, *rest = criteria
    words = [c for c in criteria if c.slot != "form"]
    listed = ", ".join(_shown(clause, surfaces) for clause in words)
    tails = [_tail(clause.values[0]) for clause in rest if clause.slot == "form"]
    if first.slot != "form":
        return ", ".join([listed, *tails])
    head = " ".join([_HEADS.get(first.values[0], first.values[0]), *tails])
    return f"{head}: {listed}" if listed else head


def _shown(clause: Clause, surfaces: dict[str, str]) -> str:
    return " or ".join(surfaces.get(value, value) for value in clause.values)


def _tail(form: str) -> str:
    return _TAILS.get(
        form, form if form.startswith(("with", "opening", "ending", "after")) else f"with {form}"
    )


FORM_NAMES = frozenset({
    *_HEADS, *_HEADS.values(), *_TAILS, *_TAILS.values(), *map(_tail, [*_HEADS, *_TAILS]),
    # Occur in labels of older dictionaries.
    'with "I"', '"he" or "his"', "with not in Latin letters",
})  # fmt: skip
"""Names of sentence forms, at the head of a label or after it."""
