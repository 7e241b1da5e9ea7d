"""Scores of documents by features: capped at percentiles, divided by length, by hand."""

from pathlib import Path

import numpy as np
import pytest

from corpuscope.analyses.search.feature_scores import (
    FeatureScores,
    QueryFeatures,
    by_rank,
    open_feature_scores,
)
from corpuscope.statistics.rates.counts import enrichment
from tests.store.worlds import record, write

N = 24
STRENGTHS = {0: {row: 1 + row / 8 for row in range(N)}, 1: {0: 0.75, 5: 8.0}, 2: {3: 0.25, 4: 0.5},
             4: dict.fromkeys(range(0, 12, 2), 0.625)}  # fmt: skip
"""Of features by document; presence is above .5. No document has feature 3."""


@pytest.fixture(scope="module")
def scores(tmp_path_factory: pytest.TempPathFactory) -> FeatureScores:
    records = [
        record(
            f"d{row}", " ".join(["w"] * (1 + row)),
            strengths={f: (own[row], 0) for f, own in STRENGTHS.items() if row in own},
        )
        for row in range(N)
    ]  # fmt: skip
    path = tmp_path_factory.mktemp("scores") / "s"
    return open_feature_scores(write(path, records, n_features=5))


def query(**weights: float) -> QueryFeatures:
    numbers = np.array([int(name[1:]) for name in weights], dtype=np.int64)
    return QueryFeatures(numbers, np.array(list(weights.values())))


def test_percentiles_are_of_the_strengths_there_are(scores: FeatureScores) -> None:
    usual, largest = np.quantile(list(STRENGTHS[0].values()), [0.9, 0.99])
    assert scores.usual[0] == pytest.approx(usual)
    assert scores.largest[0] == pytest.approx(largest / usual)
    # Of few documents the 90th percentile is at least twice the threshold, and the 99th it.
    few = np.quantile([0.75, 8], [0.9, 0.99])
    assert (scores.usual[1], scores.largest[1]) == pytest.approx((few[0], few[1] / few[0]))
    assert (scores.usual[2], scores.largest[2]) == (1, 1)
    assert (scores.usual[4], scores.largest[4]) == (1, 1)
    assert (scores.usual[3], scores.n_present[3]) == (0, 0)
    assert scores.n_present.tolist() == [24, 2, 0, 0, 6]


def test_length_divides_by_half_of_what_it_is_beside_the_mean(scores: FeatureScores) -> None:
    lengths = np.log1p(np.arange(1, N + 1))
    assert scores.shares == pytest.approx(0.5 + 0.5 * lengths / lengths.mean())
    assert scores.shares.mean() == pytest.approx(1)


def expected(weights: dict[int, float], scores: FeatureScores) -> np.ndarray:
    total = np.zeros(N)
    for feature, weight in weights.items():
        for row, strength in STRENGTHS.get(feature, {}).items():
            usual, largest = float(scores.usual[feature]), float(scores.largest[feature])
            total[row] += weight * min(strength / usual, largest)
    return total / scores.shares


def test_a_score_is_the_weighted_sum_of_capped_strengths(scores: FeatureScores) -> None:
    found = scores.of(query(f0=1.0, f1=-0.5, f2=0.25, f3=2.0))
    assert found == pytest.approx(expected({0: 1, 1: -0.5, 2: 0.25}, scores), rel=1e-4)
    # The last two of feature 0 are above the 99th percentile.
    alone = scores.of(query(f0=1.0)) * scores.shares
    assert alone[23] == pytest.approx(scores.largest[0], rel=1e-4)
    assert alone[22] < alone[23]
    assert scores.of(query()).tolist() == [0] * N


@pytest.mark.parametrize("row", [0, 4, 5, 23])
def test_what_each_feature_gives_to_a_document_is_its_part_of_the_score(
    scores: FeatureScores, row: int
) -> None:
    asked = query(f0=1.0, f1=-0.5, f2=0.25, f3=2.0)
    given = scores.given_by(asked, row)
    assert given.sum() == pytest.approx(scores.of(asked)[row], rel=1e-4)
    for at, (feature, weight) in enumerate(((0, 1), (1, -0.5), (2, 0.25), (3, 2))):
        assert given[at] == pytest.approx(expected({feature: weight}, scores)[row], rel=1e-4)
    assert scores.strengths_in(row) == {f: own[row] for f, own in STRENGTHS.items() if row in own}


def test_enrichment_counts_documents_in_which_features_are_present(scores: FeatureScores) -> None:
    rows = np.array([0, 2, 4, 5])
    found = scores.enrichment(rows)
    counts, n_all = np.array([4, 2, 0, 0, 3]), np.array([24, 2, 0, 0, 6])
    reference = enrichment(counts, 4, n_all, N)
    assert found[4] == pytest.approx(reference[4])
    assert found[0] == pytest.approx(0)
    # Two documents are too few to say anything of feature 1.
    assert found[1:4].tolist() == [0, 0, 0]
    assert reference[1] > 1


def test_in_a_tiny_store_all_documents_are_support_enough(tmp_path: Path) -> None:
    records = [record("a", "x", strengths={0: (1.0, 0)}), record("b", "y", strengths={0: (2.0, 0)}),
               record("c", "z")]  # fmt: skip
    scores = open_feature_scores(write(tmp_path / "s", records, n_features=2))
    assert scores.enrichment(np.array([0, 1])).tolist() == [0, 0]
    records[2] = record("c", "z", strengths={0: (1.0, 0), 1: (0.25, 0)})
    scores = open_feature_scores(write(tmp_path / "t", records, n_features=2))
    assert scores.n_present.tolist() == [3, 0]
    assert scores.enrichment(np.array([2]))[0] == pytest.approx(0)


def test_weights_fall_by_rank() -> None:
    found = by_rank(np.array([0.5, -1.0, 3.0, 0.0, 0.5]), n=10, temperature=0.2)
    # Equals come in the order of their numbers.
    assert found.features.tolist() == [2, 0, 4]
    assert found.weights == pytest.approx(np.exp([0, -0.1 / 0.2, -0.2 / 0.2]))
    assert len(found) == 3


def test_no_more_features_are_taken_than_asked_for() -> None:
    found = by_rank(np.arange(1.0, 6.0), n=2, temperature=0.5)
    assert found.features.tolist() == [4, 3]
    assert found.weights == pytest.approx([1, np.exp(-1)])
    assert len(by_rank(np.full(3, -1.0), n=2, temperature=0.5)) == 0
