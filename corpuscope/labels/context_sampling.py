"""Deduplication of contexts, and their split into training and held-out ones."""

import re
from collections import Counter, defaultdict

import numpy as np

from corpuscope.labels.context import FeatureContext, FeatureContexts, UnitKind

__all__ = ["held_out_contexts"]

_HELD_OUT_SHARE = 0.4
# Copies kept of sentences with fewer than `_SHORT_WORDS` spaces; of longer ones, one is kept.
_MAX_COPIES_OF_SHORT = 3
_SHORT_WORDS = 6
_MAX_PER_FAMILY = 3
_NO_LETTERS = re.compile(r"[\W\d_]+")


def held_out_contexts(
    feature: int,
    kind: UnitKind,
    halves: tuple[list[FeatureContext], list[FeatureContext]],
    n_documents: int,
    *,
    n: int,
    copies: bool,
    seed: int,
) -> FeatureContexts:
    """Up to `n` contexts, split by document, and by default without near-duplicates.

    Args:
        feature: Number of the feature; also part of the seed.
        kind: Type of its units.
        halves: Contexts drawn from the strongest documents and from the rest.
        n_documents: Number of documents in which the feature is present.
        n: Maximum number of contexts, half from each of `halves`.
        copies: Whether to keep all copies of a sentence.
        seed: Random seed.
    """
    rng = np.random.default_rng([seed, feature, 1])
    seen: Counter[str] = Counter()
    families: Counter[str] = Counter()
    kept: list[FeatureContext] = []
    for half in halves:
        n_before = len(kept)
        for at in rng.permutation(len(half)):
            is_wanted = len(kept) - n_before < -(-n // 2)
            if is_wanted and _is_new(half[at], seen, families, copies=copies):
                kept.append(half[at])
    held_out: list[FeatureContext] = []
    training: list[FeatureContext] = []
    for group in _by_source(kept):
        # Whole documents are assigned to one side, so that none has contexts in both.
        behind = len(held_out) < _HELD_OUT_SHARE * (len(held_out) + len(training) + len(group))
        (held_out if behind and training else training).extend(group)
    return FeatureContexts(feature, kind, tuple(training), tuple(held_out), n_documents)


def _is_new(
    context: FeatureContext, seen: Counter[str], families: Counter[str], *, copies: bool
) -> bool:
    key = _without_digits(context.text)
    n_copies = _MAX_COPIES_OF_SHORT if key.count(" ") < _SHORT_WORDS else 1
    family = _family(context)
    if (seen[key] >= n_copies and not copies) or families[family] >= _MAX_PER_FAMILY:
        return False
    seen[key] += 1
    families[family] += 1
    return True


def _by_source(contexts: list[FeatureContext]) -> list[list[FeatureContext]]:
    groups: dict[str, list[FeatureContext]] = defaultdict(list)
    for context in contexts:
        groups[_family(context)].append(context)
    return list(groups.values())


def _family(context: FeatureContext) -> str:
    # Ids of the parts of one document agree before `#`.
    return context.document.partition("#")[0]


def _without_digits(text: str) -> str:
    return _NO_LETTERS.sub(" ", text.lower()).strip() or text
