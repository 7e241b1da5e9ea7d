"""Of the pairs that are often together some are explained, and some say one thing: by planting."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pytest

from corpuscope.analyses.correlate import pair_selection
from corpuscope.analyses.correlate.pair_selection import FoundPairs, find_pairs
from corpuscope.analyses.correlate.peaks import Peak
from corpuscope.analyses.correlate.settings import CorrelateSettings
from corpuscope.analyses.correlate.similarity import Similarity
from corpuscope.analyses.correlate.views import View, view_of
from corpuscope.labels.named_store import NamedStore
from tests.analyses.worlds import Made, write

N = 240
APART, ONE_PLACE, PHRASE, LENGTH, PART, SPELLING = (0, 1), (2, 3), (4, 5), (6, 7), (8, 9), (13, 14)
FAMILY = {(10, 11), (10, 12), (11, 12)}
LONG = range(24, 44)

PLANTED: Mapping[tuple[int, ...], tuple[range, tuple[int, ...]]] = {
    APART: (range(8), (3, 25)),
    ONE_PLACE: (range(12, 20), (5, 6)),
    PHRASE: (range(70, 78), (0, 9)),
    (10, 11, 12): (range(44, 52), (1, 15, 35)),
    SPELLING: (range(56, 64), (7, 28)),
    (6,): (LONG[:14], (3,)), (7,): (LONG[6:], (25,)),
    (8,): (range(200, 220), (3,)), (9,): (range(210, 230), (25,)),
}  # fmt: skip
"""Features, the documents that have them, and the tokens where they peak.

A document has four sentences of ten words. In the twenty long ones 6 and 7 are less often
together than chance has it, and so are 8 and 9 in the last forty.
"""


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> View:
    made = [Made([f"w{row}x", *["abc"] * 39], n_sentences=4) for row in range(N)]
    for features, (rows, tokens) in PLANTED.items():
        for row in rows:
            made[row].features |= set(features)
            made[row].peaks |= dict(zip(features, tokens, strict=True))
    for row in LONG:
        made[row].words += ["abc"] * 160
    source = NamedStore(write(tmp_path_factory.mktemp("pairs") / "s", made))
    return view_of(source, np.arange(N), CorrelateSettings(min_support=5))


@dataclass(frozen=True, eq=False)
class Known(Similarity):
    """Ranks by pair, nothing known of others."""

    ranks: Mapping[tuple[int, int], float] = field(default_factory=dict)
    related: tuple[tuple[int, int], ...] = ()

    def rank(self, lefts: np.ndarray, rights: np.ndarray, **more: object) -> np.ndarray:
        pairs = zip(lefts.tolist(), rights.tolist(), strict=True)
        return np.array([self.ranks.get(pair, np.nan) for pair in pairs], dtype=np.float64)

    def among_likes(self, lefts: np.ndarray, rights: np.ndarray) -> np.ndarray:
        return np.nan_to_num(self.rank(lefts, rights), nan=0.5)

    def share_a_word(self, lefts: np.ndarray, rights: np.ndarray) -> np.ndarray:
        pairs = zip(lefts.tolist(), rights.tolist(), strict=True)
        return np.array([pair in self.related for pair in pairs], dtype=bool)


ROWS = np.arange(N)
LENGTHS = np.isin(ROWS, LONG).astype(np.int64)
PARTS = (ROWS >= 200).astype(np.int64)


def asked(both: View, right: View | None = None, **changed: Any) -> FoundPairs:
    similarity = Known(
        both, both, ranks=changed.pop("ranks", {}), related=changed.pop("related", ())
    )
    return find_pairs(both, right or both, **({
        "divisions": [LENGTHS], "parts": PARTS, "clusters": None, "is_held": ROWS % 2 == 0,
        "min_npmi": 0.3, "q": 0.05, "similarity": similarity,
        "settings": CorrelateSettings(min_support=5),
    } | changed))  # fmt: skip


@pytest.fixture(scope="module")
def found(both: View) -> FoundPairs:
    return asked(both)


def told(found: FoundPairs) -> list[tuple[int, int]]:
    return found.pairs.as_tuples()


def test_what_length_explains_or_divides_the_parts_is_counted_and_not_told(
    found: FoundPairs,
) -> None:
    assert found.n_reaching == 9
    assert (found.n_explained, found.n_significant, found.n_divided) == (1, 8, 1)
    assert not set(told(found)) & {LENGTH, PART}


def test_what_is_not_held_explains_nothing(both: View) -> None:
    nothing = np.zeros(N, dtype=np.int64)
    assert PART in told(asked(both, parts=None))
    free = asked(both, divisions=[nothing])
    assert LENGTH in told(free)
    assert free.n_explained == 0
    # Of two divisions the stricter one counts, and "explained" is by the first.
    two = asked(both, divisions=[nothing, LENGTHS])
    assert LENGTH not in told(two)
    assert two.n_explained == 0


def test_one_place_is_one_thing(found: FoundPairs) -> None:
    assert found.n_same_places == 1
    assert ONE_PLACE not in told(found)


def test_a_pair_that_is_mostly_in_one_sentence_is_told_last(found: FoundPairs) -> None:
    first, second, third, last = told(found)
    assert first == APART
    assert second in FAMILY
    assert {third, last} == {SPELLING, PHRASE}
    assert last == PHRASE
    assert found.is_phrase.tolist() == [False, False, False, True]
    assert found.apart.tolist() == [1, 1, 1, 0]


def test_pairs_of_the_same_documents_are_one_family(found: FoundPairs) -> None:
    assert {told(found)[1], *found.members[1].as_tuples()} == FAMILY
    assert [len(one) for one in found.members] == [0, 2, 0, 0]


def test_figures_are_those_of_the_pair(found: FoundPairs) -> None:
    pairs = found.pairs
    assert (pairs.both[0], pairs.n_left[0], pairs.n_right[0]) == (8, 8, 8)
    # What is always together has an NPMI of one.
    assert pairs.npmi[0] == pytest.approx(1)
    assert np.all(pairs.p < 1e-6)
    assert np.all(found.q < 1e-4)
    assert found.replicated.all()
    assert found.n_possible >= 9


def test_features_that_peak_inside_words_are_dropped(
    both: View, monkeypatch: pytest.MonkeyPatch
) -> None:
    def inside(peaks: list[Peak]) -> float:
        """Those at the eighth token, and at the tenth of every other document."""
        starts = [one.spans[0][0] - one.document.text.index(" ") for one in peaks]
        return float(np.mean([start == 6 * 4 + 1 for start in starts])) / 2

    monkeypatch.setattr(pair_selection, "share_inside_words", inside)
    found = asked(both)
    assert found.n_spelling == 1
    assert SPELLING not in told(found)
    assert found.n_same_places == 1


def test_pairs_that_are_alike_or_share_a_word_come_last(both: View) -> None:
    assert told(asked(both, ranks={APART: 0.81}))[0] != APART
    assert told(asked(both, ranks={APART: 0.79}))[:3].count(APART) == 1
    assert told(asked(both, related=(APART,)))[0] != APART
    eager = CorrelateSettings(min_support=5, unexpected_below=0.2)
    found = told(asked(both, ranks={APART: 0.25, SPELLING: 0.1}, settings=eager))
    assert found.index(APART) > found.index(SPELLING)


def test_of_equally_sure_pairs_the_less_alike_come_first(both: View) -> None:
    ranks = {APART: 0.5, SPELLING: 0.3}
    assert told(asked(both, ranks=ranks))[0] == SPELLING
    assert told(asked(both, ranks=ranks | {SPELLING: 0.6}))[0] == APART


def test_the_least_alike_of_a_family_tells_it(both: View) -> None:
    for teller in FAMILY:
        ranks = dict.fromkeys(FAMILY, 0.5) | {teller: 0.4}
        assert told(asked(both, ranks=ranks))[:2].count(teller) == 1


def test_a_feature_whose_name_does_not_find_it_costs_a_place(both: View) -> None:
    source = NamedStore(both.source.stores)
    named = replace(both, source=source)
    source.scores = np.where(np.arange(30) == 1, 0.49, 0.9)
    assert told(asked(named))[0] != APART
    source.scores = np.where(np.arange(30) == 1, 0.5, 0.9)
    assert told(asked(named))[0] == APART


def test_what_one_half_alone_has_is_not_seen_again(both: View) -> None:
    found = asked(both, is_held=ROWS < 12)
    again = dict(zip(told(found), found.replicated.tolist(), strict=True))
    assert not any(again.values())
    # All of the first eight are in the one half, and all of the others in both.
    found = asked(both, is_held=(ROWS < 12) | (ROWS % 2 == 0))
    again = dict(zip(told(found), found.replicated.tolist(), strict=True))
    assert not again[APART]
    assert all(value for pair, value in again.items() if pair != APART)


def test_documents_of_one_author_do_not_make_a_pair(both: View) -> None:
    authors = np.where(ROWS < 12, 0, ROWS)
    found = asked(both, clusters=authors)
    assert APART not in told(found)
    assert SPELLING in told(found)
    assert found.n_reaching == 8


def test_with_authors_every_pair_that_is_possible_counts_as_a_test(both: View) -> None:
    found = asked(both, clusters=ROWS)
    every = np.sort(found.pairs.p)[::-1]
    assert found.q.max() == pytest.approx(every[0] * found.n_possible / len(every))


def test_a_stricter_npmi_or_q_leaves_less(both: View, found: FoundPairs) -> None:
    # All but what length and parts explain is always together.
    assert asked(both, min_npmi=0.99).n_reaching == found.n_reaching - 2
    assert told(asked(both, q=1e-30)) == []
    assert asked(both, settings=CorrelateSettings(min_support=9)).n_reaching == 1


def test_of_very_many_pairs_the_surest_are_folded(
    both: View, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pair_selection, "_MOST_FOLDED", 3)
    found = asked(both, related=(APART,))
    assert found.n_left_out == 4
    assert APART not in told(found)


def test_between_two_texts_there_is_no_one_place(both: View) -> None:
    other = replace(both, source=NamedStore(both.source.stores))
    found = asked(both, other)
    assert ONE_PLACE in {*told(found), *(pair for one in found.members for pair in one.as_tuples())}
    assert found.n_same_places == 0
    assert found.apart.tolist() == [1] * len(found.pairs)
    assert not found.is_phrase.any()


def test_without_pairs_there_is_nothing_to_tell(both: View) -> None:
    found = asked(both, settings=CorrelateSettings(min_support=100))
    assert told(found) == []
    assert (found.n_reaching, found.n_explained, found.n_significant, found.n_divided) == (
        0,
        0,
        0,
        0,
    )
    assert len(found.q) == len(found.replicated) == len(found.members) == 0
