import importlib.metadata
from pathlib import Path

import pytest

from corpuscope.cli import environment as doctor
from corpuscope.errors import DictionaryError
from tests.cli.conftest import Command


def test_doctor_says_what_is_there(command: Command) -> None:
    shown = command("doctor")
    assert shown.code == 0
    for name in ("python", "torch", "transformers", "bf16", "threads", "free disk"):
        assert name in shown.out


def test_doctor_gives_one_object(command: Command) -> None:
    found = command("doctor", "--json").json
    assert found["analysis"] == "doctor"
    checks = found["checks"]
    assert checks["torch"] == importlib.metadata.version("torch")
    assert checks["can_read_corpora"] is True
    assert checks["threads"] >= 1
    assert checks["free_disk_mb"] > 0


def test_the_built_in_reader_and_dictionary_are_whole(command: Command) -> None:
    found = command("doctor", "--json").json
    assert found["warnings"] == []
    assert Path(found["checks"]["builtin_reader"]).is_dir()
    assert "features" in found["checks"]["builtin_dictionary"]


def test_what_is_missing_is_named_with_the_next_step(
    command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    def damaged() -> None:
        raise DictionaryError("it is cut short", expected="a whole one", next_step="mend it")

    monkeypatch.setattr("corpuscope.sae.formats.load_dictionary", damaged)
    monkeypatch.setattr("corpuscope.reader.builtin.local_builtin", lambda: None)
    shown = command("doctor")
    assert shown.code == 0
    assert "cut short" in shown.err
    assert ".[offline]" in shown.err


def test_without_the_libraries_for_reading_stores_can_be_asked(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(doctor, "find_spec", lambda name: None)
    found = doctor.examine(tmp_path)
    assert found["checks"]["can_read_corpora"] is False
    assert ".[read,offline]" in found["warnings"][0]
