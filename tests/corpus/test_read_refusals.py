"""What cannot be read is refused with its place and the next step."""

import gzip
from pathlib import Path

import pytest

from corpuscope.corpus.read import read_corpus
from corpuscope.errors import ColumnNotFound, CorpuscopeError, InputError, NotEnoughData

GOOD = b'{"id": "a", "text": "fine"}\n'


def refusal(tmp_path: Path, name: str, data: bytes, **columns: str) -> CorpuscopeError:
    (tmp_path / name).write_bytes(data)
    with pytest.raises(InputError) as caught:
        list(read_corpus(tmp_path / name, **columns))
    assert name in caught.value.found
    assert caught.value.expected
    assert caught.value.next_step
    return caught.value


@pytest.mark.parametrize(
    ("name", "data", "found"),
    [
        ("a.jsonl", GOOD + b'{"text": \n', "line 2, is not JSON"),
        ("a.jsonl", GOOD + b'["text"]\n', "line 2, has list, not an object"),
        ("a.jsonl", GOOD + b"[" * 100_000 + b"\n", "line 2, is not JSON"),
        ("a.jsonl", GOOD + b"\n" + b'{"text": "caf\xe9"}\n', "line 3, is not UTF-8 (byte 0xe9"),
        ("a.jsonl", b"\xff\xfe" + b"\x00\xd8" * 9, "is not UTF-16"),
        ("a.jsonl", b'{"text": true}\n', "type bool"),
        ("a.jsonl", b'{"text": ["x"]}\n', "type list"),
        ("a.jsonl", b'{"text": "x", "text": "y"}\n', "'text' is repeated in an object"),
        ("a.json", b'[{"text": "x"},\n{"text": }]', "line 2, is not JSON"),
        ("a.json", b'[{"text": "x"},\n7]', "line 2, has"),
        ("a.json", b'[{"text": "x"}\n', "line 2, is not JSON ('the end of the file' after"),
        ("a.json", b'[{"text": "x"},\n]', "a comma before the closing bracket"),
        ("a.json", b'[{"text": "x"}]\n{"text": "y"}', "text after the array"),
        ("a.json", b'{\n"text": "x"\n', "line 1, is not JSON"),
        ("a.csv", b"id,text\n1,x\n2,y,z\n", "line 3, has 3 cells"),
        ("a.csv", b"id,text\n1,\xff\n", "line 2, is not UTF-8"),
        ("a.csv", b"text,text\n1,2\n", "more than once: 'text'"),
        ("a.parquet", b"PAR1 not really", "cannot be read as Parquet"),
        ("a.jsonl.gz", gzip.compress(GOOD * 100, mtime=0)[:-20], "cannot be decompressed"),
        ("a.docx", b"x", "is not a supported file"),
    ],
)
def test_a_broken_file_is_refused_with_its_place(tmp_path, name, data, found):
    assert found in refusal(tmp_path, name, data).found


def test_a_flipped_bit_in_a_packed_file_is_refused(tmp_path):
    packed = bytearray(gzip.compress(GOOD * 1000, mtime=0))
    packed[30] ^= 0xFF
    refusal(tmp_path, "a.jsonl.gz", bytes(packed))


def test_two_rows_with_one_id_are_both_named(tmp_path):
    data = GOOD + b'{"id": "b", "text": "x"}\n' + GOOD
    found = refusal(tmp_path, "a.jsonl", data, id="id").found
    assert "'a' is used twice" in found
    assert "line 1" in found
    assert "line 3" in found


def test_an_id_met_again_in_a_skipped_row_is_refused(tmp_path):
    refusal(tmp_path, "a.jsonl", GOOD + b'{"id": "a", "text": ""}\n', id="id")


@pytest.mark.parametrize("source", ["missing.jsonl", "no/where/*.csv", "No path.\n" * 99])
def test_a_path_to_nothing_is_refused(source):
    with pytest.raises(InputError, match="there is no file"):
        read_corpus(source)


def test_a_missing_column_is_answered_with_those_there_are(tmp_path):
    (tmp_path / "a.csv").write_text("id,body,year\n1,x,2\n")
    for columns in ({}, {"text": "output"}, {"text": "body", "id": "key"}):
        with pytest.raises(ColumnNotFound, match="'id', 'body', 'year'"):
            read_corpus(tmp_path / "a.csv", **columns)
    with pytest.raises(ColumnNotFound, match="no column 'month'"):
        read_corpus(tmp_path / "a.csv", text="body", metadata=["year", "month"])


def test_a_column_missing_in_one_of_several_files_names_that_file(tmp_path):
    (tmp_path / "1.csv").write_text("text\nx\n")
    (tmp_path / "2.csv").write_text("body\nx\n")
    with pytest.raises(ColumnNotFound, match=r"2\.csv has no column 'text'"):
        read_corpus(str(tmp_path / "*.csv"))


@pytest.mark.parametrize(
    "columns",
    [
        {"text": "text", "messages": "messages"},
        {"text": "text", "prompt": "p", "response": "r"},
        {"prompt": "p"},
        {"response": "r"},
    ],
)
def test_more_or_less_than_one_way_to_the_text_is_refused(columns):
    with pytest.raises(InputError, match="name only one"):
        read_corpus([{"text": "x", "messages": [], "p": "", "r": ""}], **columns)


def test_metadata_as_a_bare_string_is_refused():
    with pytest.raises(InputError, match="metadata="):
        read_corpus([{"text": "x", "year": 1}], metadata="year")


@pytest.mark.parametrize("name", ["a.jsonl", "a.json", "a.csv", "a.tsv"])
@pytest.mark.parametrize("data", [b"", b"\n", b"\xef\xbb\xbf"])
def test_an_empty_file_is_not_enough_data(tmp_path, name, data):
    (tmp_path / name).write_bytes(data)
    corpus = read_corpus(tmp_path / name)
    with pytest.raises(NotEnoughData, match=name):
        list(corpus.entries())


@pytest.mark.parametrize(("name", "data"), [("a.csv", b"id,text\n"), ("a.json", b"[]")])
def test_a_file_with_columns_but_no_rows_is_not_enough_data(tmp_path, name, data):
    (tmp_path / name).write_bytes(data)
    with pytest.raises(NotEnoughData):
        list(read_corpus(tmp_path / name))


def test_a_folder_without_files_to_read_is_refused(tmp_path):
    (tmp_path / "a.docx").write_bytes(GOOD)
    with pytest.raises(InputError, match="has no readable files"):
        read_corpus(tmp_path)


def test_a_folder_with_files_of_several_kinds_is_refused(tmp_path):
    (tmp_path / "a.jsonl").write_bytes(GOOD)
    (tmp_path / "read me.txt").write_text("What this is.")
    with pytest.raises(InputError, match=r"several kinds: 1 \.jsonl, 1 \.txt"):
        read_corpus(tmp_path)


@pytest.mark.parametrize("id", [None, "", True, [1]])
def test_a_column_of_ids_that_was_chosen_must_hold_them(id):
    with pytest.raises(InputError, match="in the id column"):
        list(read_corpus([{"key": id, "text": "x"}], id="key"))
