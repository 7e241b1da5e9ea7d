"""What a person tries first, and what must not cost an answer."""

import io
import json
import runpy
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import numpy as np
import pytest

import corpuscope as cs
from tests.analyses.worlds import Made, vocabulary, write
from tests.cli.conftest import Command, Extract, answers, lines


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
        ("--plot", "p.gif", "does not end with one of"),
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

    monkeypatch.setattr("corpuscope.cli.options.save_plot", full)
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
    opened = cs.diff(
        cs.open_store(store), by="group", target="b", settings=cs.ComparisonSettings(rename=False)
    )
    for path in (store, str(store), [store]):
        assert (
            cs.diff(
                path, by="group", target="b", settings=cs.ComparisonSettings(rename=False)
            ).to_json()
            == opened.to_json()
        )


def test_a_narrow_terminal_keeps_the_names(
    command: Command, store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "40")
    found = command("diff", store, "--by", "group", "--target", "b", "--no-rename")
    assert found.code == 0
    assert "difference" in found.out
    assert any(line.startswith("1  ") and len(line.strip()) > 5 for line in found.out.splitlines())


def test_long_names_of_groups_are_cut_where_people_read_them(
    command: Command, tmp_path: Path
) -> None:
    rng = np.random.default_rng(0)
    names = ["a" * 300, "b" * 300]
    made = [
        Made(vocabulary(rng, 8), {number % 2}, {"group": names[number % 2]}) for number in range(80)
    ]
    path = write(tmp_path / "s", made).path
    found = command("diff", path, "--by", "group", "--target", names[1], "--no-rename")
    assert found.code == 0
    assert "b" * 50 not in found.out
    assert command(
        "diff", path, "--by", "group", "--target", names[1], "--json", "--no-rename"
    ).json


def test_long_messages_are_cut() -> None:
    error = cs.CorpuscopeError("x" * 80_000, expected="y", next_step="z")
    assert len(str(error)) < 2_000
    assert "78,800 characters" in error.found


def test_signs_that_no_font_has_are_told(
    command: Command, store: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from corpuscope.cli.terminal.picture import save_plot

    class Answer:
        def plot(self) -> object:
            from matplotlib import pyplot as plt

            axes = plt.subplots()[1]
            axes.set_title("\U0001f9ff ꧁ ᯤ")
            return axes

    save_plot(Answer(), tmp_path / "p.png")
    assert "no installed font" in capsys.readouterr().err
    assert (tmp_path / "p.png").exists()


def test_stopped_by_hand_it_says_how_to_go_on(
    extract: Extract, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stopped(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(cs, "extract", stopped)
    file = lines(tmp_path / "a.jsonl", answers())
    found = extract(file, "--into", tmp_path / "s")
    assert found.code == 130
    assert "repeat the command to resume" in found.err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("diff", "STORE", "--by", "colour"), "'colour'"),
        (("diff", "STORE", "--by", "group", "--target", "z"), "'z'"),
        (("diff", "STORE", "--by", "group", "--target", "b", "--min-support", "1"), "min_support"),
        (("trend", "STORE", "--by", "group", "--max-groups", "2"), "max_groups"),
        (("correlate", "STORE", "--min-npmi", "2"), "min_npmi"),
        (("cluster", "STORE", "--n-clusters", "1"), "n_clusters"),
        (("search", "STORE", "joy", "--using", "magic"), "'magic'"),
        (("audit", "STORE", "--label", "colour"), "'colour'"),
        (("probe", "STORE", "--label", "group", "--folds", "1"), "folds"),
        (("extract", "FILE", "--into", "x", "--dictionary", "none.sae"), "none.sae"),
        (("extract", "FILE", "--into", "x", "--text", "body"), "'body'"),
        (("extract", "FILE", "--into", "x", "--role", "user"), "user"),
        (("train", "FILE", "--into", "x", "--k", "9", "--features", "8"), "k is 9"),
        (("train", "FILE", "--into", "x", "--learning-rate", "1000"), "learning_rate"),
        (("train", "FILE", "--into", "x", "--layer", "99"), "layer"),
        (("train", "FILE", "--into", "x", "--unit", "word"), "unit"),
        (("sweep", "FILE", "--into", "x", "--objective", "nothing:3"), "nothing"),
        (("evaluate", "none.sae", "FILE"), "none.sae"),
        (("label", "none.sae", "FILE"), "none.sae"),
        (("finetune", "none.sae", "FILE", "--into", "x"), "none.sae"),
    ],
)
def test_slips_are_told_before_torch_is_loaded(
    store: Path, tmp_path: Path, arguments: tuple[str, ...], said: str
) -> None:
    file = lines(tmp_path / "a.jsonl", answers())
    named = {"STORE": str(store), "FILE": str(file)}
    code = (
        "import sys\nfrom corpuscope.cli.main import run\n"
        "try:\n    run()\nfinally:\n    print('torch' in sys.modules, file=sys.stderr)"
    )
    found = subprocess.run(
        [sys.executable, "-c", code, *(named.get(one, one) for one in arguments)],
        capture_output=True, text=True, check=False, cwd=tmp_path,
    )  # fmt: skip
    assert found.returncode == 2, found.stderr
    assert said in found.stderr
    assert found.stderr.rstrip().endswith("False")
    assert "Traceback" not in found.stderr


def test_a_run_that_has_not_ended_is_no_dictionary(extract: Extract, tmp_path: Path) -> None:
    (tmp_path / "run.sae" / "learned").mkdir(parents=True)
    (tmp_path / "run.sae" / "learned" / "recipe.json").write_text("{}")
    file = lines(tmp_path / "a.jsonl", answers())
    found = extract(file, "--into", tmp_path / "s", dictionary=str(tmp_path / "run.sae"))
    assert found.code == 2
    assert "an unfinished training run" in found.err


def test_standard_input_is_read(
    extract: Extract, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = "".join(json.dumps(row) + "\n" for row in answers()).encode()
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(data)))
    assert extract("-", "--into", tmp_path / "s").code == 0
    assert cs.open_store(tmp_path / "s").n_documents == 60
