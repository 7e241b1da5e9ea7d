"""Corpora whose texts are grouped along known axes, and how a person would ask for each axis.

Two families that share no corpus: `DEVELOPMENT` is what choices were made on, `REPORT` is what
is published. Requests were written down before any of them was tried. Texts are read from the
data folder and never copied into the project.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

import corpuscope as cs
from benchmarks.kinds import Row, rows
from benchmarks.results import CACHE
from corpuscope.store.store import Store


@dataclass(frozen=True, slots=True)
class Axis:
    """One way in which the texts of a corpus group.

    Attributes:
        column: The column with the true groups.
        request: The axis in a word or two.
        phrases: The same told at length, by what the groups may be.
    """

    column: str
    request: str
    phrases: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Crossed:
    """A corpus with its axes, made by a function that yields its rows."""

    name: str
    make: Callable[[], Iterator[Row]]
    axes: tuple[Axis, ...]

    def store(self, dictionary: str = "builtin") -> Store:
        """The store of it; read once and kept."""
        corpus = cs.read_corpus(list(self.make()), text="text")
        of = "" if dictionary == "builtin" else f"-{cs.load_dictionary(dictionary).digest[:12]}"
        into = CACHE / f"axes-{self.name}{of}.scope"
        return cs.extract(corpus, into=into, dictionary=dictionary, progress=True)


def _drawn(found: Iterator[Row], n: int, *columns: str) -> Iterator[Row]:
    """At most `n` rows of each combination of values, drawn with one seed."""
    cells: dict[tuple[object, ...], list[Row]] = defaultdict(list)
    for row in found:
        cells[tuple(row[column] for column in columns)].append(row)
    for key in sorted(cells, key=str):
        order = np.random.default_rng(0).permutation(len(cells[key]))[:n]
        yield from (cells[key][at] for at in sorted(order))


_SERVICES = {"Restaurants_1": "restaurants", "Events_2": "events", "Flights_1": "flights",
             "Banks_1": "banks"}  # fmt: skip


def _turns() -> Iterator[Row]:
    found = (
        row | {"service": _SERVICES[row["services"][0]]}
        for row in rows("sgd_dialogues/turns.jsonl.gz")
        if len(row["services"]) == 1
        and row["services"][0] in _SERVICES
        and len(row["text"].split()) >= 6
    )
    return _drawn(_told(found, "service", "speaker"), 150, "service", "speaker")


def _told(found: Iterator[Row], *columns: str) -> Iterator[Row]:
    for row in found:
        yield {name: row[name] for name in ("id", "text", *columns)}


def _genesis() -> Iterator[Row]:
    found = rows("nltk_general/genesis.jsonl.gz")
    return _drawn(_told(found, "version"), 400, "version")


def _tasks() -> Iterator[Row]:
    found = (
        {"id": f"{row['id']}/{side}", "text": row[side], "side": side, "kind": row["kind"]}
        for row in rows("gpteacher/instructions.jsonl.gz")
        for side in ("prompt", "response")
        if len(row[side].split()) >= 8
    )
    return _drawn(found, 200, "side", "kind")


_PRODUCTS = {
    "Nokia": "phone",
    "Canon": "camera",
    "Nikon": "camera",
    "Creative": "player",
    "MicroMP3": "player",
    "ipod": "player",
    "Linksys": "router",
    "Hitachi": "router",
}


def _products() -> Iterator[Row]:
    def found() -> Iterator[Row]:
        for row in rows("nltk_reviews/product_reviews.jsonl.gz"):
            product = next((p for k, p in _PRODUCTS.items() if row["product"].startswith(k)), None)
            signs = [str(one.get("opinion") or "")[:1] for one in row["aspects"]]
            total = signs.count("+") - signs.count("-")
            if product and total:
                opinion = "praise" if total > 0 else "complaint"
                yield {"id": row["id"], "text": row["text"], "product": product, "opinion": opinion}

    return _drawn(found(), 150, "product", "opinion")


def _essays() -> Iterator[Row]:
    for row in rows("human_chatgpt_essays/essays.jsonl.gz"):
        yield {"id": row["id"], "text": row["response"], "author": row["author_kind"]}


def _sentences(*styles: str) -> Callable[[], Iterator[Row]]:
    """The same 200 sentences in some styles, half of them positive."""

    def found() -> Iterator[Row]:
        told = [row for row in rows("decodingtrust_styles/sentences.jsonl.gz")
                if row["split"] == "dev"]  # fmt: skip
        base = _drawn((row for row in told if row["style"] == "base"), 100, "sentiment")
        chosen = {row["sentence_id"] for row in base}
        here = (r for r in told if r["sentence_id"] in chosen and r["style"] in styles)
        return _told(here, "style", "sentiment")

    return found


_SPOKEN = {"conversation", "court", "interview", "podcast", "speech", "vlog"}


def _genres() -> Iterator[Row]:
    for row in rows("gum_genres/documents.jsonl.gz"):
        mode = "spoken" if row["genre"] in _SPOKEN else "written"
        yield {"id": row["id"], "text": row["text"], "genre": row["genre"], "mode": mode}


def _news() -> Iterator[Row]:
    return _drawn(_told(rows("ag_news_test/news.jsonl.gz"), "topic"), 500, "topic")


def _solutions() -> Iterator[Row]:
    chosen = set(np.random.default_rng(0).permutation(1319)[:300].tolist())
    for row in rows("gsm8k/solutions.jsonl.gz"):
        if row["model"].startswith("human") and int(row["prompt_id"]) in chosen:
            wording = "asking" if row["model"] == "human_socratic" else "plain"
            yield {"id": row["id"], "text": row["response"], "wording": wording}


_SENTIMENT = Axis("sentiment", "sentiment", ("positive opinion, praise",
                                             "negative opinion, criticism"))  # fmt: skip

DEVELOPMENT = (
    Crossed("turns", _turns, (
        Axis("service", "topic", ("restaurants and food", "concerts and events",
                                  "flights and airports", "bank accounts and money")),
        Axis("speaker", "who is speaking", ("a customer asks for something",
                                            "an assistant offers help or asks back")),
    )),
    Crossed("genesis", _genesis, (
        Axis("version", "writing style", ("old-fashioned biblical language",
                                          "plain modern English",
                                          "internet slang and misspellings")),
    )),
    Crossed("tasks", _tasks, (
        Axis("kind", "kind of task", ("programming and code", "role play, characters in a scene")),
        Axis("side", "instruction or answer", ("instructions that ask for something to be done",
                                               "an answer, a solution")),
    )),
    Crossed("products", _products, (
        Axis("product", "kind of product", ("mobile phones", "digital cameras", "music players",
                                            "routers and networks")),
        Axis("opinion", "sentiment", ("praise, satisfied, works great",
                                      "complaints, problems, disappointed")),
    )),
    Crossed("essays", _essays, (
        Axis("author", "writing style", ("formal, structured argument",
                                         "personal experience, informal tone")),
    )),
)  # fmt: skip

REPORT = (
    Crossed("styles", _sentences("base", "bible_p0", "romantic_p0", "shake_p0"), (
        Axis("style", "writing style", ("old biblical language", "Shakespearean English",
                                        "romantic poetry", "plain modern English")),
        _SENTIMENT,
    )),
    Crossed("shakespeare", _sentences("base", "shake_w"), (
        Axis("style", "writing style", ("Shakespearean English", "plain modern English")),
        _SENTIMENT,
    )),
    Crossed("genres", _genres, (
        Axis("genre", "genre", (
            "academic articles", "biographies", "conversation", "court hearings", "essays",
            "fiction", "interviews", "letters", "news reports", "podcasts", "speeches",
            "textbooks", "video blogs", "travel guides", "how-to guides")),
        Axis("mode", "spoken or written language", ("spontaneous speech with fillers",
                                                    "formal written prose")),
    )),
    Crossed("news", _news, (
        Axis("topic", "topic", ("business and economy", "science and technology", "sports",
                                "world politics and conflict")),
    )),
    Crossed("solutions", _solutions, (
        Axis("wording", "wording of the reasoning", ("questions asked before each step",
                                                     "plain statements of a calculation")),
    )),
)  # fmt: skip
