"""Tests of the formats of dictionaries."""

import subprocess
import sys
from pathlib import Path

import pytest

from corpuscope.errors import DictionaryError
from corpuscope.sae import formats
from corpuscope.sae.dictionary import Dictionary
from corpuscope.sae.files import save_dictionary, save_features
from corpuscope.sae.formats import Format, format_of, load_dictionary
from tests.sae.worlds import random_dictionary


def broken(folder: Path) -> Dictionary:
    raise KeyError("W_enc")


def refusing(folder: Path) -> Dictionary:
    raise DictionaryError("found", expected="expected", next_step="next")


def with_format(monkeypatch: pytest.MonkeyPatch, loader: str) -> None:
    other = Format("other", ("other.bin",), "tests.sae.test_formats", loader)
    monkeypatch.setattr(formats, "FORMATS", (other, *formats.FORMATS))


def test_the_first_format_whose_files_are_there_is_taken(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    save_dictionary(random_dictionary(), tmp_path / "d")
    with_format(monkeypatch, "broken")
    assert load_dictionary(tmp_path / "d").n_features == random_dictionary().n_features
    (tmp_path / "d" / "other.bin").touch()
    found = format_of(tmp_path / "d")
    assert found is not None
    assert found.name == "other"
    assert format_of(tmp_path) is None


def test_what_a_loader_stumbles_over_is_a_fault_of_the_file(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "other.bin").touch()
    with_format(monkeypatch, "broken")
    with pytest.raises(DictionaryError, match=r"format 'other' .*W_enc") as caught:
        load_dictionary(tmp_path)
    assert "other.bin" in caught.value.expected
    with_format(monkeypatch, "refusing")
    with pytest.raises(DictionaryError, match="found"):
        load_dictionary(tmp_path)


def test_other_formats_are_not_written_to(tmp_path: Path) -> None:
    (tmp_path / "other.bin").touch()
    with pytest.raises(DictionaryError, match="another format") as caught:
        save_features(random_dictionary(), tmp_path)
    assert "save_dictionary" in caught.value.next_step
    assert [path.name for path in tmp_path.iterdir()] == ["other.bin"]


def test_looking_for_a_dictionary_loads_no_gpu_library(tmp_path: Path) -> None:
    code = (
        "import sys; from corpuscope.cli.early import check_dictionary as c; c('builtin');"
        "print('torch' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
