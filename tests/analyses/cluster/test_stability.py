"""How many clusters hold when documents are left out, and whether there is anything to divide."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
import scipy.sparse as sp
from sklearn.metrics import adjusted_rand_score

from corpuscope.analyses.cluster.partition import BySharedFeatures, Divided
from corpuscope.analyses.cluster.stability import (
    Curve,
    Resampled,
    explained,
    most_stable,
    resampled,
    some_of,
    structure_of,
)
from tests.statistics.similarity.test_jaccard import groups

LABELS = np.array([0, 0, 0, 1, 1, 2])
DRAWN = ((np.array([0, 1, 2, 3]), np.array([0, 0, 1, 1])),
         (np.array([1, 2, 3, 4]), np.array([1, 1, 0, 0])))  # fmt: skip
"""Places of two subsamples, and how each was divided in two."""


def by_hand(n: int = 3) -> Resampled:
    drawn = tuple((places, Divided({n: labels}, np.empty(0))) for places, labels in DRAWN)
    base = Divided({n: LABELS}, np.array([1.0, 0.9, 0.7, 0.2]))
    return Resampled(np.array([10, 11, 12, 13, 14, 15]), base, drawn)


def test_a_cluster_is_as_stable_as_its_best_match_in_each_subsample() -> None:
    # Cluster 0 is {0, 1, 2}: of {0, 1} it has 2 of 3 in the first draw, and {1, 2} in the second.
    # Cluster 1 is {3}: half of {2, 3}; then {3, 4}. Cluster 2 is in no draw.
    found = by_hand().stability_of(np.concatenate([np.zeros(10, np.int64), LABELS]), 3)
    assert found[:2] == pytest.approx([(2 / 3 + 1) / 2, (1 / 2 + 1) / 2])
    assert np.isnan(found[2])


def test_a_curve_has_the_gap_the_rand_index_and_the_least_stable_cluster() -> None:
    (curve,) = by_hand(3).curves()
    assert curve.n_clusters == 3
    assert curve.eigengap == pytest.approx(0.7 - 0.2)
    rand = [adjusted_rand_score(LABELS[places], labels) for places, labels in DRAWN]
    assert curve.stability == pytest.approx(np.mean(rand))
    assert np.isnan(curve.least_stable)
    base = replace(by_hand(2), base=Divided({2: np.minimum(LABELS, 1)}, np.array([1.0, 0.9])))
    (curve,) = base.curves()
    assert np.isnan(curve.eigengap)
    assert curve.least_stable == pytest.approx((1 / 2 + 1) / 2)


def curves(*told: tuple[int, float, float]) -> list[Curve]:
    return [Curve(n, 0.1, stability, least) for n, stability, least in told]


@pytest.mark.parametrize(
    ("told", "n"),
    [
        ([(2, 0.9, 0.9), (3, 0.86, 0.9), (4, 0.84, 0.9)], 3),
        ([(2, 0.9, 0.6), (3, 0.99, 0.59), (4, 0.86, 0.7)], 4),
        ([(2, 0.5, 0.5), (3, 0.55, 0.4), (4, 0.52, 0.3)], 3),
        ([(2, 0.9, float("nan")), (3, 0.2, 0.8)], 3),
        ([(5, 0.1, 0.1)], 5),
    ],
    ids=["nearly as good", "one dissolves", "none holds", "an empty one", "only one"],
)
def test_the_number_is_the_largest_of_the_best_that_hold(
    told: list[tuple[int, float, float]], n: int
) -> None:
    assert most_stable(curves(*told)) == n


def test_one_document_is_drawn_of_each_group_in_order() -> None:
    together = np.array([4, 4, 0, 7, 0, 4, 9])
    drawn = [some_of(together, seed).tolist() for seed in range(20)]
    assert all(one == sorted(set(one)) for one in drawn)
    assert all(sorted(together[one].tolist()) == [0, 4, 7, 9] for one in drawn)
    # Any of a group may be the one.
    assert {row for one in drawn for row in one} == set(range(7))
    assert drawn[0] == some_of(together, 0).tolist()


@pytest.mark.parametrize(("n", "kept"), [(0, 0), (1, 1), (2000, 2000), (5000, 2000)])
def test_two_thousand_are_enough(n: int, kept: int) -> None:
    assert len(some_of(np.arange(n), 0)) == kept


class ByKind(BySharedFeatures):
    """Puts a document where most of its features are, of those that `groups` plants."""

    def over(self, presence: sp.csr_array) -> "ByKind":
        return ByKind(presence, self.weights, self.seed)

    def divided(self, rows: np.ndarray, numbers: Sequence[int]) -> Divided:
        own = self.presence[rows].toarray()
        labels = {n: np.stack([own[:, kind::n].sum(axis=1) for kind in range(n)]).argmax(axis=0)
                  for n in numbers}  # fmt: skip
        return Divided(labels, np.empty(0))


def by_kind(presence: sp.csr_array) -> ByKind:
    return ByKind(presence, np.ones(presence.shape[1]), 0)


def test_twenty_subsamples_of_four_fifths_are_divided(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[list[int], list[int]]] = []

    def divided(self: ByKind, rows: np.ndarray, numbers: Sequence[int]) -> Divided:
        asked.append((rows.tolist(), list(numbers)))
        return Divided({n: np.arange(len(rows)) % n for n in numbers}, np.empty(0))

    monkeypatch.setattr(ByKind, "divided", divided)
    rows = np.arange(100, 130)
    found = resampled(by_kind(groups(10)), rows, [2, 25], seed=0)
    *drawn, whole = asked
    assert whole == (rows.tolist(), [2, 25])
    assert len(found.drawn) == len(drawn) == 20
    for (own, possible), (places, _) in zip(drawn, found.drawn, strict=True):
        assert len(set(places.tolist())) == 24
        assert own == rows[places].tolist() == sorted(own)
        # 24 documents cannot be divided into 25.
        assert possible == [2]
    assert len({tuple(own) for own, _ in drawn}) > 15


def test_planted_groups_hold_and_others_do_not() -> None:
    found = resampled(by_kind(groups(90, k=3)), np.arange(90), [3], seed=0)
    (curve,) = found.curves()
    assert curve.stability > 0.95
    assert min(found.stability_of(np.arange(90) % 3, 3)) > 0.9
    assert max(found.stability_of(np.random.default_rng(0).integers(0, 3, 90), 3)) < 0.5


def test_what_clusters_explain_is_the_squared_correlation() -> None:
    presence, side = groups(60, k=2), np.arange(60) % 2
    dense = presence.toarray().astype(float)
    shares = [np.corrcoef(dense[:, f], side)[0, 1] ** 2 for f in range(60)]
    weights = np.arange(60.0)
    assert explained(presence, side, weights) == pytest.approx(np.average(shares, weights=weights))
    assert explained(presence, side + 3, weights) == pytest.approx(
        explained(presence, side, weights)
    )


def test_what_does_not_vary_explains_nothing_and_does_not_count() -> None:
    presence = sp.csr_array(np.array([[1, 1, 0], [1, 1, 0], [1, 0, 0], [1, 0, 0]]))
    sides = np.array([0, 0, 1, 1])
    assert explained(presence, sides, np.ones(3)) == pytest.approx(1)
    assert explained(presence, sides, np.array([1.0, 0, 1])) == 0
    assert explained(presence, np.zeros(4, dtype=np.int64), np.ones(3)) == pytest.approx(0)


def structure(presence: sp.csr_array, lengths: np.ndarray) -> tuple[float, float, float]:
    found = structure_of(by_kind(presence), presence, lengths, n=2, of_axis=np.ones(60), seed=0)
    return found.explained, found.by_chance, found.p_value


def test_planted_groups_are_structure_and_chance_is_not() -> None:
    lengths = np.full(60, 100)
    real, chance, p = structure(groups(60, k=2), lengths)
    assert real > 2 * chance
    assert p == pytest.approx(1 / 21)
    noise = sp.csr_array(np.random.default_rng(0).random((60, 60)) < 0.3)
    real, chance, p = structure(noise, lengths)
    assert real == pytest.approx(chance, abs=0.02)
    assert p > 0.1


def test_what_goes_with_length_is_chance_among_texts_of_that_length() -> None:
    presence = groups(60, k=2)
    real, chance, p = structure(presence, np.where(np.arange(60) % 2, 1000, 10))
    assert chance == pytest.approx(real, rel=0.1)
    assert p > 1 / 21
    assert structure(presence, np.full(60, 10))[2] == pytest.approx(1 / 21)
