import json
import math
import time
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest

from corpuscope.corpus.document import Role, Skipped
from corpuscope.errors import ColumnNotFound, StoreDamaged
from corpuscope.store import shards
from corpuscope.store import store as store_module
from corpuscope.store.manifest import documents_path, manifest_path, strengths_path
from corpuscope.store.store import open_store
from tests.store.worlds import PROVENANCE, dense, feature_table, random_records, record, write


def test_everything_that_was_written_comes_back(tmp_path: Path) -> None:
    records = random_records(20)
    skipped = [Skipped("empty one", "no text", "line 3")]
    store = write(tmp_path, records, skipped=skipped)
    documents = [entry.document for entry in records]
    assert store.is_complete
    assert store.warnings == []
    assert store.provenance == PROVENANCE
    assert (store.n_documents, store.n_features, store.columns) == (20, 40, ["n"])
    assert store.ids.tolist() == [document.id for document in documents]
    assert store.texts(range(20)) == [document.text for document in documents]
    assert store.n_tokens.tolist() == [entry.n_tokens for entry in records]
    assert (store.skipped, store.skipped_counts) == (skipped, {"no text": 1})
    assert store.features["label"].tolist() == [f"feature {i}" for i in range(40)]
    np.testing.assert_array_equal(store.strengths().to_csr().toarray(), dense(records))
    store.verify()


def test_ids_texts_and_roles_keep_every_character(tmp_path: Path) -> None:
    texts = ["", "naïve 雪", "\x00 null", "🧑‍🚀 joined", "line\r\nbreak\u2028"]
    roles = (Role(0, 3, "user"), Role(3, 9, "assistant é"))
    store = write(tmp_path, [record(f"ï{text}", text, roles=roles) for text in texts])
    assert store.texts(range(5)) == texts
    assert store.ids.tolist() == [f"ï{text}" for text in texts]
    assert store.roles([4, 0]) == [roles, roles]


def test_texts_come_in_the_order_asked_for_with_repeats(tmp_path: Path) -> None:
    records = random_records(30)
    store = write(tmp_path, records)
    rows = [29, 0, 7, 6, 0]
    assert store.texts(rows) == [records[row].document.text for row in rows]
    assert store.texts([]) == []
    with pytest.raises(IndexError, match="30 of 30"):
        store.texts([30])


def test_showing_few_texts_unpacks_few_row_groups(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shards, "DOCUMENTS_PER_GROUP", 10)
    records = random_records(100)
    store = write(tmp_path, records, size=50)
    read: list[int] = []
    read_row_group = pq.ParquetFile.read_row_group

    def count(self: pq.ParquetFile, group: int, **options: object) -> object:
        read.append(group)
        return read_row_group(self, group, **options)

    monkeypatch.setattr(pq.ParquetFile, "read_row_group", count)
    rows = [3, 7, 55, 99]
    assert store.texts(rows) == [records[row].document.text for row in rows]
    assert read == [0, 0, 4]


def test_all_texts_can_be_streamed(tmp_path: Path) -> None:
    records = random_records(30)
    store = write(tmp_path, records)
    streamed = [text for batch in store.text_batches() for text in batch]
    assert streamed == [entry.document.text for entry in records]


def test_a_column_of_one_type_is_an_array_of_that_type(tmp_path: Path) -> None:
    values = [{"year": 1990 + i, "score": i / 2, "is_new": i % 2 == 0} for i in range(9)]
    store = write(tmp_path, [record(str(i), metadata=v) for i, v in enumerate(values)], size=4)
    assert store.column("year").dtype == np.int64
    assert store.column("score").dtype == np.float64
    assert store.column("is_new").dtype == np.bool_
    for name in ("year", "score", "is_new"):
        assert store.column(name).tolist() == [value[name] for value in values]


def test_a_column_of_many_types_keeps_each_value_as_it_was(tmp_path: Path) -> None:
    values = [1, "1", 1.0, True, None, 2**70, -(2**63), "", math.inf]
    store = write(
        tmp_path, [record(str(i), metadata={"x": v}) for i, v in enumerate(values)], size=2
    )
    found = store.column("x").tolist()
    assert found == values
    assert [type(value) for value in found] == [type(value) for value in values]


def test_not_a_number_is_not_a_missing_value(tmp_path: Path) -> None:
    values = [math.nan, None, 0.0, -0.0]
    store = write(tmp_path, [record(str(i), metadata={"x": v}) for i, v in enumerate(values)])
    found = store.column("x").tolist()
    assert math.isnan(found[0])
    assert found[1] is None
    assert [math.copysign(1, value) for value in found[2:]] == [1, -1]


def test_a_column_that_comes_late_is_missing_before(tmp_path: Path) -> None:
    records = [record(str(i), metadata={} if i < 5 else {"late": "yes"}) for i in range(8)]
    store = write(tmp_path, records, size=2)
    assert store.column("late").tolist() == [None] * 5 + ["yes"] * 3


def test_a_column_without_any_value_is_there(tmp_path: Path) -> None:
    store = write(tmp_path, [record(str(i), metadata={"empty": None}) for i in range(3)])
    assert store.columns == ["empty"]
    assert store.column("empty").tolist() == [None] * 3


def test_column_names_may_look_like_paths(tmp_path: Path) -> None:
    names = ["a", "a.b", "a.b.c", "text", "int:a", "", "ü ü"]
    store = write(tmp_path, [record("d", metadata={name: name for name in names})])
    assert {name: store.column(name).tolist() for name in names} == {n: [n] for n in names}


def test_an_unknown_column_is_answered_with_those_there(tmp_path: Path) -> None:
    store = write(tmp_path, [record("d", metadata={"model": "new"})])
    with pytest.raises(ColumnNotFound, match="model"):
        store.column("modell")


def test_a_store_without_documents_can_be_asked(tmp_path: Path) -> None:
    store = write(tmp_path, [])
    assert (store.n_documents, store.ids.tolist(), store.n_tokens.tolist()) == (0, [], [])
    assert store.presence().shape == (0, 40)
    assert store.texts([]) == []


def test_a_shard_whose_documents_were_all_skipped_is_no_gap(tmp_path: Path) -> None:
    from corpuscope.store.writer import StoreWriter

    with StoreWriter(tmp_path, provenance=PROVENANCE, features=feature_table(40)) as writer:
        writer.add(0, [record("a", metadata={"n": 1})], source_digest="")
        writer.add(1, [], skipped=[Skipped("b", "empty", "")], source_digest="")
        writer.add(2, [record("c", metadata={"n": 2})], source_digest="")
        writer.finish()
    store = open_store(tmp_path)
    assert store.ids.tolist() == ["a", "c"]
    assert store.texts([1]) == ["one two three"]
    assert store.column("n").tolist() == [1, 2]
    assert store.strengths().n_documents == 2


def test_a_store_cut_short_opens_and_says_so(tmp_path: Path) -> None:
    store = write(tmp_path, random_records(14), finish=False)
    assert not store.is_complete
    assert "corpuscope extract" in store.warnings[0]
    assert store.n_documents == 14


def test_where_a_feature_peaks_is_told_in_characters(tmp_path: Path) -> None:
    features = feature_table(4, n_sentence=1)
    records = [
        record("a", "only the moon", strengths={0: (1.0, 2), 3: (2.0, 0)}),
        record("b", "größe counts"),
        record("c", "größe counts", strengths={0: (1.0, 1)}),
    ]
    store = write(tmp_path, records, n_features=4, features=features, size=2)
    assert store.peak_span([2, 0], 0).tolist() == [[6, 12], [9, 13]]
    assert store.peak_span([0], 3).tolist() == [[0, 13]]
    with pytest.raises(ValueError, match="no strength"):
        store.peak_span([1], 0)
    with pytest.raises(ValueError, match="no strength"):
        store.peak_span([0], 1)


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(StoreDamaged, match=r"nowhere\.scope"):
        open_store(tmp_path / "nowhere.scope")


def test_a_folder_without_a_manifest_is_named(tmp_path: Path) -> None:
    with pytest.raises(StoreDamaged, match=r"manifest\.json is missing.*corpuscope extract"):
        open_store(tmp_path)


@pytest.mark.parametrize("text", ["{", "[]", '{"format": "corpuscope store"}', "\x00\xff"])
def test_a_manifest_that_is_none_is_named(tmp_path: Path, text: str) -> None:
    manifest_path(tmp_path).write_text(text)
    with pytest.raises(StoreDamaged, match=r"manifest\.json"):
        open_store(tmp_path)


def test_a_manifest_that_lacks_a_part_is_named(tmp_path: Path) -> None:
    write(tmp_path, random_records(3))
    read = json.loads(manifest_path(tmp_path).read_text())
    del read["blake2b"]
    for key in set(read) - {"columns"}:
        cut = {name: value for name, value in read.items() if name != key}
        manifest_path(tmp_path).write_text(json.dumps(cut))
        with pytest.raises(StoreDamaged, match=r"manifest\.json"):
            open_store(tmp_path)


def test_a_newer_format_asks_for_a_newer_corpuscope(tmp_path: Path) -> None:
    write(tmp_path, random_records(3))
    path = manifest_path(tmp_path)
    path.write_text(path.read_text().replace('"format_version": 1', '"format_version": 2'))
    with pytest.raises(StoreDamaged, match=r"version 2.*update corpuscope"):
        open_store(tmp_path)


@pytest.mark.parametrize("path_of", [documents_path, strengths_path])
def test_a_shard_cut_short_is_named_on_opening(tmp_path: Path, path_of: object) -> None:
    write(tmp_path, random_records(14))
    cut = path_of(tmp_path, 1)  # type: ignore[operator]
    cut.write_bytes(cut.read_bytes()[:-10])
    with pytest.raises(StoreDamaged, match=r"00001\.parquet.*corpuscope extract"):
        open_store(tmp_path)
    cut.unlink()
    with pytest.raises(StoreDamaged, match=r"00001\.parquet is missing.*corpuscope extract"):
        open_store(tmp_path)


@pytest.mark.parametrize("path_of", [documents_path, strengths_path])
def test_an_altered_shard_is_named_when_verified(tmp_path: Path, path_of: object) -> None:
    store = write(tmp_path, random_records(14))
    altered = path_of(tmp_path, 1)  # type: ignore[operator]
    content = bytearray(altered.read_bytes())
    content[len(content) // 2] ^= 1
    altered.write_bytes(content)
    with pytest.raises(StoreDamaged, match=r"00001\.parquet"):
        store.verify()


def test_a_shard_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    store = write(tmp_path, random_records(14))
    for path in (documents_path(tmp_path, 1), strengths_path(tmp_path, 1)):
        path.write_bytes(b"\x00" * path.stat().st_size)
    with pytest.raises(StoreDamaged, match="00001"):
        store.texts([10])
    with pytest.raises(StoreDamaged, match="00001"):
        store.strengths()


def test_opening_a_hundred_thousand_documents_reads_the_manifest_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    few = random_records(40)
    write(tmp_path, [few[i % 40] for i in range(2000)], size=1000)
    path = manifest_path(tmp_path)
    manifest = json.loads(path.read_text())
    del manifest["blake2b"]
    for shard in range(2, 100):
        for path_of in (documents_path, strengths_path):
            path_of(tmp_path, shard).hardlink_to(path_of(tmp_path, shard % 2))
        manifest["shards"].append(manifest["shards"][shard % 2] | {"shard": shard})
    path.write_text(json.dumps(manifest))
    with monkeypatch.context() as patched:
        patched.setattr(store_module, "opened_parquet", None)
        patched.setattr(pq, "ParquetFile", None)
        started = time.perf_counter()
        store = open_store(tmp_path)
        elapsed = time.perf_counter() - started
    assert store.n_documents == 100_000
    assert elapsed < 0.05
    assert len(store.texts([0, 50_000, 99_999])) == 3


def test_features_are_a_frame_with_the_columns_of_the_caller(tmp_path: Path) -> None:
    table = feature_table(3).append_column("colour", [["red", "green", None]])
    store = write(tmp_path, [], features=table)
    assert isinstance(store.features, pd.DataFrame)
    assert store.features["colour"].iloc[1] == "green"
    assert store.thresholds.tolist() == [0.5] * 3
