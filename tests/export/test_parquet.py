"""Parquet files have the types that their columns need."""

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from corpuscope.export.parquet import export_parquet
from corpuscope.export.strengths import STRENGTHS
from tests.export.worlds import odd_store


def test_columns_have_types_and_files_are_compressed(tmp_path: Path) -> None:
    found = export_parquet(odd_store(tmp_path / "a.scope"), tmp_path / "out")
    assert sorted(found.files) == ["documents.parquet", "features.parquet", "strengths.parquet"]
    assert pq.read_schema(tmp_path / "out" / "strengths.parquet") == STRENGTHS
    schema = pq.read_schema(tmp_path / "out" / "documents.parquet")
    assert schema.field("year").type == pa.int64()
    assert schema.field("ok").type == pa.bool_()
    file = pq.ParquetFile(tmp_path / "out" / "strengths.parquet")
    assert file.metadata.row_group(0).column(0).compression == "ZSTD"
