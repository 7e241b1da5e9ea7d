"""A difference is shown by documents of either side, and by pairs of which one has it."""

import numpy as np
import pytest

from corpuscope.analyses.comparison.groups import Contrast
from corpuscope.analyses.diff.evidence import EvidenceOfDiff
from corpuscope.labels.named_store import NamedStore
from corpuscope.store.evidence import Evidence
from tests.analyses.worlds import Made, write

FEATURE = 3
# Of rows 0 to 4 each is paired with the one five further on.
TARGET, REFERENCE = np.arange(5), np.arange(5, 10)
HAS = [0, 1, 2, 6, 9]
KEYS = np.array([7, 3, 5, 1, 9] * 2)


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> NamedStore:
    made = [
        Made([f"own{chr(97 + i)}{chr(97 + j)}" for j in range(4)], {FEATURE} if i in HAS else set())
        for i in range(10)
    ]
    return NamedStore(write(tmp_path_factory.mktemp("evidence") / "a", made))


def shown(source: NamedStore, *, is_paired: bool, n: int = 5) -> EvidenceOfDiff:
    keys = KEYS if is_paired else None
    contrast = Contrast("old", TARGET, REFERENCE, is_paired, keys)
    return EvidenceOfDiff(source, {FEATURE: np.array(HAS)}, n, {"old": contrast})


def rows(found: list[Evidence]) -> list[int]:
    return [int(one.id[1:]) for one in found]


def test_both_sides_are_shown_the_target_first(source: NamedStore) -> None:
    found = shown(source, is_paired=False).of(FEATURE, "old")
    assert [one.side for one in found] == ["target"] * 3 + ["reference"] * 2
    assert (set(rows(found[:3])), set(rows(found[3:]))) == ({0, 1, 2}, {6, 9})
    for side in (found[:3], found[3:]):
        strengths = [one.strength for one in side]
        assert strengths == sorted(strengths, reverse=True)
    assert len(shown(source, is_paired=False, n=1).of(FEATURE, "old")) == 2


def test_of_pairs_those_come_first_of_which_one_has_it(source: NamedStore) -> None:
    """Rows 1 and 6 are a pair that has it twice."""
    found = rows(shown(source, is_paired=True).of(FEATURE, "old"))
    assert (set(found[:2]), found[2], found[3:]) == ({0, 2}, 1, [9, 6])


def test_pairs_stand_side_by_side(source: NamedStore) -> None:
    found = shown(source, is_paired=True).pairs(FEATURE, "old", leading="target")
    told = [tuple(rows(list(pair))) for pair in found]
    assert (set(told[:2]), told[2]) == ({(0, 5), (2, 7)}, (1, 6))
    for target, reference in found:
        assert (target.side, reference.side) == ("target", "reference")
        assert target.strength > 0
        assert bool(reference.spans) == (int(reference.id[1:]) in HAS)


def test_the_side_that_has_it_leads(source: NamedStore) -> None:
    found = shown(source, is_paired=True).pairs(FEATURE, "old", leading="reference")
    assert [tuple(rows(list(pair))) for pair in found] == [(4, 9), (1, 6)]
    assert [one.side for one in found[0]] == ["target", "reference"]
    assert found[0][0].spans == ()
    assert found[0][1].strength > 0


def test_of_several_partners_one_without_the_feature_is_shown(source: NamedStore) -> None:
    """Rows 5 to 9 are all answers to the prompt of row 0; 6 and 9 have the feature."""
    keys = np.array([7, 3, 5, 1, 9, 7, 7, 7, 7, 7])
    contrast = Contrast("old", TARGET[:1], REFERENCE, False, keys)
    showing = EvidenceOfDiff(source, {FEATURE: np.array(HAS)}, 5, {"old": contrast})
    ((target, reference),) = showing.pairs(FEATURE, "old", leading="target")
    assert rows([target]) == [0]
    assert rows([reference])[0] in (5, 7, 8)
    assert reference.spans == ()


def test_words_are_shown_too_and_each_contrast_on_its_own(source: NamedStore) -> None:
    other = Contrast("older", TARGET, REFERENCE[:2], False)
    contrasts = {"old": Contrast("old", TARGET, REFERENCE[2:], False), "older": other}
    showing = EvidenceOfDiff(source, {"ownga": np.array([6])}, 5, contrasts)
    (found,) = showing.of("ownga", "older")
    assert (found.id, found.side, found.text[slice(*found.spans[0])]) == (
        "d6", "reference", "ownga"
    )  # fmt: skip
    assert showing.of("ownga", "old") == []
