"""The additions of docs/extending.md, made on a copy of the package as the page says."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import corpuscope
from tests.store.worlds import record, write

PACKAGE = Path(corpuscope.__file__).parent
PAGE = PACKAGE.parent / "docs" / "extending.md"
_BLOCK = re.compile(
    r'^```(?:python|text) file=(\S+)( append| after="[^"]*")?\n(.*?)^```', re.M | re.S
)


@pytest.fixture(scope="module")
def extended(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a copy of the package to which the page's blocks were added."""
    folder = tmp_path_factory.mktemp("extended")
    ignored = shutil.ignore_patterns("builtin", "__pycache__")
    shutil.copytree(PACKAGE, folder / "corpuscope", ignore=ignored)
    (folder / "corpuscope" / "builtin").symlink_to(PACKAGE / "builtin")
    for name, how, block in _BLOCK.findall(PAGE.read_text("utf-8")):
        file = folder / name
        text = file.read_text("utf-8") if how else ""
        if how.startswith(" after="):
            line = how.split('"')[1]
            assert line in text, f"{name} has no {line!r}"
            text = text.replace(line, f"{line}\n{block.rstrip()}", 1)
        else:
            assert how or not file.exists(), f"{name} is there already"
            text += block
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, "utf-8")
    return folder


def run(folder: Path, code: str, *arguments: object) -> str:
    """What a Python prints that imports the copy."""
    done = subprocess.run(
        [sys.executable, "-c", code, *map(str, arguments)],
        env=os.environ | {"PYTHONPATH": str(folder)}, cwd=folder,
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_no_addition_touches_more_than_four_files() -> None:
    sections = PAGE.read_text("utf-8").split("\n## ")[1:]
    assert len(sections) == 6
    for section in sections:
        # A package that is copied is one place.
        places = {re.sub(r"(analyses/\w+)/.*", r"\1", name)
                  for name, _, _ in _BLOCK.findall(f"\n{section}")}  # fmt: skip
        assert len(places) <= 4


def test_a_foreign_dictionary_is_opened(extended: Path, tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    arrays = {name: rng.normal(size=(6, 4)).astype(np.float32) for name in ("encoder", "decoder")}
    np.savez(tmp_path / "sae.npz", **arrays)
    code = "import sys, corpuscope as cs; print(cs.load_dictionary(sys.argv[1]).n_features)"
    assert run(extended, code, tmp_path).strip() == "6"
    assert int(run(extended, code, "builtin")) > 1000
    # The command line takes it, too, and a damaged one is an error that names it.
    look = "import sys; from corpuscope.cli.early import check_dictionary as c; c(sys.argv[1])"
    assert run(extended, look, tmp_path) == ""
    (tmp_path / "sae.npz").write_bytes(b"PK")
    with pytest.raises(AssertionError, match="cannot be read as the format 'npz'"):
        run(extended, code, tmp_path)


def test_the_example_of_a_statistic_holds(extended: Path) -> None:
    code = (
        "import doctest\nfrom corpuscope.statistics.rates import odds_ratio\n"
        "print(doctest.testmod(odds_ratio, extraglobs={'np': odds_ratio.np}))"
    )
    assert "failed=0, attempted=1" in run(extended, code)


def test_a_question_is_asked_in_python_and_on_the_command_line(
    extended: Path, tmp_path: Path
) -> None:
    records = [
        record(f"d{i}", "one two three", strengths={3: (2.0, 1)} | ({4: (2.0, 0)} if i else {}))
        for i in range(5)
    ]
    store = write(tmp_path / "s.scope", records).path
    code = "import sys, corpuscope as cs; print(*cs.frequent(sys.argv[1], n=2).rates.values())"
    assert run(extended, code, store).strip() == "1.0 0.8"
    command = "from corpuscope.cli.main import run; run()"
    assert "80%" in run(extended, command, "frequent", store)
    found = json.loads(run(extended, command, "frequent", store, "--json"))
    assert found["analysis"] == "frequent"
    assert list(found["rates"].values())[:2] == [1.0, 0.8]
