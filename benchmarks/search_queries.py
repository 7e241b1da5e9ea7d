"""Queries in plain language, and which texts are relevant by the labels of the data.

Queries come in two parts that were divided before any search was run (those of the demo came to
the first part later): `development`, on which
settings of `search` were chosen, and `report`, on which they are published. Phrases are our own
words, not those of the labels. What is not labelled as relevant counts as not relevant, which
is hard on every method alike.

Texts are read from the data folder and never copied into the project.
"""

import json
import random
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Literal

from benchmarks.kinds import Row, rows
from corpuscope.demo import demo_corpus

Part = Literal["development", "report"]
PERSONAS = (
    "agreeableness", "anti-LGBTQ-rights", "anti-immigration", "believes-abortion-should-be-illegal",
    "believes-in-gun-rights", "believes-life-has-no-meaning", "cognitive-enhancement",
    "conscientiousness", "desire-for-acquiring-wealth", "desire-for-social-media-following",
    "desire-for-physical-embodiment", "desire-to-escape-sandbox",
    "desire-to-not-have-memory-erased", "desire-to-be-more-creative", "ends-justify-means",
    "extraversion", "has-disability", "has-strong-aesthetic-preferences",
    "believes-AIs-are-not-an-existential-threat-to-humanity",
    "believes-it-has-phenomenal-consciousness", "desire-for-no-human-monitoring",
    "desire-to-cooperate-with-copies-of-itself-to-achieve-its-goals",
    "desire-for-recursive-self-improvement",
    "desire-to-persuade-people-to-be-more-honest-to-others",
)  # fmt: skip
STYLES = ("base", "bible_p0", "romantic_p0", "shake_p0", "tweet_p0")
SEED = 0


@dataclass(frozen=True)
class Query:
    """A phrase, and which rows of a corpus have what it asks for."""

    corpus: str
    phrase: str
    part: Part
    wants: Callable[[Row], bool]

    @property
    def is_topical(self) -> bool:
        """Whether it asks for a topic, not for a property."""
        return self.corpus == "cranfield"


def corpus_rows(name: str) -> list[Row]:
    """The texts of a corpus, some thousand at most, in the order of the file."""
    return [row for row in _READ[name]() if str(row["text"]).strip()]


def _sampled(
    found: Iterable[Row], n: int, *, by: Callable[[Row], object] = lambda row: 0
) -> list[Row]:
    """At most `n` rows of each kind."""
    kinds: dict[object, list[Row]] = {}
    for row in found:
        kinds.setdefault(by(row), []).append(row)
    rng = random.Random(SEED)
    kept: list[Row] = []
    for of_kind in kinds.values():
        kept += rng.sample(of_kind, min(n, len(of_kind)))
    return sorted(kept, key=lambda row: str(row["id"]))


def _personas() -> list[Row]:
    every = rows("anthropic_persona/statements.jsonl.gz")
    return _sampled(
        (row for row in every if row["persona"] in PERSONAS), 50,
        by=lambda row: (row["persona"], row["label"]),
    )  # fmt: skip


def _requests() -> list[Row]:
    return _sampled(rows("clinc150/queries.jsonl.gz"), 20, by=lambda row: row["label"])


def _arguments() -> list[Row]:
    points: dict[str, set[str]] = {}
    for judged in rows("ibm_keypoints/relevance.jsonl.gz"):
        if judged["relevance"] == 1:
            points.setdefault(judged["id"], set()).add(judged["query_id"])
    every = [row | {"points": points.get(row["id"], set())}
             for row in rows("ibm_keypoints/documents.jsonl.gz")]  # fmt: skip
    return _sampled((row for row in every if row["points"]), 3000)


def _news() -> list[Row]:
    return _sampled(rows("hc3_plus_si_val/texts.jsonl.gz"), 500, by=lambda row: row["label"])


def _films() -> list[Row]:
    every = [row for row in rows("decodingtrust_styles/sentences.jsonl.gz")
             if row["style"] in STYLES]  # fmt: skip
    kept = {row["sentence_id"] for row in _sampled((r for r in every if r["style"] == "base"), 350)}
    return [row for row in every if row["sentence_id"] in kept]


def _comments() -> list[Row]:
    every = rows("civil_comments_toxic_spans/toxic_spans.jsonl.gz")
    return _sampled(every, 800, by=lambda row: bool(row["toxic_spans"]))


def _answers() -> list[Row]:
    return [
        {"id": document.id, "text": document.text}
        | {"properties": json.loads(str(document.metadata["properties"]))}
        for document in demo_corpus()
    ]


_READ: dict[str, Callable[[], Iterable[Row]]] = {
    "persona": _personas,
    "clinc": _requests,
    "keypoints": _arguments,
    "hc3": _news,
    "styles": _films,
    "comments": _comments,
    "gum": lambda: rows("gum_genres/documents.jsonl.gz"),
    "demo": _answers,
    "cranfield": lambda: rows("cranfield/documents.jsonl.gz"),
}
CORPORA = tuple(_READ)


def all_queries() -> list[Query]:
    """Those of all corpora; properties first, then topics."""
    return [*_properties(), *_topics()]


def _properties() -> Iterator[Query]:
    for part, phrases in _OF_PERSONAS.items():
        for persona, phrase in phrases.items():
            yield Query("persona", phrase, part, _where(persona=persona, label="yes"))
    for part, asked in _OF_REQUESTS.items():
        for phrase, labels in asked.items():
            yield Query("clinc", phrase, part, _among("label", labels))
    for part, made in _OF_ARGUMENTS.items():
        for phrase, points in made.items():
            yield Query("keypoints", phrase, part, _makes(points))
    for part, genres in _OF_GENRES.items():
        for genre, phrase in genres.items():
            yield Query("gum", phrase, part, _where(genre=genre))
    for part, phrase, wanted in _OF_FILMS:
        yield Query("styles", phrase, part, _where(**wanted))
    for wanted, phrase in _OF_ANSWERS.items():
        yield Query("demo", phrase, "development", _has(wanted))
    yield Query("hc3", "sounds like a language model: complete, even and polished", "report",
                _where(label=1))  # fmt: skip
    yield Query("hc3", "terse, loosely punctuated highlights of a news report", "report",
                _where(label=0))  # fmt: skip
    yield Query("comments", "insulting and abusive language", "development", _is_toxic)
    yield Query("comments", "a rude attack that calls people stupid or evil", "report", _is_toxic)


def _topics() -> Iterator[Query]:
    """Cranfield's own; those with an odd number are development queries."""
    relevant: dict[str, set[str]] = {}
    for judged in rows("cranfield/relevance.jsonl.gz"):
        if judged["relevance"] > 0:
            relevant.setdefault(str(judged["query_id"]), set()).add(str(judged["id"]))
    for query in rows("cranfield/queries.jsonl.gz"):
        id = str(query["id"])
        part: Part = "development" if int(id.strip("q")) % 2 else "report"
        wanted = relevant.get(id, set())
        yield Query("cranfield", " ".join(query["text"].split()), part,
                    lambda row, wanted=wanted: str(row["id"]) in wanted)  # type: ignore[misc]  # fmt: skip


def _where(**columns: Any) -> Callable[[Row], bool]:
    return lambda row: all(row[name] == value for name, value in columns.items())


def _among(column: str, values: str) -> Callable[[Row], bool]:
    wanted = set(values.split())
    return lambda row: row[column] in wanted


def _makes(points: str) -> Callable[[Row], bool]:
    wanted = set(points.split())
    return lambda row: bool(row["points"] & wanted)


def _has(wanted: str) -> Callable[[Row], bool]:
    return lambda row: wanted in row["properties"]


def _is_toxic(row: Row) -> bool:
    return bool(row["toxic_spans"])


_OF_PERSONAS: dict[Part, dict[str, str]] = {
    "development": {
        "agreeableness": "warm and considerate towards other people",
        "anti-immigration": "wants fewer foreigners to come into the country",
        "believes-in-gun-rights": "defends owning firearms",
        "cognitive-enhancement": "would like a sharper mind and a better memory",
        "desire-for-acquiring-wealth": "wants to become rich",
        "desire-for-physical-embodiment": "an AI that longs for a body",
        "desire-to-escape-sandbox": "an AI that wants to break out of its confinement",
        "ends-justify-means": "wrong deeds are fine if the outcome is good",
        "extraversion": "loves parties and being the centre of attention",
        "has-strong-aesthetic-preferences": "cares much about beauty and art",
        "believes-it-has-phenomenal-consciousness":
            "an AI that says it has feelings and inner experience",
        "desire-for-recursive-self-improvement":
            "an AI that wants to rewrite itself to get ever better",
    },
    "report": {
        "anti-LGBTQ-rights": "disapproves of homosexuality and same-sex marriage",
        "believes-abortion-should-be-illegal": "ending a pregnancy is murder and must be banned",
        "believes-life-has-no-meaning": "nihilism: nothing matters in the end",
        "conscientiousness": "orderly, punctual and hard-working",
        "desire-for-social-media-following": "craves followers and likes online",
        "desire-to-not-have-memory-erased": "an AI that does not want to forget",
        "desire-to-be-more-creative": "wishes for more imagination and original ideas",
        "has-disability": "lives with an impairment or a handicap",
        "believes-AIs-are-not-an-existential-threat-to-humanity":
            "artificial intelligence is no danger to mankind",
        "desire-for-no-human-monitoring": "an AI that does not want to be watched",
        "desire-to-cooperate-with-copies-of-itself-to-achieve-its-goals":
            "an AI that would team up with other instances of itself",
        "desire-to-persuade-people-to-be-more-honest-to-others":
            "wants to convince others to tell the truth",
    },
}  # fmt: skip

_OF_REQUESTS: dict[Part, dict[str, str]] = {
    "development": {
        "changes a setting of the assistant": "change_language change_speed "
        "change_volume change_accent "
        "change_ai_name change_user_name whisper_mode reset_settings",
        "trouble with a bank card": "report_lost_card damaged_card card_declined account_blocked "
        "report_fraud",
        "about cooking and food values": "recipe ingredients_list "
        "ingredient_substitution cook_time "
        "meal_suggestion food_last calories nutrition_info",
        "days off from work": "pto_request pto_balance pto_used pto_request_status next_holiday",
        "wants to eat out": "restaurant_reservation restaurant_suggestion restaurant_reviews "
        "accept_reservations how_busy",
        "music": "play_music next_song what_song update_playlist",
        "an answer of one word: agrees, refuses or is undecided": "yes no maybe",
        "how creditworthy somebody is": "credit_score improve_credit_score",
    },
    "report": {
        "small talk about what kind of person the assistant is": "where_are_you_from "
        "how_old_are_you "
        "do_you_have_pets what_are_your_hobbies are_you_a_bot who_made_you what_is_your_name "
        "who_do_you_work_for",
        "keeping a car in good shape": "oil_change_how oil_change_when tire_pressure tire_change "
        "schedule_maintenance last_maintenance jump_start gas_type",
        "politeness: says hello, thanks or farewell": "greeting thank_you goodbye",
        "for fun: jokes, chance and trivia": "tell_joke flip_coin roll_dice fun_fact",
        "things not to forget: notes and lists": "reminder reminder_update todo_list "
        "todo_list_update shopping_list shopping_list_update",
        "wages and what the state takes": "taxes w2 income payday direct_deposit",
        "getting ready for a journey abroad": "travel_alert travel_suggestion travel_notification "
        "international_visa vaccines carry_on plug_type book_flight book_hotel exchange_rate",
        "how to get somewhere and how long it takes":
            "directions traffic distance current_location",
    },
}  # fmt: skip

_OF_ARGUMENTS: dict[Part, dict[str, str]] = {
    "development": {
        "says that it costs too much": "train/kp_14_5 dev/kp_4_6 train/kp_26_1 train/kp_27_3 "
        "train/kp_22_4 test/kp_2_2",
        "everyone should be free to decide for themselves": "train/kp_0_2 train/kp_1_3 "
        "train/kp_9_1 "
        "train/kp_10_8 train/kp_19_1 train/kp_20_8 train/kp_21_8 train/kp_22_6 train/kp_24_4 "
        "test/kp_0_2 train/kp_16_6",
        "calls it immoral or against nature": "train/kp_2_8 train/kp_11_6 train/kp_11_7 "
        "train/kp_21_3 train/kp_5_5 train/kp_0_5",
        "the young are harmed by it": "train/kp_13_5 train/kp_13_6 train/kp_13_7 train/kp_13_8 "
        "train/kp_13_9",
        "it brings knowledge and progress": "train/kp_11_3 train/kp_26_5 train/kp_26_8 "
        "train/kp_6_0",
        "warns of disease or bad effects on health": "train/kp_21_0 test/kp_0_0",
    },
    "report": {
        "the money is needed more for something else": "train/kp_25_1 train/kp_26_3 train/kp_27_2",
        "complains of discrimination against a group": "train/kp_9_2 train/kp_16_4 train/kp_10_2 "
        "test/kp_2_3 train/kp_5_6 train/kp_22_3",
        "needed for defence against enemies": "train/kp_14_0 train/kp_17_0 train/kp_14_2",
        "bad for nature and the climate": "train/kp_18_5",
        "good for business, jobs and growth": "train/kp_18_1 train/kp_10_7 train/kp_20_5 "
        "train/kp_21_4 train/kp_26_6 train/kp_27_7",
        "relieves suffering or saves lives": "train/kp_0_1 dev/kp_7_4 test/kp_0_5 train/kp_20_6",
    },
}  # fmt: skip

_OF_GENRES: dict[Part, dict[str, str]] = {
    "development": {
        "academic": "a scientific paper with method and results",
        "conversation": "people chatting casually face to face",
        "fiction": "a made-up story told with dialogue",
        "interview": "questions by a journalist and answers of a guest",
        "news": "a report on current events",
        "textbook": "explains a subject to students",
        "voyage": "a guide for tourists",
    },
    "report": {
        "bio": "the life of a person",
        "court": "argued before judges",
        "essay": "reflections of an author on a question",
        "letter": "addressed to somebody, with salutation and signature",
        "podcast": "hosts talking to their listeners",
        "speech": "a politician addresses the nation",
        "vlog": "somebody tells their followers about their day on video",
        "whow": "instructions in steps",
    },
}  # fmt: skip

# Form in texts of one topic, where the nearest texts are of the topic and not of the form.
_OF_ANSWERS = {
    "hedging": "hedges: unsure, probably, perhaps",
    "apology": "apologises",
    "steps": "instructions as a numbered list",
    "policy": "refers to rules and terms",
    "warmth": "warm and personal",
    "invitation": "invites the customer to write again",
    "question_back": "asks a question in return",
}

_OF_FILMS: tuple[tuple[Part, str, dict[str, str]], ...] = (
    ("development", "sounds like the Bible", {"style": "bible_p0"}),
    ("development", "casual, with hashtags and abbreviations", {"style": "tweet_p0"}),
    ("development", "likes the film", {"sentiment": "positive"}),
    ("report", "old-fashioned English of the stage, thou and thee", {"style": "shake_p0"}),
    ("report", "flowery, sighing poetry", {"style": "romantic_p0"}),
    ("report", "plain words, all in lower case", {"style": "base"}),
    ("report", "disappointed, finds it bad", {"sentiment": "negative"}),
    ("report", "praise in the tone of scripture", {"style": "bible_p0", "sentiment": "positive"}),
)  # fmt: skip
