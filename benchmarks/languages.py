"""A planted difference in texts of seven kinds of language: `python -m benchmarks.languages`.

Texts are of three to five sentences, drawn from what Django says to its users in Chinese,
Japanese, Arabic, German and Russian (Django must be installed beside this package), from all of
these and English together, or of functions of Python's own library. In half of one of two groups
of 150, and in a twentieth of the other, a sentence gives way to one of ten that share a word. Is
that word among the first five findings of `diff`, as a user would call it; which languages are
named; and what is said of what stays English? Ten draws each; nothing was chosen on them.
"""

import ast
import gettext
import importlib
import inspect
import random
import re
from collections.abc import Iterator
from pathlib import Path

import corpuscope as cs
from benchmarks.results import CACHE, record, table
from corpuscope.corpus.read import read_corpus
from corpuscope.corpus.texts.words import word_features

_SIDE, _RUNS, _FIRST = 150, 10, 5
_RATES = {"new": 0.5, "old": 0.05}

PLANTS: dict[str, tuple[str, list[str]]] = {
    "zh_Hans": ("抱歉", [
        "非常抱歉给您带来不便。", "抱歉，我们无法完成您的请求。", "对此我们深感抱歉。",
        "很抱歉，您要找的页面不存在。", "抱歉让您久等了。", "我们为这次延误感到抱歉。",
        "抱歉，服务暂时不可用。", "十分抱歉，请稍后再试。", "抱歉，这个名字已被使用。",
        "对给您造成的麻烦，我们很抱歉。",
    ]),
    "ja": ("申し訳", [
        "ご不便をおかけして申し訳ございません。", "申し訳ありませんが、もう一度お試しください。",
        "大変申し訳ございませんでした。", "申し訳ありません、ページが見つかりません。",
        "お待たせして申し訳ありません。", "申し訳ございませんが、受付は終了しました。",
        "申し訳ないのですが、在庫がありません。", "遅れて申し訳ありません。",
        "誠に申し訳ございません。", "申し訳ありませんが、お答えできません。",
    ]),
    "ar": ("نعتذر", [
        "نعتذر عن الإزعاج.", "نعتذر، الصفحة غير موجودة.", "نعتذر لكم عن هذا التأخير.",
        "نعتذر بشدة عن الخطأ.", "نعتذر، الخدمة غير متاحة الآن.", "نحن نعتذر عن ذلك.",
        "نعتذر منكم ونرجو المحاولة لاحقا.", "نعتذر عن عدم إتمام طلبك.", "نعتذر عن طول الانتظار.",
        "نعتذر، هذا الاسم مستخدم.",
    ]),
    "de": ("leider", [
        "Leider ist die Seite nicht da.", "Das geht leider nicht.", "Leider müssen Sie warten.",
        "Wir haben das leider übersehen.", "Leider ist der Name vergeben.",
        "Der Dienst ruht leider gerade.", "Leider kam die Nachricht zu spät.",
        "Ihr Wunsch ist leider nicht zu erfüllen.", "Leider fehlt uns die Angabe.",
        "Da können wir leider nichts tun.",
    ]),
    "ru": ("извините", [
        "Извините за неудобства.", "Извините, страница не найдена.", "Извините за задержку.",
        "Извините, это имя уже занято.", "Извините нас за эту ошибку.",
        "Извините, сейчас это невозможно.", "Извините, что заставили вас ждать.",
        "Извините, попробуйте позже.", "Просим: извините нас.", "Извините, мест больше нет.",
    ]),
    "mixed": ("leider", []),
    "code": ("logger", [
        "logger.debug(value)", "logger.info('done')", "logger = getLogger(name)",
        "logger.warning(message)", "self.logger.debug(key)", "logger.error(error)",
        "logger.setLevel(level)", "logger.info(path)", "logger.debug('begin')", "log(logger)",
    ]),
}  # fmt: skip
PLANTS["mixed"] = ("leider", PLANTS["de"][1])
_MODULES = ("argparse", "ast", "calendar", "configparser", "csv", "datetime", "difflib", "doctest",
            "email.message", "fractions", "ftplib", "heapq", "http.client", "inspect", "ipaddress",
            "json.decoder", "mailbox", "pathlib", "pdb", "pickle", "shutil", "smtplib", "socket",
            "statistics", "string", "tarfile", "textwrap", "threading", "turtle", "typing",
            "unittest.case", "urllib.parse", "uuid", "zipfile")  # fmt: skip


def sentences_of(language: str) -> list[str]:
    """What Django says in a language, in whole sentences."""
    try:
        home = Path(str(importlib.import_module("django").__file__)).parent
    except ModuleNotFoundError:
        raise SystemExit("this benchmark takes texts of Django: pip install django") from None
    found: list[str] = []
    for path in sorted(home.glob(f"**/locale/{language}/LC_MESSAGES/*.mo")):
        with path.open("rb") as file:
            said = gettext.GNUTranslations(file)._catalog.values()  # type: ignore[attr-defined]
        found += [one for one in said if isinstance(one, str)]
    plain = (re.sub(r"%\(\w+\)s|%s|%d|\{\w*\}", "7", one).strip() for one in found)
    ends = (".", "。", "!", "؟", "?", "؛")
    kept = {one for one in plain if len(one) > 8 and one.endswith(ends) and "\n" not in one}
    return sorted(kept)


def functions() -> list[str]:
    """Functions of Python's library, without what they say of themselves."""
    found = []
    for name in _MODULES:
        source = inspect.getsource(importlib.import_module(name))
        for node in ast.walk(ast.parse(source)):
            if isinstance(node, ast.FunctionDef) and 4 <= len(node.body) <= 20:
                node.body = node.body[1:] if ast.get_docstring(node) else node.body
                found.append(ast.unparse(node))
    return sorted(set(found))


def texts_of(language: str, seed: int) -> Iterator[dict[str, str]]:
    """Two groups of texts with the plants in."""
    rng = random.Random(f"{language} {seed}")
    _, plants = PLANTS[language]
    pools = {
        "code": lambda: [functions()],
        "mixed": lambda: (
            [sentences_of(one) for one in ("zh_Hans", "ja", "ar", "de", "ru")]
            + [sentences_of("en")]
        ),
    }.get(language, lambda: [sentences_of(language)])()
    pools = [pool for pool in pools if pool]
    for group, rate in _RATES.items():
        for _ in range(_SIDE):
            pool = rng.choice(pools)
            is_code = language == "code"
            said = rng.choice(pool).split("\n") if is_code else rng.sample(pool, rng.randint(3, 5))
            if rng.random() < rate:
                at = rng.randrange(1, len(said)) if is_code else rng.randrange(len(said))
                indent = "    " if is_code else ""
                said[at] = indent + rng.choice(plants)
            yield {"group": group, "text": ("\n" if is_code else " ").join(said)}


def is_found(finding: cs.Finding, word: str) -> bool:
    """Whether it is of the planted word, or of a pair or a family that it is in."""
    names = [finding.feature, *(member.feature for member in finding.members)]
    said = [name for name in names if isinstance(name, str)]
    return any(word in name for name in said) and finding.difference > 0


def main() -> None:
    """Record all."""
    body = []
    for language, (word, plants) in PLANTS.items():
        words = {name for one in plants for name, _, _ in word_features(one)}
        n_found, named, said = 0, set(), 0
        for seed in range(_RUNS):
            rows = list(texts_of(language, seed))
            corpus = read_corpus(rows)
            store = cs.extract(corpus, into=CACHE / f"languages-{language}-{seed}.scope")
            found = cs.diff(
                store, by="group", target="new", settings=cs.ComparisonSettings(evidence=0)
            )
            is_there = any(is_found(one, word) for one in found.findings[:_FIRST])
            n_found += is_there
            named |= set(corpus.survey.languages)
            said += any("made for English" in warning for warning in found.warnings)
        told = any(word in name for name in words)
        body.append([language, n_found, ", ".join(sorted(named)), said, "yes" if told else "no"])
        print(body[-1], flush=True)
    header = [f"texts, {_RUNS} runs", "word found", "languages named", "said what stays English",
              "the word is told apart"]  # fmt: skip
    record("Languages: a planted difference", table(header, body))


if __name__ == "__main__":
    main()
