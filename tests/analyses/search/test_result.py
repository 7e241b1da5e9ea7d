"""What a search answers: hits with what earned them their place, and how to ask again."""

import json
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from matplotlib import pyplot as plt

from corpuscope.analyses.results.naming import Names
from corpuscope.analyses.search.query import Request
from corpuscope.analyses.search.result import SearchResult
from corpuscope.analyses.search.retrieval import open_matcher
from corpuscope.labels.named_store import NamedStore
from corpuscope.store.store import Store
from tests.analyses.search.small import GLAD, SEA, N, kind_of, small_store, text_of

WEIGHTS = {SEA: 1.0, 11: 0.5, 12: -0.5}


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    return small_store(tmp_path_factory.mktemp("results") / "s")


def asked(store: Store, n: int = 4, allowed: Any = None, **request: Any) -> SearchResult:
    """The answer to weights, and to examples where they are given; words are searched, too."""
    question = Request(weights=WEIGHTS, using=("features", "words"), **request)
    matcher = open_matcher(store, allowed=allowed)
    match = matcher.match(question)
    ship, happy = (int(matcher.words.places([word])[0]) for word in ("ship", "happ"))
    match = replace(match, words={ship: 1.0, happy: 0.5})
    names = Names(NamedStore(store), np.ones(N, dtype=bool), here=False)

    def again(other: Request) -> SearchResult:
        return replace(found, request=other)

    found = SearchResult(question, n, N, ("careful",), match, matcher, names, again)
    return found


def test_hits_are_the_first_texts_in_order(store: Store) -> None:
    found = asked(store)
    rows = found.match.order[:4].tolist()
    assert len(found) == 4
    assert [hit.id for hit in found.hits] == [f"{kind_of(row)}-{row}" for row in rows]
    assert [hit.rank for hit in found.hits] == [1, 2, 3, 4]
    assert [hit.text for hit in found.hits] == [text_of(row) for row in rows]
    assert [hit.score for hit in found.hits] == pytest.approx(found.match.fused[rows].tolist())


def test_a_hit_tells_what_its_features_gave(store: Store) -> None:
    found = asked(store, n=N)
    for hit in found.hits:
        row = int(hit.id.partition("-")[2])
        given = found.matcher.features.given_by(found.match.weighted, row)
        assert hit.given == pytest.approx(given[given > 0].sum())
        assert {one.feature for one in hit.features} <= {SEA, 11}
        shares = [one.share for one in hit.features]
        # What feature 12 takes off is no share.
        assert sum(shares) == pytest.approx(1 if (given > 0).any() else 0)
        assert shares == sorted(shares, reverse=True)
        for one in hit.features:
            assert one.weight == WEIGHTS[one.feature]
            assert one.strength == found.matcher.features.strengths_in(row)[one.feature]
            words = hit.text.split(" ")
            # Feature 7 peaks at the second word, and 11 at the first.
            assert hit.text[slice(*one.span)] == words[1 if one.feature == SEA else 0]
            assert one.label == f"feature {one.feature}"


def test_words_are_told_as_they_stand_and_places_in_order(store: Store) -> None:
    found = asked(store, n=N)
    seen = set()
    for hit in found.hits:
        kind = hit.id.partition("-")[0]
        seen.add(kind)
        assert hit.words == {"sea": ("ship",), "glad": ("happy",), "other": ()}[kind]
        assert hit.spans == tuple(sorted(set(hit.spans)))
        assert {one.span for one in hit.features} <= set(hit.spans)
        assert all(word in {hit.text[a:b] for a, b in hit.spans} for word in hit.words)
    assert seen >= {"sea", "glad"}


def test_ranks_count_the_documents_that_are_better_by_each_method(store: Store) -> None:
    found = asked(store, n=N)
    for hit in found.hits:
        row = int(hit.id.partition("-")[2])
        scores = found.match.scores["features"]
        assert hit.ranks == {"features": int((scores > scores[row]).sum()) + 1}
    among = np.array([kind_of(row) != "sea" or row > 12 for row in range(N)])
    few = asked(store, n=N, allowed=among)
    assert few.hits[0].ranks == {"features": 1}
    assert max(hit.ranks["features"] for hit in few.hits) <= among.sum()


def test_examples_are_passed_over_and_all_others_can_be_had(store: Store) -> None:
    found = asked(store, n=3, like=("sea-22",))
    assert "sea-22" not in [hit.id for hit in found.hits]
    assert len(found) == 3
    assert len(asked(store, n=100)) == len(asked(store).match.order) == len(found.match.order) + 1


def test_the_searched_features_have_names_and_numbers_of_documents(store: Store) -> None:
    features = asked(store).features
    assert [(one.feature, one.weight) for one in features] == [(SEA, 1.0), (11, 0.5), (12, -0.5)]
    assert [one.n_documents for one in features] == [8, 0, 0]
    assert features[0].kind == "token"
    assert features[0].label == f"feature {SEA}"


def test_evidence_is_an_entry_for_each_feature_and_one_for_words(store: Store) -> None:
    found = asked(store)
    hit = found.hits[0]
    *features, words = found.evidence(0)
    assert [one.spans for one in features] == [(one.span,) for one in hit.features]
    assert [one.strength for one in features] == [one.strength for one in hit.features]
    assert [words.text[a:b] for a, b in words.spans] == ["ship"]
    other = next(at for at, one in enumerate(asked(store, n=N).hits) if not one.words)
    assert len(asked(store, n=N).evidence(other)) == len(asked(store, n=N).hits[other].features)


def test_it_can_be_asked_again_with_other_weights_or_examples(store: Store) -> None:
    found = asked(store, like=("glad-0", "sea-1"), unlike=("other-2",))
    assert found.reweighted({SEA: 0.0, 4: 0.3}).request.weights == WEIGHTS | {SEA: 0.0, 4: 0.3}
    more = found.more_like(["other-2", "sea-1", "sea-4"]).request
    assert (more.like, more.unlike) == (("glad-0", "sea-1", "other-2", "sea-4"), ())
    less = found.less_like(["sea-1"]).request
    assert (less.like, less.unlike) == (("glad-0",), ("other-2", "sea-1"))
    assert found.request.like == ("glad-0", "sea-1")


def test_hits_are_a_table(store: Store) -> None:
    found = asked(store)
    table = found.to_frame()
    assert table["id"].tolist() == [hit.id for hit in found.hits]
    assert table["words"].tolist() == [", ".join(hit.words) for hit in found.hits]
    assert table["features"][0].split(", ")[0] == f"feature {SEA}"
    assert table["rank by features"].tolist() == [hit.ranks["features"] for hit in found.hits]
    assert "rank by words" not in table


def test_json_has_all_and_no_nan(store: Store) -> None:
    told = json.loads(json.dumps(asked(store).to_json(), allow_nan=False))
    assert told["analysis"] == "search"
    assert told["store"] == {"path": str(store.path), "digest": store.digest}
    assert told["parameters"]["weights"] == {str(f): weight for f, weight in WEIGHTS.items()}
    assert told["parameters"]["n"] == len(told["hits"]) == 4
    assert (told["n_documents"], told["warnings"]) == (N, ["careful"])
    assert [one["feature"] for one in told["features"]] == list(WEIGHTS)
    assert told["features"][0]["label_score"] is None
    assert told["hits"][0]["spans"] == [list(span) for span in asked(store).hits[0].spans]


def test_the_plot_is_of_these_hits(store: Store) -> None:
    plt.switch_backend("Agg")
    found = asked(store, like=("glad-0",))
    ax = found.plot()
    assert len(ax.get_yticklabels()) == 4
    assert ax.get_title(loc="left") == found.request.in_words()
    assert GLAD not in WEIGHTS
