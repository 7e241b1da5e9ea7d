"""Documents are shown that have a feature, the best first, and no text twice."""

from pathlib import Path

import numpy as np
import pytest
import scipy.sparse as sp
from hypothesis import given, settings
from hypothesis import strategies as st

from corpuscope.analyses.comparison import tested_features
from corpuscope.analyses.results.evidence import DocumentEvidence, as_json, distinct, rows_of
from corpuscope.labels.named_store import NamedStore
from corpuscope.store.evidence import Evidence
from tests.analyses.worlds import Made, write

FEATURE, N = 3, 12
HAS = [0, 2, 4, 5, 7, 11]


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> NamedStore:
    """Two stores; document `i` says `so` i % 4 times, and some have a feature at a word."""
    made = [
        Made(
            [f"own{chr(97 + i)}{chr(97 + j)}" for j in range(6)] + ["so"] * (i % 4),
            {FEATURE} if i in HAS else set(),
            peaks={FEATURE: 2},
        )
        for i in range(N)
    ]
    folder = tmp_path_factory.mktemp("evidence")
    names = [f"d{i}" for i in range(N)]
    first = write(folder / "a", made[:5], ids=names[:5])
    return NamedStore([first, write(folder / "b", made[5:], ids=names[5:])])


def showing(source: NamedStore, n: int = 5) -> DocumentEvidence:
    return DocumentEvidence(
        source, {FEATURE: np.array(HAS), "so": np.array([1, 2, 3, 5, 6, 7, 9, 10, 11])}, n
    )


def test_the_strongest_come_first_with_the_word_where_it_peaks(source: NamedStore) -> None:
    found = showing(source).best(FEATURE, [np.array(HAS)], "target")
    assert len(found) == 5
    strengths = [evidence.strength for _, evidence in found]
    assert strengths == sorted(strengths, reverse=True)
    for row, evidence in found:
        assert evidence.id == f"d{row}"
        assert evidence.side == "target"
        ((start, end),) = evidence.spans
        assert evidence.text[start:end] == f"own{chr(97 + row)}c"
    assert {row for row, _ in found} < set(HAS)


def test_earlier_choices_come_first_however_weak(source: NamedStore) -> None:
    first, second = np.array([11, 0]), np.array([2, 4, 5, 7])
    found = [row for row, _ in showing(source).best(FEATURE, [first, second], "")]
    assert set(found[:2]) == {0, 11}
    assert len(found) == 5
    assert showing(source, 0).best(FEATURE, [first], "") == []
    assert showing(source).best(FEATURE, [np.array([], dtype=np.int64)], "") == []
    assert showing(source).best(FEATURE, [], "") == []


def test_words_are_shown_where_they_stand_the_most_often_first(source: NamedStore) -> None:
    found = showing(source).best("so", [np.array([1, 2, 3, 5, 6])], "a")
    assert [row for row, _ in found] == [3, 2, 6, 1, 5]
    for row, evidence in found:
        assert evidence.strength == len(evidence.spans) == row % 4
        assert {evidence.text[start:end] for start, end in evidence.spans} == {"so"}


def test_of_many_documents_with_a_word_a_spread_sample_is_looked_at(source: NamedStore) -> None:
    """Of nine rows and one wanted, four are: 1, 5, 7 and 11."""
    (row, _), *rest = showing(source, 1).best("so", [showing(source).rows_of["so"]], "a")
    assert (row, rest) == (7, [])
    asked: list[list[int]] = []

    class Watched(NamedStore):
        def texts(self, rows: object) -> list[str]:
            asked.append(list(rows))  # type: ignore[call-overload]
            return super().texts(rows)  # type: ignore[arg-type]

    showing(Watched(source.stores), 1).best("so", [np.arange(N)], "a")
    assert asked[0] == [0, 4, 7, 11]


def test_given_rows_are_shown_in_their_order_though_they_lack_it(source: NamedStore) -> None:
    rows = [7, 1, 0, 7]
    found = showing(source).of_rows(FEATURE, rows, "x")
    assert [one.id for one in found] == ["d7", "d1", "d0", "d7"]
    assert [len(one.spans) for one in found] == [1, 0, 1, 1]
    assert [one.strength > 0 for one in found] == [True, False, True, True]
    assert {one.side for one in found} == {"x"}
    words = showing(source).of_rows("so", [4, 3], "x")
    assert [(one.id, len(one.spans)) for one in words] == [("d4", 0), ("d3", 3)]
    assert showing(source).of_rows(FEATURE, [1, 3], "x")[0].spans == ()
    assert showing(source).of_rows(FEATURE, [], "x") == []


def test_rows_are_told_by_the_name_of_the_column() -> None:
    presence = sp.csr_array(np.array([[1, 0, 1], [0, 0, 1], [1, 0, 0]], dtype=bool))
    columns = tested_features.TestedFeatures(presence, np.array([9, 4]), ["so"])
    found = rows_of(columns, np.array([2, 0]))
    assert {name: rows.tolist() for name, rows in found.items()} == {"so": [0, 1], 9: [0, 2]}
    assert rows_of(columns, np.array([1]))[4].tolist() == []
    assert rows_of(columns, np.array([], dtype=np.int64)) == {}


def evidence(*words: str) -> Evidence:
    return Evidence("d", " ".join(words), "target", ((0, 1),), 1.5)


def test_evidence_is_told_under_fixed_names() -> None:
    assert as_json(evidence("a")) == {
        "id": "d", "text": "a", "side": "target", "spans": [[0, 1]], "strength": 1.5
    }  # fmt: skip


@pytest.mark.parametrize(
    ("other", "is_double"),
    [
        ("a b c d", True),
        ("D, c! B a a a", True),
        ("a b c d e", True),
        ("a b c d e f", False),
        ("a b c", False),
        ("", False),
    ],
)
def test_texts_that_share_four_words_of_five_are_doubles(other: str, is_double: bool) -> None:
    found = [(0, evidence(*"abcd")), (1, evidence(other))]
    assert len(distinct(found, 5)) == 1 + (not is_double)
    assert distinct(found, 5)[0] == found[0]


@settings(max_examples=30)
@given(st.lists(st.lists(st.sampled_from("abcdefgh"), max_size=6), max_size=8), st.integers(0, 4))
def test_what_is_kept_is_no_double_of_what_was_kept_before(texts: list[list[str]], n: int) -> None:
    found = distinct([(i, evidence(*words)) for i, words in enumerate(texts)], n)
    assert len(found) <= n
    assert [row for row, _ in found] == sorted(row for row, _ in found)
    for at, (row, _) in enumerate(found):
        for other, _ in found[:at]:
            one, two = set(texts[row]), set(texts[other])
            assert len(one & two) < 0.8 * len(one | two)


def test_two_texts_without_words_are_doubles() -> None:
    assert len(distinct([(0, evidence("!")), (1, evidence("?"))], 5)) == 1


def test_no_more_is_read_than_is_shown(tmp_path: Path) -> None:
    def endless() -> object:
        for i in range(10**9):
            yield i, evidence(f"text{i}")

    assert [row for row, _ in distinct(endless(), 3)] == [0, 1, 2]  # type: ignore[arg-type]
