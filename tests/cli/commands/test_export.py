"""The commands of `export` write what the functions write, and say it."""

from importlib.util import find_spec
from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq
import pytest

from tests.cli.conftest import Command
from tests.export.worlds import odd_store


@pytest.fixture
def stores(tmp_path: Path) -> list[Path]:
    """Two stores of one dictionary."""
    return [odd_store(tmp_path / f"{name}.scope", name).path for name in ("a", "b")]


@pytest.mark.parametrize("format", ["parquet", "csv", "datasets", "atlas"])
def test_stores_are_written_into_a_folder(
    command: Command, stores: list[Path], tmp_path: Path, format: str
) -> None:
    found = command("export", format, *stores, "--into", tmp_path / "out", "--json")
    assert found.code == 0
    assert found.json["analysis"] == f"export {format}"
    assert found.json["counts"]["documents"] == 6
    for name, n_bytes in found.json["files"].items():
        assert (tmp_path / "out" / name).stat().st_size == n_bytes


@pytest.mark.skipif(find_spec("h5py") is None, reason="h5py is not installed")
def test_anndata_is_one_file(command: Command, stores: list[Path], tmp_path: Path) -> None:
    found = command("export", "anndata", *stores, "--into", tmp_path / "a.h5ad", "--no-presence")
    assert found.code == 0
    assert (tmp_path / "a.h5ad").is_file()
    assert "6 documents" in found.out


def test_atlas_takes_its_rule_and_topics(
    command: Command, stores: list[Path], tmp_path: Path
) -> None:
    (tmp_path / "topics.csv").write_text("feature,topic\n1,tone\n")
    found = command(
        "export", "atlas", stores[0], "--into", tmp_path / "out", "--quantile", "0",
        "--most-rate", "1", "--most-features", "1", "--by-role",
        "--topics", tmp_path / "topics.csv",
    )  # fmt: skip
    assert found.code == 0
    assert "to open it: embedding-atlas" in found.err
    table = pq.read_table(tmp_path / "out" / "documents.parquet")
    assert [len(one) for one in table["features"].to_pylist()] == [1, 0, 1]
    features = pq.read_table(tmp_path / "out" / "features.parquet").to_pylist()
    assert features[0]["topics"] == ["tone"]


def test_tables_are_listed_with_their_sizes(
    command: Command, stores: list[Path], tmp_path: Path
) -> None:
    found = command("export", "csv", *stores, "--into", tmp_path / "out")
    assert "6 documents, 6 features, 14 strengths" in found.out
    assert "strengths.csv" in found.out
    assert len(pd.read_csv(tmp_path / "out" / "strengths.csv")) == 14


def test_a_part_of_a_dictionary_is_a_saelens_folder(
    command: Command, models: Path, tmp_path: Path
) -> None:
    found = command(
        "export", "saelens", models / "dictionary", "--part", "0", "--into", tmp_path / "out",
        "--model-name", "tiny", "--prepend-bos",
    )  # fmt: skip
    assert found.code == 0
    assert "24 features, 16 dimensions" in found.out
    assert '"prepend_bos": true' in (tmp_path / "out" / "cfg.json").read_text("utf-8")


def test_what_cannot_be_exported_is_an_error_of_the_user(
    command: Command, models: Path, tmp_path: Path
) -> None:
    found = command("export", "saelens", models / "dictionary", "--into", tmp_path / "out")
    assert found.code == 2
    assert "a dictionary of 2 parts and no part named" in found.err
    found = command("export", "saelens", tmp_path / "none", "--into", tmp_path / "out")
    assert found.code == 2
    assert "config.json" in found.err
