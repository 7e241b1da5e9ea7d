"""Segments words in Chinese, Japanese and Thai, which are written without spaces.

BudouX (a small model of phrase boundaries) segments them; Japanese phrases are split once more
before a final particle. Lao, Khmer and Burmese are not segmented.
"""

import re
from collections.abc import Iterator
from functools import cache, lru_cache
from typing import Any

_HAN = "\u2e80-\u2fdf\u3005-\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_KANA = "\u3041-\u3096\u309d-\u309f\u30a1-\u30fa\u30fc-\u30ff\u31f0-\u31ff\uff66-\uff9f"
_THAI = "\u0e01-\u0e4e"

UNSPACED = re.compile(f"[{_HAN}{_KANA}{_THAI}]")
"""A character of a script without spaces."""

_PART = re.compile(f"[{_THAI}]+|[{_HAN}{_KANA}]+|[^{_HAN}{_KANA}{_THAI}]+")
_IS_KANA, _IS_THAI = re.compile(f"[{_KANA}]"), re.compile(f"[{_THAI}]")
_PARTICLE = re.compile(
    "(?<=[^\u3041-\u3096])(?:からは|までは|では|には|とは|への|から|まで|より|など|だけ|です|でした"
    "|ます|ました|は|が|を|に|で|と|も|の|へ|や)$"
)
# Frequent characters that exist only in traditional or only in simplified Chinese.
_OLD, _NEW = (
    frozenset("們來對會國說時過還這個為發電學開關請無"),
    frozenset("们来对会国说时过还这个为发电学开关请无"),
)

_STOP = "。"

CharacterSpans = tuple[tuple[int, int], ...]


def language_of(text: str) -> str:
    """The segmentation model for a text's Han characters: Japanese if it has kana."""
    if _IS_KANA.search(text):
        return "ja"
    signs = set(text)
    return "zh-hant" if len(signs & _OLD) > len(signs & _NEW) else "zh-hans"


@lru_cache(maxsize=1 << 15)
def words_of_run(run: str, language: str) -> CharacterSpans:
    """The half-open character ranges of the words in a run of letters.

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
        # The models were trained on full sentences: without final punctuation they miss the end.
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
