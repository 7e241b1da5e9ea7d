"""Writes the names of months, weekdays and languages of Unicode CLDR into the package.

    python -m tools.month_names

Babel, which has them, is a dependency of development alone. CLDR's data is under the Unicode
License (https://www.unicode.org/license.txt).
"""

import json
from collections.abc import Callable, Mapping
from pathlib import Path

from babel import Locale
from babel.dates import get_day_names, get_month_names
from py3langid.langid import MODEL_FILE, LanguageIdentifier

from corpuscope.analyses.trend.times.month_names import LANGUAGES

PACKAGE = Path(__file__).parents[1] / "corpuscope"
NAMES = PACKAGE / "analyses" / "trend" / "times" / "names.json"
LANGUAGE_NAMES = PACKAGE / "corpus" / "texts" / "language_names.json"


def names_of(language: str) -> dict[str, dict[str, list[str]]]:
    """The names of months and weekdays of a language, by their number."""
    return {
        "months": _each(get_month_names, language),
        "weekdays": _each(get_day_names, language),
    }


def language_names() -> dict[str, str]:
    """The English names of the languages that texts are told apart in, by code."""
    known = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True).labels
    names = Locale("en").languages
    return {code: str(names[code]) for code in sorted(known) if code in names}


def _each(names: Callable[..., Mapping[int, str]], language: str) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for width in ("wide", "abbreviated"):
        for context in ("format", "stand-alone"):
            for number, name in names(width, context, language).items():
                own = found.setdefault(str(number), [])
                if name not in own:
                    own.append(name)
    return found


def main() -> None:
    """Write both tables."""
    tables = {NAMES: {one: names_of(one) for one in LANGUAGES}, LANGUAGE_NAMES: language_names()}
    for path, content in tables.items():
        text = json.dumps(content, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
        path.write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
