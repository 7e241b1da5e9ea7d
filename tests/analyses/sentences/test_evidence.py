"""Sentences are shown in the order given, and none that says nearly the same again."""

from collections.abc import Iterator

import pytest

from corpuscope.analyses.sentences.evidence import shown_sentences
from corpuscope.labels.named_store import NamedStore
from tests.analyses.worlds import Made, write


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> NamedStore:
    """Two stores of texts of two sentences of three words each."""
    folder = tmp_path_factory.mktemp("sentences")
    texts = ["a b c d e f", "g h i A, b! c", "j k l a b x", "m n o p q r", "s t u a y z"]
    made = [Made(text.split(), n_sentences=2) for text in texts]
    first = write(folder / "a", made[:2], ids=["d0", "d1"])
    return NamedStore([first, write(folder / "b", made[2:], ids=["d2", "d3", "d4"])])


def told(source: NamedStore, *places: tuple[int, int], n: int = 5) -> list[str]:
    found = shown_sentences(source, [(row, at, 1.0) for row, at in places], "target", n)
    return [one.text[slice(*one.spans[0])] for one in found]


def test_a_sentence_is_told_with_its_document_and_strength(source: NamedStore) -> None:
    one, other = shown_sentences(source, [(3, 1, 2.5), (0, 0, 1.5)], "later", 5)
    assert (one.id, one.text, one.side, one.spans, one.strength) == (
        "d3", "m n o p q r", "later", ((6, 11),), 2.5
    )  # fmt: skip
    assert (other.id, other.spans, other.strength) == ("d0", ((0, 5),), 1.5)


def test_sentences_come_in_the_order_given_up_to_as_many_as_wanted(source: NamedStore) -> None:
    places = [(4, 0), (0, 0), (3, 1), (0, 1)]
    assert told(source, *places) == ["s t u", "a b c", "p q r", "d e f"]
    assert told(source, *places, n=2) == ["s t u", "a b c"]
    assert told(source, *places, n=0) == []
    assert told(source) == []


def test_a_sentence_that_shares_half_of_its_words_is_skipped(source: NamedStore) -> None:
    """`a b x` shares two of four words with `a b c`, and `a y z` one of five."""
    assert told(source, (0, 0), (1, 1)) == ["a b c"]
    assert told(source, (1, 1), (0, 0)) == ["A, b! c"]
    assert told(source, (0, 0), (2, 1), (4, 1)) == ["a b c", "a y z"]
    assert told(source, (0, 0), (0, 0), (0, 1)) == ["a b c", "d e f"]


def test_no_more_are_looked_at_than_twenty_for_each(source: NamedStore) -> None:
    taken: list[int] = []

    def places() -> Iterator[tuple[int, int, float]]:
        for number in range(100):
            taken.append(number)
            yield (0, 0, 1.0) if number < 39 else (3, 0, 1.0)

    assert len(shown_sentences(source, places(), "target", 2)) == 2
    assert len(taken) == 40
    assert len(shown_sentences(source, places(), "target", 1)) == 1
