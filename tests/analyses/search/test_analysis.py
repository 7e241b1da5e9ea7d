from pathlib import Path

import numpy as np
import pytest

import corpuscope as cs
from corpuscope.analyses.search.bm25_index import open_word_index, searched_words
from corpuscope.analyses.search.feature_scores import QueryFeatures, by_rank, open_feature_scores
from corpuscope.embedding.documents import open_document_vectors
from corpuscope.errors import InputError, NotEnoughData
from corpuscope.store.store import Store
from tests.analyses.search.worlds import GLAD, MONEY, kind_of, world
from tests.asking import ask


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    return world(tmp_path_factory.mktemp("searched") / "s.scope")


def kinds(found: cs.SearchResult) -> list[str]:
    return [kind_of(hit.id) for hit in found.hits]


def test_texts_with_the_property_come_first_and_their_feature_is_found(store: Store) -> None:
    for phrase, kind, feature in (("cheerful", "glad", GLAD), ("finances", "money", MONEY)):
        found = cs.search(store, phrase, n=8, settings=cs.SearchSettings(rename=False))
        assert kinds(found).count(kind) >= 7
        assert feature in [one.feature for one in found.features[:4]]
        assert found.features[0].weight == 1


@pytest.mark.parametrize("seed", range(3))
def test_a_planted_feature_is_among_the_first_in_every_world(tmp_path: Path, seed: int) -> None:
    store = world(tmp_path / "s", n_each=40, seed=seed)
    for phrase, feature in (("cheerful and happy", GLAD), ("money and banks", MONEY)):
        found = cs.search(store, phrase, settings=cs.SearchSettings(rename=False))
        assert feature in [one.feature for one in found.features[:2]]


def test_each_hit_shows_where_it_earned_its_place(store: Store) -> None:
    for hit in cs.search(store, "cheerful", n=5, settings=cs.SearchSettings(rename=False)).hits:
        shares = [one.share for one in hit.features]
        assert shares == sorted(shares, reverse=True)
        assert 0 < sum(shares) <= 1 + 1e-6
        assert hit.spans == tuple(sorted(hit.spans))
        assert {word.lower() for word in hit.words} <= set(hit.text.lower().split())
        for one in hit.features:
            words = hit.text.split(" ")
            assert hit.text[slice(*one.span)] == words[one.feature % len(words)]


def test_evidence_has_an_entry_for_each_feature_and_one_for_the_words(store: Store) -> None:
    found = cs.search(store, "happy", n=3, settings=cs.SearchSettings(rename=False))
    entries = found.evidence(0)
    assert len(entries) == len(found.hits[0].features) + 1
    texts = {found.hits[0].text[start:end].lower() for start, end in entries[-1].spans}
    assert texts == set(found.hits[0].words)


def test_examples_find_their_like_and_are_not_among_the_hits(store: Store) -> None:
    ids = ["glad-0", "glad-3", "glad-6"]
    found = cs.search(store, like=ids, n=8, settings=cs.SearchSettings(rename=False))
    assert kinds(found).count("glad") >= 7
    assert not set(ids) & {hit.id for hit in found.hits}


def test_thumbs_move_the_answer(store: Store) -> None:
    found = cs.search(store, "day", n=12, settings=cs.SearchSettings(rename=False))
    better = found.more_like(["money-1", "money-4", "money-7"]).less_like(["glad-0", "glad-3"])
    assert kinds(better).count("money") > kinds(found).count("money")
    assert better.request.like == ("money-1", "money-4", "money-7")
    assert better.request.unlike == ("glad-0", "glad-3")
    assert better.more_like(["glad-0"]).request.unlike == ("glad-3",)
    assert found.request.like == ()


def test_sliders_alone_are_all_that_counts(store: Store) -> None:
    found = cs.search(store, weights={MONEY: 1.0}, n=5, settings=cs.SearchSettings(rename=False))
    assert [(one.feature, one.weight) for one in found.features] == [(MONEY, 1.0)]
    scores = open_feature_scores(store)
    best = [scores.strengths_in(int(np.flatnonzero(store.ids == hit.id)[0])) for hit in found.hits]
    assert all(MONEY in strengths for strengths in best)
    assert set(found.match.scores) == {"features"}


def test_a_feature_of_weight_zero_is_left_out_and_one_below_zero_speaks_against(
    store: Store,
) -> None:
    found = cs.search(store, "cheerful", settings=cs.SearchSettings(rename=False))
    without = found.reweighted({GLAD: 0.0})
    assert GLAD not in [one.feature for one in without.features]
    assert len(without.features) == len(found.features) - 1
    against = cs.search(
        store, weights={GLAD: -1.0, MONEY: 0.5}, n=5, settings=cs.SearchSettings(rename=False)
    )
    assert {one.feature for hit in against.hits for one in hit.features} == {MONEY}


@pytest.mark.parametrize("method", ["features", "dense", "words"])
def test_each_method_alone_finds_them(store: Store, method: str) -> None:
    found = cs.search(store, "happy", using=[method], n=5, settings=cs.SearchSettings(rename=False))
    assert set(found.match.scores) == {method}
    # All but two of the features are noise, and in so few texts some look like the phrase.
    assert kinds(found).count("glad") >= (3 if method == "features" else 4)


def test_a_store_without_vectors_is_given_some_on_the_first_search(tmp_path: Path) -> None:
    store = world(tmp_path / "s", n_each=10, with_vectors=False)
    told: list[tuple[int, int]] = []
    found = cs.search(
        store,
        "cheerful",
        n=5,
        settings=cs.SearchSettings(rename=False),
        progress=lambda *a: told.append(a),
    )
    assert kinds(found).count("glad") >= 4
    assert told[-1] == (30, 30)
    assert any("no document vectors" in warning for warning in found.warnings)
    told.clear()
    cs.search(
        store,
        "finances",
        settings=cs.SearchSettings(rename=False),
        progress=lambda *a: told.append(a),
    )
    assert told == []


def test_a_store_without_vectors_can_be_searched_without_them(tmp_path: Path) -> None:
    store = world(tmp_path / "s", n_each=10, with_vectors=False)
    found = cs.search(
        store, "happy", using=["features", "words"], n=3, settings=cs.SearchSettings(rename=False)
    )
    assert kinds(found) == ["glad"] * 3
    assert not any("vectors" in warning for warning in found.warnings)
    assert not list((tmp_path / "s" / "cache").glob("*/vectors*"))


def test_vectors_made_later_are_near_those_that_came_with_the_store(tmp_path: Path) -> None:
    early, late = (
        open_document_vectors(world(tmp_path / name, n_each=5, with_vectors=with_vectors))
        for name, with_vectors in (("a", True), ("b", False))
    )
    one, two = (v.steps * v.scales[:, None] for v in (early, late))
    assert np.min(np.sum(one * two, axis=1)) > 0.99


def test_likeness_is_the_cosine_within_what_it_promises(store: Store) -> None:
    vectors = np.concatenate(list(store.vector_batches())).astype(np.float32)
    direction = vectors[7] / np.linalg.norm(vectors[7])
    found = open_document_vectors(store).similarity(direction)
    np.testing.assert_allclose(found, vectors @ direction, atol=2e-3)


def test_copies_are_told_once(tmp_path: Path) -> None:
    store = world(tmp_path / "s", doubles=["Such a happy joyful day for all of us"] * 9)
    found = cs.search(store, "a happy day", n=10, settings=cs.SearchSettings(rename=False))
    assert len(found) == 10
    assert kinds(found).count("double") == 1


def test_the_same_question_has_the_same_answer_and_the_seed_tells_equals_apart(
    store: Store,
) -> None:
    one, two, other = (
        cs.search(
            store,
            weights={MONEY: -1.0, GLAD: 1e-9},
            n=30,
            settings=cs.SearchSettings(seed=seed, rename=False),
        )
        for seed in (0, 0, 1)
    )
    assert one.to_json() == two.to_json()
    assert {hit.id for hit in one.hits} & {hit.id for hit in other.hits}


def test_among_says_what_may_be_found(store: Store) -> None:
    among = np.array([kind_of(id) == "other" for id in store.ids])
    found = cs.search(
        store, "cheerful", among=among, n=50, settings=cs.SearchSettings(rename=False)
    )
    assert set(kinds(found)) == {"other"}
    assert found.n_documents == among.sum()
    ranks = [rank for hit in found.hits for rank in hit.ranks.values()]
    assert max(ranks) <= among.sum()


def test_nothing_is_overlooked_where_all_is_asked_for(store: Store) -> None:
    found = cs.search(store, "cheerful", n=1000, settings=cs.SearchSettings(rename=False))
    assert len(found) == store.n_documents
    assert [hit.rank for hit in found.hits] == list(range(1, len(found) + 1))
    scores = [hit.score for hit in found.hits]
    assert scores == sorted(scores, reverse=True)
    assert 0 < scores[-1] <= scores[0] <= 1


def test_a_property_that_no_text_has_is_warned_of(store: Store) -> None:
    for phrase, is_here in (("happy and full of joy", True), ("fees of a bank", True),
                            ("sentenced by the supreme court", False)):  # fmt: skip
        warnings = cs.search(store, phrase, settings=cs.SearchSettings(rename=False)).warnings
        assert any("may be irrelevant" in warning for warning in warnings) != is_here, phrase


def test_a_phrase_like_nothing_is_warned_of(store: Store) -> None:
    warnings = cs.search(
        store, "qqzzx 0x7f eigenvalues", settings=cs.SearchSettings(rename=False)
    ).warnings
    assert any("no text contains a word" in warning for warning in warnings)


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({}, "nothing to search for"),
        ({"phrase": "   "}, "an empty phrase"),
        ({"like": ["nobody", "glad-0"]}, "1 of the ids are not in .* 'nobody'"),
        (
            {"like": ["glad-0"], "unlike": ["glad-0"]},
            "'glad-0' is both a positive and a negative example",
        ),
        ({"unlike": ["glad-0"]}, "nothing to search for"),
        ({"weights": {400: 1.0}}, "features that do not exist, such as 400"),
        ({"weights": {-1: 1.0}}, "features that do not exist, such as -1"),
        ({"weights": {3: float("nan")}}, "the weight of feature 3 is nan"),
        ({"phrase": "joy", "using": ["vibes"]}, "using .*vibes"),
        ({"phrase": "joy", "using": []}, "using"),
        ({"phrase": "joy", "n": 0}, "n is 0"),
        ({"phrase": "joy", "n_features": 0}, "n_features is 0"),
        ({"phrase": "joy", "temperature": 0.0}, "temperature is 0"),
        ({"phrase": "joy", "among": [True]}, "1 values in among for 60 documents"),
    ],
)
def test_what_cannot_be_asked_is_told(store: Store, asked: dict[str, object], message: str) -> None:
    with pytest.raises(InputError, match=message):
        ask(cs.search, store, **asked)  # type: ignore[arg-type]


def test_features_that_no_text_has_are_told(store: Store) -> None:
    among = np.ones(store.n_documents, dtype=bool)
    among[store.strengths().of_feature(GLAD).rows] = False
    with pytest.raises(InputError, match="no text matches 1 features"):
        cs.search(store, weights={GLAD: 1.0}, among=among)


def test_an_empty_selection_is_told(store: Store) -> None:
    with pytest.raises(NotEnoughData, match="among selects no document"):
        cs.search(store, "joy", among=[False] * store.n_documents)


def test_refinements_are_checked_too(store: Store) -> None:
    found = cs.search(store, "joy", settings=cs.SearchSettings(rename=False))
    with pytest.raises(InputError, match="not in"):
        found.more_like(["nobody"])
    with pytest.raises(InputError, match="do not exist"):
        found.reweighted({999: 1.0})


def test_json_has_the_promised_names(store: Store) -> None:
    found = cs.search(store, "cheerful", n=4, settings=cs.SearchSettings(rename=False)).to_json()
    assert found["analysis"] == "search"
    assert len(found["hits"]) == 4
    for hit in found["hits"]:
        assert {"rank", "id", "score", "text", "features", "spans"} <= set(hit)
        for one in hit["features"]:
            assert {"feature", "label", "weight", "strength"} <= set(one)


def test_the_frame_has_a_row_for_each_hit_and_the_plot_a_bar(store: Store) -> None:
    found = cs.search(store, "cheerful", n=4, settings=cs.SearchSettings(rename=False))
    assert found.to_frame()["id"].tolist() == [hit.id for hit in found.hits]
    labels = [label.get_text() for label in found.plot().get_yticklabels()]
    assert len(labels) == 4
    assert labels[0].startswith("1  ")


def test_weights_fall_with_rank_as_in_the_source() -> None:
    enrichment = np.array([0.5, 3.0, -1.0, 2.0])
    found = by_rank(enrichment, n=2, temperature=0.5)
    assert found.features.tolist() == [1, 3]
    np.testing.assert_allclose(found.weights, np.exp([0, -0.5 / 0.5]))


def test_a_low_temperature_leaves_one_feature_and_a_high_one_makes_all_equal() -> None:
    enrichment = np.arange(5.0)
    cold, hot = (by_rank(enrichment, n=5, temperature=t).weights for t in (0.001, 1e6))
    assert cold[0] == 1
    assert cold[1:].max() < 1e-9
    np.testing.assert_allclose(hot, 1, atol=1e-5)


def test_what_features_give_adds_up_to_the_score(store: Store) -> None:
    scores = open_feature_scores(store)
    weighted = QueryFeatures(np.array([GLAD, MONEY, 0, 11]), np.array([1.0, -0.5, 0.3, 0.2]))
    total = scores.of(weighted)
    for row in range(0, store.n_documents, 7):
        assert scores.given_by(weighted, row).sum() == pytest.approx(total[row], abs=1e-5)


def test_scores_are_those_of_the_formula(store: Store) -> None:
    strengths = store.strengths().to_csr().toarray()[:, GLAD]
    usual, largest = np.quantile(strengths[strengths > 0], [0.9, 0.99])
    found = open_feature_scores(store).of(QueryFeatures(np.array([GLAD]), np.array([1.0])))
    lengths = np.log1p(store.n_tokens)
    expected = np.minimum(strengths, largest) / usual / (0.5 + 0.5 * lengths / lengths.mean())
    np.testing.assert_allclose(found, expected, rtol=1e-3)


def test_no_single_feature_counts_for_more_than_its_largest(store: Store) -> None:
    scores = open_feature_scores(store)
    assert np.all(scores.largest[scores.usual > 0] >= 1)
    assert np.all(scores.largest <= 3 / 0.6 + 1e-3)


def bm25(texts: list[list[str]], asked: list[str]) -> np.ndarray:
    """By the book."""
    n, mean = len(texts), np.mean([len(text) for text in texts])
    found = np.zeros(n)
    for word in asked:
        n_with = sum(word in text for text in texts)
        idf = np.log(1 + (n - n_with + 0.5) / (n_with + 0.5))
        for i, text in enumerate(texts):
            times = text.count(word)
            found[i] += idf * times * 2.2 / (times + 1.2 * (0.25 + 0.75 * len(text) / mean))
    return found


def test_words_score_as_bm25_does(store: Store) -> None:
    from corpuscope.labels.word_forms import stem, words_of

    texts = [[stem(word) for word in words_of(text)]
             for batch in store.text_batches() for text in batch]  # fmt: skip
    index, words = open_word_index(store), searched_words("a happy day at the banks")
    assert words == ["happ", "day", "bank"]
    found = index.of(dict.fromkeys(index.places(words).tolist(), 1.0))
    np.testing.assert_allclose(found, bm25(texts, words), rtol=1e-5)


def test_the_index_does_not_depend_on_how_it_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = open_word_index(world(tmp_path / "a"))
    monkeypatch.setattr("corpuscope.analyses.search.bm25_index._ENTRIES_AT_ONCE", 20)
    two = open_word_index(world(tmp_path / "b"))
    for name in ("hashes", "starts", "rows", "scores", "document_starts", "words"):
        np.testing.assert_array_equal(getattr(one, name), getattr(two, name))


def test_words_that_no_text_has_are_not_found(store: Store) -> None:
    index = open_word_index(store)
    assert len(index.places(["zzzz", "qqqq"])) == 0
    assert not index.of({}).any()
