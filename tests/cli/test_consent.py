"""Texts of a store go to a host once somebody has agreed, and nobody is asked twice."""

from pathlib import Path

import pytest
import typer

from corpuscope.cli.consent import check_consent, consents_file
from corpuscope.errors import InputError
from tests.cli.conftest import Command
from tests.store.worlds import record, write


class Terminal:
    """A terminal whose user answers one way; keeps what was asked."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, *, agrees: bool) -> None:
        self.asked: list[str] = []
        monkeypatch.setattr("sys.stdin.isatty", lambda: True)
        monkeypatch.setattr("typer.confirm", self.confirm)
        self.agrees = agrees

    def confirm(self, question: str, **_: object) -> bool:
        self.asked.append(question)
        return self.agrees


@pytest.fixture(autouse=True)
def _own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr("sys.stdin.isatty", lambda: False)


def store(path: Path, text: str = "one two") -> Path:
    write(path, [record("a", text, strengths={1: (1.0, 0)})])
    return path


def test_each_store_is_asked_about_once_for_each_host(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, other = store(tmp_path / "one.scope"), store(tmp_path / "other.scope", "three four")
    terminal = Terminal(monkeypatch, agrees=True)
    for stores, host in (([one], "a.org"), ([one], "a.org"), ([one], "b.org"),
                         ([one, other], "a.org"), ([other], "a.org")):  # fmt: skip
        check_consent(stores, host, yes=False)
    assert [question.split(", or")[0] for question in terminal.asked] == [
        f"texts of {one}", f"texts of {one}", f"texts of {other}",
    ]  # fmt: skip
    assert "will leave this machine for a.org. Go on?" in terminal.asked[0]
    # A store that was agreed to is known wherever it lies, also to scripts.
    monkeypatch.setattr("sys.stdin.isatty", lambda: False)
    check_consent([one.rename(tmp_path / "moved.scope")], "a.org", yes=False)


def test_who_does_not_agree_is_asked_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = store(tmp_path / "one.scope")
    terminal = Terminal(monkeypatch, agrees=False)
    for _ in range(2):
        with pytest.raises(typer.Exit):
            check_consent([path], "a.org", yes=False)
    assert len(terminal.asked) == 2
    assert not consents_file().exists()


def test_a_script_needs_yes_each_time(tmp_path: Path) -> None:
    path = store(tmp_path / "one.scope")
    check_consent([path], "a.org", yes=True)
    with pytest.raises(InputError, match=r"will leave this machine for a\.org"):
        check_consent([path], "a.org", yes=False)


@pytest.mark.parametrize("content", ["{", "[]", ""])
def test_a_damaged_file_agrees_to_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: str
) -> None:
    path = store(tmp_path / "one.scope")
    terminal = Terminal(monkeypatch, agrees=True)
    consents_file().parent.mkdir(parents=True)
    consents_file().write_text(content)
    for _ in range(2):
        check_consent([path], "a.org", yes=False)
    assert len(terminal.asked) == 1


@pytest.mark.parametrize("words", [
    ("claims", "S", "--by", "model", "--target", "new"), ("search", "S", "rules and terms"),
    ("label", "S", "--only", "7"), ("correlate", "S"), ("cluster", "S", "--n-clusters", "2"),
])  # fmt: skip
def test_every_command_that_asks_needs_it(
    command: Command, planted: Path, words: tuple[str, ...]
) -> None:
    arguments = [str(planted) if word == "S" else word for word in words]
    shown = command(*arguments, "--llm", "tiny", "--llm-url", "http://model.invalid/v1")
    assert shown.code == 2
    assert f"texts of {planted}, or" in shown.err
    assert "for model.invalid" in shown.err


@pytest.fixture(scope="module")
def planted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store with groups and known features."""
    from tests.claiming.worlds import store as planted_store

    return planted_store(tmp_path_factory.mktemp("consent") / "planted.scope").path
