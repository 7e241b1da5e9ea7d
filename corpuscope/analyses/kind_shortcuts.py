"""Kinds of sentences that give a label away.

Old drama in a fifth of the texts of one class is a shortcut, and no word of it need be there twice.
So the sentences of all texts are grouped without the labels (`sentence_clusters`), each group is
tested like a feature, and it is suspect if the other sentences of a text do not tell that it has
one: what a text is about shows in more than one of its sentences.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp
from scipy.special import ndtri

from corpuscope.analyses.columns import supported_columns
from corpuscope.analyses.effects import Measured, measure
from corpuscope.analyses.groups import Contrast
from corpuscope.analyses.sentence_clusters import SentenceClusters, sentence_clusters
from corpuscope.analyses.sentence_kinds import looked_at
from corpuscope.analyses.shortcut import SENTENCES, Shortcut, is_labelled
from corpuscope.analyses.source import Source
from corpuscope.analyses.suspicion import alone_below, loneliness, suspicion
from corpuscope.shapes import DocumentMask, GroupNames, PerDocument
from corpuscope.statistics import benjamini_hochberg

_SMALLEST_P = 1e-300
_LEAST_SUPPORT, _LEAST_SENTENCES = 5, 100
_TOLD, _LOOKED_AT = 6, 30

# Kinds that share so much of the smaller one are one; and so are a kind and a feature where as
# much of the documents with the one, beyond what chance brings, have the other.
_ONE_KIND, _ONE_THING = 0.3, 0.5


def kinds_of_sentences(
    source: Source,
    values: GroupNames,
    classes: Sequence[str],
    *,
    clusters: PerDocument | None,
    min_support: int,
    alpha: float,
    seed: int,
) -> list[Shortcut]:
    """Kinds that one class has more often and that stand alone there, each told once.

    Args:
        source: The texts.
        values: The class of each document; None leaves it out.
        classes: Those that are looked at.
        clusters: What each document belongs to; None where they are independent.
        min_support: Documents that must have a kind, and lack it.
        alpha: The share of kinds that may be false.
        seed: Of the clusters, and of which documents are looked at where there are very many.
    """
    codes = np.unique(values.astype(str), return_inverse=True)[1].reshape(-1).astype(np.int64)
    together = [] if clusters is None else [clusters]
    rows = looked_at(source, is_labelled(values), codes, together, seed)
    columns = supported_columns(
        source, rows, words=False, features=True, min_support=_LEAST_SUPPORT, level=None
    )
    if not len(columns):
        return []
    known = sentence_clusters(source, np.flatnonzero(rows), columns.features, seed=seed)
    if known.sentences.presence.shape[0] < _LEAST_SENTENCES:
        return []
    asked = _Asked(
        source, known, values[rows], None if clusters is None else clusters[rows], min_support
    )
    names = sorted({str(name) for name in asked.values})
    # Of two classes each has what the other lacks.
    found = [
        one
        for name in (classes[-1:] if len(names) == 2 else classes)
        for one in asked.of_class(name, names, alpha=alpha, n_classes=len(classes))
    ]
    return _each_once(sorted(found, key=suspicion, reverse=True))


@dataclass(frozen=True, eq=False)
class _Asked:
    """Clusters of sentences, and the class of each document that has them."""

    source: Source
    known: SentenceClusters
    values: GroupNames
    clusters: PerDocument | None
    min_support: int

    def of_class(
        self, value: str, names: Sequence[str], *, alpha: float, n_classes: int
    ) -> Iterator[Shortcut]:
        """What a class has more often than the rest and, of two, what the other has."""
        counts = np.asarray(self.known.presence.sum(axis=0)).ravel()
        enough = (counts >= self.min_support) & (len(self.values) - counts >= self.min_support)
        tried = np.flatnonzero(enough)
        if not len(tried):
            return
        are_two = len(names) == 2
        other = next(name for name in names if name != value) if are_two else "rest"
        presence = self.known.presence[:, tried]
        is_own = self.values == value
        contrast = Contrast(
            other, np.flatnonzero(is_own), np.flatnonzero(~is_own), False, clusters=self.clusters
        ).calibrated(presence)
        measured = measure(presence, contrast, alike=None)
        n_tests = len(tried) * (1 if are_two else n_classes)
        q = benjamini_hochberg(measured.raw.p_value, n_tests=n_tests)
        for at in np.flatnonzero(q <= alpha).tolist():
            is_more = measured.raw.difference[at] > 0
            if not (is_more or are_two):
                continue
            side, among = (value, is_own) if is_more else (other, ~is_own)
            one = self._shortcut(int(tried[at]), side, among, measured, at, float(q[at]))
            if loneliness(one) > 0 and not np.isnan(one.company):
                yield one

    def _shortcut(
        self, cluster: int, value: str, among: DocumentMask, measured: Measured, at: int, q: float
    ) -> Shortcut:
        company = self.known.company(cluster, among)
        rates = sorted((float(measured.rate_target[at]), float(measured.rate_reference[at])))
        every = self.known.most_telling(cluster, _LOOKED_AT)
        # What whole sentences are like says more than where a word stands.
        told = ([one for one in every if self.source.kind(one) == "sentence"] or every)[:_TOLD]
        bar = alone_below(company.error)
        own = [one for one in self.known.members[cluster] if among[self.known.document[one]]]
        sentences = self.known.sentences
        return Shortcut(
            value=value,
            feature=f"{SENTENCES} {cluster}",
            label="sentences of a kind",
            members=tuple(self.source.label(number) for number in told),
            member_features=tuple(told),
            nature="alone" if company.auroc < bar else "content",
            rate=rates[1],
            rate_elsewhere=rates[0],
            auroc=0.5 + (rates[1] - rates[0]) / 2,
            company=company.auroc,
            alone_below=bar,
            z=float(-ndtri(max(float(measured.raw.p_value[at]) / 2, _SMALLEST_P))),
            q_value=q,
            sentences=tuple(
                (int(sentences.rows[place]), int(one - sentences.starts[place]))
                for one in own
                for place in [self.known.document[one]]
            ),
        )


def _each_once(found: Sequence[Shortcut]) -> list[Shortcut]:
    """Without kinds that share much with one that is more suspect."""
    kept: list[tuple[Shortcut, set[tuple[int, int]]]] = []
    for one in found:
        own = set(one.sentences)
        if all(len(own & other) < _ONE_KIND * min(len(own), len(other)) for _, other in kept):
            kept.append((one, own))
    return [one for one, _ in kept]


def told_once(
    source: Source, found: Sequence[Shortcut], values: GroupNames, min_support: int
) -> list[Shortcut]:
    """Lines without kinds that a line above tells by one feature, and without features of a kind.

    Args:
        source: The texts.
        found: All lines, the most suspect first.
        values: The class of each document.
        min_support: Documents that must have a word.
    """
    if not any(one.sentences for one in found):
        return list(found)
    documents = _Documents(source, min_support)
    kept: list[Shortcut] = []
    for one in found:
        rivals = [other for other in kept if other.value == one.value
                  and bool(other.sentences) != bool(one.sentences)]  # fmt: skip
        own = values == one.value
        mine = documents.of(one) & own if rivals else own
        if not any(_is_one_thing(mine, documents.of(other) & own, own, one) for other in rivals):
            kept.append(one)
    return kept


def _is_one_thing(
    mine: DocumentMask, others: DocumentMask, own: DocumentMask, one: Shortcut
) -> bool:
    """Whether a line says no more than one above it."""
    within = _beyond_chance(mine, others, own)
    # A feature is part of a kind; a kind is told by a feature only if that is all of it.
    return min(within, _beyond_chance(others, mine, own) if one.sentences else within) >= _ONE_THING


def _beyond_chance(mine: DocumentMask, others: DocumentMask, own: DocumentMask) -> float:
    """The share of mine that are among the others, with what chance brings taken away."""
    by_chance = others.sum() / max(own.sum(), 1)
    share = (mine & others).sum() / max(mine.sum(), 1)
    return float((share - by_chance) / max(1 - by_chance, 1e-9))


class _Documents:
    """Which documents have what a line is about."""

    def __init__(self, source: Source, min_support: int) -> None:
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
        elif one.feature in self._columns:
            found[_rows(self._words, self._columns[one.feature])] = True
        return found


def _rows(presence: sp.csc_array, column: int) -> PerDocument:
    places = slice(presence.indptr[column], presence.indptr[column + 1])
    return presence.indices[places][presence.data[places] != 0]  # type: ignore[no-any-return]
