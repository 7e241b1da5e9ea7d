"""An index of words: what is in it, what each gives, and which are more frequent somewhere."""

from pathlib import Path

import numpy as np
import pytest

from corpuscope.analyses.search import bm25_index
from corpuscope.analyses.search.bm25_index import (
    WordIndex,
    open_word_index,
    searched_words,
)
from corpuscope.statistics.rates.counts import enrichment
from tests.store.worlds import record, write

TEXTS = ("cat cat dog", "Dogs bird", "fish", "dog fish bird cow", "cow cow cow")
WORDS = ("bird", "cat", "cow", "dog", "fish")
TIMES = np.array([[0, 2, 0, 1, 0], [1, 0, 0, 1, 0], [0, 0, 0, 0, 1], [1, 0, 1, 1, 1],
                  [0, 0, 3, 0, 0]])  # fmt: skip


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> WordIndex:
    records = [record(f"d{row}", text) for row, text in enumerate(TEXTS)]
    return open_word_index(write(tmp_path_factory.mktemp("index") / "s", records, size=2))


def by_the_book(word: str) -> np.ndarray:
    """What a word gives to each text, with k1 of 1.2 and b of .75."""
    times, lengths = TIMES[:, WORDS.index(word)], TIMES.sum(axis=1)
    n_with = (times > 0).sum()
    rarity = np.log(1 + (5 - n_with + 0.5) / (n_with + 0.5))
    return rarity * times * 2.2 / (times + 1.2 * (0.25 + 0.75 * lengths / lengths.mean()))


@pytest.mark.parametrize("word", WORDS)
def test_each_word_gives_what_the_book_says(index: WordIndex, word: str) -> None:
    (place,) = index.places([word]).tolist()
    assert index.of({place: 1.0}) == pytest.approx(by_the_book(word), rel=1e-5)


def test_what_words_give_is_added_by_weight(index: WordIndex) -> None:
    cat, cow = index.places(["cat", "cow"]).tolist()
    found = index.of({cat: 2.0, cow: -0.5})
    assert found == pytest.approx(2 * by_the_book("cat") - 0.5 * by_the_book("cow"), rel=1e-5)
    assert index.of({}).tolist() == [0] * 5


def test_words_are_found_in_the_order_asked_and_others_are_not(index: WordIndex) -> None:
    places = index.places([*WORDS, "zebra", "", "cat"]).tolist()
    assert len(places) == 6
    assert places[1] == places[5]
    assert sorted(places[:5]) == list(range(5))
    assert index.places([]).tolist() == []
    last = int(index.hashes.max())
    assert all(index.places([word]).tolist() == [] for word in ("q", "zz", "yyy") if last)


def test_both_sides_of_the_index_say_the_same(index: WordIndex) -> None:
    columns = [int(index.places([word])[0]) for word in WORDS]
    has = np.zeros((5, 5), dtype=bool)
    for column, place in enumerate(columns):
        has[index.rows[index.starts[place] : index.starts[place + 1]], column] = True
    assert (has == (TIMES > 0)).all()
    for row in range(5):
        own = index.words[index.document_starts[row] : index.document_starts[row + 1]]
        assert set(own.tolist()) == {columns[at] for at in np.flatnonzero(TIMES[row])}


def test_enrichment_is_in_standard_errors_and_rare_words_have_none(index: WordIndex) -> None:
    rows = np.array([0, 3, 4])
    found = index.enrichment(rows)
    for at, word in enumerate(WORDS):
        count = np.array([(TIMES[rows, at] > 0).sum()])
        of_all = np.array([(TIMES[:, at] > 0).sum()])
        expected = float(enrichment(count, 3, of_all, 5)[0]) if of_all[0] >= 3 else 0.0
        assert found[index.places([word])[0]] == pytest.approx(expected), word
    # Only "dog" is in three texts, and in two of these.
    assert np.count_nonzero(found) == 1
    assert not index.enrichment(np.empty(0, dtype=np.int64)).any()


def test_how_many_are_read_at_once_does_not_matter(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, index: WordIndex
) -> None:
    monkeypatch.setattr(bm25_index, "_ENTRIES_AT_ONCE", 1)
    records = [record(f"d{row}", text) for row, text in enumerate(TEXTS)]
    found = open_word_index(write(tmp_path / "s", records, size=3))
    for name in ("hashes", "starts", "rows", "scores", "document_starts", "words"):
        np.testing.assert_array_equal(getattr(found, name), getattr(index, name), err_msg=name)


def test_a_text_without_words_has_none(tmp_path: Path) -> None:
    found = open_word_index(write(tmp_path / "s", [record("a", "..."), record("b", "one")]))
    assert found.document_starts.tolist() == [0, 0, 1]
    assert found.of({0: 1.0})[0] == 0
    assert found.of({0: 1.0})[1] > 0


@pytest.mark.parametrize(
    ("phrase", "words"),
    [("Apologies for the delay", ["apolog", "dela"]), ("to be or not to be", None),
     ("cats and a cat", ["cat"]), ("", []), ("!?", [])],
)  # fmt: skip
def test_searched_words_are_stems_of_those_that_tell(phrase: str, words: list[str] | None) -> None:
    found = searched_words(phrase)
    if words is not None:
        assert found == words
    else:
        # There are no others.
        assert {"to", "be", "or", "not"} == set(found)
        assert len(found) == 4
