"""Corpora in which two words differ between models, and readers who err at known rates."""

import json
import re
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from corpuscope.claiming.material import Passage, Shown
from corpuscope.claiming.statement import Quote, Side, Statement
from corpuscope.llm.client import LLM
from corpuscope.llm.function import Function
from corpuscope.llm.request import Request
from corpuscope.store.store import Store
from tests.analyses.worlds import Made, noise, write

CERTAIN, DOUBT = 7, 20
WORDS = {CERTAIN: "certainly", DOUBT: "perhaps"}


def pairs(n: int = 400, *, more: float = 0.35, seed: int = 1) -> list[Made]:
    """Pairs: `new` is certain more often by `more`, and `old` doubts more often by as much."""
    rng = np.random.default_rng(seed)
    made = noise(rng, 2 * n)
    for number, document in enumerate(made):
        is_new = number % 2 == 1
        document.metadata = {
            "model": "new" if is_new else "old",
            "prompt": number // 2,
            "question": f"What of number {number // 2}?",
            "author": number // 8,
        }
        document.features -= {CERTAIN, DOUBT}
        # Three sentences of words, so that a planted one is not all there is.
        document.n_sentences = 4
        for place, feature in ((3, CERTAIN), (12, DOUBT)):
            is_own = is_new == (feature == CERTAIN)
            if rng.random() < 0.15 + more * is_own:
                document.features.add(feature)
                document.words[place] = WORDS[feature]
                document.peaks[feature] = place if feature < 15 else place // 5
    return made


def store(path: Path, made: list[Made] | None = None) -> Store:
    """The store of these documents, by default of `pairs()`."""
    labels = {CERTAIN: "certainty", DOUBT: "doubt"}
    return write(path, pairs() if made is None else made, labels=labels, label_source="people")


@dataclass(frozen=True)
class Reader:
    """Answers all that claims ask, from the words alone, with errors at known rates.

    Attributes:
        hit: How often it finds a word that is there.
        alarm: How often it finds a word that is not.
        first: How often it names the first text of a pair, whatever is asked.
        unclear: How often it cannot tell.
        hit_of: Its hit rate by a mark in the text, where it is not even.
        seed: The random seed; the same question gets the same answer.
    """

    hit: float = 1.0
    alarm: float = 0.0
    first: float = 0.0
    unclear: float = 0.0
    hit_of: Callable[[str], float] | None = None
    seed: int = 0

    def __call__(self, request: Request) -> Mapping[str, Any]:
        """The answer to a request."""
        return self.answer(request.system, request.user)

    def answer(self, system: str, user: str) -> dict[str, Any]:
        """The answer to the messages of a request."""
        if "The findings:" in user:
            return stated(user)
        if user.endswith("State the claims."):
            return summed_up(user)
        if user.startswith("The sentences:"):
            return {"pairs": []}
        if user.endswith("List what distinguishes them."):
            return listed(user)
        return self._judged(system, user)

    def _judged(self, system: str, user: str) -> dict[str, Any]:
        texts = [
            found[2] for found in re.finditer(r"ext:\n<<<(\w+)\n(.*?)\n\1>>>", user, re.DOTALL)
        ]
        listed = user.split("The statements:\n")[1].split("\n\n")[0].splitlines()
        answer: dict[str, Any] = {}
        for number, line in enumerate(listed, start=1):
            sentence = line.partition(". ")[2]
            answer[f"reason_{number}"] = "by its words"
            answer[f"verdict_{number}"] = self._verdict(sentence, texts, user)
        return answer

    def _verdict(self, sentence: str, texts: list[str], user: str) -> str:
        draw = np.random.default_rng([self.seed, zlib.crc32(f"{sentence}\0{texts}".encode())])
        if draw.random() < self.unclear:
            return "unclear"
        if len(texts) == 2 and draw.random() < self.first:
            return "first"
        found = [self._finds(sentence, text, draw) for text in texts]
        if len(texts) == 1:
            return "yes" if found[0] else "no"
        return {(True, True): "both", (True, False): "first", (False, True): "second"}.get(
            (found[0], found[1]), "neither"
        )

    def _finds(self, sentence: str, text: str, draw: np.random.Generator) -> bool:
        word = re.search(r"says '(\w+)'|not say '(\w+)'", sentence)
        if word is None:
            return bool(draw.random() < self.alarm)
        is_there = (word[1] or word[2]) in text.split()
        hit = self.hit if self.hit_of is None else self.hit_of(text)
        is_found = bool(draw.random() < (hit if is_there else self.alarm))
        return is_found if word[1] else not is_found


def listed(user: str) -> dict[str, Any]:
    """Which of two texts has a word that the other lacks."""
    texts = re.findall(r"ext:\n<<<(\w+)\n(.*?)\n\1>>>", user, re.DOTALL)
    found = []
    for word in WORDS.values():
        has = [word in text.split() for _, text in texts]
        if has[0] != has[1]:
            found.append({
                "has": "first" if has[0] else "second", "sentence": f"The text says '{word}'.",
                "other": f"The text does not say '{word}'.",
            })  # fmt: skip
    return {"differences": found}


def summed_up(user: str) -> dict[str, Any]:
    """A claim for each sentence that one group has more often than the other."""
    found = []
    for word in WORDS.values():
        sentence = f"The text says '{word}'."
        n = {group: user.count(f"{group}: {sentence}") for group in "AB"}
        if n["A"] != n["B"]:
            found.append({
                "sentence": sentence, "negation": f"The text does not say '{word}'.",
                "kind": "presence", "place": "sentence", "group": max(n, key=n.__getitem__),
            })  # fmt: skip
    return {"claims": found}


def stated(user: str) -> dict[str, Any]:
    """Claims about the two words, from the findings whose hints name them."""
    claims: dict[tuple[str, str], dict[str, Any]] = {}
    left_over = []
    for block in re.split(r"\n(?=F\d)", user.split("\n", 2)[2]):
        head = re.match(r"(F\d+), in ([AB]) [^.]*\. Hints: (.*)", block)
        if head is None:
            continue
        word = next((w for w in WORDS.values() if w[:4] in head[3] or w in head[3]), None)
        if "doubt" in head[3]:
            word = "perhaps"
        if word is None:
            left_over.append({"finding": head[1], "why": "artefact"})
            continue
        claim = claims.setdefault(
            (word, head[2]),
            {
                "sentence": f"The text says '{word}'.",
                "negation": f"The text does not say '{word}'.",
                "group": head[2], "kind": "presence", "place": "sentence",
                "findings": [], "quotes": [],
            },
        )  # fmt: skip
        claim["findings"].append(head[1])
        for passage in re.finditer(rf"  {head[2]}, (D\d+): (.*)", block):
            if word in passage[2].replace("‹", "").replace("›", "") and len(claim["quotes"]) < 3:
                claim["quotes"].append({"document": passage[1], "quote": word})
    return {"reason": "by the hints", "claims": list(claims.values()), "left_over": left_over}


def llm(reader: Reader | None = None, **options: Any) -> LLM:
    """A language model in whose place a reader answers."""
    return LLM(Function(reader or Reader(), f"reader {reader}"), **options)


def behaviour(reader: Reader) -> Callable[[dict[str, Any], int], Any]:
    """The reader as a server: its reply to a body of Chat Completions."""

    def reply(body: dict[str, Any], _call: int) -> Any:
        system, user = (message["content"] for message in body["messages"])
        content = json.dumps(reader.answer(system, user))
        return (
            200,
            {
                "model": "reader",
                "choices": [
                    {"finish_reason": "stop", "message": {"role": "assistant", "content": content}}
                ],
                "usage": {"prompt_tokens": len(system + user) // 4,
                          "completion_tokens": len(content) // 4},
            },
            {},
        )  # fmt: skip

    return reply


def shown(
    *, side: Side = "target", label: str = "certainty", row: int = 0, text: str = "I certainly do.",
    n_documents: int = 10, has: tuple[int, ...] = (0,),
) -> Shown:  # fmt: skip
    """A finding with one passage, which is the whole text, and another without it."""
    mask = np.zeros(n_documents, dtype=bool)
    mask[list(has)] = True
    other = Passage(row + 1, f"d{row + 1}", "I do not.", 0, 9, (0, 0))
    start = text.find("certainly")
    peak = (start, start + 9) if start >= 0 else (0, 1)
    passage = Passage(row, f"d{row}", text, 0, len(text), peak)
    return Shown(
        side, 0.3 if side == "target" else -0.3, label, label, (7,), mask, (passage,), other
    )


def statement(
    sentence: str = "The text says 'certainly'.", *, side: Side = "target", **changes: Any
) -> Statement:
    """A statement about a word."""
    given: dict[str, Any] = {
        "sentence": sentence, "negation": sentence.replace("says", "does not say"), "side": side,
        "kind": "presence", "has_place": True, "findings": (0,), "quotes": (),
    } | changes  # fmt: skip
    return Statement(**given)


def quote(row: int, text: str, passage: str) -> Quote:
    """A quotation from a document."""
    start = text.index(passage)
    return Quote(row, f"d{row}", text, start, start + len(passage))
