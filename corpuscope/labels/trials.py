"""The contexts of one feature against the background, counted for all traits at once."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from corpuscope.labels.score import Shares, expected_credit
from corpuscope.labels.traits.trait_table import Background

__all__ = ["TraitContrast", "quantile_weights"]

# Weight of the prior, as a number of contexts.
_PRIOR_CONTEXTS = 10.0
_SUPPORT_SHARE = 0.08


def quantile_weights(strengths: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Context weights by strength rank, the strongest twice the weakest; they sum to 1."""
    if len(strengths) < 2:
        return np.ones(len(strengths))
    # Ties get the mean rank, and so equal weights.
    _, rank, counts = np.unique(strengths, return_inverse=True, return_counts=True)
    middle = np.cumsum(counts) - (counts + 1) / 2
    weights = 0.5 + 0.5 * middle[rank] / (len(strengths) - 1)
    normed: npt.NDArray[np.float64] = weights / weights.sum()
    return normed


@dataclass
class TraitContrast:
    """The traits of a feature's training contexts, and how common each is elsewhere.

    Attributes:
        table: Contexts x traits of the training contexts.
        weights: Weight of each context; they sum to 1.
        background: Random units of the same kind.
        is_without: Mask of the background units without the feature.
    """

    table: Any
    weights: npt.NDArray[np.float64]
    background: Background
    is_without: npt.NDArray[np.bool_]

    def __post_init__(self) -> None:
        self.names = self.background.traits.names
        self.n_without = int(self.is_without.sum())
        self.columns, self._column_of = np.unique(self.table.indices, return_inverse=True)
        self._context_of = np.repeat(np.arange(self.table.shape[0]), np.diff(self.table.indptr))
        self.inside = np.zeros((self.table.shape[0], len(self.columns)), dtype=np.bool_)
        self.inside[self._context_of, self._column_of] = True
        self.p = self.weights @ self.inside
        self.n_contexts = self.inside.sum(axis=0)
        self.q = self._counts_without() / max(self.n_without, 1)

    def _counts_without(self) -> npt.NDArray[np.float64]:
        """Number of background contexts without the feature that have each trait."""
        known = self.columns < len(self.background.counts)
        counts = np.zeros(len(self.columns))
        counts[known] = self.background.counts[self.columns[known]]
        excluded: Any = self.background.by_context[np.flatnonzero(~self.is_without)]
        there = np.bincount(excluded.indices, minlength=len(self.names))
        left: npt.NDArray[np.float64] = counts - there[self.columns]
        return left

    @cached_property
    def is_supported(self) -> npt.NDArray[np.bool_]:
        """Mask of the traits with enough support: at least two contexts, and 8 % of them."""
        least = max(2, round(_SUPPORT_SHARE * self.table.shape[0]))
        supported: npt.NDArray[np.bool_] = np.asarray(self.n_contexts >= least)
        return supported

    @cached_property
    def slots(self) -> npt.NDArray[np.object_]:
        """The slot of each trait."""
        return np.array([self.names[c].partition("=")[0] for c in self.columns], dtype=object)

    @cached_property
    def credit(self) -> npt.NDArray[np.float64]:
        """Expected credit of each trait as a label by itself."""
        found: npt.NDArray[np.float64] = binary_credit(self.p, self.q)
        return found

    @cached_property
    def z(self) -> npt.NDArray[np.float64]:
        """z-score of each trait being more common here than in the background.

        Log-odds ratio with an informative Dirichlet prior, divided by its standard deviation.
        Counts are of contexts with a trait, weighted by strength, not of occurrences.

        Source: Monroe, Colaresi, Quinn, 2008, Fightin' Words, Political Analysis 16(4),
        equations 15-16 and 22.
        """
        n_here, n_there = float(self.table.shape[0]), float(max(self.n_without, 1))
        here, there = self.p * n_here, self.q * n_there
        prior = _PRIOR_CONTEXTS * (there + here + 0.5) / (n_there + n_here + 1)
        rest = _PRIOR_CONTEXTS - prior
        odds_here = (here + prior) / (n_here - here + rest)
        odds_there = (there + prior) / (n_there - there + rest)
        deviation = np.sqrt(1 / (here + prior) + 1 / (there + prior))
        scores: npt.NDArray[np.float64] = (np.log(odds_here) - np.log(odds_there)) / deviation
        return scores

    def name(self, index: int) -> str:
        """Name of a trait."""
        name: str = self.names[self.columns[index]]
        return name

    def there(self, indices: Sequence[int] | npt.NDArray[np.int64]) -> npt.NDArray[np.bool_]:
        """Mask of the background contexts with any of the traits."""
        has = np.zeros(len(self.is_without), dtype=np.bool_)
        for index in indices:
            has[self.background.has(self.name(int(index)))] = True
        return has

    def here(self, indices: Sequence[int] | npt.NDArray[np.int64]) -> npt.NDArray[np.bool_]:
        """Mask of the training contexts with any of the traits."""
        found: npt.NDArray[np.bool_] = np.any(self.inside[:, list(indices)], axis=1)
        return found


def binary_credit(p: Shares, q: Shares) -> Any:
    """Expected credit of a binary test true of a share `p` of the contexts and `q` elsewhere."""
    true_of = expected_credit(1 - q, q)
    false_of = expected_credit(np.zeros_like(q), 1 - q)
    return p * true_of + (1 - p) * false_of
