"""Does anything differ at all? What many features make up together, in one test a direction.

A kind of sentence (sport, gratitude, anger) spreads over many features of a few points each, and
among thousands of features none of them can be told from chance. Here it is learned from four of
five parts of the documents what kind of sentence goes with a group, or with later groups, and
looked for in the fifth (`statistics/clusters/crossfit`). So there is one test of whether there is
more of such sentences, and one for the other direction; both are told whatever they say, above the
list of findings.

Why so: `docs/diff.md`.
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

# Documents that are looked at, and those of each group without which nothing can be learned.
_MOST_DOCUMENTS, _LEAST_DOCUMENTS, _LEAST_FEATURES = 10_000, 40, 10
_N_PARTS = 5

_SHOWN_FEATURES = 6

_SMALLEST_P = 1e-300

_Groups = TypeVar("_Groups", bound=ComparedGroups)


@dataclass(frozen=True, eq=False)
class LearnedKind:
    """Sentences of the kind that goes with large values of a regressor, and where to find them.

    Attributes:
        source: The texts.
        sentences: Those of the documents that were looked at.
        features: The numbers of their columns.
        fitted: Which of the documents have one, and by what.
        is_own: Which of the documents are of the side whose sentences these are.
    """

    source: NamedStore
    sentences: Sentences
    features: CandidateOrder
    fitted: CrossFitted
    is_own: DocumentMask

    def presence(self) -> PresenceMatrix:
        """A column for all documents of the source: which have a sentence of the kind."""
        has = np.zeros((self.source.n_documents, 1), dtype=bool)
        has[self.sentences.rows, 0] = self.fitted.has
        return sp.csr_array(has)

    def sure(self, p: float) -> float:
        """The p-value that counts which vary more than those of independent documents leave."""
        z = ndtri(max(p, _SMALLEST_P) / 2) / self.fitted.inflation
        return float(2 * ndtr(z))

    def wider(
        self, value: PerFeature, lower: PerFeature, upper: PerFeature
    ) -> tuple[float, tuple[float, float]]:
        """A difference and its interval, as much wider."""
        below, above = ((value - lower)[0], (upper - value)[0])
        ends = (-below * self.fitted.inflation, above * self.fitted.inflation)
        low, high = (float(np.clip(value[0] + end, -1, 1)) for end in ends)
        return float(value[0]), (low, high)

    def most_telling(self, n: int) -> list[int]:
        """Features that weigh most in the sentences of its side; the first one first."""
        of_own = np.repeat(self.is_own, np.diff(self.sentences.starts))
        rows = np.flatnonzero((self.fitted.margins > 0) & of_own)
        counts = np.asarray(self.sentences.presence[rows].sum(axis=0)).ravel()
        tells = self.fitted.weights * counts
        order = np.argsort(-tells, kind="stable")[:n]
        return [int(self.features[at]) for at in order if tells[at] > 0]

    def strongest(self) -> Iterator[tuple[int, int, float]]:
        """Documents of its side: their rows, which sentence it is, and how far it lies above."""
        starts, margins = self.sentences.starts, self.fitted.margins
        best = np.maximum.reduceat(margins, starts[:-1])
        order = np.argsort(np.where(self.is_own, -best, np.inf), kind="stable")
        for at in order[self.is_own[order] & (best[order] > 0)].tolist():
            number = int(np.argmax(margins[starts[at] : starts[at + 1]]))
            yield int(self.sentences.rows[at]), number, float(best[at])


@dataclass(frozen=True)
class SentenceKind:
    """Sentences of the kind that sets a side apart, whatever the kind is.

    Learned from some documents and counted in others, each document once.

    Attributes:
        side: Whose kind it is.
        p_value: Two-sided, the larger of the raw and the adjusted one: the chance of so large a
            difference if nothing differed. 1 where the difference is of the other sign.
        n_documents: Documents that took part; of many, 10,000 were drawn.
    """

    side: str
    p_value: float
    n_documents: int
    learned: LearnedKind = field(repr=False, compare=False)
    names: Names = field(repr=False, compare=False)
    n_evidence: int = field(repr=False, compare=False)

    @cached_property
    def features(self) -> Mapping[int, str]:
        """The features that make up the kind, with their names; the most telling first."""
        numbers = self.learned.most_telling(_SHOWN_FEATURES)
        known = self.names.of(numbers)
        return {number: known[number].label for number in numbers}

    @cached_property
    def evidence(self) -> tuple[Evidence, ...]:
        """The sentences that are most of the kind, each of another document of its side.

        None that shares half of its words with one before.
        """
        learned = self.learned
        return shown_sentences(learned.source, learned.strongest(), self.side, self.n_evidence)

    def to_json(self) -> dict[str, Any]:
        """All of it, under its own names."""
        told = {one.name: getattr(self, one.name) for one in fields(self) if one.repr}
        return told | {
            "features": [{"feature": f, "label": label} for f, label in self.features.items()],
            "evidence": [as_json(one) for one in self.evidence],
        }


def learned_both_ways(
    setup: Setup[_Groups], settings: ComparisonSettings
) -> tuple[_Groups, tuple[LearnedKind, ...]]:
    """The kind of sentence that goes with the target or later groups, then that of the others.

    Args:
        setup: What is compared; of the features those of the dictionary count.
        settings: How the comparison is made.

    Returns:
        The groups of the documents that were looked at, and what was learned from them: nothing
        where too little is there.
    """
    source, seed = setup.source, settings.seed
    groups = setup.groups.among(_looked_at(setup, seed)).calibrated(setup.columns.presence)
    rows, features = np.flatnonzero(groups.rows), setup.columns.features
    codes, keys, clusters = groups.codes[rows], groups.keys[rows], groups.own_clusters
    if not _is_enough(codes, features):
        return groups, ()
    sentences = sentences_of(source, rows, features, level=settings.level)
    regressor = groups.positions_of(rows)
    alone = keys if (keys >= 0).any() else np.arange(len(rows), dtype=np.int64)
    found = []
    for sign in (1.0, -1.0):
        fitted = crossfitted(
            sentences.presence, sentences.starts, sign * regressor,
            strata=setup.covariates.comparable(rows, keys),
            clusters=alone if clusters is None else clusters[rows],
            parts=_parts_of(source, groups, seed)[rows], seed=seed,
        )  # fmt: skip
        is_own = sign * regressor > np.mean(sign * regressor)
        found.append(LearnedKind(source, sentences, features, fitted, is_own))
    return groups, tuple(found)


def _looked_at(setup: Setup[_Groups], seed: int) -> DocumentMask:
    """At most so many documents as are looked at; what belongs together stays together."""
    groups = setup.groups
    n = int(groups.rows.sum())
    if n <= _MOST_DOCUMENTS:
        return groups.rows
    share = _MOST_DOCUMENTS / n
    halves = split(
        setup.source, groups.rows, groups.codes, groups.undivided, share=share, seed=seed
    )
    return halves[1]


def _is_enough(codes: PerDocument, features: CandidateOrder) -> bool:
    """Whether anything can be learned from documents of these groups."""
    sizes = np.bincount(codes)
    return len(features) >= _LEAST_FEATURES and bool(min(sizes[sizes > 0]) >= _LEAST_DOCUMENTS)


def _parts_of(source: NamedStore, groups: ComparedGroups, seed: int) -> PerDocument:
    """For each document one of five parts, with as many of each group in each.

    What belongs together is undivided.
    """
    parts, rest = np.zeros(source.n_documents, dtype=np.int64), groups.rows
    for part in range(1, _N_PARTS):
        share = 1 / (_N_PARTS - part + 1)
        rest, held = split(
            source, rest, groups.codes, groups.undivided, share=share, seed=seed + part
        )
        parts[held] = part
    return parts
