import json
from pathlib import Path

import pytest

from corpuscope.errors import InputError
from corpuscope.labels.foreign.recognise import LABEL_FORMATS, read_labels
from tests.labels.foreign.worlds import explanation, write_batches, write_run


def sources(folder: Path) -> dict[str, Path]:
    """One of each format, in the order in which they are listed."""
    folder.mkdir()
    (folder / "Llama-3.1-8B-Instruct.json").write_text(json.dumps({"0": "a label"}))
    (folder / "mine.json").write_text(json.dumps({"0": "a label"}))
    return {
        "neuronpedia": write_batches(folder / "np", {0: [explanation(0, "a label")]}),
        "goodfire": folder / "Llama-3.1-8B-Instruct.json",
        "delphi": write_run(folder / "run", {0: '"a label"'}),
        "table": folder / "mine.json",
    }


def test_each_format_is_recognised(tmp_path: Path) -> None:
    every = sources(tmp_path / "labels")
    assert list(every) == [one.name for one in LABEL_FORMATS]
    for name, path in every.items():
        found = read_labels(path)
        assert found.format == name
        assert found.table["label"].iloc[0] == "a label"
        assert [one.name for one in LABEL_FORMATS if one.is_at(path)] == [name]


def test_two_formats_in_one_folder_are_ambiguous(tmp_path: Path) -> None:
    write_batches(tmp_path, {0: [explanation(0, "of neuronpedia")]})
    write_run(tmp_path, {0: '"of delphi"'})
    with pytest.raises(InputError, match=r"neuronpedia and delphi: .*explanations/") as error:
        read_labels(tmp_path)
    assert "--label-format" in error.value.next_step
    for name in ("neuronpedia", "delphi"):
        assert read_labels(tmp_path, format=name).table["label"].tolist() == [f"of {name}"]


def test_none_is_an_error_that_says_what_each_needs(tmp_path: Path) -> None:
    (tmp_path / "weights.safetensors").write_bytes(b"")
    with pytest.raises(
        InputError, match=r"none of the known formats: weights.safetensors"
    ) as error:
        read_labels(tmp_path)
    assert all(one.needs in error.value.expected for one in LABEL_FORMATS)
    with pytest.raises(InputError, match="nothing at"):
        read_labels(tmp_path / "missing")
    with pytest.raises(InputError, match="a file"):
        read_labels(tmp_path / "weights.safetensors")
    with pytest.raises(InputError, match="no format of labels is called 'csv'"):
        read_labels(tmp_path, format="csv")


def test_a_json_of_labels_can_be_read_as_goodfires(tmp_path: Path) -> None:
    file = sources(tmp_path / "labels")["table"]
    assert read_labels(file, format="goodfire").format == "goodfire"
