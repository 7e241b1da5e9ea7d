"""Which texts have this property?

1. A query is a phrase, example texts, feature weights, or any combination.
2. The texts nearest to the query determine which features and words are associated with it in
   this corpus (`analyses/search/retrieval.py`). Feature labels are displayed, not required.
3. Documents are ranked by features, by vectors and by words, and the rankings are fused.
4. Each hit lists the features and words that contributed to its rank, with their spans.

Rationale: `docs/search.md`.
"""

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

from corpuscope.analyses.results.naming import Names
from corpuscope.analyses.search.query import Request, allowed_rows, check_request
from corpuscope.analyses.search.result import SearchResult
from corpuscope.analyses.search.retrieval import Match, Matcher, open_matcher
from corpuscope.analyses.search.settings import SearchSettings
from corpuscope.embedding.documents import EmbeddingProgress, are_at_hand, open_document_vectors
from corpuscope.errors import InputError
from corpuscope.labels.named_store import NamedStore
from corpuscope.ranges import METHODS
from corpuscope.store.joined import Stores


def search(
    store: Stores,
    phrase: str | None = None,
    *,
    like: Sequence[str] = (),
    unlike: Sequence[str] = (),
    weights: Mapping[int, float] | None = None,
    among: Sequence[bool] | npt.NDArray[np.bool_] | None = None,
    using: Sequence[str] = METHODS,
    n: int = 20,
    progress: EmbeddingProgress | None = None,
    settings: SearchSettings | None = None,
) -> SearchResult:
    """The texts that have a property, best match first, with the features that show it.

    Args:
        store: The store to search. Several stores of one dictionary are read as one.
        phrase: The property in plain words, such as "hedges instead of answering".
        like: Ids of positive examples; excluded from the hits.
        unlike: Ids of negative examples; also excluded from the hits.
        weights: Weights by feature number: 0 excludes a feature, negative values penalise it.
            Without phrase and examples, only these features are used.
        among: Mask of the documents to search; None for all.
        using: Ranking methods: "features", "dense" (sentence embeddings) and "words" (BM25);
            several rankings are fused.
        n: Number of hits.
        progress: Callback (n_done, n_total) while documents are embedded, if the store has no
            vectors yet.
        settings: Further options, such as `SearchSettings(n_features=20)`.

    Raises:
        InputError: The query is empty, an id, a feature or a method does not exist, a number is
            out of range, or no text matches.
        NotEnoughData: `among` selects no document.
        FeatureMismatch: The stores were read with different dictionaries.

    Example:
        >>> found = search(store, "hedges instead of answering")  # doctest: +SKIP
        >>> found.more_like([found.hits[0].id]).to_frame()  # doctest: +SKIP
    """
    settings = settings or SearchSettings()
    if n < 1:
        raise InputError(
            f"n is {n}", expected="at least 1", next_step="omit it for the default of 20"
        )
    wanted = {using} if isinstance(using, str) else set(using)
    request = Request(
        phrase=phrase,
        like=tuple([like] if isinstance(like, str) else like),
        unlike=tuple([unlike] if isinstance(unlike, str) else unlike),
        weights=dict(weights or {}),
        using=tuple(sorted(wanted, key=_in_order)),
        n_features=settings.n_features,
        temperature=settings.temperature,
        seed=settings.seed,
        expansion=settings.expansion if phrase else None,
    )
    source = NamedStore(store)
    check_request(request, source.as_one)
    allowed = allowed_rows(among, source.as_one)
    matcher = open_matcher(source.as_one, allowed=allowed, progress=progress)
    documents = np.ones(source.n_documents, dtype=bool)
    names = Names(source, documents, here=settings.rename)
    return _answer(matcher, names, request, n)


def _in_order(method: str) -> int:
    return METHODS.index(method) if method in METHODS else len(METHODS)


def _answer(matcher: Matcher, names: Names, request: Request, n: int) -> SearchResult:
    check_request(request, matcher.store)
    match = matcher.match(request)
    if not len(match.order):
        raise InputError(
            f"no text matches {_query_in_words(request)}",
            expected="a phrase, examples or features that match some text",
            next_step="rephrase, use other methods, or search more documents",
        )
    return SearchResult(
        request=request,
        n=n,
        n_documents=int(
            matcher.store.n_documents if matcher.allowed is None else matcher.allowed.sum()
        ),
        warnings=(*matcher.store.warnings, *_warnings(matcher, request, match)),
        match=match,
        matcher=matcher,
        names=names,
        again=lambda changed: _answer(matcher, names, changed, n),
    )


def _query_in_words(request: Request) -> str:
    parts = [repr(request.phrase)] if request.phrase else []
    parts += [f"{len(request.like)} examples"] if request.like else []
    return " and ".join(parts) or f"{len(request.weights)} features"


def _warnings(matcher: Matcher, request: Request, match: Match) -> list[str]:
    """Caveats about the hits."""
    found = []
    if request.phrase and "words" in request.using and not match.n_asked_words:
        found.append("no text contains a word of the phrase; hits are ranked by meaning alone")
    if not request.like and (bar := _baseline(matcher, match)) > match.nearest_cosine:
        found.append(
            "no text is closer to the phrase than to unrelated ones (largest cosine "
            f"{match.nearest_cosine:.2f}; 25 % of unrelated phrases reach {bar:.2f}): the hits "
            "may be irrelevant"
        )
    if "dense" in request.using and request.has_texts and not are_at_hand(matcher.store):
        found.append(
            "the store has no document vectors; they were computed for this search and cached"
        )
    return found


# Chosen on development queries (`benchmarks/search_warning.py`).
_UNRELATED = 0.75


def _baseline(matcher: Matcher, match: Match) -> float:
    """The 75th percentile of the largest cosines of unrelated phrases; NaN without a phrase."""
    if np.isnan(match.nearest_cosine):
        return float("nan")
    vectors = open_document_vectors(matcher.store, matcher.progress)
    return float(np.quantile(matcher.typical_similarity(vectors), _UNRELATED))
