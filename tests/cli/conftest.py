"""The command line in this process, on tiny files with tiny models made on the spot."""

import json
import random
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from corpuscope.cli.main import run as run_command_line
from corpuscope.sae.files import save_dictionary
from tests.reader.tiny import tiny_bert
from tests.sae.worlds import random_dictionary


@dataclass(frozen=True)
class Outcome:
    """What a command left behind."""

    code: object
    out: str
    err: str

    @property
    def json(self) -> dict[str, Any]:
        """The one object on standard output; fails if anything else is there."""
        found: dict[str, Any] = json.loads(self.out)
        return found


Command = Callable[..., Outcome]
Extract = Callable[..., Outcome]


@pytest.fixture
def command(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Command:
    """Runs `corpuscope` with arguments, as a shell would."""
    # Progress bars and tables look at these; a test must not depend on who runs it.
    for name in ("FORCE_COLOR", "NO_COLOR", "COLUMNS"):
        monkeypatch.delenv(name, raising=False)

    def command(*arguments: object) -> Outcome:
        monkeypatch.setattr(sys, "argv", ["corpuscope", *map(str, arguments)])
        capsys.readouterr()
        with pytest.raises(SystemExit) as left:
            run_command_line()
        captured = capsys.readouterr()
        return Outcome(left.value.code or 0, captured.out, captured.err)

    return command


@pytest.fixture(scope="session")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a tiny reader and two dictionaries for it."""
    folder = tmp_path_factory.mktemp("models")
    reader = tiny_bert()
    reader.model.save_pretrained(folder / "reader")  # type: ignore[operator]
    reader.tokenizer.save_pretrained(folder / "reader")
    save_dictionary(random_dictionary(), folder / "dictionary")
    save_dictionary(random_dictionary(seed=7), folder / "other")
    return folder


@pytest.fixture
def extract(command: Command, models: Path, monkeypatch: pytest.MonkeyPatch) -> Extract:
    """Runs `corpuscope extract` with the tiny models."""
    monkeypatch.setattr("corpuscope.reader.threads.free_cores", lambda: 1)

    def extract(*arguments: object, dictionary: str = "dictionary") -> Outcome:
        tiny = ("--dictionary", models / dictionary, "--reader", models / "reader")
        return command("extract", *arguments, *tiny)

    return extract


@pytest.fixture
def store(extract: Extract, tmp_path: Path) -> Path:
    """The store of `answers`."""
    file = lines(tmp_path / "answers.jsonl", answers())
    assert extract(file, "--into", tmp_path / "answers.scope").code == 0
    return tmp_path / "answers.scope"


def answers() -> list[dict[str, Any]]:
    """Two answers to each question; only those of v2 are about an onion."""
    return [
        {
            "id": f"{question}/{version}",
            "question_id": question,
            "version": version,
            "text": f"The cat sat on the mat {number}. {ending}",
        }
        for question, number in ((f"q{i:02d}", counted(i)) for i in range(30))
        for version, ending in (("v1", "Dogs sleep."), ("v2", "Fry the onion!"))
    ]


def counted(number: int) -> str:
    """Words of which no two numbers share most, the first by the remainder."""
    others = random.Random(number).sample(_WORDS, 5)
    return " ".join([("one", "two", "three")[number % 3], *others])


_WORDS = (
    "morning", "garden", "window", "river", "paper", "yellow", "silent", "winter", "copper",
    "ladder", "button", "forest", "candle", "mirror", "pocket", "thunder",
)  # fmt: skip


def lines(path: Path, rows: Sequence[object]) -> Path:
    """The rows as a file of JSON lines."""
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), "utf-8")
    return path
