import json
from pathlib import Path

import pyarrow.parquet as pq

from corpuscope.store.manifest import FORMAT_VERSION, manifest_path
from tests.store.worlds import random_records, write

PAGE = Path(__file__).parents[2] / "docs" / "format.md"


def test_the_format_page_names_everything_that_is_on_the_disk(tmp_path: Path) -> None:
    write(tmp_path, random_records(3))
    manifest = json.loads(manifest_path(tmp_path).read_text())
    names = {*manifest, *manifest["counts"], *manifest["features"], *manifest["shards"][0]}
    names |= set(manifest["skipped"])
    for file in tmp_path.rglob("*.parquet"):
        columns = pq.read_schema(file).names
        names |= {name for name in columns if not name.startswith("metadata:")}
    page = PAGE.read_text(encoding="utf-8")
    assert {name for name in names if f"`{name}`" not in page} == set()
    assert f"format version {FORMAT_VERSION}" in page


def test_lists_and_strengths_have_the_types_that_the_page_promises(tmp_path: Path) -> None:
    write(tmp_path, random_records(3))
    schema = pq.read_schema(tmp_path / "strengths" / "00000.parquet")
    types = [str(field.type.value_type) for field in schema]
    assert types == ["uint32", "halffloat", "uint32", "halffloat"]
    documents = pq.read_schema(tmp_path / "documents" / "00000.parquet")
    assert str(documents.field("metadata:int:n").type) == "int64"
