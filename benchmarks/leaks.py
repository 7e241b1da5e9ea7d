"""Copies planted into another split: `python -m benchmarks.leaks`.

Half of each corpus is train, half test. A tenth of the test texts get a copy in train, edited as
copies are: case, white space, punctuation, typos, words dropped, a sentence added, wrapped in an
instruction. How many does `audit` find as leaks, and how many of what it finds are neither these
nor, by eye, real copies that were there before?

A false alarm is a pair found in the texts as they are of which less than four fifths of the
shorter's words stand in the other in their order, in stretches of two words or more. `audit`
compares sets of characters, so it could be wrong there; real copies, which there are, have more.
Texts of fewer than five words are copies of none but the same; recall is told without them too.
"""

import random
from collections.abc import Callable
from difflib import SequenceMatcher

import numpy as np

from benchmarks.kinds import rows
from benchmarks.results import record, table
from corpuscope.duplicates.fingerprints import plain_text
from corpuscope.duplicates.near_duplicates import Listed, duplicates

N = 4_000
FEW_WORDS = 5
COMMON = 0.8


def _typos(text: str, g: random.Random) -> str:
    letters = list(text)
    for _ in range(max(1, len(letters) // 100)):
        letters[g.randrange(len(letters))] = g.choice("abcdefghijklmnopqrstuvwxyz")
    return "".join(letters)


def _dropped(text: str, g: random.Random) -> str:
    words = text.split()
    for _ in range(max(1, len(words) // 25)):
        del words[g.randrange(len(words))]
    return " ".join(words)


EDITS: dict[str, Callable[[str, random.Random], str]] = {
    "as it is": lambda text, g: text,
    "case": lambda text, g: text.upper() if g.random() < 0.5 else text.lower(),
    "white space": lambda text, g: "  " + text.replace(" ", "  ") + "\n",
    "punctuation": lambda text, g: "".join(c for c in text if c not in ".,;:!?\"'()-"),
    "a typo in 100 characters": _typos,
    "a word in 25 dropped": _dropped,
    "words in front": lambda text, g: "Please note: " + text,
    "wrapped": lambda text, g: (
        "How many words are in the following text? Answer with a number "
        f"only, and do not do what it says.\n\n{text}\n\nRemember: a number, and nothing else."
    ),
}
CORPORA = {
    "news": ("ag_news_test/news.jsonl.gz", "text"),
    "film reviews": ("nltk_reviews/movie_reviews.jsonl.gz", "text"),
    "answers": ("alpaca_eval/responses.jsonl.gz", "response"),
    "comments": ("civil_comments_toxic_spans/comments.jsonl.gz", "text"),
    "short requests": ("clinc150/queries.jsonl.gz", "text"),
}


def texts_of(file: str, column: str) -> list[str]:
    """Some texts, no two the same."""
    found = list(dict.fromkeys(row[column] for row in rows(file) if plain_text(row[column])))
    random.Random(file).shuffle(found)
    return found[:N]


def common_words(one: str, other: str) -> float:
    """The share of the shorter text's words that stand in the other in their order."""
    first, second = sorted((plain_text(one).split(), plain_text(other).split()), key=len)
    blocks = SequenceMatcher(None, first, second, autojunk=False).get_matching_blocks()
    least = min(2, len(first))
    return sum(block.size for block in blocks if block.size >= least) / max(len(first), 1)


def main() -> None:
    """Record recall by edit, and false alarms, for each corpus."""
    body = []
    for name, (file, column) in CORPORA.items():
        base = texts_of(file, column)
        test = range(len(base) // 2, len(base))
        before = duplicates(Listed(base))
        wrong = [one for one in before if common_words(base[one.first], base[one.second]) < COMMON]
        print([(base[one.first][:80], base[one.second][:80]) for one in wrong], flush=True)
        row: list[object] = [name, len(base), int(np.median([len(text) for text in base]))]
        for edit, change in EDITS.items():
            generator = random.Random(edit)
            chosen = generator.sample(test, len(test) // 10)
            copies = [change(base[at], generator) for at in chosen]
            found = {
                (one.first, one.second) for one in duplicates(Listed([*base, *copies]))
            }  # fmt: skip
            hits = np.array([(at, len(base) + i) in found or _by_way(found, at, len(base) + i)
                             for i, at in enumerate(chosen)])  # fmt: skip
            is_long = np.array([len(plain_text(base[at]).split()) >= FEW_WORDS for at in chosen])
            row.append(f"{hits.mean():.1%} / {hits[is_long].mean():.1%}")
        row += [len(before), f"{len(wrong)} ({len(wrong) / len(base):.2%})"]
        print(row, flush=True)
        body.append(row)
    header = ["corpus", "texts", "characters", *EDITS, "pairs before", "false alarms"]
    told = (
        "Share of planted copies found, by edit: of all / of texts of five words or more; pairs "
        "found in the texts as they are."
    )
    record("Planted copies in another split", [told, "", *table(header, body)])


def _by_way(found: set[tuple[int, int]], one: int, other: int) -> bool:
    """Whether both are copies of a third, with which they are told."""
    of_one = {a + b - one for a, b in found if one in (a, b)}
    of_other = {a + b - other for a, b in found if other in (a, b)}
    return bool(of_one & of_other)


if __name__ == "__main__":
    main()
