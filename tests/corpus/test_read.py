"""One function opens any source, and chooses the columns."""

import json
from pathlib import Path
from typing import Any

import pytest

from corpuscope.corpus.document import Document
from corpuscope.corpus.read import FileFormat, read_corpus
from corpuscope.errors import ColumnNotFound, InputError, NotEnoughData

Rows = list[dict[str, object]]


def lines(folder: Path, rows: Rows, name: str = "a.jsonl") -> Path:
    (folder / name).write_text("".join(json.dumps(row) + "\n" for row in rows))
    return folder / name


def columns(source: object, **choice: Any) -> object:
    return read_corpus(source, **choice).description["columns"]


def test_strings_and_rows_in_memory_are_documents() -> None:
    assert list(read_corpus(["a", "b"])) == [
        Document("000000", "a", {}),
        Document("000001", "b", {}),
    ]
    rows = [{"text": "a", "n": 1}]
    assert list(read_corpus(rows)) == [Document("000000", "a", {"n": 1})]
    assert [one.text for one in read_corpus(("a.", "b."))] == ["a.", "b."]


def test_paths_are_read_as_files_alone_or_in_a_list(tmp_path: Path) -> None:
    first = lines(tmp_path, [{"text": "a"}])
    second = lines(tmp_path, [{"text": "b"}], "b.jsonl")
    for source in (first, str(first), [first], [str(first)]):
        assert [one.text for one in read_corpus(source)] == ["a"]
    for several in ([second, first], [str(second), str(first)], (second, first)):
        assert [one.text for one in read_corpus(several)] == ["b", "a"]
    with pytest.raises(InputError, match="no file, folder or match"):
        read_corpus([tmp_path / "none"])


@pytest.mark.parametrize("name", ["metadata", "answers"])
def test_one_name_where_a_list_is_expected_is_refused(name: str) -> None:
    with pytest.raises(InputError) as caught:
        read_corpus(["a"], **{name: "note"})  # type: ignore[arg-type]
    assert caught.value.found == f"{name}='note'"
    assert caught.value.next_step == f"pass {name}=['note']"


def test_ids_are_the_column_called_so_if_it_is_good_or_the_one_that_is_chosen() -> None:
    rows = [{"id": "x", "key": 1, "text": "a"}, {"id": "y", "key": 2, "text": "b"}]

    def ids(**choice: Any) -> list[str]:
        return [one.id for one in read_corpus(rows, **choice)]

    assert ids() == ["x", "y"]
    assert ids(id="key") == ["1", "2"]
    assert ids(id="none") == ["000000", "000001"]
    assert [one.metadata["id"] for one in read_corpus(rows, id="none")] == ["x", "y"]
    same = [{"id": "x", "text": "a"}, {"id": "x", "text": "b"}]
    assert [one.id for one in read_corpus(same)] == ["000000", "000001"]
    with pytest.raises(InputError, match="used twice"):
        list(read_corpus(same, id="id"))


def test_a_column_that_is_called_none_can_be_that_of_ids() -> None:
    assert [one.id for one in read_corpus([{"none": "x", "text": "a"}], id="none")] == ["x"]


def test_metadata_are_all_other_columns_or_those_named() -> None:
    rows = [{"text": "a", "n": 1}, {"text": "b", "n": 2, "late": True}]
    assert [dict(one.metadata) for one in read_corpus(rows)] == [{"n": 1}, {"n": 2, "late": True}]
    named = read_corpus(rows, metadata=["late"])
    assert [dict(one.metadata) for one in named] == [{"late": None}, {"late": True}]
    assert [one.metadata for one in read_corpus(rows, metadata=[])] == [{}, {}]
    with pytest.raises(ColumnNotFound, match="no column 'gone'"):
        read_corpus(rows, metadata=["n", "gone"])


def test_usual_columns_are_found_and_others_must_be_named() -> None:
    chat = [{"role": "user", "content": "Why?"}]
    none: dict[str, object] = {"id": None, "metadata": None}
    assert columns([{"text": "a", "prompt": "b", "response": "c"}]) == {"text": "text", **none}
    assert columns([{"chat": chat}]) == {"messages": "chat", **none}
    assert columns([{"q": "a", "a": "b"}], prompt="q", response="a") == {
        "prompt": "q", "response": "a", **none
    }  # fmt: skip
    with pytest.raises(ColumnNotFound, match="the columns 'body'"):
        read_corpus([{"body": "a"}])
    with pytest.raises(ColumnNotFound, match="no column 'q'"):
        read_corpus([{"a": "b"}], prompt="q", response="a")
    assert columns([{"body": "a"}], text="body") == {"text": "body", **none}


@pytest.mark.parametrize("name", ["conversations", "turns"])
def test_a_column_called_like_messages_that_holds_none_is_passed_over(name: str) -> None:
    row: dict[str, object] = {name: 3, "prompt": "Why?", "response": "So."}
    assert columns([row]) == {
        "prompt": "prompt",
        "response": "response",
        "id": None,
        "metadata": None,
    }
    with pytest.raises(ColumnNotFound, match=f"'{name}' has no messages"):
        read_corpus([{name: 3}])


def test_answers_are_documents_that_their_row_pairs() -> None:
    rows = [{"q": "Why?", "x": "So.", "y": "No."}]
    found = list(read_corpus(rows, answers=["x", "y"], prompt="q"))
    assert [one.text for one in found] == ["Why?\n\nSo.", "Why?\n\nNo."]
    assert [one.metadata for one in found] == [
        {"answer_of": "x", "row": "000000"},
        {"answer_of": "y", "row": "000000"},
    ]
    assert [one.text for one in read_corpus(rows, answers=["y"], metadata=["row"])] == ["No."]
    with pytest.raises(InputError, match="the table has the columns 'row'"):
        read_corpus([{"x": "a", "row": 1}], answers=["x"])


def test_what_several_answers_answer_must_be_there() -> None:
    with pytest.raises(ColumnNotFound, match="no column 'q'"):
        read_corpus([{"x": "a"}], answers=["x"], prompt="q")
    assert columns([{"x": "a", "q": "b"}], answers=["x"], prompt="q") == {
        "answers": ["x"], "prompt": "q", "id": None, "metadata": None
    }  # fmt: skip


def test_preferences_come_with_their_prompt_where_there_is_one() -> None:
    row = {"chosen": "So.", "rejected": "No."}
    assert [one.text for one in read_corpus([row])] == ["So.", "No."]
    assert next(iter(read_corpus([{**row, "prompt": "Why?"}]))).text == "Why?\n\nSo."
    named = read_corpus([{**row, "prompt": "Why?"}], answers=["chosen"])
    assert next(iter(named)).text == "So."


def test_a_column_that_begins_further_down_is_found(tmp_path: Path) -> None:
    rows: Rows = [{"text": "a"}] * 150
    late = lines(tmp_path, [*rows, {"text": "b", "late": "x"}])
    assert [one.metadata["late"] for one in read_corpus(late, metadata=["late"])][-1] == "x"
    with pytest.raises(ColumnNotFound, match="no column 'gone'"):
        read_corpus(late, metadata=["gone"])


def test_every_file_must_have_the_columns_of_the_text(tmp_path: Path) -> None:
    paths = [lines(tmp_path, [{"text": "a", "n": 1}]), lines(tmp_path, [{"body": "b"}], "b.jsonl")]
    with pytest.raises(ColumnNotFound, match=r"b\.jsonl has no column 'text'"):
        read_corpus(paths)
    # Metadata may be missing in some, and files without rows have no columns at all.
    paths = [paths[0], lines(tmp_path, [{"text": "b"}], "b.jsonl"), lines(tmp_path, [], "c.jsonl")]
    assert [one.metadata["n"] for one in read_corpus(paths, metadata=["n"])] == [1, None]


def test_a_source_without_rows_is_told_when_it_is_gone_through(tmp_path: Path) -> None:
    nothing = lines(tmp_path, [])
    assert columns(nothing) == {"text": "text", "id": None, "metadata": []}
    corpus = read_corpus(nothing, text="body")
    assert corpus.columns.content == ("body",)
    with pytest.raises(NotEnoughData, match="no rows in"):
        list(corpus)


def test_files_are_read_as_their_format_says(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes("key^text\n1^déjà, vu\n".encode("cp1252"))
    written = FileFormat(encoding="windows-1252", delimiter="^")
    assert [one.text for one in read_corpus(path, file_format=written)] == ["déjà, vu"]
    assert [one.text for one in read_corpus([path], file_format=written)] == ["déjà, vu"]
    with pytest.raises(InputError, match="there is no encoding 'none'"):
        read_corpus(path, file_format=FileFormat(encoding="none"))
    with pytest.raises(InputError, match="the delimiter '::'"):
        read_corpus(path, file_format=FileFormat(delimiter="::"))


def test_lines_may_name_who_speaks() -> None:
    (document,) = read_corpus(["User: Hi\nBot: Yo"], dialogue=True)
    assert [role.role for role in document.roles] == ["user", "assistant"]
