"""Which texts have this property?

1. What is asked is a phrase, texts that have the property, weights of features, or all of these.
2. The texts nearest to the phrase tell which features and words go with it in this corpus
   (`analyses/search/retrieval.py`). Names of features are not needed, only shown.
3. Documents are ranked by features, by vectors and by words, and the rankings are fused.
4. Each hit says which features and words earned it its place, and where they are.

Why so: `docs/search.md`.
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
    """The texts that have a property, the surest first, and what shows it.

    Args:
        store: Where to look. Several stores of one dictionary are read as one.
        phrase: The property in plain words, such as "hedges instead of answering".
        like: Ids of texts that have it. They are not among the hits.
        unlike: Ids of texts that have it not; not among the hits either.
        weights: How much features count, by their numbers: 1 much, 0 not at all, below 0
            against a text. Given alone, nothing else counts.
        among: For each document whether it may be found; None for all.
        using: By what texts are ranked: "features", "dense" (vectors of what texts mean) and
            "words"; the rankings of several are fused.
        n: How many hits are wanted.
        progress: Is told how far making vectors has come, where the store has none yet.
        settings: How the search is made, such as `SearchSettings(n_features=20)`.

    Raises:
        InputError: There is nothing to search for, an id, a feature or a method is not there, a
            number is out of its range, or no text has anything of what was asked.
        NotEnoughData: `among` chooses no document.
        FeatureMismatch: The stores were read with different dictionaries.

    Example:
        >>> found = search(store, "hedges instead of answering")  # doctest: +SKIP
        >>> found.more_like([found.hits[0].id]).to_frame()  # doctest: +SKIP
    """
    settings = settings or SearchSettings()
    if n < 1:
        raise InputError(
            f"n is {n}", expected="1 hit or more", next_step="leave it out for the usual 20"
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
            f"no text has anything of {_asked(request)}",
            expected="a phrase, examples or features that some text has something of",
            next_step="use other words or other methods, or look in more documents",
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


def _asked(request: Request) -> str:
    asked = [repr(request.phrase)] if request.phrase else []
    asked += [f"{len(request.like)} examples"] if request.like else []
    return " and ".join(asked) or f"{len(request.weights)} features"


def _warnings(matcher: Matcher, request: Request, match: Match) -> list[str]:
    """What the reader of the hits should know."""
    told = []
    if request.phrase and "words" in request.using and not match.n_asked_words:
        told.append("no text has any word of the phrase; texts were found by what they mean")
    if not request.like and (bar := _usual(matcher, match)) > match.nearest_cosine:
        told.append(
            f"no text is nearer to the phrase than texts here are to unrelated names (the nearest "
            f"has a cosine of {match.nearest_cosine:.2f}, a quarter of the names one of {bar:.2f} "
            "or more): the hits may have nothing of it"
        )
    if "dense" in request.using and request.has_texts and not are_at_hand(matcher.store):
        told.append(
            "the store came without vectors; they were made for this search and are in its cache"
        )
    return told


# Chosen on development queries (`benchmarks/search_warning.py`).
_UNRELATED = 0.75


def _usual(matcher: Matcher, match: Match) -> float:
    """What three in four of some names are less near to their nearest text; NaN without phrase."""
    if np.isnan(match.nearest_cosine):
        return float("nan")
    vectors = open_document_vectors(matcher.store, matcher.progress)
    return float(np.quantile(matcher.typical_similarity(vectors), _UNRELATED))
