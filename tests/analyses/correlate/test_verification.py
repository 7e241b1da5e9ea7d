"""Pairs are verified on documents of each cell, read for one property at a time."""

import math
import re
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from corpuscope.analyses.correlate.settings import CorrelateSettings
from corpuscope.analyses.correlate.verification import (
    DrawnPair,
    drawn_pair,
    pair_reading_requests,
    verified_pairs,
)
from corpuscope.analyses.correlate.views import View, view_of
from corpuscope.labels.named_store import NamedStore
from corpuscope.llm.client import LLM
from corpuscope.llm.function import Function
from corpuscope.llm.request import Request
from corpuscope.statistics.judges.judged_rates import KnownAnswers
from tests.analyses.worlds import Made, write

N = 400
A, B = set(range(0, 60)), set(range(40, 110))
NAMES = ("ships", "storms")


@pytest.fixture(scope="module")
def view(tmp_path_factory: pytest.TempPathFactory) -> View:
    """Documents 0 to 59 have feature 0, and 40 to 109 feature 1; every tenth is left out.

    The words of a text say which property it really has: "ahoy" and "gale".
    """
    made = []
    for row in range(N):
        words = [f"w{row}{letter}" for letter in "abcdefghij"]
        # Features are right but for every fifth document.
        words[2] = "ahoy" if (row in A) != (row % 5 == 1) else words[2]
        words[5] = "gale" if (row in B) != (row % 5 == 1) else words[5]
        own = {feature for feature, rows in ((0, A), (1, B)) if row in rows}
        made.append(Made(words, own, peaks={0: 2, 1: 5}))
    made[399].words = ["long"] * 6_000
    source = NamedStore(write(tmp_path_factory.mktemp("verified") / "s", made))
    rows = np.array([row for row in range(N) if row % 10 != 3])
    return view_of(source, rows, CorrelateSettings(min_support=5))


def drawn(view: View, per_cell: int = 60) -> DrawnPair:
    return drawn_pair((view, view), (0, 1), NAMES, per_cell=per_cell, seed=0)


def document(request: Request) -> str:
    found = re.search(r"The text:\n<<<\w+\n(.*?)\n\w+>>>", request.user, re.DOTALL)
    assert found is not None
    return found[1]


def reads(request: Request) -> dict[str, str]:
    word = "ahoy" if "this: ships." in request.user else "gale"
    return {"reason": "", "verdict": "yes" if word in document(request).split() else "no"}


READER = LLM(Function(reads, "reads"))


def numbers(pair: DrawnPair) -> list[int]:
    """The row of each drawn document, by a word that it has alone."""
    return [int(re.search(r"w(\d+)a", texts[0])[1]) for texts in pair.texts if texts]  # type: ignore[index]


def test_documents_are_drawn_by_cell_among_those_counted(view: View) -> None:
    found = drawn(view)
    assert found.sizes == (18, 36, 45, 261)
    # Three passages of each feature alone are shown instead of read.
    assert Counter(found.cells) == {0: 18, 1: 33, 2: 42, 3: 60}
    rows = numbers(found)
    assert not any(row % 10 == 3 for row in rows)
    for cell, row in zip(found.cells, rows, strict=False):
        assert (row in A, row in B) == ((cell in (0, 1)), (cell in (0, 2)))


def test_more_documents_a_cell_leave_the_others_in_place(view: View) -> None:
    few, many = set(numbers(drawn(view, 10))), set(numbers(drawn(view)))
    assert len(few) == 40
    assert few <= many
    # By turns, so that the first ones are of all cells.
    assert sorted(drawn(view).cells[:4]) == sorted(drawn(view).cells[4:8]) == [0, 1, 2, 3]


def test_what_is_shown_as_a_passage_is_not_read(view: View) -> None:
    found = drawn(view)
    for number, one in enumerate(found.properties):
        assert len(one.passages) == 3
        for passage in one.passages:
            row = int(re.search(r"w(\d+)a", passage)[1])  # type: ignore[index]
            assert row not in numbers(found)
            assert (row in A, row in B) == (number == 0, number == 1)
            marked = passage.split()[(2, 5)[number]]
            assert (marked[0], marked[-1]) == ("‹", "›")


def test_a_feature_that_is_never_alone_is_shown_by_two_documents_with_both(
    tmp_path: Path,
) -> None:
    made = [
        Made([f"w{row}{letter}" for letter in "abcdef"], ({0} if row < 20 else set()) | (
            {1} if row < 50 else set()))
        for row in range(100)
    ]  # fmt: skip
    source = NamedStore(write(tmp_path / "s", made))
    within = view_of(source, np.arange(100), CorrelateSettings(min_support=5))
    found = drawn(within)
    assert [len(one.passages) for one in found.properties] == [2, 3]
    assert Counter(found.cells) == {0: 18, 2: 27, 3: 50}


def test_at_most_half_of_a_small_cell_is_shown(tmp_path: Path) -> None:
    has = {0: set(range(23)), 1: set(range(20)) | set(range(23, 90))}
    made = [
        Made([f"w{row}{letter}" for letter in "abcdef"], {f for f in has if row in has[f]})
        for row in range(100)
    ]
    source = NamedStore(write(tmp_path / "s", made))
    found = drawn(view_of(source, np.arange(100), CorrelateSettings(min_support=5)))
    assert found.sizes == (20, 3, 67, 10)
    assert Counter(found.cells) == {0: 19, 1: 2, 2: 60, 3: 10}


def test_each_text_is_read_for_each_property_apart(view: View) -> None:
    asked = pair_reading_requests(drawn(view))
    assert len(asked) == 2 * 153
    for one, other in zip(asked[::2], asked[1::2], strict=True):
        assert document(one) == document(other)
        assert ("ships" in one.user, "storms" in one.user) == (True, False)
        assert ("ships" in other.user, "storms" in other.user) == (False, True)


def test_the_estimate_is_that_of_the_truth_where_features_err(view: View) -> None:
    (found,) = verified_pairs([drawn(view)], READER, min_npmi=0.3)
    words = [set(text.split()) for text in view.source.texts(view.rows.tolist())]
    a, b = (sum(word in one for one in words) / len(words) for word in ("ahoy", "gale"))
    both = sum({"ahoy", "gale"} <= one for one in words) / len(words)
    npmi = math.log(both / (a * b)) / -math.log(both)
    assert (found.rate_a, found.rate_b) == pytest.approx((a, b), abs=0.08)
    assert found.interval_of_all[0] <= npmi <= found.interval_of_all[1]
    assert found.word == "confirmed"
    assert [one.name for one in found.cells] == ["both", "first", "second", "neither"]
    assert [one.n for one in found.cells] == [18, 36, 45, 261]
    assert sum(one.n_judged for one in found.cells) == 153
    assert (found.n_unclear, found.n_unread) == (0, 0)
    assert found.sentence_a == "The text contains this: ships."


def test_unclear_and_unread_documents_leave_and_are_counted(view: View) -> None:
    pair = drawn(view)
    unclear, unread = (document(one) for one in pair_reading_requests(pair)[:4:2])

    def hesitates(request: Request) -> dict[str, str] | None:
        if document(request) == unread:
            return None
        is_unclear = document(request) == unclear and "storms" in request.user
        return {"reason": "", "verdict": "unclear"} if is_unclear else reads(request)

    (found,) = verified_pairs([pair], LLM(Function(hesitates, "h")), min_npmi=0.3)
    assert (found.n_unclear, found.n_unread) == (1, 1)
    assert sum(one.n_judged for one in found.cells) == 151
    assert [one.n_drawn for one in found.cells] == [18, 33, 42, 60]


def test_texts_too_long_to_be_read_whole_are_left_out_and_counted(view: View) -> None:
    every = drawn(view, 300)
    assert every.texts.count(None) == 1
    (found,) = verified_pairs([every], READER, min_npmi=0.3)
    assert found.n_unread == 1


def test_known_errors_correct_the_rates(view: View) -> None:
    (raw,) = verified_pairs([drawn(view)], READER, min_npmi=0.3)
    known = KnownAnswers(90, 100, 5, 100)
    (found,) = verified_pairs([drawn(view)], READER, min_npmi=0.3, known=known)
    assert found.rate_a == pytest.approx((raw.rate_a - 0.05) / 0.85)


@pytest.mark.parametrize(
    ("says", "min_npmi", "word"),
    [
        (lambda a, b, row: (False, False), 0.3, "too_few"),
        (lambda a, b, row: (True, row == 0), 0.3, "too_few"),
        # In half of the texts each, at random.
        (lambda a, b, row: (row % 2 == 0, row // 2 % 2 == 0), 0.9, "refuted"),
        (lambda a, b, row: (row % 2 == 0, row // 2 % 2 == 0), 0.0, "undecided"),
        (lambda a, b, row: (a, b), 0.3, "confirmed"),
    ],
)  # fmt: skip
def test_each_word(view: View, says: object, min_npmi: float, word: str) -> None:
    def judge(request: Request) -> dict[str, str]:
        row = int(re.search(r"w(\d+)a", document(request))[1])  # type: ignore[index]
        said = says(row in A, row in B, row)  # type: ignore[operator]
        return {"reason": "", "verdict": "yes" if said["storms" in request.user] else "no"}

    (found,) = verified_pairs([drawn(view)], LLM(Function(judge, word)), min_npmi=min_npmi)
    assert found.word == word


def test_where_nobody_answers_nothing_is_said(view: View) -> None:
    (found,) = verified_pairs([drawn(view)], LLM(Function(lambda _: None, "s")), min_npmi=0.3)
    assert found.word == "too_few"
    assert math.isnan(found.npmi)
    assert found.n_unread == 153
    assert verified_pairs([], READER, min_npmi=0.3) == []


def test_of_two_views_each_property_is_read_in_its_own_text(view: View, tmp_path: Path) -> None:
    made = [Made([f"v{row}", f"u{row}"], {1} if row in B else set()) for row in range(N)]
    other = NamedStore(write(tmp_path / "s", made))
    right = view_of(other, view.rows, CorrelateSettings(min_support=5))
    found = drawn_pair((view, right), (0, 0), NAMES, per_cell=5, seed=0)
    for one, two in zip(*[iter(pair_reading_requests(found))] * 2, strict=True):
        row = re.search(r"w(\d+)a", document(one))[1]  # type: ignore[index]
        assert document(two) == f"v{row} u{row}"
