import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpuscope.duplicates.near_duplicates import SimilarPair
from corpuscope.errors import NotEnoughData
from corpuscope.probing.documents.splits import check_divisible, check_parts, groups_of, parts_of


def test_equal_texts_and_keys_are_of_one_group() -> None:
    rows = np.array([2, 5, 6, 7, 9])
    alike = [SimilarPair(2, 5, 1.0, "same")]
    assert groups_of(alike, rows).tolist() == [0, 0, 1, 2, 3]
    assert groups_of(alike, rows, ["x", None, "x", "y", None]).tolist() == [0, 0, 0, 1, 2]
    assert groups_of([], rows).tolist() == [0, 1, 2, 3, 4]


@settings(max_examples=30)
@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 1)), min_size=4), st.integers(0, 3))
def test_no_group_is_divided(documents: list[tuple[int, int]], seed: int) -> None:
    groups, strata = (np.array(each) for each in zip(*documents, strict=True))
    parts = parts_of(groups, strata, (0.5, 0.3, 0.2), seed=seed)
    for group in np.unique(groups):
        assert len(set(parts[groups == group])) == 1


def test_parts_have_their_share_of_each_class() -> None:
    rng = np.random.default_rng(0)
    groups, strata = rng.integers(200, size=900), rng.integers(2, size=900)
    strata[rng.random(900) < 0.5] = 0
    parts = parts_of(groups, strata, (0.75, 0.25), seed=1)
    for stratum in (0, 1):
        assert (parts[strata == stratum] == 1).mean() == pytest.approx(0.25, abs=0.03)


def test_the_seed_decides() -> None:
    groups, strata = np.arange(60), np.arange(60) % 2
    one, same, other = (parts_of(groups, strata, (0.5, 0.5), seed=s) for s in (0, 0, 1))
    assert (one == same).all()
    assert (one != other).any()


def test_a_class_of_few_groups_cannot_be_divided() -> None:
    groups, strata = np.array([0, 0, 0, 0, 1, 2, 3, 4]), np.array([0, 0, 0, 0, 1, 1, 1, 1])
    with pytest.raises(
        NotEnoughData, match=r"'no' has 4 documents in 1 groups .*at least 4 groups"
    ):
        check_divisible(groups, strata, ["no", "yes"], folds=3, grouped_by="equal texts")


def test_a_part_without_a_class_is_refused() -> None:
    with pytest.raises(NotEnoughData, match=r"a fold has no document of \['yes'\]"):
        check_parts(np.array([0, 0, 1]), np.array([0, 1, 0]), ["no", "yes"], n=2, what="fold")
