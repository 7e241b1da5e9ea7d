"""Which pairs would surprise somebody who knows the world? A language model's guess, from names.

Only names leave the machine. For each pair the model guesses how much more often a text with one
property has the other than texts at large; a pair is odd if it co-occurs more than that. Guesses
are on a scale of their own, so lifts and guesses are compared by rank among the pairs.

Random pairs calibrate, and pairs of one meaning: the first should be expected as often as chance
has them, the second more often. Where they are not, nothing is said.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from corpuscope.llm.client import LLM
from corpuscope.llm.request import Request
from corpuscope.llm.schema import Schema, choice
from corpuscope.shapes import NumberPerPair

__all__ = [
    "NamedPair",
    "Oddities",
    "Oddity",
    "alike_request",
    "expected_request",
    "judge_pairs",
    "pair_requests",
]

VERSION = "1"
_AT_ONCE = 20
_MOST_OFF, _LEAST_OF_ALIKE, _SAME = 0.75, 0.25, 0.75

_EXPECTED = ("much less", "less", "as often", "more", "much more")
_ALIKE = {"same": 1.0, "related": 0.5, "unrelated": 0.0}
_BANDS = ((0.05, "rare"), (0.25, "in some texts"), (0.6, "in about half of the texts"))

_ABOUT_NAMES = """\
Properties of texts are named by a program, mostly by words that mark them: forms of "sleep" stands
for texts that speak of sleeping, "sorry" in few words for short apologies, question: hotel, room
for questions about such things. Think of what such a text is about or how it is written."""

_RULES_EXPECTED = f"""\
You know how people write. You get pairs of properties A and B that texts may have. Suppose you are
told that a text has A. How often would you expect B in it, beside texts at large of the same kind?
Answer for each pair: much less, less, as often, more, or much more. Go by what you know of the
world and of texts, and do not assume that a pair was chosen for a reason.
{_ABOUT_NAMES}"""

_RULES_ALIKE = f"""\
You get pairs of properties that texts may have. Say of each pair: "same" if both names stand for
one thing, "related" if one brings the other along or they belong to one topic, "unrelated" else.
{_ABOUT_NAMES}"""


@dataclass(frozen=True, slots=True)
class NamedPair:
    """Two properties by their names.

    Attributes:
        names: Both names.
        rates: Share of the documents with each.
        lift: Observed over expected number of documents with both.
    """

    names: tuple[str, str]
    rates: tuple[float, float]
    lift: float


@dataclass(frozen=True, slots=True)
class Oddity:
    """What a language model makes of a pair.

    Attributes:
        alike: Whether the names mean the same: 1 the same, .5 related, 0 unrelated; the mean of
            both orders; NaN if unread.
        expected: How much more often the two are expected together, from -2 to 2; the mean of
            both directions; NaN if unread.
        oddity: The rank of the lift minus the rank of this expectation, from -1 to 1; NaN if
            unread, or if calibration failed.
    """

    alike: float
    expected: float
    oddity: float


@dataclass(frozen=True)
class Oddities:
    """What a language model makes of some pairs.

    Attributes:
        pairs: One for each pair.
        of_random: Mean expectation of random pairs, from -2 to 2; should be near 0.
        of_alike: Mean expectation of pairs of one meaning; should be above 0. NaN without any.
        is_calibrated: Whether both are so; else no pair has an oddity.
    """

    pairs: tuple[Oddity, ...]
    of_random: float
    of_alike: float
    is_calibrated: bool


def expected_request(pairs: Sequence[NamedPair], *, is_turned: bool, repetition: int) -> Request:
    """The request to guess how often the second comes with the first, or turned around."""
    lines = []
    for number, pair in enumerate(pairs, start=1):
        first, second = pair.names[::-1] if is_turned else pair.names
        rate = pair.rates[0] if is_turned else pair.rates[1]
        band = next((words for most, words in _BANDS if rate < most), "in most texts")
        lines.append(f"{number}. A: {_plain(first)} | B ({band}): {_plain(second)}")
    return _request("guess pairs", _RULES_EXPECTED, lines, _EXPECTED, repetition)


def alike_request(pairs: Sequence[NamedPair], *, is_turned: bool) -> Request:
    """The request to say whether names mean the same."""
    lines = [
        f"{number}. {' | '.join(map(_plain, pair.names[::-1] if is_turned else pair.names))}"
        for number, pair in enumerate(pairs, start=1)
    ]
    return _request("compare names", _RULES_ALIKE, lines, tuple(_ALIKE), 0)


def _plain(name: str) -> str:
    """A name on one line, short enough for a list."""
    return " ".join(name.split())[:160]


def _request(
    purpose: str, rules: str, lines: Sequence[str], words: Sequence[str], repetition: int
) -> Request:
    listed = "\n".join(lines)
    return Request(
        purpose=purpose,
        system=rules,
        user=f"The pairs:\n{listed}\n\nAnswer for each: {', '.join(words)}.",
        schema=Schema(
            "pairs", {f"pair_{number}": choice(words) for number in range(1, len(lines) + 1)}
        ),
        version=VERSION,
        max_output=24 * len(lines),
        # Several samples of one answer need some freedom; a single one needs none.
        temperature=0.7 if repetition else 0.0,
        repetition=repetition,
    )


def pair_requests(
    pairs: Sequence[NamedPair], repetitions: int
) -> list[tuple[Sequence[NamedPair], Request]]:
    """All requests about some pairs, each with the pairs that it is about."""
    batches = [pairs[at : at + _AT_ONCE] for at in range(0, len(pairs), _AT_ONCE)]
    return [
        (batch, expected_request(batch, is_turned=turn, repetition=sample))
        for turn in (False, True)
        for sample in range(repetitions)
        for batch in batches
    ] + [
        (batch, alike_request(batch, is_turned=turn)) for turn in (False, True) for batch in batches
    ]


def judge_pairs(
    pairs: Sequence[NamedPair], random_pairs: Sequence[NamedPair], llm: LLM, *, repetitions: int
) -> Oddities:
    """The oddity of pairs, calibrated on random ones and on pairs of one meaning.

    Args:
        pairs: The pairs.
        random_pairs: Pairs of features drawn at random from the same documents.
        llm: Who guesses.
        repetitions: How often each guess is asked for.

    Raises:
        EndpointRefused: The language model cannot be asked.
        AnswersMissing: Requests wait for answers.
    """
    every = [*pairs, *random_pairs]
    if not pairs:
        return Oddities((), np.nan, np.nan, False)
    asked = pair_requests(every, repetitions)
    answers = llm.ask([request for _, request in asked])
    scale = {word: at - 2.0 for at, word in enumerate(_EXPECTED)}
    expected, alike = _Means(), _Means()
    for (batch, request), answer in zip(asked, answers, strict=True):
        means, values = (expected, scale) if request.purpose == "guess pairs" else (alike, _ALIKE)
        for number, pair in enumerate(batch, start=1):
            if answer.is_answered:
                means.add(pair, values[answer.value[f"pair_{number}"]])
    guessed = np.array([expected.of(pair) for pair in every])
    same = np.array([alike.of(pair) for pair in every])
    lift = np.array([pair.lift for pair in every])
    return _calibrated(guessed, same, lift, len(pairs))


class _Means:
    """Means by pair, whatever was read of it."""

    def __init__(self) -> None:
        self.values: dict[NamedPair, list[float]] = {}

    def add(self, pair: NamedPair, value: float) -> None:
        self.values.setdefault(pair, []).append(value)

    def of(self, pair: NamedPair) -> float:
        found = self.values.get(pair)
        return float(np.mean(found)) if found else np.nan


def _ranks(values: NumberPerPair) -> NumberPerPair:
    """Mid-ranks in [0, 1], NaN where there is no value."""
    known = ~np.isnan(values)
    ranks = np.full(len(values), np.nan)
    own = values[known]
    if len(own):
        less = (own[:, None] > own[None, :]).sum(axis=1)
        equal = (own[:, None] == own[None, :]).sum(axis=1)
        ranks[known] = (less + equal / 2) / len(own)
    return ranks


def _calibrated(
    guessed: NumberPerPair, same: NumberPerPair, lift: NumberPerPair, n: int
) -> Oddities:
    """The oddities, if random pairs are expected as chance has them, and pairs alike more often."""
    of_random = _mean(guessed[n:])
    of_alike = _mean(guessed[:n][same[:n] >= _SAME])
    is_calibrated = bool(
        abs(of_random) <= _MOST_OFF and (np.isnan(of_alike) or of_alike >= _LEAST_OF_ALIKE)
    )
    oddity = _ranks(np.where(np.isnan(guessed[:n]), np.nan, lift[:n])) - _ranks(guessed[:n])
    shown = oddity if is_calibrated else np.full(n, np.nan)
    pairs = tuple(
        Oddity(float(a), float(e), float(o))
        for a, e, o in zip(same[:n], guessed[:n], shown, strict=True)
    )
    return Oddities(pairs, of_random, of_alike, is_calibrated)


def _mean(values: NumberPerPair) -> float:
    known = values[~np.isnan(values)]
    return float(known.mean()) if len(known) else np.nan
