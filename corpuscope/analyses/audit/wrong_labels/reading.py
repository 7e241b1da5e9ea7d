"""Likely label errors read blind: which of two labels fits the text?

A suspect is shown with its label and the one that the models predict, in random order, under
letters, with texts of both labels. As many other documents of the same labels are shown in the same
way: how often a reader gives these their own label says how far the reader can be trusted.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from corpuscope.labels.named_store import NamedStore
from corpuscope.llm.client import LLM
from corpuscope.llm.fences import RULE, fenced
from corpuscope.llm.request import Answer, Request
from corpuscope.llm.schema import Schema, choice, text
from corpuscope.shapes import GroupNames, Rows
from corpuscope.statistics.rates.intervals import wilson_interval

__all__ = ["Said", "Suspect", "SuspectReader", "SuspectsRead"]

VERSION = "1"
Said = Literal["other", "own", "unclear", "unread"]
"""What a reader said of a document: the other label fits, or its own, or neither better."""

_RULES = f"""\
Texts were sorted under labels. You get some texts of label A and some of label B, and one text
more. Say under which of the two it belongs: "A", "B", or "unclear" if both fit or neither does. Go
by what the labels and their texts have in common, not by likeness in topic or length alone. First
give the reason in at most twenty words.

{RULE}"""

_N_EXAMPLES, _SHOWN, _MOST_SHOWN = 4, 400, 6_000


@dataclass(frozen=True)
class Suspect:
    """A document whose label is in doubt.

    Attributes:
        row: The document, counted from 0.
        given: Its label.
        instead: The label that the models predict.
    """

    row: int
    given: str
    instead: str


@dataclass(frozen=True)
class SuspectsRead:
    """What a reader said of the suspects, and of others.

    Attributes:
        said: Of each suspect, in their order.
        reasons: Why.
        n_other: Suspects for which the other label fits.
        n_decided: Suspects of which the reader could tell.
        interval: 95 % interval of the share of these for which the other label fits.
        n_own_of_others: Documents that are not suspect to which the reader gives their own label.
        n_others: Documents that are not suspect, of which the reader could tell.
    """

    said: tuple[Said, ...]
    reasons: tuple[str, ...]
    n_other: int
    n_decided: int
    interval: tuple[float, float]
    n_own_of_others: int
    n_others: int

    def in_words(self) -> str:
        """The outcome as a sentence."""
        low, high = self.interval
        return (
            f"a reader gives {self.n_other} of {self.n_decided} likely label errors the other "
            f"label ({low:.0%} to {high:.0%}), and {self.n_own_of_others} of {self.n_others} other "
            "documents their own"
        )


@dataclass(frozen=True, eq=False)
class SuspectReader:
    """Suspects, and the documents beside which they are read.

    Attributes:
        source: The documents.
        suspects: Those in doubt, most suspect first.
        trusted: Documents that no model doubts.
        labels: The label of each document of the source.
        seed: Random seed of examples, of the others read, and of the order of labels.
    """

    source: NamedStore
    suspects: tuple[Suspect, ...]
    trusted: Rows
    labels: GroupNames
    seed: int

    def requests(self, n: int) -> list[Request]:
        """What `read` asks."""
        return [request for _, request in self._asked(n)]

    def read(
        self, llm: LLM, *, n: int, progress: Callable[[int, int], None] | None = None
    ) -> SuspectsRead:
        """Have the first `n` suspects read, and as many others.

        Raises:
            EndpointRefused: The language model cannot be asked.
            AnswersMissing: Requests wait for answers.
        """
        asked = self._asked(n)
        answers = llm.ask([request for _, request in asked], progress=progress)
        said = [
            _said(answer, is_turned) for (is_turned, _), answer in zip(asked, answers, strict=True)
        ]
        n_suspects = len(self.suspects[:n])
        own, others = said[:n_suspects], said[n_suspects:]
        n_other = own.count("other")
        n_decided = n_other + own.count("own")
        lower, upper = wilson_interval(np.array([n_other]), n_decided)
        return SuspectsRead(
            tuple(own),
            tuple(str(one.value.get("reason", "")) for one in answers[:n_suspects]),
            n_other, n_decided, (float(lower[0]), float(upper[0])),
            others.count("own"), others.count("own") + others.count("other"),
        )  # fmt: skip

    def _asked(self, n: int) -> list[tuple[bool, Request]]:
        """Requests about suspects, then about others, and whether the given label comes second."""
        rng = np.random.default_rng([self.seed, 12])
        pools = self._pools(rng)
        examples = {label: [pool.pop() for _ in range(min(_N_EXAMPLES, len(pool) // 2))]
                    for label, pool in pools.items()}  # fmt: skip
        chosen = self.suspects[:n]
        others = [
            Suspect(pools[one.given].pop(), one.given, one.instead)
            for one in chosen if pools.get(one.given)
        ]  # fmt: skip
        turned = rng.integers(2, size=len(chosen) + len(others)).astype(bool).tolist()
        return [
            (is_turned, self._request(one, is_turned, examples))
            for one, is_turned in zip([*chosen, *others], turned, strict=True)
        ]

    def _pools(self, rng: np.random.Generator) -> dict[str, list[int]]:
        """Documents that nobody doubts, by label, in random order."""
        found: dict[str, list[int]] = {}
        for row in rng.permutation(self.trusted).tolist():
            found.setdefault(str(self.labels[row]), []).append(row)
        return found

    def _request(self, one: Suspect, is_turned: bool, examples: dict[str, list[int]]) -> Request:
        labels = (one.instead, one.given) if is_turned else (one.given, one.instead)
        parts = [
            f"Label {letter} is called {fenced(label)}. Texts of it:\n"
            + "\n".join(fenced(_cut(words, _SHOWN)) for words in self._texts(examples, label))
            for letter, label in zip("AB", labels, strict=True)
        ]
        (words,) = self.source.texts([one.row])
        parts.append(f"The text to be sorted:\n{fenced(_cut(words, _MOST_SHOWN))}")
        parts.append("Under which label does it belong?")
        return Request(
            purpose="read likely label errors", system=_RULES, user="\n\n".join(parts),
            schema=Schema("label", {"reason": text(), "label": choice(["A", "B", "unclear"])}),
            version=VERSION, max_output=140,
        )  # fmt: skip

    def _texts(self, examples: dict[str, list[int]], label: str) -> Sequence[str]:
        rows = examples.get(label, [])
        return self.source.texts(rows) if rows else []


def _said(answer: Answer, is_turned: bool) -> Said:
    if not answer.is_answered:
        return "unread"
    label = answer.value["label"]
    if label == "unclear":
        return "unclear"
    return "own" if (label == "A") != is_turned else "other"


def _cut(words: str, most: int) -> str:
    """The beginning and the end of a long text."""
    if len(words) <= most:
        return words
    half = most // 2
    return f"{words[:half]} [...] {words[-half:]}"
