"""Labels from words: traits that distinguish a feature's contexts from the background.

The label of a token feature describes the token (word, ending, class) or its position, then what
distinguishes it from the same words elsewhere. The label of a sentence feature lists words and
forms. Candidates are ranked by log-odds; clauses are selected greedily by their gain in trials on
the training contexts, minus a cost per clause. No language model is used.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from corpuscope.labels.context import FeatureContext, UnitKind
from corpuscope.labels.label import WEIGHTS, Clause, Label
from corpuscope.labels.score import expected_credit
from corpuscope.labels.traits.trait_table import Background
from corpuscope.labels.trials import TraitContrast, binary_credit, quantile_weights
from corpuscope.labels.word_forms import FUNCTION_WORDS, WORD_CLASSES, stem
from corpuscope.labels.wording import surface_forms, wording

__all__ = ["MAX_CHARACTERS", "Proposal", "label_feature", "propose", "worded"]

MAX_CHARACTERS = 52
"""Approximate maximum length of a label."""

_MIN_CONTEXTS = 4
_MIN_OTHERS = 50
# Cost of a clause or listed word, in units of trial credit.
_PRICE_OF_PART = 0.02
_N_CANDIDATES = 30
_MAX_LISTED = {"word": 4, "forms": 3, "after": 3, "before": 3, "near": 3, "ending": 2}
# Minimum credit of a label; chance is 1/11 = .09.
_NO_BETTER_THAN_CHANCE = 0.16
# Penalty of each slot relative to a plain word, in units of trial credit.
_HANDICAP = {
    "word": 0.0, "forms": 0.02, "ending": 0.03, "beginning": 0.05, "class": 0.03,
    "where": 0.03, "after": 0.04, "before": 0.05, "near": 0.12, "in": 0.08,
}  # fmt: skip
# Word classes have an extra penalty, since a list of the few words that occur is more precise.
_BROAD_CLASSES = frozenset(f"class={name}" for name in WORD_CLASSES)
_HANDICAP_OF_FUNCTION_WORD = 0.08
_HANDICAP_OF_FORM = 0.02
_WITH_LETTERS = (
    "class=capitalised name",
    "class=start of a rare or long word",
    "class=rest of a rare or long word",
)
_REFINEMENTS = ("where", "after", "before", "class", "initial", "final", "in", "near")


@dataclass(frozen=True, slots=True)
class Proposal:
    """Clauses of a label, and further ones to distinguish it from other labels."""

    criteria: tuple[Clause, ...]
    further: tuple[Clause, ...] = ()
    reason: str | None = None


def label_feature(
    contexts: Sequence[FeatureContext], background: Sequence[FeatureContext], kind: UnitKind
) -> Label:
    """A short label for what distinguishes the contexts from random units.

    Args:
        contexts: Contexts with the feature, each from a different document.
        background: Random units of the same kind, without the feature.
        kind: Type of the units.

    Returns:
        A label; its text is None, with a reason, if there are too few contexts or nothing
        distinguishes them.
    """
    others = Background.of(background, kind)
    table = others.traits.table(contexts)
    strengths = np.array([context.strength for context in contexts])
    contrast = TraitContrast(
        table, quantile_weights(strengths), others, np.ones(len(background), dtype=np.bool_)
    )
    return worded(propose(contrast, kind), contexts, kind)


def worded(proposal: Proposal, contexts: Sequence[FeatureContext], kind: UnitKind) -> Label:
    """The proposal as text, with trailing clauses dropped to fit the length limit."""
    if not proposal.criteria:
        return Label(kind, None, reason=proposal.reason)
    surfaces = surface_forms(contexts)
    criteria = proposal.criteria
    while len(criteria) > 1 and len(wording(criteria, kind, surfaces)) > MAX_CHARACTERS:
        criteria = criteria[:-1]
    return Label(kind, wording(criteria, kind, surfaces), criteria)


def propose(contrast: TraitContrast, kind: UnitKind) -> Proposal:
    """Clauses that describe the contexts, best first."""
    n_contexts = contrast.table.shape[0]
    if n_contexts < _MIN_CONTEXTS:
        return Proposal((), reason=f"only {n_contexts} training contexts")
    if contrast.n_without < _MIN_OTHERS:
        return Proposal((), reason=f"only {contrast.n_without} units without the feature")
    return _token_proposal(contrast) if kind == "token" else _sentence_proposal(contrast)


def _token_proposal(contrast: TraitContrast) -> Proposal:
    main = _main_part(contrast)
    if main is None:
        return Proposal((), reason="no trait distinguishes its contexts from others")
    refinements = _refinements(contrast, main)
    criteria = [_clause(contrast, main)]
    kept = [part for lift, share, part in refinements if lift >= _MIN_LIFT and share >= _MIN_SHARE]
    criteria += [_clause(contrast, part) for part in kept[:1]]
    said = set(criteria)
    further = [_clause(contrast, part) for _, _, part in refinements]
    return Proposal(tuple(criteria), tuple(c for c in further if c not in said))


_Part = tuple[int, ...]
# Minimum lift and share of a trait that refines a label.
_MIN_LIFT = 0.4
_MIN_SHARE = 0.6
# Minimum share of a trait that may distinguish a label from other labels.
_MIN_SHARE_TO_TELL_APART = 0.3


def _main_part(contrast: TraitContrast) -> _Part | None:
    """The traits of one slot that win most trials as a label by themselves."""
    best, best_value = None, _NO_BETTER_THAN_CHANCE
    for slot, handicap in _HANDICAP.items():
        of_slot = np.flatnonzero((contrast.slots == slot) & contrast.is_supported)
        if not len(of_slot):
            continue
        part, value = _union(contrast, of_slot, n_most=_MAX_LISTED.get(slot, 1))
        if slot in ("forms", "ending", "beginning"):
            handicap += 0.01 * len(part)
        if part and contrast.name(part[0]) in _BROAD_CLASSES:
            handicap += 0.03
        if value - handicap > best_value:
            best, best_value = part, value - handicap
    return best


def _union(
    contrast: TraitContrast, candidates: npt.NDArray[np.int64], *, n_most: int
) -> tuple[_Part, float]:
    """Greedy union of candidates, while each increases the credit by more than its cost."""
    chosen: list[int] = []
    value = 0.0
    here = np.zeros(contrast.table.shape[0], dtype=np.bool_)
    there = np.zeros(len(contrast.is_without), dtype=np.bool_)
    order = candidates[np.argsort(-contrast.credit[candidates], kind="stable")][:_N_CANDIDATES]
    own_there = {int(index): contrast.there([int(index)]) for index in order}
    while len(chosen) < n_most:
        gains = []
        for index in order:
            p = contrast.weights @ (here | contrast.inside[:, index])
            q = np.count_nonzero((there | own_there[int(index)]) & contrast.is_without)
            gains.append(binary_credit(np.array(p), np.array(q / contrast.n_without)).item())
        at = int(np.argmax(gains))
        if gains[at] - value < _PRICE_OF_PART:
            break
        index = int(order[at])
        chosen.append(index)
        value = gains[at]
        here |= contrast.inside[:, index]
        there |= own_there[index]
    return tuple(chosen), value - _PRICE_OF_PART * len(chosen)


def _refinements(contrast: TraitContrast, main: _Part) -> list[tuple[float, float, _Part]]:
    """Traits that distinguish the contexts from background units that match the main part.

    Each with its lift (difference of the shares here and there) and its share here. Shares there
    are shrunk towards the overall background.
    """
    here, there = contrast.here(main), contrast.there(main) & contrast.is_without
    own_slot = contrast.slots[main[0]]
    n_same = int(there.sum())
    weights = contrast.weights * here
    p = weights @ contrast.inside / max(weights.sum(), 1e-12)
    found: list[tuple[float, float, _Part]] = []
    same = contrast.background.by_context[np.flatnonzero(there)]
    counts = np.bincount(same.indices, minlength=len(contrast.names))[contrast.columns]
    # Shrinkage by five pseudo-counts at the overall background rate.
    q = (counts + 5 * contrast.q) / (n_same + 5)
    what = ("word", "forms", "class", "ending", "beginning", "initial", "final")
    barred = {own_slot, *(what if own_slot in what else ())}
    # The first and last letters are informative only for open classes, not for given words.
    if contrast.name(main[0]) in _WITH_LETTERS:
        barred -= {"initial", "final"}
    for index in np.flatnonzero((p >= _MIN_SHARE_TO_TELL_APART) & contrast.is_supported):
        slot = contrast.slots[index]
        if slot in _REFINEMENTS and slot not in barred:
            extra = {"near": -0.1, "in": -0.1, "class": -0.05}.get(slot, 0.0)
            found.append((float(p[index] - q[index]) + extra, float(p[index]), (int(index),)))
    found.sort(key=lambda entry: (-round(entry[0], 3), contrast.name(entry[2][0])))
    return found


def _sentence_proposal(contrast: TraitContrast) -> Proposal:
    candidates = _sentence_candidates(contrast)
    chosen: list[int] = []
    levels_here = np.zeros(contrast.table.shape[0], dtype=np.int64)
    levels_there = np.zeros(contrast.n_without, dtype=np.int64)
    there = {i: contrast.there([i])[contrast.is_without] for i in candidates}
    # Chance level: an empty label picks one context out of eleven.
    value = 1 / 11
    for weight in WEIGHTS:
        best, best_gain = None, _PRICE_OF_PART
        for index in candidates:
            if index in chosen or _repeats(contrast, index, chosen):
                continue
            here = levels_here + weight * contrast.inside[:, index]
            won = _level_credit(contrast.weights, here, levels_there + weight * there[index])
            gain = won - value - _handicap(contrast, index)
            # The tolerance makes ties independent of rounding: the first candidate wins.
            if gain > best_gain + 1e-9:
                best, best_gain = index, gain
        if best is None:
            break
        chosen.append(best)
        levels_here += weight * contrast.inside[:, best]
        levels_there += weight * there[best]
        value = _level_credit(contrast.weights, levels_here, levels_there)
    if not chosen or value < _NO_BETTER_THAN_CHANCE:
        return Proposal((), reason="no trait distinguishes its contexts from others")
    clauses = [_clause(contrast, (index,)) for index in chosen]
    further = [
        _clause(contrast, (i,))
        for i in candidates
        if i not in chosen and not _repeats(contrast, i, chosen)
    ]
    return Proposal(_forms_last(clauses), tuple(further))


def _sentence_candidates(contrast: TraitContrast) -> list[int]:
    """Words and phrases selected by log-odds, and forms by credit; all sorted by log-odds."""
    is_form = contrast.slots == "form"
    supported = contrast.is_supported
    enriched = np.flatnonzero(~is_form & supported & (contrast.z > 1.5))
    words = enriched[np.argsort(-contrast.z[enriched], kind="stable")][:_N_CANDIDATES]
    forms = np.flatnonzero(is_form & supported & (contrast.credit > 0.12))
    forms = forms[np.argsort(-contrast.credit[forms], kind="stable")][:8]
    ordered = [*(int(i) for i in words), *(int(i) for i in forms)]
    return sorted(ordered, key=lambda i: (-round(float(contrast.z[i]), 6), contrast.name(i)))


def _handicap(contrast: TraitContrast, index: int) -> float:
    name = contrast.name(index)
    slot, _, value = name.partition("=")
    if slot == "form":
        return _HANDICAP_OF_FORM
    n_plain = sum(word not in FUNCTION_WORDS for word in value.split())
    if not n_plain:
        return _HANDICAP_OF_FUNCTION_WORD
    return -0.005 if slot == "phrase" and n_plain == len(value.split()) else 0.0


def _repeats(contrast: TraitContrast, index: int, chosen: list[int]) -> bool:
    """Whether a chosen clause already contains the same word, alone or in a phrase."""
    mine = {stem(word) for word in contrast.name(index).partition("=")[2].split()}
    for other in chosen:
        said = {stem(word) for word in contrast.name(other).partition("=")[2].split()}
        if contrast.slots[index] != "form" and contrast.slots[other] != "form" and mine & said:
            return True
    return False


def _level_credit(
    weights: npt.NDArray[np.float64], here: npt.NDArray[np.int64], there: npt.NDArray[np.int64]
) -> float:
    # Distribution of integer fits over the background, for exact ties.
    counts = np.bincount(there, minlength=sum(WEIGHTS) + 1)
    below = np.cumsum(counts) - counts
    won = expected_credit(below[here] / len(there), counts[here] / len(there))
    return float(weights @ won)


def _forms_last(clauses: list[Clause]) -> tuple[Clause, ...]:
    """The clauses in the order of the text: a form comes first or last."""
    first, *rest = clauses
    return (first, *sorted(rest, key=lambda clause: clause.slot == "form"))


def _clause(contrast: TraitContrast, part: _Part) -> Clause:
    return Clause(tuple(contrast.name(index) for index in part))
