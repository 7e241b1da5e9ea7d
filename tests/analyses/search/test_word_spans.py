"""Where the searched words are in a text, the heaviest first."""

import pytest

from corpuscope.analyses.search.bm25_index import WordIndex, open_word_index
from corpuscope.analyses.search.word_spans import places_of_words
from tests.store.worlds import record, write


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> WordIndex:
    records = [record("a", "happy ships sail the sea"), record("b", "the happiness of sailing")]
    return open_word_index(write(tmp_path_factory.mktemp("spans") / "s", records))


def searched(index: WordIndex, **weights: float) -> dict[int, float]:
    return {int(index.places([word])[0]): weight for word, weight in weights.items()}


def told(text: str, index: WordIndex, **weights: float) -> list[tuple[str, str]]:
    found = places_of_words(text, index, searched(index, **weights))
    return [(word, text[start:end]) for word, (start, end) in found]


def test_words_are_told_as_they_stand_by_falling_weight(index: WordIndex) -> None:
    found = told("Ships, a Ship and the SEA", index, ship=0.5, sea=1.0)
    assert found == [("sea", "SEA"), ("ships", "Ships"), ("ship", "Ship")]


def test_words_that_are_not_searched_or_weigh_nothing_are_not_told(index: WordIndex) -> None:
    assert told("ships sail the sea quickly", index, ship=1.0, sail=0.0, sea=-1.0) == [
        ("ships", "ships")
    ]
    assert told("nothing of it", index, sea=1.0) == []
    assert told("", index, sea=1.0) == []


def test_function_words_are_left_out_even_if_searched(index: WordIndex) -> None:
    assert told("the sea of the ships", index, the=5.0, sea=1.0) == [("sea", "sea")]
