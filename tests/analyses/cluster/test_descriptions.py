"""What clusters have more often than the rest of the documents, and what they are called."""

import numpy as np
import pytest

from corpuscope.analyses.cluster.descriptions import (
    ClusterFeature,
    Description,
    described,
    titles_of,
)
from corpuscope.analyses.results.naming import Names
from corpuscope.labels.named_store import NamedStore
from tests.analyses.columns import columns_of
from tests.analyses.worlds import Made, write

LABELS = np.repeat([0, 1, -1], [60, 48, 12])
AXIS = (0, 1, 3)
HAS = {
    0: [*range(16), 20, 21], 1: [*range(16), 20, 21], 2: [*range(10), 20, 21, *range(36, 40)],
    3: [0, 1, *range(20, 32)], 5: range(10, 30, 2), 20: [*range(4), *range(14, 20), *range(22, 25)],
}  # fmt: skip
"""Three documents for each number. Feature 1 is where 0 is; 2 and 20 are beside the axis; 5 is as
often in both clusters."""


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> NamedStore:
    made = [
        Made(
            [f"w{row}"] * ((6, 6, 12) if row < 60 else (6, 12, 12))[row % 3],
            {f for f, rows in HAS.items() if row // 3 in rows},
            peaks={f: f % 6 for f in HAS if f < 15},
        )
        for row in range(120)
    ]  # fmt: skip
    for one in made[24:60]:
        one.words[0] = "vessel"
    for one in made[2::9]:
        one.features -= {2}
    path = tmp_path_factory.mktemp("described") / "s"
    return NamedStore(write(path, made, labels={0: "ships", 3: "trees"}, label_source="people"))


def asked(source: NamedStore, labels: np.ndarray = LABELS, n: int = 2) -> list[Description]:
    columns = columns_of(source, words=True, min_support=2)
    of_axis = np.isin(np.arange(len(columns)), np.flatnonzero(np.isin(columns.features, AXIS)))
    names = Names(source, np.ones(120, dtype=bool), here=False)
    return described(source, columns, labels, of_axis=of_axis, n=n, names=names)


@pytest.fixture(scope="module")
def found(source: NamedStore) -> list[Description]:
    return asked(source)


def test_features_of_the_axis_and_others_are_told_apart_largest_difference_first(
    found: list[Description],
) -> None:
    ships, trees = found
    assert [one.feature for one in ships.features] == [0]
    assert [one.feature for one in ships.other_features] == ["vessel", 2, 20]
    assert [one.feature for one in trees.features] == [3]
    assert all(one.of_axis for one in (*ships.features, *trees.features))
    assert not any(one.of_axis for one in ships.other_features)
    assert (ships.label, trees.label) == ("ships", "trees")


def test_rates_are_of_documents_with_a_cluster(found: list[Description]) -> None:
    ships, trees = found
    (first,), (other,) = ships.features, trees.features
    assert (first.rate_inside, first.rate_outside) == pytest.approx((16 / 20, 2 / 16))
    assert first.difference == pytest.approx(16 / 20 - 2 / 16)
    assert first.n_members == 1
    assert (other.rate_inside, other.rate_outside) == pytest.approx((12 / 16, 2 / 20))
    two = next(one for one in ships.other_features if one.feature == 2)
    # Documents without a cluster have it, and do not count.
    assert (two.rate_inside, two.rate_outside) == pytest.approx((26 / 60, 5 / 48))
    # Fewer long texts have it, and there are more of them outside.
    assert two.difference - 0.1 < two.adjusted_difference < two.difference - 0.001


def test_kinds_labels_and_scores_are_those_of_the_dictionary_or_of_the_word(
    found: list[Description],
) -> None:
    ships, _ = found
    word, token, sentence = ships.other_features
    assert (word.kind, word.label, word.label_source) == ("word", '"vessel"', "word")
    assert np.isnan(word.label_score)
    assert (token.kind, token.label, token.label_source) == ("token", "feature 2", "number")
    assert sentence.kind == "sentence"
    assert ships.features[0].label_source == "people"


def test_a_cluster_like_all_others_has_no_features(source: NamedStore) -> None:
    everything = np.zeros(120, dtype=np.int64)
    one, empty = asked(source, everything)
    assert one.features == one.other_features == empty.features == empty.other_features == ()
    assert one.label != empty.label


def feature(label: str, difference: float, score: float = 0.9) -> ClusterFeature:
    return ClusterFeature(
        1, "token", label, score, "here", 0.5, 0.5, difference, difference, True, 0
    )


def test_a_label_goes_to_the_cluster_that_has_most_of_it_and_two_make_a_name() -> None:
    titles = titles_of([
        [feature("one", 0.3), feature("two", 0.2), feature("three", 0.1)],
        [feature("one", 0.4), feature("four", 0.05)],
    ])  # fmt: skip
    assert titles == ["two · three", "one · four"]


@pytest.mark.parametrize(
    ("score", "title"),
    [(0.49, "good · poor"), (0.5, "poor · good"), (float("nan"), "poor · good")],
)
def test_labels_that_do_not_find_their_feature_come_last(score: float, title: str) -> None:
    assert titles_of([[feature("good", 0.1), feature("poor", 0.9, score)]]) == [title]


def test_where_nothing_is_left_a_name_is_the_number() -> None:
    titles = titles_of([[feature("same", 0.5)], [feature("same", 0.1)], []])
    assert titles[0] == "same"
    assert "1" in titles[1]
    assert "2" in titles[2]
