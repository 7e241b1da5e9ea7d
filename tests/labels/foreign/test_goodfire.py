import json
from pathlib import Path

import pytest

from corpuscope.errors import InputError
from corpuscope.labels.foreign.goodfire import is_goodfire, read_goodfire


def written(path: Path, value: object) -> Path:
    path.write_text(value if isinstance(value, str) else json.dumps(value), "utf-8")
    return path


def test_features_without_a_label_were_withheld(tmp_path: Path) -> None:
    file = written(tmp_path / "Llama-3.3-70B-Instruct.json", {"0": "a label", "2": "another"})
    assert is_goodfire(file)
    found = read_goodfire(file)
    assert found.counts == {"ok": 2, "empty": 0, "unparsed": 0, "withheld": 65_534}
    labels = found.table.set_index("feature")["label"]
    assert (labels[0], labels[2], labels[1]) == ("a label", "another", None)
    assert (found.origin.model, found.origin.layer) == ("Llama-3.3-70B-Instruct", 50)
    assert found.origin.n_features == 65_536


def test_of_an_unknown_file_only_gaps_are_withheld(tmp_path: Path) -> None:
    file = written(tmp_path / "mine.json", {"3": "a label", "1": "another"})
    assert not is_goodfire(file)
    found = read_goodfire(file)
    withheld = found.table[found.table["status"] == "withheld"]
    assert withheld["feature"].tolist() == [0, 2]
    assert found.origin.model is None


@pytest.mark.parametrize("value", ["<html>", [], {}, {"0": 1}, {"a": "label"}, {"0": None}])
def test_a_failed_download_is_an_error(tmp_path: Path, value: object) -> None:
    with pytest.raises(InputError, match="no file of Goodfire's labels"):
        read_goodfire(written(tmp_path / "Llama-3.1-8B-Instruct.json", value))
