import gzip
import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from corpuscope.errors import InputError
from corpuscope.labels.foreign.plain_table import is_table, read_table

FRAME = pd.DataFrame({"Feature": [3, 5], "LABEL": ["polite thanks", "a question"],
                      "Score": [0.5, np.nan]})  # fmt: skip


def saved(path: Path, content: str | bytes) -> Path:
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def forms(folder: Path) -> dict[str, Path]:
    """One table in all forms."""
    csv, rows = FRAME.to_csv(index=False), FRAME.to_json(orient="records")
    lines = "".join(json.dumps(row) + "\n" for row in json.loads(rows))
    FRAME.to_parquet(folder / "t.parquet")
    return {
        "csv": saved(folder / "t.csv", csv),
        "csv with a mark": saved(folder / "m.csv", "\ufeff" + csv),
        "tsv": saved(folder / "t.tsv", FRAME.to_csv(index=False, sep="\t")),
        "packed": saved(folder / "t.csv.gz", gzip.compress(csv.encode())),
        "lines": saved(folder / "t.jsonl", lines),
        "packed lines": saved(folder / "t.jsonl.gz", gzip.compress(lines.encode())),
        "rows": saved(folder / "rows.json", rows),
        "columns": saved(folder / "columns.json", FRAME.to_json()),
        "inner rows": saved(folder / "inner.json", f'{{"n": 2, "labels": {rows}}}'),
        "parquet": folder / "t.parquet",
    }  # fmt: skip


def test_one_table_in_all_forms(tmp_path: Path) -> None:
    for name, path in forms(tmp_path).items():
        assert is_table(path), name
        table = read_table(path).table
        assert table["feature"].tolist() == [3, 5], name
        assert table["label"].tolist() == ["polite thanks", "a question"], name
        assert table["score"].tolist() == pytest.approx([0.5, np.nan], nan_ok=True), name
        assert set(table["source"]) == {path.name}, name


def test_an_object_of_labels_by_number(tmp_path: Path) -> None:
    path = saved(tmp_path / "a.json", json.dumps({"7": "a label", "2": "another"}))
    assert read_table(path).table[["feature", "label"]].to_numpy().tolist() == [
        [7, "a label"], [2, "another"],
    ]  # fmt: skip
    inner = {"7": {"description": "a label", "score": 0.25}}
    row = read_table(saved(tmp_path / "b.json", json.dumps(inner))).table.iloc[0]
    assert (row["feature"], row["label"], row["score"]) == (7, "a label", 0.25)


def test_a_frame_of_hypothesaes(tmp_path: Path) -> None:
    frame = pd.DataFrame({
        "neuron_idx": [4, 9], "source_sae": ["(256, 8)", "(256, 8)"],
        "target_separation_score": [0.3, 0.2], "interpretation": ["asks for a refund", "is short"],
        "f1_fidelity_score": [0.8, 0.6],
    })  # fmt: skip
    frame.to_csv(tmp_path / "h.csv", index=False)
    table = read_table(tmp_path / "h.csv").table
    assert table["feature"].tolist() == [4, 9]
    assert table["score"].tolist() == [0.8, 0.6]
    assert set(table["score_kind"]) == {"f1_fidelity_score"}


def test_candidates_of_one_feature_are_rows(tmp_path: Path) -> None:
    frame = pd.DataFrame({"neuron_idx": [4], "interpretation": [["first", "second"]]})
    frame.to_parquet(tmp_path / "h.parquet")
    table = read_table(tmp_path / "h.parquet").table
    assert table[["feature", "label"]].to_numpy().tolist() == [[4, "first"], [4, "second"]]


def test_who_gave_a_label_is_kept(tmp_path: Path) -> None:
    path = saved(tmp_path / "t.csv", "index,description,label_source,author,model\n"
                 "0,thanks,people,Ann,org/lm\n1,NA,,,org/lm\n")  # fmt: skip
    found = read_table(path)
    assert found.table["source"].tolist() == ["people", "t.csv"]
    assert found.table["author"].tolist() == ["Ann", None]
    # A label may be the word NA.
    assert found.table["label"].tolist() == ["thanks", "NA"]
    assert found.origin.model == "org/lm"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("a,b\n1,2\n", "has the columns a, b"),
        ("feature,label\nx,thanks\n", "row 1 .* has the feature 'x'"),
        ("feature,label\n1.5,thanks\n", "row 1 .* has the feature 1.5"),
        ("feature,label\n1,a\n,b\n", "row 2 .* has the feature nan"),
        ("", "cannot be read as a table"),
        ("feature,label,label_source\n1,thanks,here\n", "says 'here' of who gave a label"),
    ],
)
def test_what_is_wrong_with_a_table_is_told(tmp_path: Path, content: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        read_table(saved(tmp_path / "t.csv", content))


@pytest.mark.parametrize("value", ["text", 3, {"label": "x"}, [1, 2], None])
def test_json_of_another_shape_is_an_error(tmp_path: Path, value: Any) -> None:
    with pytest.raises(InputError):
        read_table(saved(tmp_path / "t.json", json.dumps(value)))
