"""Detects the languages of texts, and says what they mean for the results."""

import json
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

CODE = "code"
"""The language code of program code."""

ENGLISH = "en"

_LEAST_LETTERS, _LOOKED_AT, _SURE, _RARE = 20, 1_000, 0.6, 0.05
_LETTER = re.compile(r"[^\W\d_]")
_LINE_OF_CODE = re.compile(
    r"^\s*(?:(?:def|class|import|from|return|if|elif|else|for|while|try|except|with|const|let|var"
    r"|function|public|private|static|void|int|fn|func|package|using|#include|SELECT|INSERT)\b.*"
    r"[(){}\[\];:=.\"'<>*]|[\w.\[\]'\"]+ [-+*/]?= ?\S.*|[\w.]+\([^.]*\)[;:{]?|.*[;{}]"
    r"|</?\w+[^>]*>.*)\s*$"
)
_MUCH_CODE, _IDENTIFIED = 0.4, 0.3


def languages_of(texts: Iterable[str]) -> dict[str, float]:
    """The share of texts in each language, by code, without rare ones.

    Empty if too few texts can be identified, for example because they are very short.

    Source: Lui and Baldwin 2012 (langid), as implemented in py3langid.
    """
    identified = [_language_of(text) for text in texts]
    found = Counter(language for language in identified if language)
    n = found.total()
    if n < _IDENTIFIED * len(identified):
        return {}
    return {name: count / n for name, count in found.most_common() if count >= _RARE * n}


def language_name(language: str) -> str:
    """The language's name in English."""
    if language == CODE:
        return "program code"
    return _names().get(language, language)


def what_it_means(shares: Mapping[str, float], *, least: float = 0.2) -> str | None:
    """A warning about texts that are not in English; None if there are few.

    Args:
        shares: The share of texts in each language.
        least: The share of other languages from which on to warn.
    """
    others = {name: share for name, share in shares.items() if name != ENGLISH}
    if sum(others.values()) < least:
        return None
    listed = ", ".join(f"{language_name(name)} ({share:.0%})" for name, share in others.items())
    divided = [language_name(name) for name in others if name in ("zh", "ja", "th")]
    words = (
        f"words of {' and '.join(divided)} are segmented by a small model" if divided
        else "words are split as in English"
    )  # fmt: skip
    if set(others) == {CODE}:
        words = "words are split as in English, and marks within code do not count"
    return (
        f"languages other than English: {listed}. {words[0].upper()}{words[1:]}; the sentence "
        "rules, the built-in reader, its dictionary and its labels were made for English, "
        "so trust word features first"
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
def _names() -> dict[str, str]:
    """English names by code. Source: Unicode CLDR, by `tools/month_names.py`."""
    path = Path(__file__).with_name("language_names.json")
    found: dict[str, str] = json.loads(path.read_text("utf-8"))
    return found


@cache
def _identifier() -> Any:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
