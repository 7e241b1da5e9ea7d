"""Documents that are set aside before anything is looked at, to verify claims on.

What documents suggested, the same documents cannot confirm. So pairs (or documents of each group)
are set aside first, at random, without dividing texts, keys or clusters: as many as verification
needs, but at most a third. If fewer than 100 can be spared, none are.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from corpuscope.analyses.comparison.groups import Contrast, Groups
from corpuscope.analyses.comparison.holdout import split
from corpuscope.labels.named_store import NamedStore
from corpuscope.shapes import DocumentMask, PerDocument, Rows

_LEAST = 100
_LARGEST_SHARE = 3
_OTHERS = "the others"
# Apart from the seed of the holdout split, which divides what is left.
_SEED_OFFSET = 7_919


@dataclass(frozen=True, eq=False)
class SetAside:
    """A division of the documents.

    Attributes:
        discovery: The documents to find and state claims with.
        groups: The groups among the documents set aside.
    """

    discovery: DocumentMask
    groups: Groups


def set_aside(source: NamedStore, groups: Groups, *, n: int, seed: int) -> SetAside | None:
    """The documents set aside, or None if too few can be spared.

    Args:
        source: The documents.
        groups: The groups of documents that count.
        n: The pairs, or documents of each group, that verification needs.
        seed: The random seed.
    """
    available = min(_n_units(contrast) for contrast in groups.contrasts)
    spared = min(n, available // _LARGEST_SHARE)
    if spared < _LEAST:
        return None
    discovery, verdict = split(
        source, groups.rows, groups.codes, groups.kept_together, share=spared / available,
        seed=seed + _SEED_OFFSET,
    )  # fmt: skip
    return SetAside(discovery, groups.among(verdict))


def _n_units(contrast: Contrast) -> int:
    """The number of keys in both groups; without keys, the size of the smaller group."""
    if contrast.keys is not None:
        return len(np.unique(contrast.keys[contrast.target_rows]))
    return min(len(contrast.target_rows), len(contrast.reference_rows))


def units_of(groups: Groups, *, n: int, seed: int) -> Contrast:
    """At most `n` pairs, or documents of each side, drawn at random; all references together.

    A key has one pair; where a group has several documents of a key, one is drawn.
    """
    rng = np.random.default_rng([seed, _SEED_OFFSET])
    first = groups.contrasts[0]
    target = _joined([one.target_rows for one in groups.contrasts])
    reference = _joined([one.reference_rows for one in groups.contrasts])
    if first.keys is None:
        target, reference = (np.sort(rng.permutation(side)[:n]) for side in (target, reference))
    else:
        target, reference = (
            _one_of_each_key(side, first.keys, rng) for side in (target, reference)
        )
        target, reference = (
            side[np.isin(first.keys[side], first.keys[other])]
            for side, other in ((target, reference), (reference, target))
        )
        chosen = np.sort(rng.permutation(len(target))[:n])
        target, reference = target[chosen], reference[chosen]
    name = first.reference if len(groups.contrasts) == 1 else _OTHERS
    return replace(
        first, reference=name, target_rows=target, reference_rows=reference,
        is_paired=first.keys is not None,
    )  # fmt: skip


def _joined(rows: Sequence[Rows]) -> Rows:
    found: Rows = np.unique(np.concatenate(rows))
    return found


def _one_of_each_key(rows: Rows, keys: PerDocument, rng: np.random.Generator) -> Rows:
    """A random document of each key, in the order of keys."""
    shuffled = rng.permutation(rows)
    _, first = np.unique(keys[shuffled], return_index=True)
    chosen: Rows = shuffled[first]
    return chosen
