"""Words in Chinese, Japanese and Thai, which put no spaces between them.

BudouX (a small model of where phrases end) divides them; Japanese phrases are divided once more
before the particles that end them. Lao, Khmer and Burmese stay whole from sign to sign.
"""

import re
from collections.abc import Iterator
from functools import cache, lru_cache
from typing import Any

_HAN = "\u2e80-\u2fdf\u3005-\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_KANA = "\u3041-\u3096\u309d-\u309f\u30a1-\u30fa\u30fc-\u30ff\u31f0-\u31ff\uff66-\uff9f"
_THAI = "\u0e01-\u0e4e"

UNSPACED = re.compile(f"[{_HAN}{_KANA}{_THAI}]")
"""A sign of a script without spaces."""

_PART = re.compile(f"[{_THAI}]+|[{_HAN}{_KANA}]+|[^{_HAN}{_KANA}{_THAI}]+")
_IS_KANA, _IS_THAI = re.compile(f"[{_KANA}]"), re.compile(f"[{_THAI}]")
_PARTICLE = re.compile(
    "(?<=[^\u3041-\u3096])(?:からは|までは|では|には|とは|への|から|まで|より|など|だけ|です|でした"
    "|ます|ました|は|が|を|に|で|と|も|の|へ|や)$"
)
# Signs that only one of the two ways to write Chinese has.
_OLD, _NEW = (
    frozenset("們來對會國說時過還這個為發電學開關請無"),
    frozenset("们来对会国说时过还这个为发电学开关请无"),
)

_STOP = "。"

CharacterSpans = tuple[tuple[int, int], ...]


def language_of(text: str) -> str:
    """Which model divides a text's Chinese signs: Japanese where it has kana."""
    if _IS_KANA.search(text):
        return "ja"
    signs = set(text)
    return "zh-hant" if len(signs & _OLD) > len(signs & _NEW) else "zh-hans"


@lru_cache(maxsize=1 << 15)
def words_of_run(run: str, language: str) -> CharacterSpans:
    """The words in a run of letters, each with its first character and the one after its last.

    Example:
        >>> [run[a:b] for run in ["非常抱歉"] for a, b in words_of_run(run, "zh-hans")]
        ['非常', '抱歉']
    """
    return tuple(_divided(run, language))


def _divided(run: str, language: str) -> Iterator[tuple[int, int]]:
    for part in _PART.finditer(run):
        start = part.start()
        if not UNSPACED.match(part.group()):
            yield part.span()
            continue
        own = "th" if _IS_THAI.match(part.group()) else language
        # The models were taught on sentences with their signs: without one the end is missed.
        for phrase in _parser(own).parse(part.group() + _STOP):
            end = min(start + len(phrase), part.end())
            phrase = run[start:end]
            if not phrase:
                break
            particle = _PARTICLE.search(phrase) if own == "ja" else None
            if particle:
                yield start, start + particle.start()
                start += particle.start()
            yield start, end
            start = end


@cache
def _parser(language: str) -> Any:
    import budoux

    return {
        "ja": budoux.load_default_japanese_parser,
        "zh-hans": budoux.load_default_simplified_chinese_parser,
        "zh-hant": budoux.load_default_traditional_chinese_parser,
        "th": budoux.load_default_thai_parser,
    }[language]()
