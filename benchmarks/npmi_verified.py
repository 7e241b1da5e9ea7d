"""Verified NPMI under judges of known errors: `python -m benchmarks.npmi_verified [WORLDS]`.

Documents have two properties, or not; two features see them with errors, and a function reads a
text and answers as a judge of known sensitivity and specificity would. What comes out is compared
with what the same judge says of all documents, and with what is true where texts come from. The
first worlds of each kind go through the whole client; the others are answered at once, since only
time would differ.
"""

import itertools
import math
import re
import sys
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

from benchmarks.results import record, table
from corpuscope.analyses.comparison.tested_features import TestedFeatures
from corpuscope.analyses.correlate.verification import VerifiedPair, drawn_pair, verified_pairs
from corpuscope.analyses.correlate.views import View
from corpuscope.labels.named_store import NamedStore
from corpuscope.llm.client import LLM
from corpuscope.llm.function import Function
from corpuscope.llm.request import Answer, Request
from corpuscope.statistics.judges.judged_rates import KnownAnswers
from corpuscope.statistics.pairs.cooccurrence import npmi
from corpuscope.store.evidence import Evidence

_WORLDS = 300
_MIN_NPMI = 0.3
_SIZES = (1_000, 10_000)
_RATES = ((0.05, 0.05), (0.03, 0.3), (0.2, 0.1), (0.5, 0.4))
_STRENGTHS = (0.0, 0.2, 0.4)
_CONFUSIONS = 0.02
_N_KNOWN = 200
_LEAST_SUPPORT = 10
_N_WHOLE = 5

_Errors = tuple[float, float]
_PERFECT: _Errors = (1.0, 1.0)
_ERRING: _Errors = (0.85, 0.95)
_GOOD: _Errors = (0.8, 0.99)
_POOR: _Errors = (0.5, 0.97)


@dataclass(frozen=True)
class Kind:
    """A kind of world.

    Attributes:
        n: Documents.
        rates: Share of documents with each property, before any is drawn.
        strength: NPMI of the two properties.
        features: Sensitivity and specificity of both features.
        judge: Sensitivity and specificity of the judge.
        confused: Share of documents in which both features fire, whatever is in them.
    """

    n: int
    rates: tuple[float, float]
    strength: float
    features: _Errors
    judge: _Errors
    confused: float = _CONFUSIONS

    @property
    def both(self) -> float:
        """Share of documents with both properties."""
        a, b = self.rates
        return min((a * b) ** (1 / (1 + self.strength)), a, b)

    @property
    def true(self) -> float:
        """NPMI of the properties; less than the strength where that would take more than all."""
        return _npmi_of(*self.rates, self.both)

    @property
    def judged(self) -> float:
        """NPMI of the judge's verdicts on ever more documents."""
        (a, b), (found, none) = self.rates, self.judge
        cells = np.array([[self.both, a - self.both], [b - self.both, 1 - a - b + self.both]])
        turns = np.array([[found, 1 - none], [1 - found, none]])
        said = turns @ cells @ turns.T
        return _npmi_of(said[0].sum(), said[:, 0].sum(), said[0, 0])


def _npmi_of(a: float, b: float, both: float) -> float:
    return math.log(both / (a * b)) / -math.log(both)


class _Numbered(NamedStore):
    """Documents whose text is their number; passages are of those that come first."""

    def __init__(self) -> None:
        pass

    def texts(self, rows: Sequence[int] | npt.NDArray[np.int64]) -> list[str]:
        return [f"text {row}" for row in rows]

    def strongest(
        self, feature: int, rows: npt.NDArray[np.int64], *, n: int, side: str
    ) -> list[tuple[int, Evidence]]:
        return [
            (row, Evidence(str(row), f"text {row} alone", side, ((0, 4),), 1.0))
            for row in rows[:n].tolist()
        ]


_SOURCE = _Numbered()


class _AtOnce(LLM):
    """Answers without a cache, a budget, and checks of form."""

    def ask(
        self,
        requests: Sequence[Request],
        *,
        progress: Callable[[int, int], None] | None = None,
    ) -> list[Answer]:
        assert isinstance(self.transport, Function)
        answers = (self.transport.function(one) for one in requests)
        return [
            Answer(request, "answered", value)
            for request, value in zip(requests, answers, strict=True)
            if isinstance(value, dict)
        ]


@dataclass(frozen=True)
class Read:
    """A world that was read: what came out, what all verdicts say, and the calls."""

    found: VerifiedPair
    of_all: float
    n_calls: int


def run(kind: Kind, seed: int, known: KnownAnswers | None = None) -> Read | None:
    """One world, verified; None if too few documents have both features."""
    rng = np.random.default_rng([seed, kind.n])
    (a, b), both = kind.rates, kind.both
    outcome = rng.choice(4, kind.n, p=[both, a - both, b - both, 1 - a - b + both])
    has = np.stack([outcome % 4 < 2, outcome % 2 == 0])
    features = _seen(has, kind.features, rng) | (rng.random(kind.n) < kind.confused)
    said = _seen(has, kind.judge, rng)
    if features.all(axis=0).sum() < _LEAST_SUPPORT:
        return None
    columns = TestedFeatures(sp.csr_array(features.T), np.arange(2), [])
    view = View(_SOURCE, np.arange(kind.n), columns, sp.csr_array(features.T))
    n_calls = 0

    def judge(request: Request) -> dict[str, str]:
        nonlocal n_calls
        n_calls += 1
        number = re.search(r"\ntext (\d+)\n", request.user)
        assert number is not None
        is_second = "this: second." in request.user
        verdict = "yes" if said[int(is_second), int(number[1])] else "no"
        return {"reason": "", "verdict": verdict}

    drawn = drawn_pair((view, view), (0, 1), ("first", "second"), per_cell=60, seed=seed)
    client = LLM if seed < _N_WHOLE else _AtOnce
    (found,) = verified_pairs(
        [drawn], client(Function(judge, "judge")), min_npmi=_MIN_NPMI, known=known, seed=seed
    )
    n_a, n_b = said.sum(axis=1, keepdims=True)
    n_both = said.all(axis=0).sum(keepdims=True)
    return Read(found, float(npmi(n_both, n_a, n_b, kind.n)[0]), n_calls)


def _seen(
    has: npt.NDArray[np.bool_], errors: _Errors, rng: np.random.Generator
) -> npt.NDArray[np.bool_]:
    """What is found by whoever has this sensitivity and specificity."""
    found, none = errors
    seen: npt.NDArray[np.bool_] = rng.random(has.shape) < np.where(has, found, 1 - none)
    return seen


def worlds_of(kind: Kind, n: int) -> list[Read]:
    """Worlds of a kind."""
    found = (run(kind, seed) for seed in range(n))
    return [one for one in found if one is not None]


def _holds(interval: tuple[float, float], value: float) -> bool:
    return interval[0] - 1e-9 <= value <= interval[1] + 1e-9


@dataclass(frozen=True)
class Summary:
    """Worlds of one kind.

    Attributes:
        kind: The kind.
        worlds: Those that were not `too_few`.
        words: How often each word was said.
    """

    kind: Kind
    worlds: list[Read]
    words: Counter[str]

    @property
    def held_of_all(self) -> float:
        """Share of intervals that hold what judging all documents says."""
        return _mean([_holds(one.found.interval_of_all, one.of_all) for one in self.worlds])

    @property
    def held(self) -> float:
        """Share of intervals that hold what this judge would say of ever more documents."""
        return _mean([_holds(one.found.interval, self.kind.judged) for one in self.worlds])

    def row(self) -> list[object]:
        """A line of the table."""
        one, n = self.kind, self.words.total()
        estimate = _mean([world.found.npmi for world in self.worlds])
        halves = (
            _mean([np.ptp(getattr(world.found, name)) / 2 for world in self.worlds])
            for name in ("interval_of_all", "interval")
        )
        calls = _mean([world.n_calls for world in self.worlds])
        return [
            f"{one.n:,}", "{:g}, {:g}".format(*one.rates), f"{one.strength:.1f}",
            "{:g}, {:g}".format(*one.features), "{:g}, {:g}".format(*one.judge),
            f"{one.judged:.2f}", f"{estimate:.2f}", *(f"{half:.2f}" for half in halves),
            f"{self.held_of_all:.1%}", f"{self.held:.1%}", f"{calls / (2 * one.n):.1%}",
            *(f"{self.words[word] / n:.0%}" for word in _WORDS),
        ]  # fmt: skip


_WORDS = ("confirmed", "undecided", "refuted", "too_few")
_HEADER = [
    "documents", "rates", "NPMI", "features", "judge", "judged NPMI", "estimate",
    "half width, of all", "half width", "holds what all say", "holds the judged NPMI",
    "calls of all", *(word.replace("_", " ") for word in _WORDS),
]  # fmt: skip


def _mean(values: Sequence[float | bool]) -> float:
    return float(np.mean(values)) if len(values) else math.nan


def summary_of(kind: Kind, n: int) -> Summary:
    """Worlds of a kind, summed up."""
    every = worlds_of(kind, n)
    words = Counter(one.found.word for one in every)
    return Summary(kind, [one for one in every if one.found.word != "too_few"], words)


def corrected(kind: Kind, n: int) -> list[object]:
    """A judge that errs: the estimate as judged, and corrected by 200 known texts of each kind."""
    found, none = kind.judge
    raw, mended, n_held, words = [], [], [], Counter[str]()
    for seed in range(n):
        rng = np.random.default_rng([seed, 7])
        known = KnownAnswers(
            int(rng.binomial(_N_KNOWN, found)), _N_KNOWN,
            int(rng.binomial(_N_KNOWN, 1 - none)), _N_KNOWN,
        )  # fmt: skip
        one, other = run(kind, seed), run(kind, seed, known)
        if one is None or other is None or one.found.word == "too_few":
            continue
        raw.append(one.found.npmi)
        mended.append(other.found.npmi)
        n_held.append(_holds(other.found.interval, kind.true))
        words[other.found.word] += 1
    return [
        f"{kind.n:,}", "{:g}, {:g}".format(*kind.rates), f"{kind.true:.2f}", f"{kind.judged:.2f}",
        f"{_mean(raw):.2f}", f"{_mean(raw) - kind.true:+.2f}", f"{np.median(mended):.2f}",
        f"{np.median(mended) - kind.true:+.2f}", f"{_mean(n_held):.1%}",
        *(f"{words[word] / max(words.total(), 1):.0%}" for word in _WORDS[:3]), len(raw),
    ]  # fmt: skip


def main() -> None:
    """Record all of it."""
    n = int(sys.argv[1]) if len(sys.argv) > 1 else _WORLDS
    kinds = [
        Kind(size, rates, strength, features, judge)
        for size, rates, strength, (features, judge) in itertools.product(
            _SIZES, _RATES, _STRENGTHS, ((_GOOD, _PERFECT), (_POOR, _PERFECT), (_GOOD, _ERRING))
        )
    ]
    with ProcessPoolExecutor() as pool:
        found = list(pool.map(summary_of, kinds, itertools.repeat(n)))
        erring = [one for one in kinds if one.judge == _ERRING]
        known = list(pool.map(corrected, erring, itertools.repeat(n)))
    usual = [one for one in found if len(one.worlds) >= n / 2]
    record("Verified NPMI under judges of known errors", [
        f"{n} worlds of each kind; both features fire in {_CONFUSIONS:.0%} of the documents "
        "whatever is in them. Worlds that are `too_few` count in its column alone.", "",
        *_summed_up(found, usual), "",
        *table(_HEADER, [one.row() for one in found]), "",
        f"A judge that errs ({_ERRING[0]:g}, {_ERRING[1]:g}), as judged and corrected by "
        f"{_N_KNOWN} known texts with each property and {_N_KNOWN} without.", "",
        *table(["documents", "rates", "true NPMI", "judged NPMI", "estimate", "bias",
                "corrected, median", "bias", "holds the true NPMI", *_WORDS[:3], "worlds"], known),
    ])  # fmt: skip


def _summed_up(found: Sequence[Summary], usual: Sequence[Summary]) -> list[str]:
    """What the tables say, in sentences."""
    lines = []
    for name in ("held_of_all", "held"):
        each = [getattr(one, name) for one in usual]
        every = [(getattr(one, name), len(one.worlds)) for one in found if one.worlds]
        overall = sum(share * n for share, n in every) / sum(n for _, n in every)
        what = {"held_of_all": "what judging all documents says", "held": "the judged NPMI"}[name]
        lines.append(
            f"- Intervals hold {what} in {overall:.1%} of {sum(n for _, n in every):,} worlds; of "
            f"{len(each)} kinds with at least half of the worlds, in {min(each):.1%} to "
            f"{max(each):.1%}, median {np.median(each):.1%}; outside of 93 to 98 % in "
            f"{sum(not 0.93 <= one <= 0.98 for one in each)}, below in "
            f"{sum(one < 0.93 for one in each)}."
        )
    for judge in (_PERFECT, _ERRING):
        words = Counter[str]()
        for one in found:
            if one.kind.strength == 0 and one.kind.judge == judge:
                words += one.words
        shares = ", ".join(f"{word} {words[word] / words.total():.1%}" for word in _WORDS)
        lines.append("- Independent properties, judge {:g}, {:g}: ".format(*judge) + f"{shares}.")
    most = max(_mean([w.n_calls / (2 * one.kind.n) for w in one.worlds]) for one in usual)
    lines.append(f"- At most {most:.1%} of the calls that judging all would take.")
    return lines


if __name__ == "__main__":
    main()
