"""Files as other programs write them, and as people break them."""

import json
import os
import zipfile
from pathlib import Path
from uuid import UUID

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from corpuscope.corpus.document import Document
from corpuscope.corpus.read import FileFormat, read_corpus
from corpuscope.errors import ColumnNotFound, InputError

UNQUOTED = '20\t"Well, he said\ta\n21\tmid\ta\n22\tmid\ta\n23\tshe said "\ta\n'
TABLES: dict[str, tuple[str, str, list[str]]] = {
    "a row with one delimiter too many": (
        "a.csv", "text;label\n" + "Satz;a\n" * 39 + "eins; zwei;b\n", ["Satz"] * 39),
    "no quoting at all": (
        "a.tsv", "id\ttext\tlabel\n" + UNQUOTED,
        ['"Well, he said', "mid", "mid", 'she said "']),
    "one odd quote": (
        "a.csv", 'text,label\n"eins, zwei",a\n"eins" zwei,b\n', ["eins, zwei", '"eins" zwei']),
    "a quote that is never closed": (
        "a.csv", 'id,text\n1,"open\n2,more\n', ['"open', "more"]),
    "backslashes before quotes": (
        "a.csv", 'text,label\n"Say \\"hi, you\\"",a\n"plain",b\n', ['Say "hi, you"', "plain"]),
    "unnamed columns": ("a.csv", ",text,,\n0,one,,\n1,two,,\n", ["one", "two"]),
    "names of rows as R writes them": ("a.csv", "text,y\n1,one,a\n2,two,b\n", ["one", "two"]),
    "carriage returns in cells": ("a.csv", 'text\nHello\rthere\n"Two"\n', ["Hello\rthere", "Two"]),
    "old Macs with quotes": ("a.csv", 'id,text\r1,"one, and"\r2,two\r', ["one, and", "two"]),
    "objects of many lines": (
        "a.jsonl", '{\n "text": "one"\n}\n{\n "text": "two"\n}\n', ["one", "two"]),
    "commas after lines": ("a.jsonl", '{"text": "one"},\n{"text": "two"},\n', ["one", "two"]),
    "an array of strings": ("a.json", '["one", "two"]', ["one", "two"]),
    "a chat a line": (
        "a.jsonl", '[{"role": "user", "content": "one"}]\n[{"role": "user", "content": "two"}]\n',
        ["one", "two"]),
    "pandas, by rows": ("a.json", '{"d1": {"text": "one"}, "d2": {"text": "two"}}', ["one", "two"]),
    "pandas, split": (
        "a.json", '{"columns": ["text"], "index": [3, 5], "data": [["one"], ["two"]]}',
        ["one", "two"]),
    "a document with a list of its own": (
        "a.json", '{"id": "d", "text": "Anna lives.", "entities": [{"text": "Anna"}]}',
        ["Anna lives."]),
    "a chat with tools": (
        "a.json", '{"messages": [{"role": "user", "content": "Hi"}], "tools": [{"name": "f"}]}',
        ["Hi"]),
    "a turn for each column": (
        "a.json", '{"prompt": {"role": "user", "content": "Hi"}, "response": "Yo"}', ["Hi\n\nYo"]),
}  # fmt: skip


@pytest.mark.parametrize("kind", TABLES)
def test_tables_are_read_as_they_were_meant(tmp_path: Path, kind: str) -> None:
    name, content, texts = TABLES[kind]
    (tmp_path / name).write_bytes(content.encode())
    corpus = read_corpus(tmp_path / name)
    assert [document.text for document in corpus] == texts
    survey = corpus.survey
    assert survey.n_rows == survey.n_documents + sum(survey.skipped.values())


def test_facts_beside_a_list_of_rows_are_kept_with_each(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text('{"language": "en", "data": [{"text": "one"}]}')
    assert next(iter(read_corpus(tmp_path / "a.json"))).metadata == {"language": "en"}


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_other_scripts_in_utf_16_without_a_mark_are_read(tmp_path: Path, encoding: str) -> None:
    texts = ["Это первая строка, в ней слова.", "Вот и вторая."] * 20
    (tmp_path / "a.txt").write_bytes("\n".join(texts).encode(encoding))
    assert [document.text for document in read_corpus(tmp_path / "a.txt")] == texts


def test_western_letters_are_offered_in_the_usual_encoding_first(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes("text\nCafé one\nnaïve ñandú\nSão João\n".encode("cp1252"))
    with pytest.raises(InputError, match="as cp1252 it reads") as caught:
        list(read_corpus(tmp_path / "a.csv"))
    assert caught.value.found.index("cp1252") < caught.value.found.index("cp1251")


@pytest.mark.parametrize("encoding", ["utf-16", "punycode"])
def test_an_encoding_that_is_not_the_file_s_is_refused(tmp_path: Path, encoding: str) -> None:
    (tmp_path / "a.txt").write_bytes("Déjà vu".encode())
    with pytest.raises(InputError, match="is not"):
        list(read_corpus(tmp_path / "a.txt", file_format=FileFormat(encoding=encoding)))


def test_a_zip_is_read_as_the_table_in_it(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "data.zip", "w") as archive:
        archive.writestr(".DS_Store", b"x")
        archive.writestr("a.csv", "text,y\none,a\n")
    assert [document.text for document in read_corpus(tmp_path / "data.zip")] == ["one"]


@pytest.mark.parametrize(("at", "value"), [(6, 1), (8, 9)])
def test_a_zip_with_a_password_or_an_unknown_method_is_told(
    tmp_path: Path, at: int, value: int
) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("a.csv", "text\none\n")
    data = bytearray((tmp_path / "a.zip").read_bytes())
    central = data.index(b"PK\x01\x02")
    data[at] = data[central + at + 2] = value
    (tmp_path / "a.zip").write_bytes(data)
    with pytest.raises(InputError, match="an archive that cannot be opened"):
        list(read_corpus(tmp_path / "a.zip"))


REFUSED: dict[str, tuple[str, bytes, str]] = {
    "LFS": ("a.jsonl", b"version https://git-lfs.github.com/spec/v1\n", "git lfs pull"),
    "pickle": ("a.csv", b"\x80\x05\x95abc", "Parquet"),
    "numpy": ("a.csv", b"\x93NUMPY", "as a table"),
    "tar": ("a.tar.gz", b"\x1f\x8b", "extract it"),
}


@pytest.mark.parametrize("kind", REFUSED)
def test_what_is_something_else_is_told_with_the_next_step(tmp_path: Path, kind: str) -> None:
    name, data, next_step = REFUSED[kind]
    (tmp_path / name).write_bytes(data)
    with pytest.raises(InputError) as caught:
        list(read_corpus(tmp_path / name))
    assert next_step in caught.value.next_step


@pytest.mark.parametrize("source", ["", "https://example.org/a.jsonl"])
def test_what_is_no_path_is_refused(source: str) -> None:
    with pytest.raises(InputError, match=r"no file|is a URL"):
        read_corpus(source)


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may do anything")
def test_a_file_that_may_not_be_read_is_told(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("text\none\n")
    (tmp_path / "a.csv").chmod(0)
    with pytest.raises(InputError, match="cannot be read"):
        read_corpus(tmp_path / "a.csv")


def test_paths_without_endings_and_folders_in_a_list_are_paths(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "part.jsonl").write_text(json.dumps({"text": name}))
    folders = [str(tmp_path / "a"), str(tmp_path / "b")]
    assert [document.text for document in read_corpus(folders)] == ["a", "b"]
    assert [document.text for document in read_corpus([*folders, folders[0]])] == ["a", "b"]
    assert [document.text for document in read_corpus([str(tmp_path / "*")])] == ["a", "b"]


def test_folders_that_name_columns_give_them(tmp_path: Path) -> None:
    for year in (2020, 2021):
        folder = tmp_path / f"year={year}"
        folder.mkdir()
        pq.write_table(pa.table({"text": ["x"]}), folder / "part.parquet")
    assert [one.metadata["year"] for one in read_corpus(tmp_path)] == ["2020", "2021"]


def test_files_beside_a_data_set_do_not_count_and_an_empty_table_is_no_trouble(
    tmp_path: Path,
) -> None:
    (tmp_path / "dataset_infos.json").write_text("{}")
    (tmp_path / "a.csv").write_text("text\none\n")
    (tmp_path / "b.csv").write_text("")
    assert [document.text for document in read_corpus(tmp_path)] == ["one"]


@pytest.mark.parametrize(
    ("state", "found"),
    [("{", "is damaged"), ("{}", "is damaged"),
     ('{"_data_files": [{"filename": "x.arrow"}]}', "x.arrow is missing"),
     ('{"_data_files": [], "_indices_files": [{"filename": "i"}]}', "shuffled or filtered")],
)  # fmt: skip
def test_a_data_set_on_disk_that_is_not_whole_is_refused(
    tmp_path: Path, state: str, found: str
) -> None:
    (tmp_path / "dataset_info.json").write_text("{}")
    (tmp_path / "state.json").write_text(state)
    with pytest.raises(InputError, match=found):
        read_corpus(tmp_path)


def test_a_value_that_cannot_be_decoded_costs_its_row(tmp_path: Path) -> None:
    texts = pa.array([b"fine"] * 19 + [b"\xff"], pa.binary()).view(pa.string())
    pq.write_table(pa.table({"text": texts}), tmp_path / "a.parquet")
    survey = read_corpus(tmp_path / "a.parquet").survey
    assert survey.n_documents == 19
    assert survey.skipped == {"a value that cannot be decoded": 1}


def test_columns_that_begin_further_down_are_found() -> None:
    turns = [{"role": "user", "content": "Hi"}]
    late = [{"conversations": None}] * 150 + [{"conversations": turns}]
    assert [document.text for document in read_corpus(late)] == ["Hi"]
    named = [{"id": i} for i in range(150)] + [{"id": 150, "body": "x"}]
    assert [document.text for document in read_corpus(named, text="body")] == ["x"]
    with pytest.raises(ColumnNotFound, match="'conversation' has no messages"):
        read_corpus([{"conversation": [{"a": "x", "b": "y"}]}])


def test_many_broken_rows_at_the_beginning_are_few_of_all(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text("{\n" * 21 + '{"text": "x"}\n' * 1000)
    assert read_corpus(tmp_path / "a.jsonl").survey.skipped == {"a line that is not JSON": 21}


def test_a_prompt_without_an_answer_is_no_document() -> None:
    rows = [{"prompt": "Why?", "response": None}, {"prompt": "How?", "response": "So."}]
    assert [document.text for document in read_corpus(rows)] == ["How?\n\nSo."]


def test_prompts_and_preferences_may_be_messages_in_any_form() -> None:
    asked = [{"role": "user", "content": "Why?"}]
    answered = [{"role": "assistant", "content": "So."}]
    for prompt in (asked, json.dumps(asked), "Why?"):
        for response in (answered, json.dumps(answered), "So."):
            rows = [{"prompt": prompt, "completion": response}]
            assert [document.text for document in read_corpus(rows)] == ["Why?\n\nSo."]
            rows = [{"prompt": prompt, "chosen": response, "rejected": response}]
            assert [document.text for document in read_corpus(rows)] == ["Why?\n\nSo."] * 2


def test_answers_to_prompts_whose_ids_repeat_still_pair_by_their_rows() -> None:
    rows = [{"id": "q", "old": "a", "new": "b"}, {"id": "q", "old": "c", "new": "d"}]
    found = list(read_corpus(rows, answers=["old", "new"]))
    assert [one.id for one in found] == ["000000", "000001", "000002", "000003"]
    assert [one.metadata["row"] for one in found] == ["000000"] * 2 + ["000001"] * 2
    assert found[0].metadata["id"] == "q"


def test_ids_of_other_types_and_columns_of_lists_in_memory() -> None:
    key = UUID(int=7)
    assert next(iter(read_corpus([{"id": key, "text": "x"}]))).id == str(key)
    columns = {"text": ["one", "two"], "y": [1, 2]}
    assert list(read_corpus(columns)) == [
        Document("000000", "one", {"y": 1}), Document("000001", "two", {"y": 2}),
    ]  # fmt: skip
    splits = {"train": [{"text": "one"}], "test": [{"text": "two"}]}
    assert [one.metadata["split"] for one in read_corpus(splits)] == ["train", "test"]


def test_names_and_cells_that_are_odd_are_kept_or_counted() -> None:
    enrichment = [{"text": "x", None: ["y"]}]
    assert next(iter(read_corpus(enrichment))).metadata == {"None": '["y"]'}
    half = [{"text": "x", "k\ud83d": 1}]
    assert read_corpus(half).survey.skipped == {"an unpaired surrogate in a column name": 1}


MESSAGES = {
    "empty keys of another form": [{"role": None, "content": None, "from": "human", "value": "Hi"}],
    "capitals": [{"role": "USER", "content": "Hi"}],
    "OpenAssistant": [{"role": "prompter", "content": "Hi"}],
}


@pytest.mark.parametrize("kind", MESSAGES)
def test_messages_in_other_dress_are_the_user_s(kind: str) -> None:
    (document,) = read_corpus([{"messages": MESSAGES[kind]}])
    assert [(role.role, document.text) for role in document.roles] == [("user", "Hi")]


def test_items_of_a_run_of_tools_are_read_each_by_its_role() -> None:
    items = [
        {"type": "reasoning", "summary": [{"type": "summary_text", "text": "Hm."}]},
        {"type": "function_call", "name": "look", "arguments": "{}"},
        {"type": "function_call_output", "output": "blue"},
        {"role": "model", "parts": [{"functionCall": {"name": "go", "args": {"x": 1}}}]},
        {"role": "user", "parts": [{"functionResponse": {"response": {"y": 2}}}]},
        {"role": "assistant", "content": None, "tool_calls": '[{"name": "f", "args": {"z": 3}}]'},
        {"role": "assistant", "content": None, "audio": {"transcript": "Said."}},
    ]
    corpus = read_corpus([{"messages": items}])
    (document,) = corpus
    assert [(role.role, document.text[role.start : role.end]) for role in document.roles] == [
        ("reasoning", "Hm."),
        ("tool_call", "look {}"),
        ("tool", "blue"),
        ("tool_call", 'go {"x": 1}'),
        ("tool", '{"y": 2}'),
        ("tool_call", 'f {"z": 3}'),
        ("assistant", "Said."),
    ]
    assert corpus.survey.left_out == {}


def test_dialogues_without_names_are_told_and_letters_alone_are_none() -> None:
    assert (
        "no text has speaker names" in read_corpus(["Alice said."], dialogue=True).survey.notes[0]
    )
    (play,) = read_corpus(["A: Good day.\nB: Good night."], dialogue=True)
    assert play.roles == ()
    (mixed,) = read_corpus(["Human: What is <|?\nAssistant: A sign."], dialogue=True)
    assert [role.role for role in mixed.roles] == ["user", "assistant"]
