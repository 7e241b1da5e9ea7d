"""What was written is told with its size."""

import json
from pathlib import Path

from corpuscope.export.result import Export, bytes_of_files


def test_files_are_named_within_their_folder(tmp_path: Path) -> None:
    (tmp_path / "inner").mkdir()
    (tmp_path / "inner" / "a").write_bytes(b"123")
    (tmp_path / "b").write_bytes(b"1")
    assert bytes_of_files(tmp_path) == {"b": 1, "inner/a": 3}
    assert bytes_of_files(tmp_path / "b") == {"b": 1}


def test_the_result_is_json(tmp_path: Path) -> None:
    found = Export("csv", tmp_path, {"a": 3, "b": 4}, {"documents": 2}, ("note",))
    assert found.n_bytes == 7
    value = json.loads(json.dumps(found.to_json()))
    assert value["analysis"] == "export csv"
    assert value["counts"] == {"documents": 2}
    assert value["notes"] == ["note"]
