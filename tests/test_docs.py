"""What the pages say is so: blocks run, examples run, options and links are there.

A fenced block marked `python` is run, those of one page after each other, in a folder with the
demo's answers (`answers.jsonl`, columns `model` and `prompt_id`) and its stores (`answers.scope`,
`demo.scope`). Comment lines that end a block are what it prints. A block marked `python no-run`
is not run; the page says why in the line before.
"""

import contextlib
import io
import json
import re
import runpy
import shlex
import shutil
import sys
from pathlib import Path
from typing import Any

import pytest

import corpuscope as cs
from tools.cli_page import COMMANDS, rows_of

ROOT = Path(__file__).parent.parent
PAGES = sorted([ROOT / "README.md", ROOT / "CONTRIBUTING.md", *(ROOT / "docs").glob("*.md")])
EXAMPLES = sorted((ROOT / "examples").glob("*.py"))
MOST_NOT_RUN = 2

names = pytest.mark.parametrize("page", PAGES, ids=[page.name for page in PAGES])


@pytest.fixture(scope="session")
def answers(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the demo's answers under the names that the pages use, and their store."""
    folder = tmp_path_factory.mktemp("answers")
    versions = {"v1": "old", "v2": "new"}
    with (folder / "answers.jsonl").open("w", encoding="utf-8") as file:
        for document in cs.demo_corpus():
            row = {
                "id": document.id,
                "prompt_id": document.metadata["question_id"],
                "prompt": document.metadata["question"],
                "model": versions[str(document.metadata["version"])],
                "output": document.text,
            }
            file.write(json.dumps(row) + "\n")
    corpus = cs.read_corpus(folder / "answers.jsonl", text="output")
    cs.extract(corpus, into=folder / "answers.scope")
    return folder


@pytest.fixture
def workplace(
    tmp_path: Path, answers: Path, demo_store: Path, monkeypatch: pytest.MonkeyPatch
) -> Path:
    shutil.copy(answers / "answers.jsonl", tmp_path)
    # Not copies: what a page has computed from a store is there for the next.
    (tmp_path / "answers.scope").symlink_to(answers / "answers.scope")
    (tmp_path / "demo.scope").symlink_to(demo_store)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def blocks(page: Path) -> list[tuple[str, str]]:
    """The mark and the content of each fenced block."""
    return re.findall(r"^```([^\n`]*)\n(.*?)^```", page.read_text("utf-8"), re.M | re.S)


def printed_by(block: str) -> str:
    """The comment lines that end a block, without their signs."""
    found: list[str] = []
    for line in reversed(block.rstrip().splitlines()):
        if not line.startswith("# "):
            break
        found.insert(0, line.removeprefix("# "))
    return "\n".join(found)


@names
def test_blocks_of_python_run_and_print_what_they_say(page: Path, workplace: Path) -> None:
    space: dict[str, Any] = {}
    for mark, block in blocks(page):
        if mark == "python":
            output = io.StringIO()
            with contextlib.redirect_stdout(output), contextlib.redirect_stderr(io.StringIO()):
                exec(compile(block, page.name, "exec"), space)
            if expected := printed_by(block):
                assert output.getvalue().strip() == expected


def test_few_blocks_are_not_run() -> None:
    marks = [mark for page in PAGES for mark, _ in blocks(page)]
    # Blocks with a file's name are what `tests/test_extending.py` adds to a copy.
    marks = [mark for mark in marks if " file=" not in mark]
    assert set(marks) <= {"", "python", "python no-run", "text"}
    assert marks.count("python no-run") <= MOST_NOT_RUN
    assert marks.count("python") >= 5


@pytest.mark.parametrize("example", EXAMPLES, ids=[example.name for example in EXAMPLES])
def test_examples_run(
    example: Path,
    workplace: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(sys, "argv", [example.name, "answers.scope"])
    runpy.run_path(str(example), run_name="__main__")
    assert capsys.readouterr().out.strip()


@names
def test_commands_in_blocks_are_understood(page: Path) -> None:
    for mark, block in blocks(page):
        for line in block.splitlines() if mark in ("", "text") else []:
            if line.startswith("corpuscope ") and "|" not in line:
                _, *words = shlex.split(line, comments=True)
                command, arguments = split(words)
                COMMANDS[command].make_context(command, arguments).close()


def split(words: list[str]) -> tuple[str, list[str]]:
    """The command, whose name may have several words, and its arguments."""
    n = next((n for n in (3, 2) if " ".join(words[:n]) in COMMANDS), 1)
    return " ".join(words[:n]), words[n:]


@pytest.fixture
def sections() -> dict[str, str]:
    """What `docs/cli.md` says of each command."""
    page = (ROOT / "docs" / "cli.md").read_text("utf-8")
    parts = re.split(r"^## `corpuscope ([\w ]+)`\n", page, flags=re.M)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def test_every_command_is_in_the_page_and_no_other(sections: dict[str, str]) -> None:
    assert set(sections) == set(COMMANDS)


@pytest.mark.parametrize("name", COMMANDS)
def test_the_page_has_the_options_of_each_command_and_no_other(
    name: str, sections: dict[str, str]
) -> None:
    found = [line for line in sections[name].splitlines() if line.startswith("| `")]
    assert found == rows_of(name), "python -m tools.cli_page writes them anew"
    assert COMMANDS[name].help.split(". ")[0].split("\n")[0] in sections[name]


def anchors(page: Path) -> set[str]:
    headings = re.findall(r"^#+ (.*)$", page.read_text("utf-8"), re.M)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@names
def test_links_lead_somewhere(page: Path) -> None:
    text = re.sub(r"^```.*?^```", "", page.read_text("utf-8"), flags=re.M | re.S)
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        if not re.match(r"[a-z]+:", target):
            path, _, anchor = target.partition("#")
            there = page.parent / path if path else page
            assert there.exists(), target
            assert not anchor or anchor in anchors(there), target


def test_pages_that_are_named_anywhere_are_there() -> None:
    looked_at = [*PAGES, *(ROOT / "corpuscope").rglob("*.py"), *(ROOT / "tests").rglob("*.py")]
    for file in looked_at:
        for name in re.findall(r"\bdocs/([\w-]+\.md)", file.read_text("utf-8")):
            assert (ROOT / "docs" / name).exists(), f"{file.name} names docs/{name}"


def test_every_page_is_linked_from_the_readme() -> None:
    readme = (ROOT / "README.md").read_text("utf-8")
    missing = [page.name for page in PAGES if page.parent.name == "docs"]
    missing = [name for name in missing if f"(docs/{name})" not in readme]
    assert missing == []


def test_contributing_fits_on_one_screen() -> None:
    assert len((ROOT / "CONTRIBUTING.md").read_text("utf-8").splitlines()) <= 40
