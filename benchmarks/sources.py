"""Texts of several sources to mix, from the development data.

Those of development and of report are not the same. None is among the texts that the dictionary
was learned from. Short sentences that follow each other are put together to texts as long as those
of `benchmarks/injection.py`.
"""

import random
from collections.abc import Callable, Iterable, Iterator

from benchmarks.builtin_dictionary import not_learned_from
from benchmarks.injection import LONGEST, SHORTEST, stretches
from benchmarks.kinds import Row, rows
from corpuscope.corpus.texts.sentences import split_sentences

MOST_OF_A_SOURCE = 800
Texts = Iterable[dict[str, str]]


def answers(parity: int) -> Texts:
    """One answer to each second prompt."""
    found = {
        row["prompt_id"]: {"id": row["id"], "text": row["response"]}
        for row in rows("alpaca_eval/responses.jsonl.gz")
        if int("".join(filter(str.isdigit, row["prompt_id"]))) % 2 == parity
    }
    return found.values()


def whole(file: str, keep: Callable[[Row], bool] = lambda row: True) -> Texts:
    """Texts of a file as they are."""
    return (row for row in rows(file) if keep(row))


def in_stretches(file: str, keep: Callable[[Row], bool] = lambda row: True) -> Texts:
    """Texts of some sentences that follow each other, of a file of sentences or of long texts."""
    for row in _runs_of(file, keep):
        yield from stretches(row)


def _runs_of(file: str, keep: Callable[[Row], bool]) -> Iterator[list[dict[str, str]]]:
    short: list[dict[str, str]] = []
    for row in rows(file):
        if not keep(row):
            continue
        pieces = [row["text"][start:end] for start, end in split_sentences(row["text"])]
        if len(pieces) <= 3:
            short.append({"id": row["id"], "text": row["text"]})
        else:
            yield [{"id": f"{row['id']}/{at}", "text": one} for at, one in enumerate(pieces)]
    yield short


def one_solution_each() -> Texts:
    """One solution to each sum."""
    found = {row["prompt_id"]: row for row in rows("gsm8k/solutions.jsonl.gz")}
    return ({"id": row["id"], "text": row["response"]} for row in found.values())


SOURCES: dict[str, dict[str, Callable[[], Texts]]] = {
    "development": {
        "answers": lambda: answers(0),
        "abstracts": lambda: whole("keyword_abstracts/abstracts.jsonl.gz"),
        "aerodynamics": lambda: whole("cranfield/documents.jsonl.gz"),
        "speeches": lambda: in_stretches("nltk_reviews/inaugural.jsonl.gz"),
        "bookings": lambda: whole("taskmaster4/dialogues.jsonl.gz"),
        "sums": one_solution_each,
        "business and sport": lambda: in_stretches(
            "ag_news_test/news.jsonl.gz", lambda row: row["topic"] in ("Business", "Sports")
        ),
    },
    "report": {
        "answers": lambda: answers(1),
        "news comments": lambda: whole("civil_comments_toxic_spans/comments.jsonl.gz"),
        "wiki talk": lambda: whole("jigsaw_bias_madlibs/wiki_comments.jsonl.gz"),
        "written by people": lambda: whole(
            "hc3_plus_si_val/texts.jsonl.gz", lambda row: row["label"] == 0
        ),
        "world and technology": lambda: in_stretches(
            "ag_news_test/news.jsonl.gz", lambda row: row["topic"] in ("World", "Sci/Tech")
        ),
        "science on the radio": lambda: in_stretches(
            "nltk_general/abc_news.jsonl.gz", lambda row: row["topic"] == "science"
        ),
        "bug reports": lambda: in_stretches(
            "nltk_general/webtext.jsonl.gz", lambda row: row["kind"] == "firefox"
        ),
    },
}


def texts_of_sources(family: str) -> Iterator[dict[str, str]]:
    """Some texts of each source that the dictionary was not learned from."""
    for name, texts in SOURCES[family].items():
        found = {
            row["id"]: {"id": f"{name}/{row['id']}", "text": row["text"], "source": name}
            for row in not_learned_from(texts())
            if SHORTEST <= len(row["text"]) <= LONGEST
        }
        chosen = list(found.values())
        random.Random(name).shuffle(chosen)
        yield from chosen[:MOST_OF_A_SOURCE]
