"""Planted groups are found along the axis that is named; worlds without groups say so."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import scipy.sparse as sp
from sklearn.metrics import adjusted_rand_score

from corpuscope.analyses.cluster.analysis import cluster
from corpuscope.analyses.cluster.axis import axis_of
from corpuscope.analyses.cluster.communities import communities
from corpuscope.analyses.cluster.descriptions import ClusterFeature, titles_of
from corpuscope.analyses.cluster.layout import document_layout
from corpuscope.analyses.cluster.partition import BySharedFeatures
from corpuscope.analyses.cluster.result import ClusterResult
from corpuscope.analyses.cluster.settings import ClusterSettings
from corpuscope.analyses.cluster.stability import Curve, explained, most_stable, resampled, some_of
from corpuscope.analyses.comparison.tested_features import supported_features
from corpuscope.errors import InputError, NotEnoughData
from corpuscope.labels.named_store import NamedStore
from corpuscope.statistics.similarity.neighbours import nearest_documents
from corpuscope.store.store import Store
from tests.analyses.worlds import N_FEATURES, Made, noise, write
from tests.asking import ask
from tests.statistics.similarity.test_jaccard import groups

# Two axes that cross: emotions tell the one, subjects the other, and there is more of subjects.
LABELS = {
    0: "anger, furious", 1: "joy, happy", 2: "rage, hate", 3: "delight, cheerful",
    4: "football, goal", 5: "recipe, oven", 6: "tennis, match", 7: "cooking, kitchen",
    8: "stadium, team", 9: "soup, salt", 10: "league, coach", 11: "baking, bread",
}  # fmt: skip
EMOTION = ["anger and fury", "joy and happiness"]
SUBJECT = ["sports and games", "food and cooking"]
Maker = Callable[..., Store]


def world(n: int = 400, seed: int = 0) -> list[Made]:
    """Document `i` is angry where `i` is even, and about sport where `i // 2` is even."""
    rng = np.random.default_rng(seed)
    rows = noise(rng, n)
    for i, made in enumerate(rows):
        made.features = {f for f in made.features if f >= 20}
        emotion, subject = i % 2, i // 2 % 2
        of_both = {f for f in (0, 1, 2, 3) if rng.random() < (0.6 if f % 2 == emotion else 0.1)}
        of_both |= {f for f in range(4, 12) if rng.random() < (0.7 if f % 2 == subject else 0.05)}
        made.features |= of_both
        made.metadata = {"emotion": str(emotion), "subject": str(subject)}
    return rows


@pytest.fixture
def store(tmp_path: Path) -> Maker:
    def made(rows: list[Made], name: str = "a.scope", **options: Any) -> Store:
        named = {"labels": LABELS, "label_source": "people"} | options
        return write(tmp_path / name, rows, **named)  # type: ignore[arg-type]

    return made


def rand(found: ClusterResult, store: Store, column: str) -> float:
    return float(adjusted_rand_score(store.column(column).astype(str), found.placed.labels))


def test_each_axis_is_found_by_its_own_phrases(store: Maker) -> None:
    opened = store(world())
    by_emotion = cluster(
        opened, along=EMOTION, settings=ClusterSettings(n_features=4, words=False, rename=False)
    )
    by_subject = cluster(
        opened, along=SUBJECT, settings=ClusterSettings(n_features=8, words=False, rename=False)
    )
    # The texts are made-up words, so that what features' sentences mean is noise here.
    assert rand(by_emotion, opened, "emotion") > 0.45
    assert rand(by_subject, opened, "subject") > 0.8
    assert abs(rand(by_emotion, opened, "subject")) < 0.1
    assert {one.pole for one in by_emotion.clusters} == set(EMOTION)
    angry = next(one for one in by_emotion.clusters if one.pole == EMOTION[0])
    assert {one.feature for one in angry.features} <= {0, 2}
    assert angry.stability > 0.6


def test_without_an_axis_what_varies_most_decides(store: Maker) -> None:
    opened = store(world())
    found = cluster(opened, n_clusters=2, settings=ClusterSettings(words=False, rename=False))
    assert rand(found, opened, "subject") > 0.6
    assert found.structure.p_value < 0.05
    assert found.structure.explained > found.structure.by_chance


def test_features_ticked_by_hand_are_the_axis_and_those_left_out_are_not(store: Maker) -> None:
    opened = store(world())
    ticked = cluster(
        opened,
        features=[0, 1, 2, 3],
        n_clusters=2,
        settings=ClusterSettings(words=False, rename=False),
    )
    assert {one.feature for one in ticked.axis} == {0, 1, 2, 3}
    assert rand(ticked, opened, "emotion") > 0.4
    without = cluster(
        opened,
        n_clusters=2,
        without=range(4, 12),
        settings=ClusterSettings(words=False, rename=False),
    )
    assert not {one.feature for one in without.axis} & set(range(4, 12))
    assert abs(rand(without, opened, "subject")) < 0.1


def test_a_feature_left_out_has_no_say_between_poles(store: Maker) -> None:
    opened = store(world())
    options = {"n_features": 4, "words": False, "rename": False}
    without = ask(cluster, opened, along=EMOTION, without=[0], **options)  # type: ignore[arg-type]
    assert not {one.feature for one in without.axis} & {0}
    told = {one.feature for group in without.clusters for one in group.features}
    assert not told & {0}


def test_rates_sizes_and_unassigned_documents_are_counted_right(store: Maker) -> None:
    rows = world()
    for made in rows[:7]:
        made.features = {25}
    opened = store(rows)
    found = cluster(
        opened,
        features=range(12),
        n_clusters=2,
        settings=ClusterSettings(words=False, rename=False),
    )
    none = [f"d{i}" for i, made in enumerate(rows) if not made.features & set(range(12))]
    assert [id for id, number in found.assignments.items() if number is None] == none
    assert found.to_json()["unassigned"] == none
    assert any("no feature of the axis" in warning for warning in found.warnings)
    sizes = [one.size for one in found.clusters]
    assert sizes == sorted(sizes, reverse=True)
    assert sum(sizes) == len(rows) - len(none)
    one = found.clusters[0]
    inside = [m for m, c in zip(rows, found.placed.labels, strict=True) if c == 0]
    outside = [m for m, c in zip(rows, found.placed.labels, strict=True) if c == 1]
    for feature in one.features:
        rates = [sum(feature.feature in m.features for m in side) / len(side)
                 for side in (inside, outside)]  # fmt: skip
        assert [feature.rate_inside, feature.rate_outside] == pytest.approx(rates)
        assert feature.difference == pytest.approx(rates[0] - rates[1])


@pytest.mark.parametrize("seed", range(3))
def test_worlds_without_groups_say_so(seed: int, store: Maker) -> None:
    opened = store(noise(np.random.default_rng(seed), 300), f"{seed}.scope")
    found = cluster(
        opened, n_clusters=3, settings=ClusterSettings(words=False, rename=False, seed=seed)
    )
    assert found.structure.explained < 1.6 * found.structure.by_chance
    assert max(one.stability for one in found.clusters) < 0.75
    unstable = [str(one.cluster) for one in found.clusters if one.stability < 0.5]
    notes = [warning for warning in found.warnings if warning.startswith("not stable")]
    assert bool(unstable) == bool(notes)
    assert all(note.endswith(f"cluster {', '.join(unstable)}") for note in notes)


def test_length_alone_is_no_structure_and_not_what_is_divided_along(store: Maker) -> None:
    rng = np.random.default_rng(0)
    rows = []
    for i in range(400):
        made = noise(rng, 1, n_words=10 if i % 2 else 200)[0]
        made.features = {f for f in range(N_FEATURES) if rng.random() < (0.05 if i % 2 else 0.6)}
        rows.append(made)
    found = cluster(store(rows), n_clusters=2, settings=ClusterSettings(words=False, rename=False))
    assert found.length_explained < 0.25
    assert found.structure.p_value > 0.05


def test_clusters_that_differ_in_length_say_so(store: Maker) -> None:
    rows = world()
    for i, made in enumerate(rows):
        made.words = [f"w{i}", *["word"] * (200 if made.metadata["subject"] == "1" else 10)]
    found = cluster(store(rows), n_clusters=2, settings=ClusterSettings(words=False, rename=False))
    assert found.length_explained > 0.25
    assert any("differ in length" in warning for warning in found.warnings)


def of_sizes(*sizes: int, seed: int = 0) -> tuple[sp.csr_array, np.ndarray]:
    """Groups of these sizes, each with features of its own, and the group of each document."""
    kinds = np.repeat(np.arange(len(sizes)), sizes)
    own = kinds[:, None] == np.arange(60)[None] % len(sizes)
    drawn = np.random.default_rng(seed).random(own.shape)
    return sp.csr_array((drawn < np.where(own, 0.4, 0.05)).astype(np.float32)), kinds


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("sizes", [(300, 30, 30), (200, 40), (150, 60, 30, 15)])
def test_small_groups_beside_a_large_one_are_found(sizes: tuple[int, ...], seed: int) -> None:
    presence, kinds = of_sizes(*sizes, seed=seed)
    labels = BySharedFeatures(presence, np.ones(60), 0).whole(len(sizes)).labels
    assert adjusted_rand_score(kinds, labels) > 0.9


def test_small_groups_count_when_the_number_is_chosen() -> None:
    presence, _ = of_sizes(150, 60, 30, 15)
    partitioner = BySharedFeatures(presence, np.ones(60), 0)
    asked = resampled(partitioner, some_of(np.arange(255), 0), range(2, 8), seed=0)
    assert most_stable(asked.curves()) == 4


def test_of_stable_numbers_the_largest_is_chosen_whose_groups_all_hold() -> None:
    curves = [Curve(n, 0.1, stability, least) for n, stability, least in
              [(2, 0.97, 0.9), (3, 0.95, 0.7), (4, 0.95, 0.5), (5, 0.6, 0.8)]]  # fmt: skip
    assert most_stable(curves) == 3
    assert most_stable([replace(curve, least_stable=0.4) for curve in curves]) == 2


def test_the_number_of_planted_groups_is_chosen() -> None:
    presence = groups(600, k=4)
    partitioner = BySharedFeatures(presence, np.ones(60), 0)
    asked = resampled(partitioner, some_of(np.arange(600), 0), range(2, 8), seed=0)
    curves = asked.curves()
    assert most_stable(curves) == 4
    assert max(curves, key=lambda one: one.eigengap).n_clusters == 4
    labels = partitioner.whole(4).labels
    assert adjusted_rand_score(np.arange(600) % 4, labels) > 0.95
    assert min(asked.stability_of(labels, 4)) > 0.95


def test_a_group_that_is_not_there_is_not_stable() -> None:
    presence = groups(600, k=4)
    asked = resampled(
        BySharedFeatures(presence, np.ones(60), 0), some_of(np.arange(600), 0), [4], seed=0
    )
    random = np.random.default_rng(0).integers(4, size=600)
    assert max(asked.stability_of(random, 4)) < 0.3


def test_communities_are_the_planted_groups_in_any_number_that_is_wanted() -> None:
    presence = groups(2000, k=6, n_features=120)
    near, affinity = nearest_documents(presence, np.ones(120), n=10)
    truth = np.arange(2000) % 6
    assert adjusted_rand_score(truth, communities(near, affinity, 6)) > 0.9
    joined = communities(near, affinity, 3)
    assert sorted(np.unique(joined)) == [0, 1, 2]
    assert all(np.bincount(joined[truth == kind]).max() > 300 for kind in range(6))


def test_many_documents_take_the_graph_and_agree_with_all_affinities(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    partitioner = BySharedFeatures(groups(1200, k=3), np.ones(60), 0)
    every = partitioner.whole(3).labels
    monkeypatch.setattr("corpuscope.analyses.cluster.partition.MOST_COMPARED", 1000)
    assert adjusted_rand_score(every, partitioner.whole(3).labels) > 0.9


def test_what_groups_explain_is_a_share_of_variance() -> None:
    presence = groups(400, k=2)
    truth = np.arange(400, dtype=np.int64) % 2
    dense = presence.toarray().astype(float)
    by_hand = [np.corrcoef(dense[:, f], truth)[0, 1] ** 2 for f in range(60)]
    assert explained(presence, truth, np.ones(60)) == pytest.approx(np.mean(by_hand))


def test_neighbours_are_together_on_the_map_and_the_same_seed_draws_the_same_map() -> None:
    presence = groups(300, k=3)
    near, affinity = nearest_documents(presence, np.ones(60), n=10)
    labels = np.arange(300, dtype=np.int64) % 3
    places = document_layout(labels, near, affinity, seed=1)
    assert np.array_equal(places, document_layout(labels, near, affinity, seed=1))
    distances = np.linalg.norm(places[:, None] - places[None], axis=2)
    np.fill_diagonal(distances, np.inf)
    assert (labels[distances.argmin(axis=1)] == labels).mean() > 0.9


def feature(label: str, difference: float, score: float = 0.9) -> ClusterFeature:
    return ClusterFeature(
        1, "token", label, score, "here", 0.5, 0.5, difference, difference, True, 0
    )


def test_no_name_is_in_two_titles_and_poor_names_come_last() -> None:
    titles = titles_of(
        [
            [feature("thou", 0.5), feature("commas", 0.4)],
            [feature("thou", 0.3), feature("odd", 0.9, score=0.2), feature("slang", 0.2)],
            [],
        ]
    )
    assert titles == ["thou · commas", "slang · odd", "cluster 2 (no distinguishing features)"]


def test_phrases_lead_to_the_features_that_are_named_so(store: Maker) -> None:
    opened = store(world())
    source = NamedStore(opened)
    columns = supported_features(source, np.ones(400, dtype=bool), words=False, features=True,
                                min_support=5, level=None)  # fmt: skip
    axis = axis_of(source, columns, EMOTION, n_features=2)
    told = {int(columns.features[at]): axis.phrase_of(place)
            for place, at in enumerate(axis.columns)}  # fmt: skip
    assert told == {0: EMOTION[0], 2: EMOTION[0], 1: EMOTION[1], 3: EMOTION[1]}
    usual = axis_of(source, columns, "emotion", n_features=2)
    assert usual.is_preset
    assert len(usual.phrases) >= 2


def test_the_answer_is_json_a_table_and_a_picture(store: Maker) -> None:
    found = cluster(
        store(world()), along="; ".join(EMOTION), settings=ClusterSettings(n_features=4, evidence=3)
    )
    told = json.loads(json.dumps(found.to_json(), allow_nan=False))
    assert told["n_clusters"] == len(found) == 2
    assert set(told["assignments"]) == set(told["layout"]) == {f"d{i}" for i in range(400)}
    assert len(told["clusters"][0]["evidence"]) == 3
    shown = found.evidence(0)
    assert all(found.assignments[entry.id] == 0 for entry in shown)
    assert any(entry.spans for entry in shown)
    assert list(found.to_frame()["cluster"]) == [0, 1]
    assert len(found.documents()) == 400
    assert found.plot() is not None


def test_the_same_question_has_the_same_answer(store: Maker) -> None:
    opened = store(world())
    one, two = (
        cluster(opened, n_clusters=3, settings=ClusterSettings(words=False, rename=False))
        for _ in range(2)
    )
    assert one.to_json() == two.to_json()


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"along": ""}, InputError, "along is ''"),
        ({"along": ["joy", " "]}, InputError, "along is"),
        ({"along": []}, InputError, "along is"),
        ({"along": "quantum chromodynamics of lattice gauge"}, InputError, "no feature of these"),
        ({"n_clusters": 1}, InputError, "n_clusters is 1"),
        ({"n_clusters": 401}, NotEnoughData, "at least 401"),
        ({"n_features": 0}, InputError, "n_features is 0"),
        ({"features": [999]}, InputError, "feature 999 does not exist"),
        ({"features": [3], "without": [3]}, NotEnoughData, "no feature is left"),
        ({"among": [True]}, InputError, "1 values in among"),
        ({"among": [False] * 400}, NotEnoughData, "0 documents"),
    ],
)
def test_what_cannot_be_is_told(
    options: dict[str, Any], error: type[Exception], message: str, store: Maker
) -> None:
    with pytest.raises(error, match=message):
        ask(cluster, store(world()), words=False, rename=False, **options)


def test_copies_and_authors_make_no_structure(store: Maker) -> None:
    alone = noise(np.random.default_rng(5), 60)
    for i, made in enumerate(alone):
        made.metadata = {"author": f"a{i}"}
    copied = [made for made in alone for _ in range(5)]
    found = cluster(
        store(copied, "copied.scope"),
        n_clusters=3,
        settings=ClusterSettings(words=False, rename=False),
    )
    assert found.structure.p_value > 0.05
    parts = [replace(made, words=[*made.words, f"part{n}"]) for made in alone for n in range(5)]
    opened = store(parts, "parts.scope")
    as_it_is = cluster(opened, n_clusters=3, settings=ClusterSettings(words=False, rename=False))
    assert as_it_is.structure.p_value <= 0.05
    assert any("group='author'" in told for told in as_it_is.warnings)
    of_authors = cluster(
        opened, n_clusters=3, group="author", settings=ClusterSettings(words=False, rename=False)
    )
    assert of_authors.structure.p_value > 0.05
    assert not any("group=" in told for told in of_authors.warnings)


def test_too_few_authors_are_said(store: Maker) -> None:
    rows = world(60)
    for i, made in enumerate(rows):
        made.metadata = {"author": f"a{i % 6}"}
    with pytest.raises(NotEnoughData, match="6 distinct values of 'author'"):
        cluster(store(rows), group="author", settings=ClusterSettings(words=False, rename=False))
