"""Features with one label between them get the next thing that tells them apart."""

from collections import Counter, defaultdict
from collections.abc import Sequence

from corpuscope.labels.context import FeatureContext
from corpuscope.labels.label import WEIGHTS, Clause, Label
from corpuscope.labels.trait_table import traits_of
from corpuscope.labels.wording import surface_forms, wording

__all__ = ["made_distinct"]

_MOST_CHARACTERS = 60
_MIN_DIFFERENCE = 0.2
_N_ROUNDS = 2


def made_distinct(
    labels: Sequence[Label],
    further: Sequence[Sequence[Clause]],
    contexts: Sequence[Sequence[FeatureContext]],
) -> list[Label]:
    """The labels, each longer where others have the same and its contexts tell it from theirs.

    Args:
        labels: A label for each feature.
        further: What else could be said of each feature, best first.
        contexts: Training contexts of each feature.

    Returns:
        As many labels. Some may still be the same: there is no evidence then that the
        features differ.
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
    """Those of `further` that are true of more of a feature's contexts than of its rivals'."""
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
    """With the first candidate for which there is room, else as it was."""
    if len(label.criteria) >= len(WEIGHTS):
        return label
    surfaces = surface_forms(contexts)
    for clause in candidates:
        criteria = (*label.criteria, clause)
        text = wording(criteria, label.kind, surfaces)
        if len(text) <= _MOST_CHARACTERS:
            return Label(label.kind, text, criteria)
    return label
