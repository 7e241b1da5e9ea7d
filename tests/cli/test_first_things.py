"""What a person tries first, and what must not cost an answer."""

import io
import json
import runpy
import sys
from importlib.metadata import version
from pathlib import Path

import numpy as np
import pytest

import corpuscope as cs
from tests.analyses.worlds import Made, vocabulary, write
from tests.cli.conftest import Command


@pytest.fixture
def store(tmp_path: Path) -> Path:
    """A feature that only b has; words outside of ASCII."""
    rng = np.random.default_rng(0)
    made = [
        Made([*vocabulary(rng, 8), "héllo", "日本"], {number % 2}, {"group": "ab"[number % 2]})
        for number in range(80)
    ]
    return write(tmp_path / "s", made).path


def test_the_version_is_said(command: Command) -> None:
    found = command("--version")
    assert (found.code, found.out.strip()) == (0, version("corpuscope"))


def test_the_module_is_the_command(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["corpuscope", "--version"])
    with pytest.raises(SystemExit) as left:
        runpy.run_module("corpuscope", run_name="__main__")
    assert not left.value.code
    assert capsys.readouterr().out.strip() == version("corpuscope")


@pytest.mark.parametrize(
    ("option", "file", "said"),
    [
        ("--plot", "nowhere/p.png", "there is no folder"),
        ("--plot", "p.gif", "ends with none of"),
        ("--report", "nowhere/r.md", "there is no folder"),
        ("--report", ".", "is a folder"),
    ],
)
def test_where_nothing_can_be_written_is_said_before_any_work(
    command: Command, tmp_path: Path, option: str, file: str, said: str
) -> None:
    found = command("audit", tmp_path / "no store", "--label", "x", option, tmp_path / file)
    assert found.code == 2
    assert said in " ".join(found.err.replace("│", " ").split())
    assert "no store" not in found.err.replace(str(tmp_path / "no store"), "")


def test_an_answer_is_out_before_it_is_drawn(
    command: Command, store: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("corpuscope.cli.show.save_plot", full)
    found = command("diff", store, "--by", "group", "--target", "b", "--no-rename", "--json",
                    "--plot", tmp_path / "p.png")  # fmt: skip
    assert found.code == 2
    assert found.json["n_documents"] == 80
    assert "no space left" in found.err
    assert "Traceback" not in found.err


@pytest.mark.parametrize("form", [[], ["--json"]])
def test_a_terminal_that_lacks_characters_is_no_trouble(
    store: Path, monkeypatch: pytest.MonkeyPatch, form: list[str]
) -> None:
    from corpuscope.cli.main import run

    written = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(written, encoding="cp1252"))
    monkeypatch.setattr(sys, "argv", ["corpuscope", "diff", str(store), "--by", "group",
                                      "--target", "b", "--no-rename", *form])  # fmt: skip
    with pytest.raises(SystemExit) as left:
        run()
    sys.stdout.flush()
    assert not left.value.code
    said = written.getvalue().decode("cp1252")
    if form:
        assert "日本" in json.loads(said)["findings"][0]["evidence"][0]["text"]
    else:
        assert "héllo ??" in said


def test_a_path_is_as_good_as_a_store(store: Path) -> None:
    opened = cs.diff(cs.open_store(store), by="group", target="b", rename=False)
    for path in (store, str(store), [store]):
        assert cs.diff(path, by="group", target="b", rename=False).to_json() == opened.to_json()
