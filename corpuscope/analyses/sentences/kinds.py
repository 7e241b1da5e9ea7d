"""An omnibus test of whether the sentences of groups differ at all, in either direction.

A kind of sentence (sport, gratitude, anger) spreads over many features with differences of a few
points each, none of which is significant among thousands. So by five-fold cross-fitting the kind of
sentence typical of a group, or of later groups, is learned from four folds and counted in the
fifth (`statistics/clusters/crossfit`). This gives one test per direction; both are reported above
the findings, whether or not they are significant.

Rationale: `docs/diff.md`.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields
from functools import cached_property
from typing import Any, TypeVar

import numpy as np
import scipy.sparse as sp
from scipy.special import ndtr, ndtri

from corpuscope.analyses.comparison.holdout import split
from corpuscope.analyses.comparison.settings import ComparisonSettings
from corpuscope.analyses.comparison.setup import ComparedGroups, Setup
from corpuscope.analyses.results.evidence import as_json
from corpuscope.analyses.results.naming import Names
from corpuscope.analyses.sentences.evidence import shown_sentences
from corpuscope.analyses.sentences.features import Sentences, sentences_of
from corpuscope.labels.named_store import NamedStore
from corpuscope.shapes import (
    CandidateOrder,
    DocumentMask,
    PerDocument,
    PerFeature,
    PresenceMatrix,
)
from corpuscope.statistics.clusters.crossfit import CrossFitted, crossfitted
from corpuscope.store.evidence import Evidence

# Documents used at most; documents per group and features needed to learn anything.
_MOST_DOCUMENTS, _LEAST_DOCUMENTS, _LEAST_FEATURES = 10_000, 40, 10
_N_PARTS = 5

_SHOWN_FEATURES = 6

_SMALLEST_P = 1e-300

_Groups = TypeVar("_Groups", bound=ComparedGroups)


@dataclass(frozen=True, eq=False)
class LearnedKind:
    """A learned kind of sentence, associated with large values of a regressor.

    Attributes:
        source: The texts.
        sentences: The sentences of the documents used.
        features: The dictionary features of their columns.
        fitted: The cross-fitted scores: which documents have such a sentence.
        is_own: Which documents are on the side that the kind is typical of.
    """

    source: NamedStore
    sentences: Sentences
    features: CandidateOrder
    fitted: CrossFitted
    is_own: DocumentMask

    def presence(self) -> PresenceMatrix:
        """All documents of the source x 1: which have a sentence of the kind."""
        has = np.zeros((self.source.n_documents, 1), dtype=bool)
        has[self.sentences.rows, 0] = self.fitted.has
        return sp.csr_array(has)

    def sure(self, p: float) -> float:
        """The p-value, corrected for the extra variance of cross-fitted counts."""
        # Folds share training documents, so standard errors are larger by `inflation`.
        z = ndtri(max(p, _SMALLEST_P) / 2) / self.fitted.inflation
        return float(2 * ndtr(z))

    def wider(
        self, value: PerFeature, lower: PerFeature, upper: PerFeature
    ) -> tuple[float, tuple[float, float]]:
        """A difference and its interval, widened by the same factor."""
        below, above = ((value - lower)[0], (upper - value)[0])
        ends = (-below * self.fitted.inflation, above * self.fitted.inflation)
        low, high = (float(np.clip(value[0] + end, -1, 1)) for end in ends)
        return float(value[0]), (low, high)

    def most_telling(self, n: int) -> list[int]:
        """The `n` features that contribute most to the sentences of its side, largest first."""
        of_own = np.repeat(self.is_own, np.diff(self.sentences.starts))
        rows = np.flatnonzero((self.fitted.margins > 0) & of_own)
        counts = np.asarray(self.sentences.presence[rows].sum(axis=0)).ravel()
        contribution = self.fitted.weights * counts
        order = np.argsort(-contribution, kind="stable")[:n]
        return [int(self.features[at]) for at in order if contribution[at] > 0]

    def strongest(self) -> Iterator[tuple[int, int, float]]:
        """The best sentence per document of its side: row, sentence index, margin; best first."""
        starts, margins = self.sentences.starts, self.fitted.margins
        best = np.maximum.reduceat(margins, starts[:-1])
        order = np.argsort(np.where(self.is_own, -best, np.inf), kind="stable")
        for at in order[self.is_own[order] & (best[order] > 0)].tolist():
            number = int(np.argmax(margins[starts[at] : starts[at + 1]]))
            yield int(self.sentences.rows[at]), number, float(best[at])


@dataclass(frozen=True)
class SentenceKind:
    """The kind of sentence that distinguishes one side, learned by cross-fitting.

    Each document is scored once, by weights learned from other documents.

    Attributes:
        side: The side that the kind is typical of.
        p_value: Two-sided; the larger of the raw and the adjusted one. 1 if the difference has
            the opposite sign.
        n_documents: Number of documents used; at most 10,000, drawn at random.
        learned: The learned kind.
        names: The labels of features in these documents.
        n_evidence: Number of sentences shown.
    """

    side: str
    p_value: float
    n_documents: int
    learned: LearnedKind = field(repr=False, compare=False)
    names: Names = field(repr=False, compare=False)
    n_evidence: int = field(repr=False, compare=False)

    @cached_property
    def features(self) -> Mapping[int, str]:
        """The features that contribute most to the kind, with their labels; largest first."""
        numbers = self.learned.most_telling(_SHOWN_FEATURES)
        known = self.names.of(numbers)
        return {number: known[number].label for number in numbers}

    @cached_property
    def evidence(self) -> tuple[Evidence, ...]:
        """The sentences with the largest margins, at most one per document of its side.

        Sentences that share half of their words (Jaccard) with an earlier one are skipped.
        """
        learned = self.learned
        return shown_sentences(learned.source, learned.strongest(), self.side, self.n_evidence)

    def to_json(self) -> dict[str, Any]:
        """All fields, with the features and the evidence."""
        values = {one.name: getattr(self, one.name) for one in fields(self) if one.repr}
        return values | {
            "features": [{"feature": f, "label": label} for f, label in self.features.items()],
            "evidence": [as_json(one) for one in self.evidence],
        }


def learned_both_ways(
    setup: Setup[_Groups], settings: ComparisonSettings
) -> tuple[_Groups, tuple[LearnedKind, ...]]:
    """The kind of sentence typical of the target or later groups, then that of the others.

    Args:
        setup: The comparison; only features of the dictionary are used.
        settings: The settings of the comparison.

    Returns:
        The groups of the documents used, and the two kinds; none with too little data.
    """
    source, seed = setup.source, settings.seed
    groups = setup.groups.among(_sampled(setup, seed)).calibrated(setup.columns.presence)
    rows, features = np.flatnonzero(groups.rows), setup.columns.features
    codes, keys, clusters = groups.codes[rows], groups.keys[rows], groups.cluster_numbers
    if not _is_enough(codes, features):
        return groups, ()
    sentences = sentences_of(source, rows, features, level=settings.level)
    regressor = groups.positions_of(rows)
    # Without clusters, the keys are the units of reassignment, else single documents.
    alone = keys if (keys >= 0).any() else np.arange(len(rows), dtype=np.int64)
    found = []
    for sign in (1.0, -1.0):
        fitted = crossfitted(
            sentences.presence, sentences.starts, sign * regressor,
            strata=setup.covariates.comparable(rows, keys),
            clusters=alone if clusters is None else clusters[rows],
            parts=_parts_of(source, groups, seed)[rows], seed=seed,
        )  # fmt: skip
        # Documents above the mean position are on this side.
        is_own = sign * regressor > np.mean(sign * regressor)
        found.append(LearnedKind(source, sentences, features, fitted, is_own))
    return groups, tuple(found)


def _sampled(setup: Setup[_Groups], seed: int) -> DocumentMask:
    """The documents used: a random sample if there are many, without dividing clusters."""
    groups = setup.groups
    n = int(groups.rows.sum())
    if n <= _MOST_DOCUMENTS:
        return groups.rows
    share = _MOST_DOCUMENTS / n
    halves = split(
        setup.source, groups.rows, groups.codes, groups.kept_together, share=share, seed=seed
    )
    return halves[1]


def _is_enough(codes: PerDocument, features: CandidateOrder) -> bool:
    """Whether all groups have enough documents, and the dictionary enough features."""
    sizes = np.bincount(codes)
    return len(features) >= _LEAST_FEATURES and bool(min(sizes[sizes > 0]) >= _LEAST_DOCUMENTS)


def _parts_of(source: NamedStore, groups: ComparedGroups, seed: int) -> PerDocument:
    """The fold of each document, of five that are stratified by group.

    Texts, keys and clusters are not divided.
    """
    parts, rest = np.zeros(source.n_documents, dtype=np.int64), groups.rows
    for part in range(1, _N_PARTS):
        # 1/5 of all, then 1/4 of the rest, ...: folds of equal size.
        share = 1 / (_N_PARTS - part + 1)
        rest, held = split(
            source, rest, groups.codes, groups.kept_together, share=share, seed=seed + part
        )
        parts[held] = part
    return parts
