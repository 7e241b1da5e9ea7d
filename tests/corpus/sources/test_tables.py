"""Tables, data sets and lists become documents as files do."""

from collections.abc import Iterator
from datetime import date
from itertools import islice

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from corpuscope.corpus.document import Document, Skipped
from corpuscope.corpus.read import read_corpus
from corpuscope.errors import InputError, NotEnoughData

COLUMNS = {"id": ["a", "b", "c"], "text": ["one", None, "three"], "n": [1, 2, 3]}


class HugeDataset:
    """Behaves as a streamed Hugging Face data set; far too large to be held."""

    column_names = ("text", "lang")

    def __iter__(self) -> Iterator[dict[str, object]]:
        return ({"text": f"text {i}", "lang": "en"} for i in range(10**15))


class SmallDataset(list):
    """Behaves as a Hugging Face data set in memory."""

    column_names = ("id", "text")


@pytest.mark.parametrize("make", [pd.DataFrame, pl.DataFrame, pa.table])
def test_a_table_gives_its_rows(make):
    corpus = read_corpus(make(COLUMNS))
    assert list(corpus.entries()) == [
        Document("a", "one", {"n": 1}),
        Skipped("b", "empty text", "the table, row 2"),
        Document("c", "three", {"n": 3}),
    ]
    assert corpus.n_documents == 3
    assert corpus.description["formats"] == ["table"]


def test_pandas_values_become_plain_ones():
    frame = pd.DataFrame(
        {
            "text": ["a", np.nan],
            "when": pd.to_datetime(["2024-02-29", None]),
            "score": [np.float32(0.5), np.nan],
            "whole": pd.array([1, None], dtype="Int64"),
            "tags": [np.array([1, 2]), None],
        }
    )
    first, second = read_corpus(frame).entries()
    assert first == Document(
        "000000",
        "a",
        {"when": "2024-02-29T00:00:00", "score": 0.5, "whole": 1, "tags": "[1,2]"},
    )
    assert second == Skipped("000001", "empty text", "the table, row 2")


def test_a_table_with_unfit_columns_is_refused():
    with pytest.raises(InputError, match="invalid column names"):
        read_corpus(pd.DataFrame([["x", "y"]], columns=["text", 0]))
    with pytest.raises(InputError, match="invalid column names"):
        read_corpus(pd.DataFrame([["x", "y"]], columns=["text", "text"]))


def test_a_lazy_table_is_refused_with_the_way_out():
    with pytest.raises(InputError, match="collect"):
        read_corpus(pl.DataFrame(COLUMNS).lazy())


def test_a_streamed_data_set_is_read_no_further_than_asked():
    corpus = read_corpus(HugeDataset())
    for _ in range(2):
        first, second = islice(corpus, 2)
        assert first == Document("000000", "text 0", {"lang": "en"})
        assert second.id == "000001"
    assert corpus.n_documents is None


def test_a_data_set_in_memory_knows_its_length():
    assert read_corpus(SmallDataset([{"id": 1, "text": "x"}])).n_documents == 1


def test_a_list_of_strings_is_a_list_of_texts():
    entries = list(read_corpus(["see a.txt", "", None, "b.txt is it"]).entries())
    assert [entry.id for entry in entries] == ["000000", "000001", "000002", "000003"]
    assert entries[0] == Document("000000", "see a.txt", {})
    assert entries[1] == Skipped("000001", "empty text", "the list, item 2")


def test_a_list_of_dicts_keeps_every_kind_of_scalar():
    row = {"text": "x", "f": 0.5, "b": True, "n": None, "day": date(2020, 1, 2), "big": 2**70}
    (document,) = read_corpus([row])
    assert document.metadata == {
        "f": 0.5,
        "b": True,
        "n": None,
        "day": "2020-01-02",
        "big": str(2**70),
    }


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ((text for text in ["a"]), "only once"),
        ({"train": ["a"], "test": "b"}, "the keys train, test"),
        (7, "type int"),
        (b"bytes", "type bytes"),
        (["a", b"7"], "item 2, is of type bytes"),
    ],
)
def test_a_source_of_another_kind_is_refused(source, found):
    with pytest.raises(InputError, match=found):
        list(read_corpus(source))


def test_a_picture_beside_the_text_costs_no_document_unless_it_was_asked_for():
    rows = [{"text": "a", "image": b"\x89PNG"}]
    corpus = read_corpus(rows)
    assert list(corpus) == [Document("000000", "a", {"image": None})]
    assert corpus.survey.left_out == {"bytes in the column 'image'": 1}
    with pytest.raises(InputError, match="has a bytes in the column 'image'"):
        list(read_corpus(rows, metadata=["image"]))


@pytest.mark.parametrize("source", [[], (), pd.DataFrame({"text": []}), SmallDataset()])
def test_an_empty_source_is_not_enough_data(source):
    with pytest.raises(NotEnoughData):
        list(read_corpus(source).entries())
