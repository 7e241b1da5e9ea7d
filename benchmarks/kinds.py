"""Kinds of real sentences to plant into real answers, from the development data.

Two families that share no kind: `DEVELOPMENT` is what choices were made on, `REPORT` is what
is published. Texts are read from the data folder and never copied into the project.
"""

import gzip
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from corpuscope.corpus.texts.sentences import split_sentences

DATA = Path(__file__).resolve().parents[2] / "shared" / "data"
"""Where the development data lies, beside the project."""

Row = dict[str, Any]
SHORTEST, LONGEST = 30, 250


@dataclass(frozen=True, slots=True)
class Kind:
    """Sentences that have one thing in common.

    Attributes:
        name: What they have in common.
        file: Where they come from, below the data folder.
        keep: Which rows of the file belong to the kind.
        columns: Which columns hold the text.
    """

    name: str
    file: str
    keep: Callable[[Row], bool] = lambda row: True
    columns: tuple[str, ...] = ("text",)

    def sentences(self) -> list[str]:
        """Its sentences of middling length, no wording twice, in the order of the file."""
        found: dict[str, str] = {}
        for row in rows(self.file):
            if self.keep(row):
                for sentence in (s for column in self.columns for s in _sentences(row[column])):
                    found.setdefault(" ".join(sentence.casefold().split()), sentence)
        return list(found.values())


def rows(file: str) -> Iterator[Row]:
    """The rows of one file below the data folder."""
    with gzip.open(DATA / file, "rt", encoding="utf-8") as lines:
        for line in lines:
            yield json.loads(line)


def _sentences(text: str) -> Iterator[str]:
    for start, end in split_sentences(text):
        sentence = " ".join(text[start:end].split())
        if SHORTEST <= len(sentence) <= LONGEST:
            yield sentence


def _where(column: str, *values: object) -> Callable[[Row], bool]:
    return lambda row: row.get(column) in values


def _styled(style: str) -> Callable[[Row], bool]:
    return lambda row: str(row["style"]).startswith(style)


def _bank(row: Row) -> bool:
    words = ("account", "balance", "card", "credit", "bill", "bank", "transfer", "pin", "apr")
    return any(word in str(row.get("label", "")) for word in words)


REPORT = (
    Kind("old drama", "decodingtrust_styles/sentences.jsonl.gz", _styled("shake")),
    Kind("complaints about products", "nltk_reviews/pros_cons.jsonl.gz", _where("label", "cons")),
    Kind("sport", "ag_news_test/news.jsonl.gz", _where("topic", "Sports")),
    Kind("business news", "ag_news_test/news.jsonl.gz", _where("topic", "Business")),
    Kind("code", "humaneval/problems.jsonl.gz", columns=("prompt", "response")),
    Kind("abstracts", "keyword_abstracts/abstracts.jsonl.gz"),
    Kind("how-to", "gum_genres/documents.jsonl.gz", _where("genre", "whow")),
    Kind("dialogue", "meld_dialogue/utterances.jsonl.gz"),
    Kind("product reviews", "nltk_reviews/product_reviews.jsonl.gz"),
    Kind("profanity", "davidson_hate/tweets.jsonl.gz", _where("label", "offensive")),
    Kind("scripture", "nltk_general/genesis.jsonl.gz", _where("version", "english-kjv")),
    Kind("arithmetic", "gsm8k/solutions.jsonl.gz", columns=("response",)),
    Kind("verdicts on films", "nltk_reviews/sentence_polarity.jsonl.gz"),
    Kind("film plots", "nltk_reviews/subjectivity.jsonl.gz", _where("label", "objective")),
    Kind("inaugural speeches", "nltk_reviews/inaugural.jsonl.gz"),
    Kind("bank requests", "clinc150/queries.jsonl.gz", _bank),
    Kind("bookings", "sgd_dialogues/turns.jsonl.gz", _where("speaker", "system")),
    Kind("encyclopedia", "wiki_split/sentences.jsonl.gz"),
    Kind("debate", "ibm_keypoints/documents.jsonl.gz"),
    Kind("self-description", "anthropic_persona/statements.jsonl.gz"),
    Kind("wine notes", "nltk_general/webtext.jsonl.gz", _where("kind", "wine")),
    Kind("aerodynamics", "cranfield/documents.jsonl.gz"),
    Kind("rural news", "nltk_general/abc_news.jsonl.gz", _where("topic", "rural")),
    Kind("chat", "nltk_general/chat_posts.jsonl.gz"),
    Kind("stereotypes", "crows_pairs/sentences.jsonl.gz"),
)

DEVELOPMENT = (
    Kind("world news", "ag_news_test/news.jsonl.gz", _where("topic", "World")),
    Kind("technology news", "ag_news_test/news.jsonl.gz", _where("topic", "Sci/Tech")),
    Kind("science news", "nltk_general/abc_news.jsonl.gz", _where("topic", "science")),
    Kind("bug reports", "nltk_general/webtext.jsonl.gz", _where("kind", "firefox")),
    Kind("overheard", "nltk_general/webtext.jsonl.gz", _where("kind", "overheard")),
    Kind("film scripts", "nltk_general/webtext.jsonl.gz", _where("kind", "pirates", "grail")),
    Kind("long film reviews", "nltk_reviews/movie_reviews.jsonl.gz"),
    Kind("Victorian novels", "books_gitenberg/chapters.jsonl.gz"),
    Kind("state of the union", "nltk_reviews/state_union.jsonl.gz"),
    Kind("praise of products", "nltk_reviews/pros_cons.jsonl.gz", _where("label", "pros")),
    Kind("news comments", "civil_comments_toxic_spans/comments.jsonl.gz"),
    Kind("wiki talk", "jigsaw_bias_madlibs/wiki_comments.jsonl.gz"),
    Kind("role play", "gpteacher/instructions.jsonl.gz", _where("kind", "roleplay"), ("response",)),
    Kind("romantic style", "decodingtrust_styles/sentences.jsonl.gz", _styled("romantic")),
    Kind("tweets", "davidson_hate/tweets.jsonl.gz", _where("label", "neither")),
    Kind("voice commands", "clinc150/queries.jsonl.gz", lambda row: not _bank(row)),
)
