"""Which languages some texts are in, and what that means for what is read of them."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any

CODE = "code"
"""What program code is called among languages."""

ENGLISH = "en"

_LEAST_LETTERS, _LOOKED_AT, _SURE, _RARE = 20, 1_000, 0.6, 0.05
_LETTER = re.compile(r"[^\W\d_]")
_LINE_OF_CODE = re.compile(
    r"^\s*(?:(?:def|class|import|from|return|if|elif|else|for|while|try|except|with|const|let|var"
    r"|function|public|private|static|void|int|fn|func|package|using|#include|SELECT|INSERT)\b.*"
    r"[(){}\[\];:=.\"'<>*]|[\w.\[\]'\"]+ [-+*/]?= ?\S.*|[\w.]+\([^.]*\)[;:{]?|.*[;{}]"
    r"|</?\w+[^>]*>.*)\s*$"
)
_MUCH_CODE, _TOLD = 0.4, 0.3


def languages_of(texts: Iterable[str]) -> dict[str, float]:
    """The share of the texts in each language by its code, those that can be told and are not rare.

    Nothing where it cannot be told of most texts, as of very short ones.

    Source: Lui and Baldwin 2012 (langid), as py3langid has it.
    """
    told = [_language_of(text) for text in texts]
    found = Counter(language for language in told if language)
    n = found.total()
    if n < _TOLD * len(told):
        return {}
    return {name: count / n for name, count in found.most_common() if count >= _RARE * n}


def language_name(language: str) -> str:
    """The language's name in English."""
    from babel import Locale

    if language == CODE:
        return "program code"
    return str(Locale("en").languages.get(language, language))


def what_it_means(shares: Mapping[str, float], *, least: float = 0.2) -> str | None:
    """What to say of texts that are not in English; nothing where there are few of them.

    Args:
        shares: The share of the texts in each language.
        least: From which share of the texts on.
    """
    others = {name: share for name, share in shares.items() if name != ENGLISH}
    if sum(others.values()) < least:
        return None
    told = ", ".join(f"{language_name(name)} ({share:.0%})" for name, share in others.items())
    divided = [language_name(name) for name in others if name in ("zh", "ja", "th")]
    words = (
        f"words of {' and '.join(divided)} are told apart by a small model" if divided
        else "words are told apart as in English"
    )  # fmt: skip
    if set(others) == {CODE}:
        words = "words are told apart as in English, marks within code do not count"
    return (
        f"languages beside English: {told}. {words[0].upper()}{words[1:]}; rules for sentences, "
        "the built-in reader, its dictionary and the names of its features were made for English, "
        "so go by words and marks first"
    )


def _language_of(text: str) -> str | None:
    text = text[:_LOOKED_AT]
    if len(_LETTER.findall(text)) < _LEAST_LETTERS and text.isascii():
        return None
    lines = [line for line in text.split("\n") if line.strip()]
    if sum(map(bool, map(_LINE_OF_CODE.match, lines))) >= max(_MUCH_CODE * len(lines), 2):
        return CODE
    language, probability = _identifier().classify(text)
    return str(language) if probability >= _SURE else None


@cache
def _identifier() -> Any:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
