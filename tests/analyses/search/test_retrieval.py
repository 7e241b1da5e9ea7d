"""How well documents match: nearest texts, what they have more often, and rankings fused."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from corpuscope.analyses.search import retrieval
from corpuscope.analyses.search.bm25_index import searched_words
from corpuscope.analyses.search.feature_scores import by_rank
from corpuscope.analyses.search.query import Request
from corpuscope.analyses.search.retrieval import Match, Matcher, open_matcher
from corpuscope.embedding.documents import open_document_vectors
from corpuscope.errors import InputError
from corpuscope.labels.meanings import Meanings
from corpuscope.statistics.scores.rankings import reciprocal_rank_fusion
from corpuscope.store.store import Store
from tests.analyses.search.small import (
    GLAD,
    N_FEATURES,
    SEA,
    N,
    direction,
    kind_of,
    small_store,
    text_of,
)  # fmt: skip

PHRASES = {"glad": "glad", "happy": "glad", "sea": "sea", "ship wave": "sea", "neither": "other"}


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    return small_store(tmp_path_factory.mktemp("retrieval") / "s")


@pytest.fixture(autouse=True)
def _no_model(monkeypatch: pytest.MonkeyPatch) -> None:
    """Phrases point where texts of their kind do; features mean what they are in."""

    class Known:
        def embed(self, phrases: list[str]) -> np.ndarray:
            return np.stack([direction(PHRASES[phrase]) for phrase in phrases])

    names = np.zeros((N_FEATURES, len(direction("sea"))), dtype=np.float32)
    names[GLAD], names[SEA] = direction("glad"), direction("sea")
    monkeypatch.setattr(retrieval, "load_phrase_embedder", Known)
    nothing = np.zeros_like(names)
    monkeypatch.setattr(retrieval, "_meanings", lambda store: Meanings(names, nothing, nothing))


@pytest.fixture
def matcher(store: Store) -> Matcher:
    return open_matcher(store)


def matched(matcher: Matcher, phrase: str | None = None, depth: int | None = None,
            **asked: Any) -> Match:  # fmt: skip
    return matcher.match(Request(phrase, **asked), depth=depth)


def kinds(rows: np.ndarray) -> list[str]:
    return [kind_of(row) for row in rows.tolist()]


@pytest.mark.parametrize("using", [("features",), ("dense",), ("words",),
                                   ("features", "dense", "words")])  # fmt: skip
def test_texts_of_the_kind_come_first_by_each_method(matcher: Matcher, using: Any) -> None:
    found = matched(matcher, "ship wave", using=using)
    assert kinds(found.order[:8]) == ["sea"] * 8
    assert set(found.scores) == set(using)
    assert found.n_asked_words == 2


def test_what_is_searched_for_is_what_the_nearest_have_more_often(matcher: Matcher) -> None:
    found = matched(matcher, "sea")
    # An eighth of 24 texts.
    assert found.n_nearest == 3
    assert found.weighted.features[0] == SEA
    assert found.weighted.weights[0] == 1
    assert GLAD not in found.weighted.features
    # No text has the word itself, and the texts nearest have two of their kind.
    assert found.n_asked_words == 0
    stems = set(matcher.words.places(searched_words("ship wave")).tolist())
    assert stems <= set(found.words)
    heaviest = max(found.words.values())
    assert all(found.words[place] == heaviest == 1 for place in stems)


def test_examples_are_what_is_like_and_are_not_found_again(matcher: Matcher) -> None:
    found = matched(matcher, like=("glad-0", "glad-3"))
    assert found.examples.tolist() == [0, 3]
    assert found.n_nearest == 2
    assert not set(found.order.tolist()) & {0, 3}
    assert kinds(found.order[:6]) == ["glad"] * 6
    enrichment = matcher.features.enrichment(np.array([0, 3]))
    expected = by_rank(enrichment, n=100, temperature=0.5)
    assert found.weighted.features.tolist() == expected.features.tolist()
    assert found.weighted.weights == pytest.approx(expected.weights)
    assert np.isnan(found.nearest_cosine)


def test_what_is_unlike_is_turned_away_from(matcher: Matcher) -> None:
    found = matched(matcher, "glad", unlike=("sea-1", "sea-4"))
    assert found.examples.tolist() == [1, 4]
    assert not set(found.order.tolist()) & {1, 4}
    assert kinds(found.order[-6:]) == ["sea"] * 6
    assert SEA not in found.weighted.features
    without = matched(matcher, like=("other-2", "glad-0"))
    turned = matched(matcher, like=("other-2", "glad-0"), unlike=("glad-3", "glad-6"))
    assert GLAD in without.weighted.features
    assert GLAD not in turned.weighted.features


def test_weights_alone_are_all_that_counts(matcher: Matcher) -> None:
    found = matched(matcher, weights={SEA: 0.5, 10: -0.75, GLAD: 0.0})
    assert found.weighted.features.tolist() == [10, SEA]
    assert found.weighted.weights.tolist() == [-0.75, 0.5]
    assert set(found.scores) == {"features"}
    assert (found.n_nearest, found.words) == (0, {})
    scores = matcher.features.of(found.weighted)
    known = scores != 0
    np.testing.assert_array_equal(found.scores["features"] == -np.inf, ~known)
    assert sorted(found.order.tolist()) == np.flatnonzero(known).tolist()
    assert np.all(np.diff(scores[found.order]) <= 1e-6)


def test_weights_that_are_given_come_before_those_found(matcher: Matcher) -> None:
    found = matched(matcher, "sea", weights={SEA: 0.0, 12: 2.0})
    assert found.weighted.features[0] == 12
    assert SEA not in found.weighted.features
    sizes = np.abs(found.weighted.weights)
    assert np.all(np.diff(sizes) <= 0)


def test_the_first_by_every_method_has_a_score_of_one(matcher: Matcher) -> None:
    found = matched(matcher, weights={SEA: 1.0})
    assert found.fused[found.order[0]] == pytest.approx(1)
    every = matched(matcher, "sea")
    scores = every.fused[every.order]
    assert 0 < scores.min() <= scores.max() <= 1 + 1e-9
    assert np.all(np.diff(scores) <= 1e-12)


def test_rankings_are_fused_with_words_by_how_many_are_asked(matcher: Matcher) -> None:
    for phrase, weight in (("happy", 0.5), ("ship wave", 0.5)):
        found = matched(matcher, phrase)
        weights = [weight if method == "words" else 1.0 for method in found.scores]
        reference = reciprocal_rank_fusion(list(found.scores.values()), weights=weights)
        best = reciprocal_rank_fusion([np.zeros(1)] * 3, weights=weights)
        assert found.fused[found.order] == pytest.approx((reference / best)[found.order])


def test_the_words_asked_for_count_more_than_those_found(matcher: Matcher) -> None:
    found = matched(matcher, "ship wave")
    ship, wave = matcher.words.places(searched_words("ship wave")).tolist()
    # A fifth for each of two words, and what the nearest have more often, 1 at most.
    assert found.words[ship] == pytest.approx(0.2 * 2 + 1)
    assert found.words[wave] == pytest.approx(found.words[ship])
    enrichment = matcher.words.enrichment(np.arange(1, N, 3))
    assert np.flatnonzero(enrichment > 0).tolist() == sorted([ship, wave])


def test_the_nearest_cosine_is_that_of_the_phrase(matcher: Matcher, store: Store) -> None:
    vectors = open_document_vectors(store)
    expected = vectors.similarity(direction("sea")).max()
    assert matched(matcher, "sea").nearest_cosine == pytest.approx(float(expected))
    among = np.array([kind_of(row) != "sea" for row in range(N)])
    found = matched(replace(matcher, allowed=among), "sea")
    assert found.nearest_cosine == pytest.approx(
        float(vectors.similarity(direction("sea"))[among].max())
    )


def test_only_what_is_allowed_is_found_or_learned_from(matcher: Matcher) -> None:
    among = np.arange(N) >= 12
    found = matched(replace(matcher, allowed=among), "sea")
    assert set(found.order.tolist()) <= set(range(12, N))
    assert np.all(found.fused[~among] == -np.inf)
    assert kinds(found.order[:4]) == ["sea"] * 4


def test_no_more_are_ranked_than_wanted(matcher: Matcher) -> None:
    deep, shallow = matched(matcher, "sea"), matched(matcher, "sea", depth=3)
    assert len(deep.order) == N
    assert len(shallow.order) <= 3
    assert shallow.order[0] in deep.order[:3]


def test_features_mean_what_a_phrase_says_where_there_are_no_vectors(tmp_path: Path) -> None:
    bare = open_matcher(small_store(tmp_path / "s", with_vectors=False))
    found = matched(bare, "sea", using=("features", "words"))
    assert set(found.scores) == {"features", "words"}
    assert found.weighted.features[0] == SEA
    assert kinds(found.order[:8]) == ["sea"] * 8
    assert np.isnan(found.nearest_cosine)


def test_what_is_nowhere_matches_nothing(matcher: Matcher) -> None:
    found = matched(matcher, weights={0: 1.0})
    assert found.order.tolist() == []
    assert np.all(found.fused == -np.inf)
    assert matched(matcher, weights={SEA: 1.0}, using=("words",)).scores == {}
    with pytest.raises(InputError, match="nobody"):
        matched(matcher, like=("nobody",))


def test_what_is_usual_is_the_nearest_text_to_each_of_some_names(
    matcher: Matcher, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = np.stack([direction("sea"), direction("glad")])
    monkeypatch.setattr(retrieval, "_some_names", lambda: names)
    vectors = open_document_vectors(store)
    every = np.stack([vectors.similarity(name) for name in names])
    assert matcher.typical_similarity(vectors) == pytest.approx(every.max(axis=1), abs=1e-3)
    among = np.arange(N) % 3 != 1
    found = replace(matcher, allowed=among).typical_similarity(vectors)
    assert found == pytest.approx(every[:, among].max(axis=1), abs=1e-3)
    assert found[0] < 0.5
    # Of more texts than so many those are compared that are spread over all.
    monkeypatch.setattr(retrieval, "_MOST_COMPARED", 8)
    retrieval._TYPICAL.clear()
    found = matcher.typical_similarity(vectors)
    assert found == pytest.approx(every[:, ::3].max(axis=1), abs=1e-3)


def test_a_store_is_made_ready_once(store: Store, matcher: Matcher) -> None:
    again = open_matcher(store, allowed=np.ones(N, dtype=bool))
    assert again.features is matcher.features
    assert again.words is matcher.words
    assert again.allowed is not None
    assert text_of(0).startswith("happy")


def test_what_a_query_is_near_to_is_kept_for_other_weights_and_no_other_query(
    matcher: Matcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    sought: list[Request] = []
    nearest = Matcher._nearest

    def counted(self: Matcher, request: Request, *rest: Any, **given: Any) -> Any:
        sought.append(request)
        return nearest(self, request, *rest, **given)

    monkeypatch.setattr(Matcher, "_nearest", counted)
    own = replace(matcher)
    for weights in ({}, {GLAD: 0.5}, {GLAD: 1.0, SEA: -1.0}):
        own.match(Request(phrase="sea", weights=weights))
    assert len(sought) == 1
    own.match(Request(phrase="glad"))
    assert len(sought) == 2
    some = replace(own, allowed=np.arange(N) % 2 == 0)
    assert set(some.match(Request(phrase="glad")).order % 2) == {0}
    assert len(sought) == 3
