import numpy as np

from corpuscope.sae.peaks import Peaks, merged
from tests.sae.test_max_pooling import as_set


def test_nothing_merged_is_nothing() -> None:
    assert len(merged([]).groups) == 0


def test_parts_of_a_group_are_merged_to_the_strongest_and_of_equals_the_first() -> None:
    features = np.array([1, 2])
    groups = np.zeros(2, dtype=np.int64)
    one = Peaks(groups, features, np.array([1, 5], dtype=np.float32), np.array([3, 4]))
    two = Peaks(groups, features, np.array([2, 5], dtype=np.float32), np.array([9, 8]))
    assert as_set(merged([two, one])) == {(0, 1, 2.0, 9), (0, 2, 5.0, 4)}
