"""A quotation is a part of its document."""

from tests.claiming.worlds import quote, statement


def test_a_passage_stands_in_its_text() -> None:
    one = quote(3, "I certainly do.", "certainly")
    assert one.passage == "certainly"
    assert (one.id, one.start, one.end) == ("d3", 2, 11)


def test_a_statement_keeps_its_negation() -> None:
    assert statement().negation == "The text does not say 'certainly'."
