"""What comes with a feature: the features that are in the same documents more often than by chance.

They are found on at most 2,000 of its documents, drawn evenly, and the thirty best are then
counted in all documents. So a companion that is shown has exact counts, and one of a very frequent
feature may be missed if it is hardly above chance.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from corpuscope.analyses.describe.described_store import DescribedStore
from corpuscope.analyses.describe.features.names import NamedFeature, named_features
from corpuscope.statistics.pairs.cooccurrence import npmi, npmi_interval
from corpuscope.store.matrix import SparseStrengths

_N_DRAWN, _N_SHOWN = 2_000, 30
_LEAST_TOGETHER = 5


@dataclass(frozen=True)
class Companion(NamedFeature):
    """A feature that comes with another.

    Attributes:
        n_present: In how many documents it is present.
        n_both: In how many of these the other is present, too.
        npmi: Normalised pointwise mutual information: 0 is chance, 1 always together.
        low: Lower end of its 95 % interval, if documents are independent.
        high: Upper end of it.
    """

    n_present: int
    n_both: int
    npmi: float
    low: float
    high: float


def companions_of(
    here: DescribedStore, feature: int | str, rows: npt.NDArray[np.int64], *, rename: bool
) -> tuple[Companion, ...]:
    """The thirty features with the largest NPMI above 0, in five documents or more with both.

    Args:
        here: The store.
        feature: The feature itself, which is left out.
        rows: The documents in which it is present, ascending.
        rename: Whether to name the companions from these documents.
    """
    candidates = _likely(here, feature, rows)
    n_both = _together(here, candidates, rows)
    kept = n_both >= _LEAST_TOGETHER
    candidates, n_both = candidates[kept], n_both[kept]
    own, others = np.full(len(candidates), len(rows)), here.n_present[candidates]
    found = npmi(n_both, own, others, here.n_documents)
    low, high = npmi_interval(n_both, own, others, here.n_documents)
    order = [at for at in np.argsort(-found, kind="stable").tolist() if found[at] > 0]
    names = named_features(here, candidates[order].tolist(), rename=rename)
    return tuple(
        _companion(name, int(others[at]), int(n_both[at]), (found[at], low[at], high[at]))
        for name, at in zip(names, order, strict=True)
    )


def _likely(
    here: DescribedStore, feature: int | str, rows: npt.NDArray[np.int64]
) -> npt.NDArray[np.int64]:
    """The features that come with it most on an even draw of its documents."""
    drawn = _evenly(rows)
    if not len(drawn):
        return np.empty(0, dtype=np.int64)
    counts = _present_counts(here, drawn)
    if isinstance(feature, int):
        counts[feature] = 0
    expected_both = np.minimum(
        np.round(counts * (len(rows) / len(drawn))).astype(np.int64), here.n_present
    )
    own = np.full(len(counts), len(rows))
    found = npmi(expected_both, own, here.n_present, here.n_documents)
    found = np.where(expected_both >= _LEAST_TOGETHER, found, -1.0)
    best = np.argsort(-found, kind="stable")[:_N_SHOWN]
    return best[found[best] > 0].astype(np.int64)


def _evenly(rows: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    if len(rows) <= _N_DRAWN:
        return rows
    return rows[np.linspace(0, len(rows) - 1, _N_DRAWN).round().astype(np.int64)]


def _present_counts(here: DescribedStore, rows: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """In how many of these documents each dictionary feature is present."""
    strengths, thresholds = here.store.strengths(), here.store.thresholds
    entries = _entries(strengths, rows)
    features = strengths.features[entries]
    is_present = strengths.strengths[entries].astype(np.float32) > thresholds[features]
    counts: npt.NDArray[np.int64] = np.bincount(
        features[is_present], minlength=strengths.n_features
    )
    return counts


def _entries(strengths: SparseStrengths, rows: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Where the entries of some documents are among those of all."""
    starts = strengths.document_starts[rows].astype(np.int64)
    lengths = strengths.document_starts[rows + 1].astype(np.int64) - starts
    before = np.cumsum(lengths) - lengths
    entries: npt.NDArray[np.int64] = np.arange(lengths.sum()) + np.repeat(starts - before, lengths)
    return entries


def _together(
    here: DescribedStore, candidates: npt.NDArray[np.int64], rows: npt.NDArray[np.int64]
) -> npt.NDArray[np.int64]:
    """In how many of all documents each candidate is present together with the feature."""
    has = np.zeros(here.n_documents, dtype=np.bool_)
    has[rows] = True
    counts = np.empty(len(candidates), dtype=np.int64)
    for at, feature in enumerate(candidates.tolist()):
        found = here.store.strengths().of_feature(feature)
        present = found.rows[found.strengths > here.store.thresholds[feature]]
        counts[at] = np.count_nonzero(has[present])
    return counts


def _companion(
    name: NamedFeature, n_present: int, n_both: int, found: tuple[float, float, float]
) -> Companion:
    return Companion(
        name.feature, name.kind, name.label, name.label_source, name.label_score, n_present,
        n_both, *map(float, found),
    )  # fmt: skip
