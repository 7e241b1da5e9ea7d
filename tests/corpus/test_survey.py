"""A first look counts what becomes no document, and tells what its user should know."""

from collections.abc import Mapping

import pytest

from corpuscope.corpus.columns import DocumentColumns
from corpuscope.corpus.document import Document, Skipped
from corpuscope.corpus.sources.rows import Place, Row
from corpuscope.corpus.survey import Survey, SurveyCounts
from corpuscope.errors import InputError, NotEnoughData
from tests.corpus.parts import Listed, broken

COLUMNS = DocumentColumns(("text",), "text", None, None)
IDS = DocumentColumns(("text",), "text", "id", None)


def survey(*texts: str, roles: tuple[str, ...] = (), **skipped: int) -> Survey:
    seen = ("a note",)
    return Survey(1_234, skipped, {}, roles, seen, has_ids=True, some_texts=texts)


def counted(
    *rows: Mapping[str, object] | str, tried: DocumentColumns | None = None
) -> SurveyCounts:
    """The counts after going through rows, the ids of which are looked for as a corpus does."""
    part = Listed(rows)

    def earlier(columns: DocumentColumns, id: str, position: int) -> Row | None:
        before = [row for row in list(part.rows())[:position] if isinstance(row, Row)]
        return next((row for row in before if columns.own_id(row) == id), None)

    counts = SurveyCounts(earlier, tried=tried)
    for position, row in enumerate(part.rows()):
        counts.n_rows += 1
        counts.entry(row, position, COLUMNS)
    return counts


def with_ids(*ids: object) -> list[str]:
    return counted(*({"text": "x", "id": id} for id in ids), tried=IDS).on_ids()


def test_rows_that_are_not_skipped_are_documents() -> None:
    assert survey(empty=30, odd=4).n_documents == 1_200
    assert survey().n_documents == 1_234


def test_languages_of_some_texts_are_told_behind_the_other_notes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    told = {("x",): {"en": 1.0}, ("x", "y"): {"en": 0.5, "de": 0.5}}
    monkeypatch.setattr("corpuscope.corpus.survey.languages_of", told.__getitem__)
    english, mixed = survey("x"), survey("x", "y")
    assert (english.languages, english.notes) == ({"en": 1.0}, ("a note",))
    assert mixed.notes[0] == "a note"
    assert "German" in mixed.notes[1]


def test_some_role_that_is_asked_for_must_be_there() -> None:
    chat = survey(roles=("assistant", "user"))
    chat.check_roles([])
    chat.check_roles(["user", "nobody"])
    with pytest.raises(NotEnoughData) as caught:
        chat.check_roles(["system", "nobody", "system"])
    assert caught.value.found == (
        "1,234 documents with the roles assistant, user, and no text of the roles nobody, system "
        "in any of them"
    )
    assert (caught.value.expected, caught.value.next_step) == (
        "roles that occur in the corpus",
        "choose other roles, or none",
    )
    with pytest.raises(NotEnoughData, match="with no roles at all, and no text of the roles user"):
        survey().check_roles(["user"])


def test_rows_become_documents_and_those_that_cannot_are_counted() -> None:
    counts = SurveyCounts(lambda columns, id, position: None)
    place = Place("a.csv", "line", 2)
    good = counts.entry(Row({"text": "x"}, place), 0, COLUMNS)
    torn = counts.entry(broken("torn", place), 1, COLUMNS)
    list_of_text = counts.entry(Row({"text": ["x"]}, place), 2, COLUMNS)
    assert good == Document("000000", "x", {})
    assert torn == Skipped("000001", "torn", "a.csv, line 2")
    assert list_of_text == Skipped("000002", "not a text", "a.csv, line 2")
    assert (counts.n_broken, counts.n_rows) == (2, 0)
    assert counts.first_broken is not None
    assert counts.first_broken.found == "a.csv, line 2, is torn"


def test_a_row_without_the_id_that_was_chosen_is_no_broken_row() -> None:
    counts = SurveyCounts(lambda columns, id, position: None)
    with pytest.raises(InputError, match="in the id column"):
        counts.entry(Row({"text": "x", "id": None}, Place("a")), 0, IDS)
    assert counts.n_broken == 0


def test_one_row_in_ten_may_be_broken_and_no_more() -> None:
    good = {"text": "x"}
    counted(*[good] * 9, "torn").end()
    counted().end()
    with pytest.raises(InputError) as caught:
        counted(*[good] * 8, "torn").end()
    assert caught.value.found == "listed, row 9, is torn"
    with pytest.raises(InputError, match="row 1, is torn, and 2 other rows like it"):
        counted("torn", good, "odd", "torn").end()


def test_ten_thousand_broken_rows_are_told_before_the_end() -> None:
    counts = SurveyCounts(lambda columns, id, position: None, n_rows=50_000, n_broken=9_998)
    row = broken("torn", Place("a.csv", "line", 2))
    counts.entry(row, 0, COLUMNS)
    with pytest.raises(InputError, match="and 9,999 other rows like it"):
        counts.entry(row, 1, COLUMNS)


def test_different_ids_go_without_saying() -> None:
    assert with_ids("a", "b", 3, 4.0) == []
    assert counted({"text": "x"}, {"text": "y"}).on_ids() == []


def test_an_id_that_slipped_in_twice_is_told() -> None:
    (note,) = with_ids("a", "b", "c", "d", "a")
    assert note.startswith("the column 'id' repeats a value in 1 of 5 rows: documents are numb")
    assert note.endswith("(--pair id)")


def test_ids_that_repeat_by_design_are_told_as_such() -> None:
    (note,) = with_ids("a", "a", "a", "b", "b", "b", "c", "c", "c")
    assert "repeats each value about 3 times, perhaps as prompt ids" in note
    # A third is often, less is not.
    assert "about 2 times" in with_ids("a", "b", "a")[0]
    assert "repeats a value in 1 of 4" in with_ids("a", "b", "a", "c")[0]


def test_rows_without_an_id_are_told() -> None:
    (note,) = with_ids("a", None, True, "b")
    assert "has neither text nor a number in 2 rows" in note
    assert "--pair" not in note


def test_a_shared_hash_is_not_yet_a_shared_id() -> None:
    counts = SurveyCounts(lambda columns, id, position: None, tried=IDS)
    for position in range(2):
        counts.entry(Row({"text": "x", "id": "a"}, Place("a")), position, COLUMNS)
    assert counts.n_repeated == 0
