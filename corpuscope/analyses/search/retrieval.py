"""How well each document of a store matches a query, by three methods and their fusion.

1. Pseudo-relevance feedback: the texts nearest to the phrase are found by document vectors, by
   features whose labels are similar to the phrase, and by words. Examples replace this step.
2. Features and words enriched in these texts form the expanded query.
3. Documents are scored by these features, by these words, and by their vectors; the three
   rankings are fused.

So a feature is used for what it does in this corpus, whatever its label says. Settings were
chosen on development queries (`benchmarks/search.py`, `docs/search.md`).
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from weakref import WeakKeyDictionary

import numpy as np

from corpuscope.analyses.search.bm25_index import WordIndex, open_word_index, searched_words
from corpuscope.analyses.search.expansion import Expansion
from corpuscope.analyses.search.feature_scores import (
    FeatureScores,
    QueryFeatures,
    by_rank,
    open_feature_scores,
)
from corpuscope.analyses.search.query import Request
from corpuscope.embedding.documents import (
    DocumentVectors,
    EmbeddingProgress,
    are_at_hand,
    open_document_vectors,
)
from corpuscope.embedding.embedder import PHRASE_WIDTH, load_phrase_embedder
from corpuscope.labels.meanings import Meanings, load_shipped, meanings
from corpuscope.ranges import Method
from corpuscope.shapes import (
    DocumentMask,
    NumberPerDocument,
    NumberPerDraw,
    PhraseVector,
    PhraseVectors,
    Rows,
)
from corpuscope.statistics.scores.rankings import ranked, reciprocal_rank_fusion
from corpuscope.store.lookup.ids import rows_of_ids
from corpuscope.store.store import Store

_N_NEAREST, _MOST_OF_ALL = 30, 1 / 8

# The weight of the word ranking grows with the number of query words that occur in the corpus
# (features and vectors have weight 1): in the first retrieval, in the expanded query, and in the
# final fusion.
_WORD_IN_NEAREST, _MOST_IN_NEAREST = 0.1, 1.0
_ASKED_WORD = 0.2
_WORD_IN_FUSION, _LEAST_IN_FUSION, _MOST_IN_FUSION = 0.2, 0.5, 1.5

# Share of the corpus mean subtracted from the phrase, as it does not discriminate.
_COMMON = 0.5

# Rocchio feedback: the mean of the nearest texts is added to the query vector (Rocchio 1971).
_N_FED_BACK, _FED_BACK = 10, 1.0

# Features by label similarity, with the temperature that was best in Jiang et al. 2025.
_MEANING_IN_NEAREST, _MEANING_TEMPERATURE = 0.6, 0.2

# Of other words that a language model gave: passages by their vectors, and by their words.
_TEXTS_IN_NEAREST, _WORDS_OF_TEXTS_IN_NEAREST = 2.0, 0.8

# Labels of the built-in dictionary serve as unrelated phrases, since most do not occur in any one
# corpus.
_N_NAMES, _LEAST_WORDS, _MOST_COMPARED = 300, 3, 20_000

_N_WORDS = 100
_UNLIKE = 0.5

_STORES_KEPT = 4
_TYPICAL: WeakKeyDictionary[DocumentVectors, NumberPerDraw] = WeakKeyDictionary()

# Depth of the rankings: lower ranks are tied, since a full sort would dominate the run time.
DEPTH = 5_000


@dataclass(frozen=True, eq=False)
class Match:
    """How well documents match a query.

    Attributes:
        order: Rows by descending score, without the examples; at most `DEPTH`.
        fused: Fused score of each document; 1 if it is first by every method.
        scores: Scores by method; minus infinity where a method has no evidence.
        weighted: Features of the expanded query.
        words: Word weights of the expanded query, by index position.
        n_nearest: Number of texts that features and words were taken from.
        examples: Rows of the examples.
        n_asked_words: Number of words of the phrase that occur in any text.
        nearest_cosine: Largest cosine of any text with the phrase; NaN without a phrase or
            without vectors.
    """

    order: Rows
    fused: NumberPerDocument
    scores: Mapping[Method, NumberPerDocument]
    weighted: QueryFeatures
    words: Mapping[int, float]
    n_nearest: int
    examples: Rows
    n_asked_words: int
    nearest_cosine: float


@dataclass(frozen=True, eq=False)
class Matcher:
    """A store prepared for searches.

    Attributes:
        store: The store.
        features: Feature scorer.
        words: Word index.
        allowed: Mask of the documents to search; None for all.
        progress: Callback (n_done, n_total) while documents are embedded.
    """

    store: Store
    features: FeatureScores
    words: WordIndex
    allowed: DocumentMask | None = None
    progress: EmbeddingProgress | None = None
    _phrases: dict[str, PhraseVector] = field(default_factory=dict)
    # Not copied with the matcher: they depend on `allowed`.
    _last: dict[object, tuple[NumberPerDocument | None, Rows]] = field(
        default_factory=dict, init=False
    )
    _typical: dict[DocumentVectors, NumberPerDraw] = field(default_factory=dict, init=False)

    def vectors(self, request: Request) -> DocumentVectors | None:
        """Document vectors, if the query needs them or they are in the store."""
        if "dense" in request.using or are_at_hand(self.store):
            return open_document_vectors(self.store, self.progress)
        return None

    def match(self, request: Request, *, depth: int | None = DEPTH) -> Match:
        """How well each document matches.

        Args:
            request: The query, already validated.
            depth: Number of documents to rank.

        Raises:
            InputError: An example is not in the store.
        """
        like, unlike = (rows_of_ids(self.store, ids) for ids in (request.like, request.unlike))
        query_words = self._asked_words(request)
        vectors = self.vectors(request) if request.has_texts else None
        similarity, nearest = self._nearest_kept(request, vectors, query_words, like, unlike)
        weighted = self._weighted(request, nearest, unlike)
        expanded = self._expanded(query_words, nearest, unlike)
        scores: dict[Method, NumberPerDocument] = {}
        if "features" in request.using and len(weighted):
            scores["features"] = _known(self.features.of(weighted))
        if "dense" in request.using and similarity is not None and vectors is not None:
            scores["dense"] = (
                self._fed_back(similarity, vectors, nearest) if request.phrase else similarity
            )
        if "words" in request.using and expanded:
            scores["words"] = _known(self.words.of(expanded))
        fused = self._fused(scores, len(query_words), depth=depth, seed=request.seed)
        examples = np.concatenate([like, unlike])
        return Match(
            order=self._found(fused, examples, depth=depth, seed=request.seed),
            fused=fused,
            scores=scores,
            weighted=weighted,
            words=expanded,
            n_nearest=len(nearest),
            examples=examples,
            n_asked_words=len(query_words),
            nearest_cosine=self._nearest_cosine(request, vectors),
        )

    def typical_similarity(self, vectors: DocumentVectors) -> NumberPerDraw:
        """Largest cosine of any text with each of 300 labels of the built-in dictionary.

        A baseline for unrelated phrases, which depends on the number, length and diversity of the
        texts. Of many texts, an evenly spaced 20,000 are compared, once for all searches.
        """
        kept = _TYPICAL if self.allowed is None else self._typical
        if vectors not in kept:
            kept[vectors] = self._typical_similarity(vectors)
        return kept[vectors]

    def _typical_similarity(self, vectors: DocumentVectors) -> NumberPerDraw:
        may_be = np.arange(len(vectors.scales)) if self.allowed is None else (
            np.flatnonzero(self.allowed)
        )  # fmt: skip
        rows = may_be[:: -(-len(may_be) // _MOST_COMPARED)]
        texts = vectors.steps[rows].astype(np.float32) * vectors.scales[rows, None]
        nearness: NumberPerDraw = (_some_names() @ texts.T).max(axis=1)
        return nearness

    def _nearest_cosine(self, request: Request, vectors: DocumentVectors | None) -> float:
        if not request.phrase or vectors is None:
            return float("nan")
        return float(self._among(vectors.similarity(self._embedded(request.phrase))).max())

    def _asked_words(self, request: Request) -> dict[int, float]:
        words = searched_words(request.phrase or "")
        return dict.fromkeys(self.words.places(words).tolist(), 1.0)

    def _direction(
        self,
        request: Request,
        vectors: DocumentVectors,
        *,
        like: Rows,
        unlike: Rows,
    ) -> PhraseVector:
        """Query vector: phrase plus positive examples, minus negative ones, centred."""
        total: PhraseVector = np.zeros(PHRASE_WIDTH, dtype=np.float32)
        if request.phrase:
            total += self._embedded(request.phrase) - np.float32(_COMMON) * vectors.mean
            if request.expansion and request.expansion.texts:
                # Other words count as much as the user's own, all together.
                others = np.mean([self._embedded(one) for one in request.expansion.texts], axis=0)
                total += others - np.float32(_COMMON) * vectors.mean
        if len(like):
            total += vectors.mean_of(like) - vectors.mean
        if len(unlike):
            total -= np.float32(_UNLIKE) * (vectors.mean_of(unlike) - vectors.mean)
        return total

    def _embedded(self, phrase: str) -> PhraseVector:
        if phrase not in self._phrases:
            self._phrases[phrase] = load_phrase_embedder().embed([phrase])[0]
        return self._phrases[phrase]

    def _nearest_kept(
        self,
        request: Request,
        vectors: DocumentVectors | None,
        query_words: Mapping[int, float],
        like: Rows,
        unlike: Rows,
    ) -> tuple[NumberPerDocument | None, Rows]:
        """`_nearest`, which is the same for other weights: those of the last query are kept."""
        key = (request.phrase, request.like, request.unlike, request.using, request.n_features,
               request.seed, request.expansion)  # fmt: skip
        if key not in self._last:
            found = self._nearest(request, vectors, query_words, like=like, unlike=unlike)
            self._last.clear()
            self._last[key] = found
        return self._last[key]

    def _nearest(
        self,
        request: Request,
        vectors: DocumentVectors | None,
        query_words: Mapping[int, float],
        *,
        like: Rows,
        unlike: Rows,
    ) -> tuple[NumberPerDocument | None, Rows]:
        """Similarity of all documents, and the rows that features and words are taken from.

        These are the examples and, with a phrase, the texts nearest to it. Examples without a
        phrase are not expanded: texts near to them would blur what they have in common.
        """
        if not request.has_texts:
            return None, like
        similarity = None
        rankings: list[NumberPerDocument] = []
        weights: list[float] = []
        if vectors is not None:
            direction = self._direction(request, vectors, like=like, unlike=unlike)
            similarity = vectors.similarity(direction)
            rankings.append(similarity)
            weights.append(1.0)
        if request.phrase:
            rankings.append(self._by_meaning(request))
            weights.append(_MEANING_IN_NEAREST if rankings[1:] else 1.0)
        if query_words:
            rankings.append(_known(self.words.of(query_words)))
            weights.append(min(_WORD_IN_NEAREST * len(query_words), _MOST_IN_NEAREST))
        if not request.phrase:
            return similarity, like
        if request.expansion:
            for ranking, weight in self._by_expansion(request.expansion, request, vectors):
                rankings.append(ranking)
                weights.append(weight)
        near = reciprocal_rank_fusion(
            [self._among(one) for one in rankings], weights=weights, depth=DEPTH, seed=request.seed
        )
        near[np.concatenate([like, unlike])] = -np.inf
        known = np.any([one > -np.inf for one in rankings], axis=0)
        near = np.where(known, self._among(near), -np.inf)
        n_near = min(_N_NEAREST, max(1, int(_MOST_OF_ALL * self.store.n_documents)))
        found = ranked(near, depth=n_near, seed=request.seed)
        return similarity, np.concatenate([like, found[near[found] > -np.inf]])

    def _by_expansion(
        self, expansion: Expansion, request: Request, vectors: DocumentVectors | None
    ) -> Iterator[tuple[NumberPerDocument, float]]:
        """Rankings by other words of the phrase, and their weights: each list by itself."""
        if expansion.texts and vectors is not None:
            directions = [self._embedded(one) for one in expansion.texts]
            # The passage that a text is most like: fitting texts differ from one another.
            similar = np.stack([vectors.similarity(one) for one in directions])
            yield similar.max(axis=0), _TEXTS_IN_NEAREST
        if expansion.labels:
            yield self._by_meaning(request, expansion.labels), _MEANING_IN_NEAREST
        words = [place for one in expansion.texts for place in self._places(one)]
        if words:
            counts = {place: words.count(place) / len(expansion.texts) for place in set(words)}
            yield _known(self.words.of(counts)), _WORDS_OF_TEXTS_IN_NEAREST

    def _places(self, phrase: str) -> list[int]:
        places: list[int] = self.words.places(searched_words(phrase)).tolist()
        return places

    def _by_meaning(self, request: Request, phrases: Sequence[str] = ()) -> NumberPerDocument:
        """Scores by features whose labels and strongest sentences are similar to the phrase.

        With `phrases`, to whichever of these they are most similar to. Finds style and form where
        document vectors only capture topic.
        """
        directions = np.stack([self._embedded(one) for one in phrases or [request.phrase or ""]])
        similarity = _meanings(self.store).similarity_to(directions).max(axis=0)
        similarity = np.where(self.features.n_present > 0, similarity, 0.0)
        found = by_rank(similarity, n=request.n_features, temperature=_MEANING_TEMPERATURE)
        return _known(self.features.of(found))

    def _weighted(self, request: Request, nearest: Rows, unlike: Rows) -> QueryFeatures:
        """Features of the expanded query; weights given by the user take precedence."""
        found = QueryFeatures(np.empty(0, dtype=np.int64), np.empty(0))
        if len(nearest):
            enrichment = self.features.enrichment(nearest)
            if len(unlike):
                enrichment = enrichment - self.features.enrichment(unlike)
            found = by_rank(enrichment, n=request.n_features, temperature=request.temperature)
        if not request.weights:
            return found
        merged = dict(zip(found.features.tolist(), found.weights.tolist(), strict=True))
        merged |= {int(feature): float(weight) for feature, weight in request.weights.items()}
        kept = sorted(((f, w) for f, w in merged.items() if w), key=lambda one: -abs(one[1]))
        return QueryFeatures(
            np.array([feature for feature, _ in kept], dtype=np.int64),
            np.array([weight for _, weight in kept], dtype=np.float64),
        )

    def _expanded(
        self, query_words: Mapping[int, float], nearest: Rows, unlike: Rows
    ) -> dict[int, float]:
        """Words of the phrase, plus words enriched in the nearest texts."""
        found = {
            place: _ASKED_WORD * len(query_words) * weight for place, weight in query_words.items()
        }
        if not len(nearest):
            return found
        enrichment = self.words.enrichment(nearest)
        if len(unlike):
            enrichment = enrichment - self.words.enrichment(unlike)
        best = np.argsort(-enrichment, kind="stable")[:_N_WORDS]
        best = best[enrichment[best] > 0]
        for place in best.tolist():
            found[place] = found.get(place, 0.0) + float(enrichment[place] / enrichment[best[0]])
        return found

    def _fed_back(
        self, similarity: NumberPerDocument, vectors: DocumentVectors, nearest: Rows
    ) -> NumberPerDocument:
        """Similarity after Rocchio feedback from the nearest texts, for the top documents."""
        reranked = ranked(similarity, depth=DEPTH)
        feedback = vectors.mean_of(nearest[:_N_FED_BACK]) - vectors.mean
        found = similarity.copy()
        # + 2 exceeds any possible loss, so that no reranked document falls below the others.
        found[reranked] += _FED_BACK * (vectors.of(reranked).similarity(feedback) + 2)
        return found

    def _fused(
        self,
        scores: Mapping[Method, NumberPerDocument],
        n_words: int,
        *,
        depth: int | None,
        seed: int,
    ) -> NumberPerDocument:
        if not scores:
            return np.full(self.store.n_documents, -np.inf)
        of_words = min(max(_WORD_IN_FUSION * n_words, _LEAST_IN_FUSION), _MOST_IN_FUSION)
        weights = [of_words if method == "words" else 1.0 for method in scores]
        found = reciprocal_rank_fusion(
            [self._among(one) for one in scores.values()], weights=weights, depth=depth, seed=seed
        )
        # Score of a document that is first by every method, for scaling to (0, 1].
        best = reciprocal_rank_fusion([np.zeros(1)] * len(scores), weights=weights)
        known = np.any([one > -np.inf for one in scores.values()], axis=0)
        return self._among(np.where(known, found / best, -np.inf))

    def _among(self, scores: NumberPerDocument) -> NumberPerDocument:
        """The scores, with minus infinity for excluded documents."""
        return scores if self.allowed is None else np.where(self.allowed, scores, -np.inf)

    def _found(
        self, fused: NumberPerDocument, examples: Rows, *, depth: int | None, seed: int
    ) -> Rows:
        order = ranked(fused, depth=depth, seed=seed)
        found: Rows = order[(fused[order] > -np.inf) & ~np.isin(order, examples)]
        return found


def open_matcher(
    store: Store, *, allowed: DocumentMask | None = None, progress: EmbeddingProgress | None = None
) -> Matcher:
    """A store prepared for searches; indexes are cached on disk and in memory."""
    return Matcher(store, *_opened(store), allowed, progress)


@lru_cache(maxsize=_STORES_KEPT)
def _opened(store: Store) -> tuple[FeatureScores, WordIndex]:
    return open_feature_scores(store), open_word_index(store)


@lru_cache(maxsize=_STORES_KEPT)
def _meanings(store: Store) -> Meanings:
    return meanings(store)


def _known(scores: NumberPerDocument) -> NumberPerDocument:
    """The scores with 0 (no evidence for a document) replaced by minus infinity."""
    return np.where(scores == 0, -np.inf, scores)


@lru_cache(maxsize=1)
def _some_names() -> PhraseVectors:
    """Vectors of multi-word labels of sentence features, which read most like phrases."""
    shipped = load_shipped()
    is_long = [label is not None and len(label.split()) >= _LEAST_WORDS for label in shipped.labels]
    known = np.flatnonzero(is_long)
    # Sentence features are the second half of the dictionary.
    known = known[known >= len(is_long) // 2]
    chosen = np.random.default_rng(0).choice(known, _N_NAMES, replace=False)
    return np.asarray(shipped.meanings.names[np.sort(chosen)])
