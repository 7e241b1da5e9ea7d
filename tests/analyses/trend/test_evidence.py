"""A trend is shown from the end where it is frequent, each document with its group."""

import numpy as np
import pytest

from corpuscope.analyses.trend.evidence import EvidenceOfTrend
from corpuscope.analyses.trend.ordered_groups import find_ordered_groups
from corpuscope.labels.named_store import NamedStore
from corpuscope.store.evidence import Evidence
from tests.analyses.worlds import Made, write

FEATURE = 3
YEARS = [2020, 2021, 2022] * 4
# Documents 0 to 2 are of the first key, and so on.
HAS = [0, 1, 2, 3, 5, 8, 9]


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> NamedStore:
    made = [
        Made([f"own{chr(97 + i)}{chr(97 + j)}" for j in range(4)], {FEATURE} if i in HAS else set())
        for i in range(12)
    ]
    return NamedStore(write(tmp_path_factory.mktemp("evidence") / "a", made))


def shown(source: NamedStore, *, is_paired: bool = False, n: int = 5) -> EvidenceOfTrend:
    keys = np.array([f"k{i // 3}" for i in range(12)], dtype=object)
    groups = find_ordered_groups(
        np.array(YEARS, dtype=object), by="year", order=None, max_groups=12,
        keys=keys if is_paired else None,
    )  # fmt: skip
    return EvidenceOfTrend(source, {FEATURE: np.array(HAS)}, n, groups)


def rows(found: list[Evidence]) -> list[int]:
    return [int(one.id[1:]) for one in found]


def test_the_end_where_it_is_frequent_comes_first(source: NamedStore) -> None:
    up, down = (shown(source).of(FEATURE, rises=rises) for rises in (True, False))
    later, earlier = {2, 5, 8}, {0, 3, 9}
    assert (set(rows(up[:3])), set(rows(up[3:]))) == (later, earlier)
    assert (set(rows(down[:3])), set(rows(down[3:]))) == (earlier, later)
    for one in up:
        assert one.side == str(YEARS[int(one.id[1:])])
    strengths = [one.strength for one in up[:3]]
    assert strengths == sorted(strengths, reverse=True)


def test_of_keys_those_come_first_that_have_it_at_one_end_alone(source: NamedStore) -> None:
    """The first key has it at both ends, so has the second; the third late, the fourth early."""
    found = rows(shown(source, is_paired=True).of(FEATURE, rises=True))
    assert found[0] == 8
    assert set(found[1:3]) == {2, 5}
    assert found[3] == 9
    assert set(found[4:]) == {0, 3}
    assert len(shown(source, is_paired=True, n=1).of(FEATURE, rises=True)) == 2


def test_a_series_is_all_documents_of_a_key_in_the_order_of_their_groups(
    source: NamedStore,
) -> None:
    found = shown(source, is_paired=True).series(FEATURE, rises=True)
    assert rows(found[0]) == [6, 7, 8]
    assert sorted(rows(one)[0] for one in found[1:]) == [0, 3]
    for one in found:
        assert [shown.side for shown in one] == ["2020", "2021", "2022"]
        for document in one:
            assert bool(document.spans) == (int(document.id[1:]) in HAS)
    down = shown(source, is_paired=True).series(FEATURE, rises=False)
    assert rows(down[0]) == [9, 10, 11]
    assert len(shown(source, is_paired=True, n=1).series(FEATURE, rises=True)) == 1


def test_a_key_is_told_once_though_several_of_its_documents_show_it(source: NamedStore) -> None:
    """With five groups two of a key's documents lie in the later ones."""
    groups = find_ordered_groups(
        np.array([0, 1, 2, 3, 4] * 2 + [0, 1], dtype=object), by="year", order=None, max_groups=12,
        keys=np.array(["a"] * 5 + ["b"] * 5 + ["c"] * 2, dtype=object),
    )  # fmt: skip
    showing = EvidenceOfTrend(source, {FEATURE: np.array([3, 4, 8])}, 5, groups)
    found = showing.series(FEATURE, rises=True)
    assert sorted(rows(one) for one in found) == [[0, 1, 2, 3, 4], [5, 6, 7, 8, 9]]
