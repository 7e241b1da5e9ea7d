"""Does anything differ at all? What many features make up together, in one test a direction.

A kind of sentence (sport, gratitude, anger) spreads over many features of a few points each, and
among thousands of features none of them can be told from chance. Here it is learned from four of
five parts of the documents what kind of sentence goes with the target, and looked for in the fifth
(`statistics/crossfit`). So there is one test of whether the target has such sentences more often
than the other groups, and one of whether it has what sets them apart less often; both are told
whatever they say, above the list of findings.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np
import scipy.sparse as sp
from scipy.special import ndtr, ndtri

from corpuscope.analyses.alike import Alike, crossed
from corpuscope.analyses.candidates import nearest_contrast
from corpuscope.analyses.columns import Columns
from corpuscope.analyses.effects import Effect, direction_and_p, measure
from corpuscope.analyses.evidence import as_json
from corpuscope.analyses.groups import Groups, Rows
from corpuscope.analyses.halves import split
from corpuscope.analyses.names import Names
from corpuscope.analyses.sentence_features import Sentences, sentences_of
from corpuscope.analyses.source import Source
from corpuscope.shapes import (
    CandidateOrder,
    DocumentMask,
    PerDocument,
)
from corpuscope.statistics import CrossFitted, crossfitted, length_strata
from corpuscope.store import Evidence

# Documents that are looked at, and those of each group without which nothing can be learned.
_MOST_DOCUMENTS, _LEAST_DOCUMENTS, _LEAST_FEATURES = 10_000, 40, 10
_N_PARTS = 5

_SHOWN_FEATURES = 6
_SMALLEST_P = 1e-300


@dataclass(frozen=True, eq=False)
class _Shown:
    """Where to look for the sentences of a kind, and for names of its features."""

    source: Source
    names: Names
    sentences: Sentences
    fitted: CrossFitted
    is_own: DocumentMask
    features: CandidateOrder
    n: int


@dataclass(frozen=True)
class SentenceKind:
    """Sentences of the kind that sets a group apart, whatever the kind is.

    Learned from some documents and counted in others, each document once.

    Attributes:
        side: `target` if the kind is the target's, `reference` if it is that of the others.
        rate_target: Share of the target's documents with such a sentence, in [0, 1].
        rate_reference: Share of those of `against`.
        difference: The first minus the second.
        interval: Its 95 % interval.
        adjusted_difference: The difference at equal lengths and strata; NaN where no documents
            are alike.
        adjusted_interval: Its 95 % interval.
        p_value: Two-sided, the larger of the raw and the adjusted one: the chance of so large a
            difference if nothing differed. 1 where the difference is of the other sign.
        n_documents: Documents that took part; of many, 10,000 were drawn.
        against: The other group that comes nearest to the target.
    """

    side: str
    rate_target: float
    rate_reference: float
    difference: float
    interval: tuple[float, float]
    adjusted_difference: float
    adjusted_interval: tuple[float, float]
    p_value: float
    n_documents: int
    against: str
    shown: _Shown = field(repr=False, compare=False)

    @cached_property
    def features(self) -> Mapping[int, str]:
        """The features that make up the kind, with their names; the most telling first."""
        one = self.shown
        units = one.fitted.margins > 0
        of_own = np.repeat(one.is_own, np.diff(one.sentences.starts))
        counts = np.asarray(one.sentences.presence[np.flatnonzero(units & of_own)].sum(axis=0))
        tells = one.fitted.weights * counts.ravel()
        order = np.argsort(-tells, kind="stable")[:_SHOWN_FEATURES]
        numbers = [int(one.features[at]) for at in order if tells[at] > 0]
        known = one.names.of(numbers)
        return {number: known[number].label for number in numbers}

    @cached_property
    def evidence(self) -> tuple[Evidence, ...]:
        """The sentences that are most of the kind, each of another document of its side."""
        one = self.shown
        starts, margins = one.sentences.starts, one.fitted.margins
        best = np.maximum.reduceat(margins, starts[:-1])
        order = np.argsort(np.where(one.is_own, -best, np.inf), kind="stable")[: one.n]
        found = []
        for at in order[best[order] > 0].tolist():
            number = int(np.argmax(margins[starts[at] : starts[at + 1]]))
            [document] = one.source.documents(one.sentences.rows[at : at + 1])
            start, end = (int(c) for c in document.sentence_spans[number])
            found.append(
                Evidence(document.id, document.text, self.side, ((start, end),), float(best[at]))
            )
        return tuple(found)

    def to_json(self) -> dict[str, Any]:
        """All of it, under its own names."""
        told = {
            name: getattr(self, name)
            for name in self.__dataclass_fields__
            if name not in ("shown", "interval", "adjusted_interval")
        }
        return told | {
            "evidence": [as_json(one) for one in self.evidence],
            "interval": list(self.interval),
            "adjusted_interval": list(self.adjusted_interval),
            "features": [{"feature": f, "label": label} for f, label in self.features.items()],
        }


def sentence_kinds(
    source: Source,
    columns: Columns,
    groups: Groups,
    *,
    alike: Alike,
    adjust: bool,
    level: float | None,
    names: Names,
    n_evidence: int,
    seed: int,
) -> tuple[SentenceKind, ...]:
    """The target's kind of sentence and that of the others; none where too little is there.

    Args:
        source: The texts.
        columns: The features; those of the dictionary count.
        groups: The documents.
        alike: What is held equal in the adjusted difference.
        adjust: Whether it must hold at equal lengths and strata, too.
        level: Multiplies the strength above which a feature is present.
        names: What features are called here.
        n_evidence: How many sentences are shown.
        seed: Of the parts and of what is drawn.
    """
    groups, rows = _drawn(source, groups, seed)
    sizes = np.bincount(groups.codes[rows])
    if len(columns.features) < _LEAST_FEATURES or min(sizes[sizes > 0]) < _LEAST_DOCUMENTS:
        return ()
    groups = groups.calibrated(columns.presence)
    sentences = sentences_of(source, rows, columns.features, level=level)
    is_target = np.isin(rows, groups.contrasts[0].target_rows)
    parts = _parts(source, groups, rows, seed)
    found = []
    for side, sign in (("target", 1.0), ("reference", -1.0)):
        fitted = crossfitted(
            sentences.presence,
            sentences.starts,
            np.where(is_target, sign, 0.0),
            strata=_strata(groups, rows, alike),
            clusters=_clusters(groups, rows),
            parts=parts,
            seed=seed,
        )
        is_own = is_target if side == "target" else ~is_target
        shown = _Shown(source, names, sentences, fitted, is_own, columns.features, n_evidence)
        told = _measured(source, groups, fitted, rows, alike=alike, adjust=adjust, sign=int(sign))
        found.append(SentenceKind(side=side, n_documents=len(rows), shown=shown, **told))
    return tuple(found)


def p_anything(kinds: Sequence[SentenceKind]) -> float:
    """The chance of as much in either direction if nothing differed; NaN where it was not asked."""
    return min(1.0, 2 * min(one.p_value for one in kinds)) if kinds else float("nan")


def _drawn(source: Source, groups: Groups, seed: int) -> tuple[Groups, Rows]:
    """At most so many documents as are looked at; what belongs together stays together."""
    mask = groups.rows
    if (n := int(mask.sum())) > _MOST_DOCUMENTS:
        share = _MOST_DOCUMENTS / n
        mask = split(source, mask, groups.codes, groups.together, share=share, seed=seed)[1]
    groups = groups.among(mask)
    return groups, np.flatnonzero(groups.rows)


def _parts(source: Source, groups: Groups, rows: Rows, seed: int) -> PerDocument:
    """Five parts with as many documents of each group, of what belongs together undivided."""
    parts = np.zeros(source.n_documents, dtype=np.int64)
    rest = groups.rows
    for part in range(1, _N_PARTS):
        share = 1 / (_N_PARTS - part + 1)
        rest, held = split(
            source, rest, groups.codes, groups.together, share=share, seed=seed + part
        )
        parts[held] = part
    return parts[rows]


def _strata(groups: Groups, rows: Rows, alike: Alike) -> PerDocument:
    """Documents of one key, where there are keys; else of like length and of one stratum."""
    keys = groups.keys[rows]
    if (keys >= 0).any():
        return keys
    return crossed(length_strata(alike.lengths[rows]), alike.strata[rows])


def _clusters(groups: Groups, rows: Rows) -> PerDocument:
    if groups.clusters is not None:
        return groups.clusters[rows]
    keys = groups.keys[rows]
    alone = np.arange(len(rows), dtype=np.int64)
    return np.where(keys >= 0, keys, int(keys.max(initial=-1)) + 1 + alone)


def _measured(
    source: Source,
    groups: Groups,
    fitted: CrossFitted,
    rows: Rows,
    *,
    alike: Alike,
    adjust: bool,
    sign: int,
) -> dict[str, Any]:
    """Rates, differences with wider intervals, and the p-value of one direction."""
    has = np.zeros((source.n_documents, 1), dtype=bool)
    has[rows, 0] = fitted.has
    how = alike if adjust else None
    presence = sp.csr_array(has)
    measured = [measure(presence, contrast, alike=how) for contrast in groups.contrasts]
    direction, p = direction_and_p(measured, adjust=adjust)
    nearest = measured[int(nearest_contrast(measured, direction)[0])]
    raw, adjusted = (_wider(one, fitted.inflation) for one in (nearest.raw, nearest.adjusted))
    z = ndtri(max(float(p[0]), _SMALLEST_P) / 2) / fitted.inflation
    return {
        "rate_target": float(nearest.rate_target[0]),
        "rate_reference": float(nearest.rate_reference[0]),
        "difference": raw.at(0)[0],
        "interval": raw.at(0)[1:],
        "adjusted_difference": adjusted.at(0)[0],
        "adjusted_interval": adjusted.at(0)[1:],
        "p_value": float(2 * ndtr(z)) if direction[0] == sign else 1.0,
        "against": nearest.contrast.reference,
    }


def _wider(effect: Effect, inflation: float) -> Effect:
    difference = effect.difference
    return replace(
        effect,
        lower=np.maximum(difference - (difference - effect.lower) * inflation, -1.0),
        upper=np.minimum(difference + (effect.upper - difference) * inflation, 1.0),
    )
