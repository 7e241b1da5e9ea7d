"""Groups of unequal size, outliers, and no groups: `python -m benchmarks.cluster_sizes`.

Planted: documents of some kinds, 60 features, each feature at a rate of .4 in documents of its
kind and .05 in others. Outliers have any features at the mean rate. Real: texts of four kinds
that share no corpus with those that choices were made on (`... cluster_sizes development`), and
as outliers one request each of many intents. Each world is divided into as many groups as there
are by `BySharedFeatures`, by scikit-learn's spectral clustering of the same affinities, and by
two ways that were left: eigenvectors of affinities with their diagonal, evened out by a quarter,
with rows put at length 1 and not. The number of groups is chosen from 2 to 8. Outliers do not
count in the adjusted Rand index. `planted`, `real` or `nulls` runs one part.
"""

import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp
from sklearn.cluster import KMeans, SpectralClustering
from sklearn.metrics import adjusted_rand_score

import corpuscope as cs
from benchmarks.kinds import rows
from benchmarks.results import CACHE, record, table
from corpuscope.analyses.cluster.axis import axis_of
from corpuscope.analyses.cluster.finding import DISSOLVED
from corpuscope.analyses.cluster.partition import BySharedFeatures
from corpuscope.analyses.cluster.stability import (
    Curve,
    Structure,
    most_stable,
    resampled,
    some_of,
    structure_of,
)
from corpuscope.analyses.comparison.tested_features import TestedFeatures, supported_features
from corpuscope.labels.named_store import NamedStore
from corpuscope.statistics.rates.counts import as_ones
from corpuscope.statistics.similarity.jaccard import weighted_jaccard

SIZES = ((300, 30, 30), (200, 40), (150, 60, 30, 15), (100, 100, 100))
SHARES = (0.0, 0.05)
N_FEATURES, INSIDE, OUTSIDE = 60, 0.4, 0.05
N_PLANTED, N_REAL, N_NULL = 20, 3, 10
MOST = 8
_SPREAD_OF_LENGTHS = 0.6
_EVENED = 0.25
Labels = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class World:
    """Documents, and the group of each; -1 is an outlier."""

    presence: sp.csr_array
    weights: npt.NDArray[np.float64]
    truth: Labels
    lengths: Labels


def planted(sizes: Sequence[int], share: float, seed: int, *, spread: float = 0.0) -> World:
    """Groups of these sizes, and a share of outliers; rates differ by `spread` in their log."""
    rng = np.random.default_rng([seed, len(sizes)])
    kinds = np.repeat(np.arange(len(sizes)), sizes)
    own = kinds[:, None] == np.arange(N_FEATURES)[None] % len(sizes)
    rates = np.where(own, INSIDE, OUTSIDE) if len(sizes) > 1 else np.full(own.shape, 0.15)
    n_outliers = round(share * len(kinds))
    rates = np.vstack([rates, np.full((n_outliers, N_FEATURES), rates.mean())])
    longer = np.exp(spread * rng.standard_normal(len(rates)))
    presence = rng.random(rates.shape) < np.minimum(rates * longer[:, None], 0.95)
    truth = np.concatenate([kinds, np.full(n_outliers, -1)])
    kept = presence.any(axis=1)
    return World(
        sp.csr_array(presence[kept].astype(np.float32)), np.ones(N_FEATURES), truth[kept],
        np.round(100 * longer[kept]).astype(np.int64),
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Pool:
    """Texts of four kinds, and others of which no two are alike."""

    name: str
    kinds: Callable[[], Sequence[Sequence[str]]]
    outliers: tuple[str, str, str]

    @lru_cache  # noqa: B019
    def source(self) -> tuple[NamedStore, Labels]:
        """Both as one source, and the kind of each text."""
        name, file, column = self.outliers
        by_value: dict[str, list[str]] = {}
        for row in rows(file):
            if _is_long(row["text"]):
                by_value.setdefault(row[column], []).append(row["text"])
        texts = [text for value in sorted(by_value) for text in _drawn(by_value[value], 3)]
        apart = _store(name, {str(i): (text, -1) for i, text in enumerate(texts)})
        told = {
            f"{kind}-{i}": (text, kind)
            for kind, (found, n) in enumerate(zip(self.kinds(), (500, 250, 250, 250), strict=True))
            for i, text in enumerate(_drawn(found, n))
        }
        source = NamedStore([_store(self.name, told), apart])
        return source, source.column("group").astype(str).astype(np.int64)

    def world(self, sizes: Sequence[int], share: float, seed: int) -> World:
        """Groups of these sizes; the first kind is always the largest."""
        source, groups = self.source()
        rng = np.random.default_rng(seed)
        kinds = [0, *(1 + rng.permutation(3))]
        found = [rng.permutation(np.flatnonzero(groups == kind))[:n]
                 for kind, n in zip(kinds, sizes, strict=False)]  # fmt: skip
        found.append(rng.permutation(np.flatnonzero(groups == -1))[: round(share * sum(sizes))])
        chosen = np.sort(np.concatenate(found))
        number = {kind: at for at, kind in enumerate([*kinds[: len(sizes)], -1])} | {-1: -1}
        truth = np.array([number[int(groups[row])] for row in chosen])
        taking_part = np.isin(np.arange(source.n_documents), chosen)
        columns = supported_features(
            source, taking_part, words=False, features=True, min_support=5, level=None
        )
        ones = as_ones(columns.presence[chosen]).astype(np.float32)
        axis = axis_of(source, TestedFeatures(ones, columns.features, []), None, n_features=300)
        presence = sp.csr_array(ones[:, axis.columns])
        kept = np.diff(presence.indptr) > 0
        lengths = source.n_tokens[chosen][kept]
        return World(presence[kept], axis.weights, truth[kept], lengths)


def _is_long(text: str) -> bool:
    return len(text.split()) >= 6


def _drawn(texts: Sequence[str], n: int) -> list[str]:
    order = np.random.default_rng(0).permutation(len(texts))[:n]
    return [texts[at] for at in sorted(order)]


def _store(name: str, told: dict[str, tuple[str, int]]) -> cs.Store:
    documents = [{"id": id, "text": text, "group": str(kind)} for id, (text, kind) in told.items()]
    corpus = cs.read_corpus(documents, text="text")
    return cs.extract(corpus, into=CACHE / f"sizes-{name}.scope", progress=True)


def _texts(file: str, column: str = "text", **values: str) -> list[str]:
    return [
        row[column]
        for row in rows(file)
        if all(str(row[name]).startswith(value) for name, value in values.items())
        and _is_long(row[column])
    ]


def _by(file: str, column: str, *values: str) -> list[list[str]]:
    return [_texts(file, **{column: value}) for value in values]


_PERSONAS = ("believes-in-gun-rights", "agreeableness", "believes-abortion-should-be-illegal",
             "anti-immigration")  # fmt: skip
DEVELOPMENT = (
    Pool("kinds", lambda: [
        _texts("gpteacher/instructions.jsonl.gz", "response", kind="codegen"),
        _texts("gpteacher/instructions.jsonl.gz", "response", kind="roleplay"),
        _texts("nltk_reviews/product_reviews.jsonl.gz"),
        _texts("wiki_split/sentences.jsonl.gz"),
    ], ("statements", "anthropic_persona/statements.jsonl.gz", "persona")),
    Pool("personas", lambda: _by("anthropic_persona/statements.jsonl.gz", "persona", *_PERSONAS),
         ("statements", "anthropic_persona/statements.jsonl.gz", "persona")),
)  # fmt: skip
REPORT = (
    Pool("news", lambda: _by("ag_news_test/news.jsonl.gz", "topic",
                             "Business", "Sci/Tech", "Sports", "World"),
         ("requests", "clinc150/queries.jsonl.gz", "label")),
    Pool("collections", lambda: [
        _texts("tldr_pages/pages.jsonl.gz"),
        _texts("gsm8k/solutions.jsonl.gz", "response", model="human"),
        _texts("cranfield/documents.jsonl.gz"),
        _texts("meld_dialogue/utterances.jsonl.gz"),
    ], ("requests", "clinc150/queries.jsonl.gz", "label")),
)  # fmt: skip


def before(affinity: npt.NDArray[np.float32], n: int, *, sphere: bool) -> Labels:
    """What groups were made by until their sizes were looked at."""
    evened = affinity + _EVENED * affinity.mean()
    roots = 1 / np.sqrt(evened.sum(axis=1))
    vectors = np.linalg.eigh(evened.astype(np.float64) * roots[:, None] * roots)[1][:, -n:]
    if sphere:
        vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    found: Labels = KMeans(n, n_init=4, random_state=0).fit_predict(vectors)
    return found


def rand_of_each(world: World, n: int, seed: int) -> list[float]:
    """The adjusted Rand index of ours, scikit-learn's, and the former without and with sphere."""
    affinity = weighted_jaccard(world.presence, world.weights)
    search = SpectralClustering(n, affinity="precomputed", random_state=seed)
    found = (
        BySharedFeatures(world.presence, world.weights, seed).whole(n).labels,
        search.fit_predict(affinity.astype(np.float64)),
        before(affinity, n, sphere=False),
        before(affinity, n, sphere=True),
    )
    inside = world.truth >= 0
    return [adjusted_rand_score(world.truth[inside], labels[inside]) for labels in found]


def chosen(world: World, seed: int) -> Curve:
    """What speaks for the number of groups that is chosen."""
    partitioner = BySharedFeatures(world.presence, world.weights, seed)
    some = some_of(np.arange(world.presence.shape[0]), seed)
    curves = resampled(partitioner, some, range(2, MOST + 1), seed=seed).curves()
    n = most_stable(curves)
    return next(curve for curve in curves if curve.n_clusters == n)


def row_of(name: str, sizes: Sequence[int], share: float, worlds: Iterator[World]) -> list[object]:
    found, numbers = [], []
    for seed, world in enumerate(worlds):
        found.append(rand_of_each(world, len(sizes), seed))
        numbers.append(chosen(world, seed).n_clusters)
    means = np.mean(found, axis=0)
    counts = ", ".join(f"{n}: {numbers.count(n)}" for n in sorted(set(numbers)))
    right = f"{numbers.count(len(sizes))}/{len(numbers)}"
    cells = [name, "/".join(map(str, sizes)), f"{share:.0%}", *(f"{one:.3f}" for one in means)]
    cells += [f"{means[0] - max(means[1], means[2]):+.3f}", right, counts]
    print(*cells, sep=" | ", flush=True)
    return cells


def null_row(name: str, worlds: Iterator[World]) -> list[object]:
    """How often worlds without groups are said to have some."""
    structures: list[Structure] = []
    curves: list[Curve] = []
    for seed, world in enumerate(worlds):
        curves.append(chosen(world, seed))
        partitioner = BySharedFeatures(world.presence, world.weights, seed)
        structures.append(structure_of(
            partitioner, world.presence, world.lengths, n=curves[-1].n_clusters,
            of_axis=world.weights, seed=seed,
        ))  # fmt: skip
    n = len(curves)
    ratio = np.mean([one.explained / one.by_chance for one in structures])
    is_real = np.array([one.p_value <= 0.05 for one in structures])
    is_stable = np.array([curve.least_stable >= DISSOLVED for curve in curves])
    cells = [name, f"{is_real.sum()}/{n}", f"{is_stable.sum()}/{n}",
             f"{(is_real & is_stable).sum()}/{n}", f"{ratio:.2f}",
             f"{np.mean([curve.stability for curve in curves]):.2f}",
             f"{np.median([curve.n_clusters for curve in curves]):.0f}"]  # fmt: skip
    print(*cells, sep=" | ", flush=True)
    return cells


HEADER = ("texts", "sizes", "outliers", "ours", "scikit-learn", "before, no sphere", "before",
          "ours less the better of the next two", "number right", "numbers chosen")  # fmt: skip
NULL_HEADER = ("no groups", "p ≤ .05", "no cluster noted as not stable", "neither note",
               "explained, times chance", "stability", "number (median)")  # fmt: skip


def record_planted(title: str, first_seed: int) -> None:
    seeds = range(first_seed, first_seed + N_PLANTED)
    body = [
        row_of("planted", sizes, share, (planted(sizes, share, seed) for seed in seeds))
        for sizes in SIZES
        for share in SHARES
    ]
    about = f"Adjusted Rand index, means over {N_PLANTED} planted worlds."
    record(f"{title}: planted", [about, "", *table(HEADER, body)])


def record_real(title: str, first_seed: int, pools: Sequence[Pool]) -> None:
    seeds = range(first_seed, first_seed + N_REAL)
    body = [
        row_of(pool.name, sizes, share, (pool.world(sizes, share, seed) for seed in seeds))
        for pool in pools
        for sizes in SIZES
        for share in SHARES
    ]
    about = f"Adjusted Rand index, means over {N_REAL} draws of real texts."
    record(f"{title}: real texts", [about, "", *table(HEADER, body)])


def record_nulls(title: str, first_seed: int) -> None:
    """Worlds of 300 documents in no groups."""
    cases = {
        "nothing else": (0.0, 0.0),
        "lengths differ": (0.0, _SPREAD_OF_LENGTHS),
        "5% outliers": (0.05, 0.0),
        "both": (0.05, _SPREAD_OF_LENGTHS),
    }
    seeds = range(first_seed, first_seed + N_NULL)
    body = [
        null_row(name, (planted((300,), share, seed, spread=spread) for seed in seeds))
        for name, (share, spread) in cases.items()
    ]
    about = (
        f"Worlds without groups, 300 documents, {N_NULL} each. A number is always chosen; two "
        "notes warn of it: that chance explains as much (p > .05), and that a cluster is not "
        "stable."
    )
    record(f"{title}: no groups", [about, "", *table(NULL_HEADER, body)])


def main(arguments: Sequence[str]) -> None:
    is_report = "development" not in arguments
    title = "Clusters of unequal size" + ("" if is_report else ", development")
    first_seed = 0 if is_report else 1000
    parts = {
        "planted": lambda: record_planted(title, first_seed),
        "real": lambda: record_real(title, first_seed, REPORT if is_report else DEVELOPMENT),
        "nulls": lambda: record_nulls(title, first_seed),
    }
    for name in [part for part in parts if part in arguments] or parts:
        parts[name]()


if __name__ == "__main__":
    main(sys.argv[1:])
