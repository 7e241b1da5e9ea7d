"""Label scores: how often a label picks the context with the feature out of eleven.

A trial presents one held-out context (a unit at which the feature peaks) and ten units drawn with
replacement from documents without the feature; the label picks the best fit, and ties share the
credit. An uninformative label scores 1/11. The expectation over all draws of ten is computed
exactly, so the only randomness is in the held-out contexts and the pool.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from corpuscope.labels.context import FeatureContext, UnitKind
from corpuscope.labels.label import Clause, Label
from corpuscope.labels.traits.sentence_traits import content_stems
from corpuscope.labels.traits.token_traits import whole_word
from corpuscope.labels.word_forms import FUNCTION_WORDS, pieces, stem

__all__ = [
    "CHANCE",
    "N_OTHERS",
    "LabelScore",
    "credits",
    "interval_of",
    "score_label",
    "top_token_label",
]

N_OTHERS = 10
"""Number of distractors per trial."""

CHANCE = 1 / (N_OTHERS + 1)
"""Score of an uninformative label."""

_N_RESAMPLES = 1000


@dataclass(frozen=True, slots=True)
class LabelScore:
    """The share of trials that a label wins, with a 95 % interval; NaN without trials."""

    score: float
    low: float
    high: float
    n_trials: int


def score_label(
    label: Label,
    held_out: Sequence[FeatureContext],
    others: Sequence[FeatureContext],
    *,
    seed: int = 0,
) -> LabelScore:
    """How often the label picks a held-out context out of itself and ten of `others`.

    Args:
        label: The label; one without text fits all contexts equally.
        held_out: Contexts with the feature that were not used to make the label.
        others: Contexts of units of the same kind without the feature.
        seed: Random seed for the bootstrap over `held_out`.
    """
    fits = np.array([label.matches(context) for context in held_out])
    other_fits = np.array([label.matches(context) for context in others])
    return interval_of(credits(fits, other_fits), seed=seed)


def credits(
    fits: npt.NDArray[np.float64], other_fits: npt.NDArray[np.float64]
) -> npt.NDArray[np.float64]:
    """Expected credit of each context in a trial against ten random others, in [0, 1].

    If a share `l` of the others fits worse and `e` equally well, the expectation of
    1 / (1 + number of ties), with 0 if any fits better, is ((l + e)^11 - l^11) / (11 e).

    Example:
        >>> credits(np.array([1.0, 0.0]), np.array([0.0, 0.0])).round(3)
        array([1.   , 0.091])
    """
    if not len(fits) or not len(other_fits):
        return np.empty(0)
    ordered = np.sort(other_fits)
    less = np.searchsorted(ordered, fits, side="left") / len(ordered)
    less_or_equal = np.searchsorted(ordered, fits, side="right") / len(ordered)
    found: npt.NDArray[np.float64] = expected_credit(less, less_or_equal - less)
    return found


Shares = npt.NDArray[np.float64] | np.float64
"""One or several shares, in [0, 1]."""


def expected_credit(less: Shares, equal: Shares) -> Any:
    """Expected credit of a trial, given the shares of others that fit worse and equally well."""
    n = N_OTHERS + 1
    with np.errstate(invalid="ignore", divide="ignore"):
        shared = ((less + equal) ** n - less**n) / (n * equal)
    # Without ties, the limit: all of the others must fit worse.
    return np.where(equal > 1e-9, shared, less**N_OTHERS)


def interval_of(shares: npt.NDArray[np.float64], *, seed: int) -> LabelScore:
    """Mean credit, with a percentile bootstrap interval over the trials."""
    if not len(shares):
        return LabelScore(float("nan"), float("nan"), float("nan"), 0)
    draws = np.random.default_rng(seed).integers(0, len(shares), (_N_RESAMPLES, len(shares)))
    low, high = np.quantile(shares[draws].mean(axis=1), [0.025, 0.975])
    return LabelScore(float(shares.mean()), float(low), float(high), len(shares))


def top_token_label(contexts: Sequence[FeatureContext], kind: UnitKind) -> Label:
    """The word with the largest mean strength, as a baseline label.

    For sentences, the best content word; words that occur in a single context are used only if
    there are no others.
    """
    strengths: dict[str, list[float]] = defaultdict(list)
    for context in contexts:
        for word in _words_of(context, kind):
            strengths[word].append(context.strength)
    if not strengths:
        return Label(kind, None, reason="no words")
    repeated = {w: s for w, s in strengths.items() if len(s) > 1} or strengths
    best = min(repeated, key=lambda w: (-float(np.mean(repeated[w])), w))
    trait = f"word={best if kind == 'token' else stem(best)}"
    return Label(kind, f'"{best}"', (Clause((trait,)),))


def _words_of(context: FeatureContext, kind: UnitKind) -> set[str]:
    if kind == "token":
        return {whole_word(context)}
    if not content_stems(context.text):
        return set()
    words = {word for word, _, _ in pieces(context.text) if word[0].isalnum()}
    return words - FUNCTION_WORDS
