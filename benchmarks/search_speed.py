"""What a search takes at 100,000 documents: `python -m benchmarks.search_speed`.

A made-up store of 100,000 documents: 16,384 features of lognormal rates, 150 in a document, 60
words of a vocabulary of 50,000 with Zipf's rates, random vectors. Only the arrays that a search
reads are made, where its caches would be: nothing is read from texts. The smallest and the middle
of 15 turns on one core, in time of the processor, since the machine is shared.
"""

import time
from collections.abc import Callable

import numpy as np

from benchmarks.results import record, table
from corpuscope.analyses.search.bm25_index import WordIndex
from corpuscope.analyses.search.feature_scores import FeatureScores, QueryFeatures, by_rank
from corpuscope.embedding.documents import DocumentVectors
from corpuscope.embedding.embedder import PHRASE_WIDTH
from corpuscope.shapes import NumberPerDocument
from corpuscope.statistics.scores.rankings import ranked, reciprocal_rank_fusion
from corpuscope.store.matrix import SparseStrengths

N, N_FEATURES, N_EACH = 100_000, 16_384, 150
N_WORDS, N_WORDS_EACH = 50_000, 60
TURNS, DEPTH = 15, 5_000


def made_features() -> FeatureScores:
    """Strengths of all features, both ways round."""
    rng = np.random.default_rng(0)
    rates = np.minimum(rng.lognormal(0, 1.5, N_FEATURES), 100.0)
    rates = np.minimum(rates * N_EACH / rates.sum(), 0.3)
    of_feature = [np.sort(rng.choice(N, max(5, round(rate * N)), replace=False)) for rate in rates]
    rows = np.concatenate(of_feature).astype(np.int32)
    sizes = np.array([len(own) for own in of_feature])
    features = np.repeat(np.arange(N_FEATURES, dtype=np.int32), sizes)
    strengths = rng.uniform(0.5, 3, len(rows)).astype(np.float16)
    order = np.lexsort((features, rows))
    starts = np.concatenate([[0], np.cumsum(sizes)])
    matrix = SparseStrengths(
        N, N_FEATURES,
        np.concatenate([[0], np.cumsum(np.bincount(rows, minlength=N))]),
        features[order], strengths[order], starts, rows, strengths,
        np.zeros(len(rows), dtype=np.uint32),
    )  # fmt: skip
    ones = np.ones(N_FEATURES, dtype=np.float32)
    return FeatureScores(matrix, ones / 2, ones * 2, ones * 1.4, sizes, np.ones(N, np.float32))


def made_words() -> WordIndex:
    """An index of words with Zipf's rates."""
    rng = np.random.default_rng(1)
    rates = 1 / np.arange(1, N_WORDS + 1)
    drawn = rng.choice(N_WORDS, (N, N_WORDS_EACH), p=rates / rates.sum())
    pairs = np.unique(np.repeat(np.arange(N), N_WORDS_EACH) * N_WORDS + drawn.ravel())
    rows, words = (pairs // N_WORDS).astype(np.int32), (pairs % N_WORDS).astype(np.int32)
    order = np.argsort(words, kind="stable")
    return WordIndex(
        N, np.arange(N_WORDS, dtype=np.uint64),
        np.concatenate([[0], np.cumsum(np.bincount(words, minlength=N_WORDS))]),
        rows[order], np.ones(len(rows), dtype=np.float32),
        np.concatenate([[0], np.cumsum(np.bincount(rows, minlength=N))]), words,
    )  # fmt: skip


def made_vectors() -> DocumentVectors:
    """Random directions."""
    rng = np.random.default_rng(2)
    steps = rng.integers(-127, 128, (N, PHRASE_WIDTH)).astype(np.int8)
    mean = np.zeros(PHRASE_WIDTH, dtype=np.float32)
    return DocumentVectors(steps, np.full(N, 0.001, np.float32), mean)


def main() -> None:
    """Time each step of a search, and all of them."""
    features, words, vectors = made_features(), made_words(), made_vectors()
    phrase = np.random.default_rng(3).standard_normal(PHRASE_WIDTH).astype(np.float32)
    asked = {400: 0.6, 900: 0.6, 2000: 0.6}
    similarity = vectors.similarity(phrase)
    known = known_of(words.of(asked))
    nearest = ranked(similarity, depth=30)
    frequent = QueryFeatures(np.argsort(-features.n_present)[:100], np.ones(100))
    enrichment = words.enrichment(nearest)
    expanded = dict.fromkeys(np.argsort(-enrichment)[:100].tolist(), 1.0)
    weighted = by_rank(features.enrichment(nearest), n=100, temperature=0.5)
    again = ranked(similarity, depth=DEPTH)
    scores = [similarity, known_of(features.of(weighted)), known_of(words.of(expanded))]
    steps: dict[str, Callable[[], object]] = {
        "all vectors": lambda: vectors.similarity(phrase),
        "the asked words": lambda: words.of(asked),
        "the nearest 30, of three rankings": lambda: ranked(
            reciprocal_rank_fusion([similarity, scores[1], known], depth=DEPTH), depth=30
        ),
        "features and words of the nearest": lambda: (
            by_rank(features.enrichment(nearest), n=100, temperature=0.5),
            words.enrichment(nearest),
        ),
        "5,000 vectors again": lambda: vectors.of(again).similarity(phrase),
        "100 features by meaning, 100 of the nearest": lambda: (
            features.of(weighted),
            features.of(weighted),
        ),
        "100 words": lambda: words.of(expanded),
        "three rankings fused": lambda: ranked(
            reciprocal_rank_fusion(scores, depth=DEPTH), depth=DEPTH
        ),
    }
    body = []
    total = np.zeros(2)
    for name, step in steps.items():
        least, middle = timed(step)
        total += least, middle
        body.append([name, f"{least:.1f}", f"{middle:.1f}"])
    body.append(["together", f"{total[0]:.1f}", f"{total[1]:.1f}"])
    least, middle = timed(lambda: features.of(frequent))
    body.append(["the 100 most frequent features, at worst", f"{least:.1f}", f"{middle:.1f}"])
    told = (
        f"{N:,} documents, {N_FEATURES:,} features with {len(features.strengths.rows) / N:.0f} in "
        f"a document, {N_WORDS:,} words. The embedding of the phrase comes on top."
    )
    record("Search: speed", [told, "", *table(["", "ms, least", "ms, middle"], body)])


def known_of(scores: NumberPerDocument) -> NumberPerDocument:
    """As a search does: minus infinity where a method knows nothing of a document."""
    return np.where(scores == 0, -np.inf, scores)


def timed(step: Callable[[], object]) -> tuple[float, float]:
    """Least and middle time in milliseconds, after a turn that compiles."""
    step()
    taken = []
    for _ in range(TURNS):
        begun = time.process_time()
        step()
        taken.append(1000 * (time.process_time() - begun))
    return min(taken), float(np.median(taken))


if __name__ == "__main__":
    main()
