"""Sentence clusters that are shortcuts.

Lines of old drama in a fifth of the texts of one class are a shortcut, though no single word need
recur. Sentences are therefore clustered without the labels (`sentence_clusters`), each cluster is
tested like a feature, and it is suspect if the other sentences of a text do not predict it: the
topic of a text shows in sentences of more than one cluster.
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

# Maximum numbers of documents and tokens read; a sentence takes 2 kB.
_MOST_DOCUMENTS, _MOST_TOKENS = 10_000, 6_000_000
_N_NAMING = 6

# Overlap (share of the smaller) from which two clusters are the same; chance-corrected share of
# documents from which a cluster and a feature are.
_ONE_KIND, _ONE_THING = 0.3, 0.5


@dataclass(frozen=True, eq=False)
class Kinds:
    """Sentence clusters that are shortcuts.

    Attributes:
        found: The clusters without overlapping ones, most suspect first.
        rows: Mask of the documents that were searched.
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
    """Sentence clusters that are more frequent in one class and isolated there.

    Args:
        source: The texts.
        values: Class of each document; None excludes it.
        classes: The classes to search.
        clusters: Cluster of each document (such as its author); None if all are independent.
        min_support: Minimum number of documents with a sentence cluster, and without it.
        alpha: False discovery rate.
        seed: Random seed for k-means, and for the subset of very large corpora.
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
    cluster_numbers = None if clusters is None else clusters[rows]
    search = _Search(source, known, values[rows], cluster_numbers, min_support, alpha)
    if len(names) == 2:  # One test covers both directions.
        found = search.of_class(
            classes[-1], next(n for n in names if n != classes[-1]), n_classes=1
        )
    else:
        found = [
            one for name in classes for one in search.of_class(name, None, n_classes=len(classes))
        ]
    return Kinds(_each_once(sorted(found, key=suspicion, reverse=True)), rows)


def _looked_at(
    source: NamedStore, values: GroupNames, clusters: PerDocument | None, seed: int
) -> DocumentMask:
    """Mask of the labelled documents, or of a stratified subset of very many."""
    rows = is_labelled(values)
    n_tokens = max(int(source.n_tokens[rows].sum()), 1)
    share = min(_MOST_DOCUMENTS / max(rows.sum(), 1), _MOST_TOKENS / n_tokens)
    if share >= 1:
        return rows
    codes = np.unique(values.astype(str), return_inverse=True)[1].reshape(-1).astype(np.int64)
    together = np.arange(len(values), dtype=np.int64) if clusters is None else clusters
    return split(source, rows, codes, [together], share=share, seed=seed)[1]


@dataclass(frozen=True, eq=False)
class _Search:
    """Sentence clusters, the class of each document, and the test's arguments."""

    source: NamedStore
    known: SentenceClusters
    values: GroupNames
    clusters: PerDocument | None
    min_support: int
    alpha: float

    def of_class(self, value: str, other: str | None, *, n_classes: int) -> list[Shortcut]:
        """Clusters more frequent in a class than in the rest; with `other`, in either class.

        Only (nearly) isolated clusters enter the FDR correction: what the label means differs
        significantly too, and would inflate the number of rejections.
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
            self._completed(
                one, int(tried[at]), float(q[at]), is_own if one.value == value else ~is_own
            )
            for at, one in found.items()
            if q[at] <= self.alpha
        ]

    def _completed(self, one: Shortcut, cluster: int, q: float, among: DocumentMask) -> Shortcut:
        """The shortcut with its q-value, naming features and sentences."""
        every = self.known.most_telling(cluster)
        # Sentence features describe a sentence better than token features.
        naming = [one for one in every if self.source.kind(one) == "sentence"] or every
        naming = naming[:_N_NAMING]
        sentences, document = self.known.sentences, self.known.document
        return replace(
            one,
            q_value=q,
            members=tuple(self.source.label(number) for number in naming),
            member_features=tuple(naming),
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
        label="sentence cluster",
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
    """The clusters without those that overlap a more suspect one."""
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
    """Shortcuts without redundant ones: a cluster and a feature in the same documents count once.

    Args:
        source: The texts.
        found: All shortcuts, most suspect first.
        kinds: The sentence clusters among them, and the documents searched for these.
        values: Class of each document.
        min_support: Minimum number of documents with a word.
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
    """Whether a shortcut is redundant given a more suspect one."""
    within = _beyond_chance(mine, others, own)
    # A feature may be a part of a cluster; a cluster must coincide with a feature, both ways.
    return min(within, _beyond_chance(others, mine, own) if is_kind else within) >= _ONE_THING


def _beyond_chance(mine: DocumentMask, others: DocumentMask, own: DocumentMask) -> float:
    """The share of `mine` that is in `others`, chance-corrected as in Cohen's kappa."""
    by_chance = others.sum() / max(own.sum(), 1)
    share = (mine & others).sum() / max(mine.sum(), 1)
    return float((share - by_chance) / max(1 - by_chance, 1e-9))


class _Documents:
    """Lookup of the documents with a shortcut's feature, word or sentence cluster."""

    def __init__(self, source: NamedStore, min_support: int) -> None:
        words = source.words(min_support)
        self._columns = {name: at for at, name in enumerate(words.names)}
        self._words, self._features = words.presence.tocsc(), source.presence(None).tocsc()

    def of(self, one: Shortcut) -> DocumentMask:
        """Mask of the documents with a shortcut; empty for text lengths."""
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
