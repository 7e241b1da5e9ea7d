"""Files as people have them: packed, in other encodings, with other delimiters, in folders."""

import bz2
import csv
import gzip
import io
import json
import lzma
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from corpuscope.corpus.read import FileFormat, read_corpus
from corpuscope.errors import ColumnNotFound, InputError, NotEnoughData

TEXTS = ["Déjà vu, encore; « oui ».", 'She said "no", then left.', "Zwei\nZeilen", "你好，世界。"]
ROWS = [{"key": f"k{i}", "text": text} for i, text in enumerate(TEXTS)]


def as_json_lines(rows: list[dict[str, str]] = ROWS) -> bytes:
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows).encode()


def as_delimited(delimiter: str, rows: list[dict[str, str]] = ROWS) -> bytes:
    file = io.StringIO()
    writer = csv.DictWriter(file, list(rows[0]), delimiter=delimiter)
    writer.writeheader()
    writer.writerows(rows)
    return file.getvalue().encode()


def zipped(data: bytes, *names: str) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in names:
            archive.writestr(name, data)
    return file.getvalue()


def zstd(data: bytes) -> bytes:
    packed: bytes = pa.Codec("zstd").compress(data, asbytes=True)
    return packed


def texts_in(path: Path, written: FileFormat | None = None, **how: Any) -> list[str]:
    return [document.text for document in read_corpus(path, file_format=written, **how)]


PACKED: dict[str, Callable[[bytes], bytes]] = {
    "gz": gzip.compress,
    "bz2": bz2.compress,
    "xz": lzma.compress,
    "zst": zstd,
    "zip": lambda data: zipped(data, "rows.jsonl"),
}


@pytest.mark.parametrize("kind", PACKED)
@pytest.mark.parametrize("ending", ["as it should be", ""])
def test_packed_files_are_known_by_their_first_bytes(tmp_path, kind, ending):
    path = tmp_path / ("a.jsonl" + (f".{kind}" if ending else ""))
    path.write_bytes(PACKED[kind](as_json_lines()))
    assert texts_in(path) == TEXTS


@pytest.mark.parametrize("kind", ["gz", "bz2", "xz", "zst"])
def test_packed_pieces_one_after_another_are_all_read(tmp_path, kind):
    (tmp_path / "a.jsonl").write_bytes(PACKED[kind](as_json_lines()) * 3)
    assert texts_in(tmp_path / "a.jsonl") == TEXTS * 3


@pytest.mark.parametrize("kind", PACKED)
def test_a_packed_file_that_was_cut_is_refused(tmp_path, kind):
    rows = [{"text": f"{i} {hash(str(i))}"} for i in range(2_000)]
    (tmp_path / "a.jsonl").write_bytes(PACKED[kind](as_json_lines(rows))[:-500])
    with pytest.raises(InputError, match=r"a\.jsonl"):
        texts_in(tmp_path / "a.jsonl")


@pytest.mark.parametrize(
    ("first", "what"),
    [
        (b"SQLite format 3\x00", "an SQLite database"),
        (b"%PDF-1.7", "a PDF document"),
        (zipped(b"x", "xl/workbook.xml", "docProps/app.xml"), "an Excel workbook"),
        (zipped(b"x", "a.csv", "b.csv"), r"a zip archive of 2 files \(a.csv, b.csv\)"),
    ],
)
def test_what_is_no_text_or_table_is_named(tmp_path, first, what):
    (tmp_path / "a.csv").write_bytes(first)
    with pytest.raises(InputError, match=what):
        texts_in(tmp_path / "a.csv")


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])
@pytest.mark.parametrize("name", ["a.jsonl", "a.csv", "a.json"])
def test_encodings_that_can_be_seen_are_read(tmp_path, encoding, name):
    data = {"a.jsonl": as_json_lines(), "a.csv": as_delimited(","),
            "a.json": json.dumps(ROWS, ensure_ascii=False).encode()}[name]  # fmt: skip
    (tmp_path / name).write_bytes(data.decode().encode(encoding))
    assert texts_in(tmp_path / name) == TEXTS


@pytest.mark.parametrize("encoding", ["gb18030", "big5", "shift_jis", "cp1252", "cp1251"])
def test_another_encoding_is_named_with_what_it_reads_and_read_when_asked(tmp_path, encoding):
    texts = {
        "cp1252": ["Déjà vu à l’hôtel", "naïve façade"],
        "cp1251": ["Доброе утро", "Спасибо большое"],
        "shift_jis": ["こんにちは、世界", "ありがとう"],
    }.get(encoding, ["你好，世界", "早安"])
    rows = [{"text": text} for text in texts]
    (tmp_path / "a.jsonl").write_bytes(as_json_lines(rows).decode().encode(encoding))
    with pytest.raises(InputError, match="is not UTF-8") as caught:
        texts_in(tmp_path / "a.jsonl")
    assert any(text in caught.value.found for text in texts)
    assert "--encoding" in caught.value.next_step
    assert texts_in(tmp_path / "a.jsonl", FileFormat(encoding=encoding)) == texts


def test_an_encoding_that_is_none_is_refused(tmp_path):
    (tmp_path / "a.jsonl").write_bytes(as_json_lines())
    with pytest.raises(InputError, match="there is no encoding 'klingon'"):
        texts_in(tmp_path / "a.jsonl", FileFormat(encoding="klingon"))
    with pytest.raises(InputError, match="line 1, is not ascii"):
        texts_in(tmp_path / "a.jsonl", FileFormat(encoding="ascii"))


def test_a_line_of_odd_bytes_among_many_of_utf_8_is_left_out_and_counted(tmp_path):
    rows = [{"text": f"Déjà vu {i}"} for i in range(40)]
    data = as_json_lines(rows) + b'{"text": "caf\xe9"}\n'
    (tmp_path / "a.jsonl").write_bytes(data)
    corpus = read_corpus(tmp_path / "a.jsonl")
    assert len(list(corpus)) == 40
    assert corpus.survey.skipped == {"bytes that are not UTF-8 in the text": 1}


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("name", ["a.csv", "a.tsv"])
def test_the_delimiter_is_seen_and_said(tmp_path, delimiter, name):
    (tmp_path / name).write_bytes(as_delimited(delimiter))
    corpus = read_corpus(tmp_path / name)
    assert [document.text for document in corpus] == TEXTS
    is_preset = delimiter == {"a.csv": ",", "a.tsv": "\t"}[name]
    assert any("the delimiter is" in note for note in corpus.survey.notes) is not is_preset


def test_a_line_that_names_the_delimiter_is_no_row(tmp_path):
    (tmp_path / "a.csv").write_bytes(b"sep=;\r\n" + as_delimited(";"))
    assert texts_in(tmp_path / "a.csv") == TEXTS


def test_a_delimiter_that_is_named_is_taken(tmp_path):
    (tmp_path / "a.csv").write_bytes(as_delimited("~"))
    with pytest.raises(ColumnNotFound, match="key~text"):
        read_corpus(tmp_path / "a.csv")
    assert texts_in(tmp_path / "a.csv", FileFormat(delimiter="~")) == TEXTS
    with pytest.raises(InputError, match="the delimiter 'abc'"):
        texts_in(tmp_path / "a.csv", FileFormat(delimiter="abc"))


def test_a_table_with_old_line_breaks_and_one_with_a_last_empty_cell_are_read(tmp_path):
    (tmp_path / "mac.csv").write_bytes(b"key,text\rk1,one\rk2,two\r")
    assert texts_in(tmp_path / "mac.csv") == ["one", "two"]
    (tmp_path / "last.csv").write_bytes(b"key,text\nk1,one,\nk2,two,\n")
    assert texts_in(tmp_path / "last.csv") == ["one", "two"]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("a.jsonl", ROWS),
        ("a.json", {"version": 1, "data": ROWS}),
        ("a.json", {"key": ["a", "b", "c", "d"], "text": TEXTS}),
        ("a.json", {"text": {str(i): text for i, text in enumerate(TEXTS)}}),
    ],
)
@pytest.mark.parametrize("indent", [None, 2])
def test_json_in_one_value_is_read_as_the_table_it_is(tmp_path, name, value, indent):
    (tmp_path / name).write_text(json.dumps(value, indent=indent), "utf-8")
    assert texts_in(tmp_path / name) == TEXTS


def test_two_columns_of_one_name_are_refused(tmp_path):
    column = pa.array(["a"])
    pq.write_table(pa.table([column, column], names=["text", "text"]), tmp_path / "a.parquet")
    with pytest.raises(InputError, match="more than one column named 'text'"):
        read_corpus(tmp_path / "a.parquet")


def test_a_folder_of_tables_is_one_corpus_and_rows_know_their_files(tmp_path):
    for name in ("old", "new"):
        (tmp_path / f"{name}.parquet").write_bytes(b"")
        pq.write_table(pa.table({"text": [f"{name} text"]}), tmp_path / f"{name}.parquet")
    (tmp_path / "_SUCCESS").write_bytes(b"")
    (tmp_path / ".hidden.txt").write_bytes(b"x")
    found = list(read_corpus(tmp_path))
    assert [(one.text, one.metadata["file"]) for one in found] == [
        ("new text", "new"), ("old text", "old"),
    ]  # fmt: skip


def test_lines_of_one_text_file_are_documents_and_several_files_are_one_each(tmp_path):
    (tmp_path / "a.txt").write_text("One.\n\nTwo.\n")
    (tmp_path / "b.txt").write_text("Three.\nFour.\n")
    corpus = read_corpus(tmp_path / "a.txt")
    assert [document.text for document in corpus] == ["One.", "Two."]
    assert "each line is a document" in corpus.survey.notes[0]
    several = read_corpus(str(tmp_path / "*.txt"))
    assert [(one.id, one.text) for one in several] == [
        ("a", "One.\n\nTwo.\n"), ("b", "Three.\nFour.\n"),
    ]  # fmt: skip


def with_classes(names: list[str], table: pa.Table) -> pa.Table:
    known = {"label": {"names": names, "_type": "ClassLabel"}, "text": {"dtype": "string"}}
    about = json.dumps({"info": {"features": known}})
    return table.replace_schema_metadata({"huggingface": about})


def save_to_disk(folder: Path, table: pa.Table) -> None:
    """As Hugging Face `datasets` lays it out."""
    folder.mkdir(parents=True)
    path = folder / "data-00000-of-00001.arrow"
    with path.open("wb") as file, pa.ipc.new_stream(file, table.schema) as writer:
        writer.write_table(table)
    (folder / "dataset_info.json").write_text("{}")
    state = {"_data_files": [{"filename": "data-00000-of-00001.arrow"}]}
    (folder / "state.json").write_text(json.dumps(state))


def test_a_data_set_saved_to_disk_is_read_with_its_classes_and_splits(tmp_path):
    table = with_classes(["neg", "pos"], pa.table({"text": TEXTS, "label": [0, 1, -1, 1]}))
    for split in ("train", "test"):
        save_to_disk(tmp_path / "set" / split, table)
    (tmp_path / "set" / "dataset_dict.json").write_text('{"splits": ["train", "test"]}')
    found = list(read_corpus(tmp_path / "set"))
    assert [one.metadata["label"] for one in found[:4]] == ["neg", "pos", None, "pos"]
    assert [one.metadata["split"] for one in found] == ["train"] * 4 + ["test"] * 4
    pq.write_table(table, tmp_path / "a.parquet")
    assert next(iter(read_corpus(tmp_path / "a.parquet"))).metadata["label"] == "neg"


def test_ids_that_are_none_are_kept_as_a_column(tmp_path):
    rows = [{"id": i // 2, "text": "x"} for i in range(20)]
    corpus = read_corpus(rows)
    assert [one.id for one in corpus][:2] == ["000000", "000001"]
    assert next(iter(corpus)).metadata == {"id": 0}
    assert "about 2 times" in corpus.survey.notes[0]
    assert "--pair id" in corpus.survey.notes[0]
    assert corpus.description["columns"] == {"text": "text", "id": None, "metadata": None}
    gap = read_corpus([{"id": 1, "text": "x"}, {"id": None, "text": "x"}])
    assert "neither text nor a number in 1 rows" in gap.survey.notes[0]


def test_numbers_are_ids_and_texts(tmp_path):
    frame = pd.DataFrame({"id": [0.0, 1.0], "text": ["a", 7]})
    assert [(one.id, one.text) for one in read_corpus(frame)] == [("0", "a"), ("1", "7")]
    rows = [{"id": "a", "text": "x"}, {"id": "b", "text": "y"}]
    assert [one.id for one in read_corpus(rows, id="none")] == ["000000", "000001"]


def test_more_than_a_tenth_of_rows_that_cannot_be_read_is_too_much(tmp_path):
    good, bad = '{"text": "x"}\n', '{"text": \n'
    (tmp_path / "few.jsonl").write_text(good * 18 + bad * 2)
    corpus = read_corpus(tmp_path / "few.jsonl")
    assert corpus.survey.skipped == {"a line that is not JSON": 2}
    assert corpus.survey.n_documents == 18
    (tmp_path / "many.jsonl").write_text(good * 17 + bad * 3)
    with pytest.raises(InputError, match=r"line 18, is not JSON .* and 2 other rows"):
        list(read_corpus(tmp_path / "many.jsonl"))


def test_rows_of_another_width_are_left_out_and_counted(tmp_path):
    (tmp_path / "a.csv").write_text("key,text\n" + "k,x\n" * 19 + "k,one, two\n")
    corpus = read_corpus(tmp_path / "a.csv")
    assert corpus.survey.skipped == {"a line with more or fewer cells than the first": 1}
    assert corpus.survey.n_rows == 20


def test_only_empty_texts_are_told_as_such():
    corpus = read_corpus([{"text": ""}, {"text": " "}])
    assert corpus.survey.n_documents == 0
    with pytest.raises(NotEnoughData):
        _ = read_corpus([]).survey
