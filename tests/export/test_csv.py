"""CSV files are UTF-8, with a header, and tell a missing value from an empty text."""

import csv
from pathlib import Path

from corpuscope.export.csv import export_csv
from tests.export.worlds import odd_store


def test_a_missing_value_is_an_empty_cell_and_an_empty_text_is_quoted(tmp_path: Path) -> None:
    export_csv(odd_store(tmp_path / "a.scope"), tmp_path / "csv")
    lines = (tmp_path / "csv" / "documents.csv").read_bytes().decode("utf-8").split("\n")
    assert lines[0].startswith('"document","id","n_tokens","text"')
    assert lines[3].startswith('1,"d1",1,"",')
    assert lines[3].endswith(",,")


def test_the_standard_library_reads_all_rows(tmp_path: Path) -> None:
    export_csv(odd_store(tmp_path / "a.scope"), tmp_path / "csv")
    with (tmp_path / "csv" / "strengths.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [float(row["strength"]) for row in rows] == [0.25, 2.0, 1.5, 1.0, 0.75, 3.0, 1.25]
    assert [row["is_present"] for row in rows] == ["false"] + ["true"] * 6
