"""Kinds of sentences that give a label away.

Old drama in a fifth of the texts of one class is a shortcut, and no word of it need be there twice.
So the sentences of all texts are grouped without the labels (`sentence_clusters`), each group is
tested like a feature, and it is suspect if the other sentences of a text do not tell that it has
one: what a text is about shows in sentences of more than one kind.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import scipy.sparse as sp
from scipy.special import ndtri

from corpuscope.analyses.audit.context_predictability import ContextPredictability
from corpuscope.analyses.audit.sentence_clusters import SentenceClusters, sentence_clusters
from corpuscope.analyses.audit.sentence_context import kind_predictability
from corpuscope.analyses.audit.shortcut import SENTENCES, Shortcut, is_labelled
from corpuscope.analyses.audit.suspicion import isolated_below, isolation, suspicion
from corpuscope.analyses.comparison.effects import Effect, measure
from corpuscope.analyses.comparison.groups import Contrast
from corpuscope.analyses.comparison.holdout import split
from corpuscope.analyses.comparison.tested_features import supported_features
from corpuscope.labels.named_store import NamedStore
from corpuscope.shapes import DocumentMask, GroupNames, PerDocument
from corpuscope.statistics.multiplicity import benjamini_hochberg

_SMALLEST_P = 1e-300
_LEAST_SUPPORT, _LEAST_SENTENCES = 5, 100

# Documents, and tokens of them, that are looked at; a sentence takes 2 kB.
_MOST_DOCUMENTS, _MOST_TOKENS = 10_000, 6_000_000
_TOLD = 6

# Kinds that share so much of the smaller one are one; and so are a kind and a feature where as
# much of the documents with the one, beyond what chance brings, have the other.
_ONE_KIND, _ONE_THING = 0.3, 0.5


@dataclass(frozen=True, eq=False)
class Kinds:
    """Kinds of sentences that give a class away.

    Attributes:
        found: Each once, the most suspect first.
        rows: The documents that were looked at.
    """

    found: tuple[Shortcut, ...]
    rows: DocumentMask


def kinds_of_sentences(
    source: NamedStore,
    values: GroupNames,
    classes: Sequence[str],
    *,
    clusters: PerDocument | None,
    min_support: int,
    alpha: float,
    seed: int,
) -> Kinds:
    """Kinds that one class has more often and that stand alone there.

    Args:
        source: The texts.
        values: The class of each document; None leaves it out.
        classes: Those that are looked at.
        clusters: What each document belongs to; None where they are independent.
        min_support: Documents that must have a kind, and lack it.
        alpha: The share of kinds that may be false.
        seed: Of the clusters, and of which documents are looked at where there are very many.
    """
    rows = _looked_at(source, values, clusters, seed)
    names = sorted({str(name) for name in values[is_labelled(values)]})
    columns = supported_features(
        source, rows, words=False, features=True, min_support=_LEAST_SUPPORT, level=None
    )
    if not len(columns) or not classes:
        return Kinds((), rows)
    known = sentence_clusters(source, np.flatnonzero(rows), columns.features, seed=seed)
    if len(known.document) < _LEAST_SENTENCES:
        return Kinds((), rows)
    own_clusters = None if clusters is None else clusters[rows]
    asked = _Asked(source, known, values[rows], own_clusters, min_support, alpha)
    if len(names) == 2:  # Each has what the other lacks.
        found = asked.of_class(classes[-1], next(n for n in names if n != classes[-1]), n_classes=1)
    else:
        found = [
            one for name in classes for one in asked.of_class(name, None, n_classes=len(classes))
        ]
    return Kinds(_each_once(sorted(found, key=suspicion, reverse=True)), rows)


def _looked_at(
    source: NamedStore, values: GroupNames, clusters: PerDocument | None, seed: int
) -> DocumentMask:
    """At most so many of the labelled documents, as many of each class in proportion."""
    rows = is_labelled(values)
    n_tokens = max(int(source.n_tokens[rows].sum()), 1)
    share = min(_MOST_DOCUMENTS / max(rows.sum(), 1), _MOST_TOKENS / n_tokens)
    if share >= 1:
        return rows
    codes = np.unique(values.astype(str), return_inverse=True)[1].reshape(-1).astype(np.int64)
    together = np.arange(len(values), dtype=np.int64) if clusters is None else clusters
    return split(source, rows, codes, [together], share=share, seed=seed)[1]


@dataclass(frozen=True, eq=False)
class _Asked:
    """Clusters of sentences, and the class of each document that has them."""

    source: NamedStore
    known: SentenceClusters
    values: GroupNames
    clusters: PerDocument | None
    min_support: int
    alpha: float

    def of_class(self, value: str, other: str | None, *, n_classes: int) -> list[Shortcut]:
        """What a class has more often than the rest and, of two, what the other has.

        Only what stands alone, or nearly so, counts as found: what the label means differs as
        surely, and would let chance pass with it.
        """
        is_own = self.values == value
        if not (is_own.any() and (~is_own).any()):
            return []
        counts = np.asarray(self.known.presence.sum(axis=0)).ravel()
        enough = (counts >= self.min_support) & (len(self.values) - counts >= self.min_support)
        tried = np.flatnonzero(enough)
        presence = self.known.presence[:, tried]
        contrast = Contrast(
            "rest", np.flatnonzero(is_own), np.flatnonzero(~is_own), False, clusters=self.clusters
        ).calibrated(presence)
        measured = measure(presence, contrast, covariates=None)
        raw, rates = measured.raw, (measured.rate_target, measured.rate_reference)
        found: dict[int, Shortcut] = {}
        for at in np.flatnonzero(raw.p_value <= self.alpha).tolist():
            is_more = bool(raw.difference[at] > 0)
            side, among = (value, is_own) if is_more else (other, ~is_own)
            if side is not None:
                predictability = kind_predictability(self.known, int(tried[at]), among)
                pair = (rates[0][at], rates[1][at]) if is_more else (rates[1][at], rates[0][at])
                one = _shortcut(side, int(tried[at]), predictability, pair, raw, at)
                if isolation(one) > 0 and not np.isnan(one.context_auroc):
                    found[at] = one
        p = np.ones(len(tried))
        p[list(found)] = raw.p_value[list(found)]
        q = benjamini_hochberg(p, n_tests=len(tried) * n_classes)
        return [
            self._told(one, int(tried[at]), float(q[at]), is_own if one.value == value else ~is_own)
            for at, one in found.items()
            if q[at] <= self.alpha
        ]

    def _told(self, one: Shortcut, cluster: int, q: float, among: DocumentMask) -> Shortcut:
        """With its features and its sentences."""
        every = self.known.most_telling(cluster)
        # What whole sentences are like says more than where a word stands.
        told = ([one for one in every if self.source.kind(one) == "sentence"] or every)[:_TOLD]
        sentences, document = self.known.sentences, self.known.document
        return replace(
            one,
            q_value=q,
            members=tuple(self.source.label(number) for number in told),
            member_features=tuple(told),
            sentences=tuple(
                (int(sentences.rows[place]), int(sentence - sentences.starts[place]))
                for sentence in self.known.members[cluster]
                for place in [document[sentence]]
                if among[place]
            ),
        )


def _shortcut(
    value: str,
    cluster: int,
    predictability: ContextPredictability,
    rates: tuple[float, float],
    raw: Effect,
    at: int,
) -> Shortcut:
    bar = isolated_below(predictability.error, is_kind=True)
    return Shortcut(
        value=value,
        feature=f"{SENTENCES} {cluster}",
        label="sentences of a kind",
        members=(),
        nature="isolated" if predictability.auroc < bar else "content",
        rate=float(rates[0]),
        rate_elsewhere=float(rates[1]),
        auroc=0.5 + float(rates[0] - rates[1]) / 2,
        context_auroc=predictability.auroc,
        isolated_below=bar,
        z=float(-ndtri(max(float(raw.p_value[at]) / 2, _SMALLEST_P))),
        q_value=1.0,
    )


def _each_once(found: Sequence[Shortcut]) -> tuple[Shortcut, ...]:
    """Without kinds that share much with one that is more suspect."""
    kept: list[tuple[Shortcut, set[tuple[int, int]]]] = []
    for one in found:
        own = set(one.sentences)
        if all(len(own & other) < _ONE_KIND * min(len(own), len(other)) for _, other in kept):
            kept.append((one, own))
    return tuple(one for one, _ in kept)


def without_repeats(
    source: NamedStore,
    found: Sequence[Shortcut],
    kinds: Kinds,
    values: GroupNames,
    min_support: int,
) -> list[Shortcut]:
    """Lines without kinds that a line above tells by one feature, and without features of a kind.

    Args:
        source: The texts.
        found: All lines, the most suspect first.
        kinds: The kinds among them, and the documents that were looked at for these.
        values: The class of each document.
        min_support: Documents that must have a word.
    """
    if not kinds.found:
        return list(found)
    documents, rows = _Documents(source, min_support), np.flatnonzero(kinds.rows)
    own_of = {one.value: values[rows] == one.value for one in kinds.found}
    kept: list[Shortcut] = []
    above: dict[bool, dict[str, list[DocumentMask]]] = {
        is_kind: {value: [] for value in own_of} for is_kind in (True, False)
    }
    for one in found:
        if (own := own_of.get(one.value)) is None:
            kept.append(one)
            continue
        mine, is_kind = documents.of(one)[rows] & own, bool(one.sentences)
        rivals = above[not is_kind][one.value]
        if not any(_is_one_thing(mine, other, own, is_kind=is_kind) for other in rivals):
            kept.append(one)
            above[is_kind][one.value].append(mine)
    return kept


def _is_one_thing(
    mine: DocumentMask, others: DocumentMask, own: DocumentMask, *, is_kind: bool
) -> bool:
    """Whether a line says no more than one above it."""
    within = _beyond_chance(mine, others, own)
    # A feature is part of a kind; a kind is told by a feature only if that is all of it.
    return min(within, _beyond_chance(others, mine, own) if is_kind else within) >= _ONE_THING


def _beyond_chance(mine: DocumentMask, others: DocumentMask, own: DocumentMask) -> float:
    """The share of mine that are among the others, with what chance brings taken away."""
    by_chance = others.sum() / max(own.sum(), 1)
    share = (mine & others).sum() / max(mine.sum(), 1)
    return float((share - by_chance) / max(1 - by_chance, 1e-9))


class _Documents:
    """Which documents have what a line is about."""

    def __init__(self, source: NamedStore, min_support: int) -> None:
        words = source.words(min_support)
        self._columns = {name: at for at, name in enumerate(words.names)}
        self._words, self._features = words.presence.tocsc(), source.presence(None).tocsc()

    def of(self, one: Shortcut) -> DocumentMask:
        """Those of one line; of lengths none."""
        found = np.zeros(self._features.shape[0], dtype=bool)
        if one.sentences:
            found[[row for row, _ in one.sentences]] = True
        elif isinstance(one.feature, int):
            found[_rows(self._features, one.feature)] = True
        elif one.nature != "length" and one.feature in self._columns:
            found[_rows(self._words, self._columns[one.feature])] = True
        return found


def _rows(presence: sp.csc_array, column: int) -> PerDocument:
    places = slice(presence.indptr[column], presence.indptr[column + 1])
    return presence.indices[places][presence.data[places] != 0]  # type: ignore[no-any-return]
