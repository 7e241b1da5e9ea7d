"""Each kind of file becomes the documents that are in it."""

import csv
import gzip
import io
import json
import tracemalloc
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpuscope.corpus.document import Document, Skipped
from corpuscope.corpus.read import read_corpus

ROWS = [
    {"id": "a", "text": "Guten Tag, Welt.", "year": 2020, "good": True},
    {"id": "b", "text": "שלום 👋🏽 e\u0301", "year": None, "good": False},
]
DOCUMENTS = [
    Document("a", "Guten Tag, Welt.", {"year": 2020, "good": True}),
    Document("b", "שלום 👋🏽 e\u0301", {"year": None, "good": False}),
]


def write_json_lines(path: Path, rows: list[dict[str, object]]) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


def csv_bytes(rows: list[dict[str, object]], delimiter: str = ",") -> bytes:
    file = io.StringIO()
    writer = csv.DictWriter(file, list(rows[0]), delimiter=delimiter)
    writer.writeheader()
    writer.writerows(rows)
    return file.getvalue().encode("utf-8")


def json_bytes(name: str) -> bytes:
    lines = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in ROWS)
    return (json.dumps(ROWS, indent=1) if Path(name).suffix == ".json" else lines).encode()


@pytest.mark.parametrize("name", ["a.jsonl", "a.ndjson", "a.json", "A.JSONL"])
@pytest.mark.parametrize("is_packed", [False, True])
def test_json_files_give_their_rows_packed_or_not(tmp_path, name, is_packed):
    data = json_bytes(name)
    path = tmp_path / (name + ".gz" * is_packed)
    path.write_bytes(gzip.compress(data) if is_packed else data)
    corpus = read_corpus(path)
    assert list(corpus) == DOCUMENTS
    assert list(corpus) == DOCUMENTS
    assert corpus.n_documents is None


@pytest.mark.parametrize(("name", "delimiter"), [("a.csv", ","), ("a.tsv.gz", "\t")])
def test_cells_of_a_delimited_file_are_text_and_empty_cells_are_no_value(tmp_path, name, delimiter):
    data = csv_bytes(ROWS, delimiter)
    (tmp_path / name).write_bytes(gzip.compress(data) if name.endswith("gz") else data)
    assert list(read_corpus(str(tmp_path / name))) == [
        Document("a", "Guten Tag, Welt.", {"year": "2020", "good": "True"}),
        Document("b", "שלום 👋🏽 e\u0301", {"year": None, "good": "False"}),
    ]


def test_a_parquet_file_gives_its_rows_and_their_number(tmp_path):
    pq.write_table(pa.Table.from_pylist(ROWS), tmp_path / "a.parquet")
    corpus = read_corpus(tmp_path / "a.parquet")
    assert list(corpus) == DOCUMENTS
    assert corpus.n_documents == 2


def test_text_files_of_a_folder_are_named_by_their_path_within_it(tmp_path):
    (tmp_path / "deep").mkdir()
    (tmp_path / "b.txt").write_bytes(b"second\r\nline")
    (tmp_path / "deep" / "a.txt.gz").write_bytes(gzip.compress(b"\xef\xbb\xbffirst"))
    (tmp_path / "notes.md").write_text("no text file")
    corpus = read_corpus(tmp_path)
    assert list(corpus) == [Document("b", "second\r\nline", {}), Document("deep/a", "first", {})]
    assert corpus.n_documents == 2


def test_a_pattern_and_a_list_of_paths_join_files_in_order(tmp_path):
    second = write_json_lines(tmp_path / "2.jsonl", [{"text": "two"}])
    first = write_json_lines(tmp_path / "1.jsonl", [{"text": "one"}])
    by_pattern = read_corpus(str(tmp_path / "*.jsonl"))
    assert [(d.id, d.text) for d in by_pattern] == [("000000", "one"), ("000001", "two")]
    assert [d.text for d in read_corpus([second, first])] == ["two", "one"]
    assert [d.text for d in read_corpus([str(second), str(first)])] == ["two", "one"]
    assert by_pattern.description["sources"] == ["1.jsonl", "2.jsonl"]


@pytest.mark.parametrize("name", ["a.jsonl", "a.json", "a.csv"])
def test_a_byte_order_mark_is_dropped(tmp_path, name):
    data = csv_bytes(ROWS) if name.endswith("csv") else json_bytes(name)
    (tmp_path / name).write_bytes(b"\xef\xbb\xbf" + data)
    assert [d.id for d in read_corpus(tmp_path / name)] == ["a", "b"]


def test_the_chosen_columns_are_read_and_the_named_metadata_kept(tmp_path):
    rows = [{"key": 7, "output": "Yes.", "prompt": "Well?", "tags": ["x", {"y": None}]}]
    path = write_json_lines(tmp_path / "a.jsonl", rows)
    everything = read_corpus(path, text="output", id="key")
    assert list(everything) == [
        Document("7", "Yes.", {"prompt": "Well?", "tags": '["x",{"y":null}]'})
    ]
    named = read_corpus(path, text="output", metadata=["prompt"])
    assert list(named) == [Document("000000", "Yes.", {"prompt": "Well?"})]
    assert named.description == {
        "sources": ["a.jsonl"],
        "formats": ["jsonl"],
        "columns": {"text": "output", "id": None, "metadata": ["prompt"]},
    }


def test_texts_without_visible_characters_are_skipped_with_their_place(tmp_path):
    rows = [{"id": "a", "text": " \n\u3000"}, {"id": "b", "text": None}, {"id": "c", "text": "c"}]
    path = write_json_lines(tmp_path / "a.jsonl", [*rows, {"id": "d"}])
    entries = list(read_corpus(path).entries())
    assert entries[0] == Skipped("a", "empty text", f"{path}, line 1")
    assert [type(entry).__name__ for entry in entries] == [
        "Skipped",
        "Skipped",
        "Document",
        "Skipped",
    ]
    assert [document.id for document in read_corpus(path)] == ["c"]


def test_half_a_surrogate_pair_is_skipped_because_no_file_can_hold_it(tmp_path):
    (tmp_path / "a.jsonl").write_text('{"text": "cut \\ud83d"}\n{"text": "whole"}\n')
    skipped, document = read_corpus(tmp_path / "a.jsonl").entries()
    assert skipped.reason == "an unpaired surrogate in the text"
    assert document.text == "whole"


def test_nul_bytes_and_rare_line_separators_stay_in_the_text(tmp_path):
    text = "a\x00b\u2028c\x85d\x0ce"
    write_json_lines(tmp_path / "a.jsonl", [{"text": text}])
    (tmp_path / "a.csv").write_bytes(csv_bytes([{"text": text, "x": "1"}]))
    assert [d.text for d in read_corpus(tmp_path / "a.jsonl")] == [text]
    assert [d.text for d in read_corpus(tmp_path / "a.csv")] == [text]


def test_a_cell_of_five_million_characters_is_read_whole(tmp_path):
    (tmp_path / "a.csv").write_text('id,text\n1,"' + "x" * 5_000_000 + '"\n')
    (document,) = read_corpus(tmp_path / "a.csv")
    assert len(document.text) == 5_000_000


def test_a_large_file_is_never_in_memory_as_a_whole(tmp_path):
    row = json.dumps({"text": "word " * 2000}) + "\n"
    (tmp_path / "a.jsonl").write_text(row * 2000)
    (tmp_path / "a.json").write_text("[" + ",".join([row] * 2000) + "]")
    for name in ("a.jsonl", "a.json"):
        tracemalloc.start()
        assert sum(1 for _ in read_corpus(tmp_path / name)) == 2000
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert peak < 2_000_000, name


texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)


@given(rows=st.lists(st.tuples(texts, texts), min_size=1, max_size=6))
def test_texts_come_back_exactly_from_every_format(tmp_path_factory, rows):
    folder = tmp_path_factory.mktemp("round")
    table = [{"text": text, "note": note} for text, note in rows]
    write_json_lines(folder / "a.jsonl", table)
    (folder / "a.json").write_text(json.dumps(table, indent=2, ensure_ascii=False), "utf-8")
    (folder / "a.csv").write_bytes(csv_bytes(table))
    pq.write_table(pa.Table.from_pylist(table), folder / "a.parquet")
    expected = [text for text, _ in rows if text.strip()]
    for name in ("a.jsonl", "a.json", "a.csv", "a.parquet"):
        assert [document.text for document in read_corpus(folder / name)] == expected, name
