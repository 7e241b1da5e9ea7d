"""Disambiguation: features with the same label get a further clause that distinguishes them."""

from collections import Counter, defaultdict
from collections.abc import Sequence

from corpuscope.labels.context import FeatureContext
from corpuscope.labels.label import WEIGHTS, Clause, Label
from corpuscope.labels.traits.trait_table import traits_of
from corpuscope.labels.wording import surface_forms, wording

__all__ = ["made_distinct"]

# Maximum length of an extended label.
_MOST_CHARACTERS = 60
# Minimum difference between the shares of own and of rival contexts with a trait.
_MIN_DIFFERENCE = 0.2
_N_ROUNDS = 2


def made_distinct(
    labels: Sequence[Label],
    further: Sequence[Sequence[Clause]],
    contexts: Sequence[Sequence[FeatureContext]],
) -> list[Label]:
    """The labels, extended by a clause where several features share one.

    Args:
        labels: Label of each feature.
        further: Further clauses for each feature, best first.
        contexts: Training contexts of each feature.

    Returns:
        A label per feature. Some may still coincide, if no clause distinguishes the features.
    """
    made = list(labels)
    for _ in range(_N_ROUNDS):
        for group in _same(made):
            shares = {f: _shares(made[f], further[f], contexts[f], contexts, group) for f in group}
            for feature, candidates in shares.items():
                made[feature] = _extended(made[feature], candidates, contexts[feature])
    return made


def _same(labels: Sequence[Label]) -> list[list[int]]:
    groups: dict[tuple[str, str], list[int]] = defaultdict(list)
    for feature, label in enumerate(labels):
        if label.text is not None:
            groups[label.kind, label.text].append(feature)
    return [group for group in groups.values() if len(group) > 1]


def _shares(
    label: Label,
    further: Sequence[Clause],
    own: Sequence[FeatureContext],
    contexts: Sequence[Sequence[FeatureContext]],
    group: Sequence[int],
) -> list[Clause]:
    """Clauses of `further` that hold for more of a feature's contexts than of its rivals'."""
    here = _trait_shares(label, own)
    rivals = [c for feature in group for c in contexts[feature] if contexts[feature] is not own]
    there = _trait_shares(label, rivals)
    lift = {
        clause: max(here.get(trait, 0.0) - there.get(trait, 0.0) for trait in clause.traits)
        for clause in further
        if clause not in label.criteria
    }
    better = [clause for clause, difference in lift.items() if difference >= _MIN_DIFFERENCE]
    return sorted(better, key=lambda clause: -lift[clause])


def _trait_shares(label: Label, contexts: Sequence[FeatureContext]) -> dict[str, float]:
    counts: Counter[str] = Counter()
    for context in contexts:
        counts.update(traits_of(context, label.kind))
    return {trait: n / max(len(contexts), 1) for trait, n in counts.items()}


def _extended(
    label: Label, candidates: Sequence[Clause], contexts: Sequence[FeatureContext]
) -> Label:
    """The label with the first candidate that fits the length limit, or unchanged."""
    if len(label.criteria) >= len(WEIGHTS):
        return label
    surfaces = surface_forms(contexts)
    for clause in candidates:
        criteria = (*label.criteria, clause)
        text = wording(criteria, label.kind, surfaces)
        if len(text) <= _MOST_CHARACTERS:
            return Label(label.kind, text, criteria)
    return label
