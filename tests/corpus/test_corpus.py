"""A corpus goes through its source anew each time, and tells of it what a first look shows."""

from dataclasses import replace

import pytest

from corpuscope.corpus.columns import DocumentColumns
from corpuscope.corpus.corpus import Corpus
from corpuscope.corpus.document import Document, Skipped
from corpuscope.errors import InputError, NotEnoughData
from tests.corpus.parts import Listed

COLUMNS = DocumentColumns(("text",), "text", None, None)
IDS = replace(COLUMNS, id="id")
DIALOGUE = "User: Hi\nBot: Yo"


def listed(*texts: str | None) -> Listed:
    return Listed(tuple({"text": text} for text in texts))


def with_ids(*ids: object) -> Listed:
    return Listed(tuple({"id": id, "text": f"text {n}"} for n, id in enumerate(ids)))


def refusal(corpus: Corpus) -> InputError:
    with pytest.raises(InputError) as caught:
        list(corpus)
    return caught.value


def test_documents_come_in_order_each_time_and_skipped_rows_keep_their_numbers() -> None:
    corpus = Corpus((listed("a", None), listed("b")), COLUMNS)
    documents = [Document("000000", "a", {}), Document("000002", "b", {})]
    assert list(corpus) == documents
    assert list(corpus) == documents
    skipped = Skipped("000001", "empty text", "listed, row 2")
    assert list(corpus.entries()) == [documents[0], skipped, documents[1]]


def test_rows_are_read_one_by_one() -> None:
    entries = Corpus((Listed(({"text": "a"}, {"text": ["no text"]})),), COLUMNS).entries()
    assert next(entries) == Document("000000", "a", {})
    with pytest.raises(InputError, match="row 2, has a value of type list"):
        list(entries)


@pytest.mark.parametrize("parts", [(), (listed(), replace(listed(), name="b.csv"))])
def test_a_source_without_rows_is_told_at_the_end(parts: tuple[Listed, ...]) -> None:
    with pytest.raises(NotEnoughData) as caught:
        list(Corpus(parts, COLUMNS))
    assert caught.value.found == "no rows in " + ("listed, b.csv" if parts else "the source")
    assert caught.value.expected == "at least one row"
    # Rows without a text are rows.
    assert list(Corpus((listed(None),), COLUMNS)) == []


def test_an_id_that_is_used_twice_is_refused_with_both_places() -> None:
    error = refusal(Corpus((with_ids("a", "b"), replace(with_ids("c", "b"), name="later")), IDS))
    assert error.found == "the id 'b' is used twice: listed, row 2, and later, row 2"
    assert "the column 'id'" in error.expected
    assert "id='none'" in error.next_step
    # An id counts where its row becomes no document, too.
    given = ({"id": "a", "text": None}, {"id": "a", "text": "x"})
    assert "row 1, and listed, row 2" in refusal(Corpus((Listed(given),), IDS)).found
    assert "in the id column" in refusal(Corpus((with_ids("a", None),), IDS)).found


@pytest.mark.parametrize("ids", [("a", "b", "a"), ("a", None)])
def test_ids_that_nobody_chose_give_way_to_positions_if_they_are_none(
    ids: tuple[str | None, ...],
) -> None:
    corpus = Corpus((with_ids(*ids),), IDS, is_id_chosen=False)
    assert [document.id for document in corpus] == [f"{n:06d}" for n in range(len(ids))]
    assert [document.metadata["id"] for document in corpus] == list(ids)
    assert not corpus.survey.has_ids
    assert "numbered by position" in corpus.survey.reading_notes[0]
    good = Corpus((with_ids("a", 7),), IDS, is_id_chosen=False)
    assert [(document.id, dict(document.metadata)) for document in good] == [("a", {}), ("7", {})]
    assert (good.survey.has_ids, good.survey.reading_notes) == (True, ())


def test_a_stream_is_not_read_to_see_whether_ids_are_good() -> None:
    stream = replace(with_ids("a", "a"), kind="dataset")
    corpus = Corpus((stream,), IDS, is_id_chosen=False)
    assert not corpus.can_be_read_twice
    assert "used twice" in refusal(corpus).found
    assert Corpus((replace(stream, n=2),), IDS).can_be_read_twice
    assert Corpus((with_ids("a"),), IDS).can_be_read_twice


def test_several_answers_are_a_document_each() -> None:
    part = Listed(({"id": "a", "q": "Why?", "x": "So.", "y": "No."},), n=1)
    corpus = Corpus((part,), DocumentColumns(("x", "y"), "answers", "id", None, "q"))
    assert [(one.id, one.text) for one in corpus] == [
        ("a/x", "Why?\n\nSo."),
        ("a/y", "Why?\n\nNo."),
    ]
    assert corpus.n_documents == 2
    assert "each row gives 2 documents, from the columns 'x', 'y'" in corpus.survey.reading_notes[0]
    assert "'answer_of' names the column, and 'row' pairs them" in corpus.survey.reading_notes[0]


def test_how_many_documents_there_are_is_known_if_it_is_of_all_parts() -> None:
    two, three = replace(listed(), n=2), replace(listed(), n=3)
    assert Corpus((two, three), COLUMNS).n_documents == 5
    assert Corpus((two, listed()), COLUMNS).n_documents is None
    assert Corpus((), COLUMNS).n_documents == 0


def test_what_was_read_is_told_without_the_folders_above() -> None:
    def told(*names: str) -> object:
        parts = tuple(replace(listed("x"), name=name, kind=name[-3:]) for name in names)
        return Corpus(parts, COLUMNS).description

    columns = {"text": "text", "id": None, "metadata": None}
    assert told("/data/deep/a.csv") == {
        "sources": ["a.csv"], "formats": ["csv"], "columns": columns
    }  # fmt: skip
    assert told("/data/p/b.txt", "/data/a.csv", "/data/p/c.csv") == {
        "sources": ["p/b.txt", "a.csv", "p/c.csv"], "formats": ["csv", "txt"], "columns": columns
    }  # fmt: skip


def test_a_first_look_counts_everything_once() -> None:
    chat = [{"role": "user", "content": [{"type": "text", "text": "Why?"}, {"type": "image"}]}]
    part = Listed(({"chat": chat}, *[{"chat": chat[:0]}] * 2, *[{"chat": chat}] * 8, "torn"))
    part = replace(part, seen=("a note",))
    found = Corpus((part,), DocumentColumns(("chat",), "messages", None, ())).survey
    assert (found.n_rows, found.n_documents) == (12, 9)
    assert found.skipped == {"empty text": 2, "torn": 1}
    assert found.roles == ("user",)
    assert sum(found.left_out.values()) == 9
    assert found.reading_notes[0] == "a note"
    assert found.reading_notes[1].startswith("left out of documents, as not text: ")
    assert found.reading_notes[1].endswith(" (9)")


@pytest.mark.parametrize(
    ("n", "step"), [(0, 1), (1, 1), (399, 1), (400, 2), (798, 2), (799, 4), (1_597, 8)]
)
def test_some_texts_are_taken_evenly_from_first_to_last(n: int, step: int) -> None:
    texts = [f"text {at}" for at in range(n)]
    corpus = Corpus((listed(None, *texts),), COLUMNS)
    assert corpus.survey.some_texts == tuple(texts[::step])
    assert corpus.survey.n_documents == n


def test_texts_that_look_like_dialogues_are_told_until_they_are_read_so() -> None:
    part = listed(*[DIALOGUE] * 5)
    plain = Corpus((part,), COLUMNS).survey
    assert (plain.roles, len(plain.reading_notes)) == ((), 1)
    assert "dialogue=True" in plain.reading_notes[0]
    read = Corpus((part,), replace(COLUMNS, is_dialogue=True)).survey
    assert (read.roles, read.reading_notes) == (("assistant", "user"), ())
    none = Corpus((listed("prose"),), replace(COLUMNS, is_dialogue=True)).survey
    assert none.reading_notes[0].startswith("no text has speaker names")


def test_too_many_broken_rows_are_refused_at_the_end() -> None:
    parts = (Listed(("torn", *[{"text": "x"}] * 9)),)
    assert len(list(Corpus(parts, COLUMNS))) == 9
    assert refusal(Corpus((*parts, Listed(("odd",))), COLUMNS)).found == (
        "listed, row 1, is torn, and 1 other rows like it"
    )
