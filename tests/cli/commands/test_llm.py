"""`corpuscope llm`: agreement of people, and the replies that are kept."""

from pathlib import Path

import pytest

from corpuscope.llm.cache import ReplyCache, default_cache
from tests.cli.conftest import Command
from tests.llm.sheets.test_agreement import ONES, fill_as, said
from tests.llm.sheets.worlds import told


def test_groups_explain_themselves(command: Command) -> None:
    for words in (("llm",), ("llm", "cache")):
        shown = command(*words, "--help")
        assert shown.code == 0
        assert shown.err == ""
    assert "clear" in shown.out
    assert "llm" in command("--help").out


def test_agreement_is_printed(command: Command, tmp_path: Path) -> None:
    told(tmp_path, *ONES)
    for reader in (said("ann", no="012"), said("bob", no="123")):
        fill_as(tmp_path, reader)
    shown = command("llm", "agreement", tmp_path)
    assert shown.code == 0, shown.err
    assert "ann and bob" in shown.out
    assert "80%" in shown.out
    assert "0.52" in shown.out
    (found,) = command("llm", "agreement", tmp_path, "--json").json["agreement"]
    assert found["kappa"] == pytest.approx(0.5238, abs=1e-4)


def test_nothing_to_compare_is_an_error(command: Command, tmp_path: Path) -> None:
    shown = command("llm", "agreement", tmp_path)
    assert shown.code == 2
    assert "two readers with names, of none" in shown.err


@pytest.fixture
def kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The user's cache, with three replies."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "user"))
    cache = ReplyCache(default_cache())
    for key, purpose in (("a", "verify"), ("b", "verify"), ("c", "label")):
        cache.keep(key, {"model": "tiny-1"}, purpose=purpose, seconds=1.0, at=1.0)
    cache.close()
    return default_cache()


def test_the_cache_is_shown(command: Command, kept: Path) -> None:
    shown = command("llm", "cache", "info")
    assert shown.code == 0, shown.err
    plain = " ".join(shown.out.split())
    assert "label 1, verify 2" in plain
    assert "tiny-1 3" in plain
    found = command("llm", "cache", "info", "--json").json
    assert found["path"] == str(kept)
    assert found["bytes"] >= kept.stat().st_size
    assert (found["replies"], found["models"]) == (3, {"tiny-1": 3})


def test_a_cache_that_is_not_there_is_empty_and_not_made(command: Command, tmp_path: Path) -> None:
    path = tmp_path / "none.sqlite"
    for words in (("info",), ("clear",), ("export", tmp_path / "out.jsonl")):
        assert command("llm", "cache", *words, "--cache", path).code == 0
    assert command("llm", "cache", "info", "--cache", path, "--json").json["replies"] == 0
    assert not path.exists()


def test_clearing_asks_first(command: Command, kept: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin.isatty", lambda: False)
    shown = command("llm", "cache", "clear")
    assert shown.code == 2
    assert f"3 replies in {kept} will be lost" in shown.err
    monkeypatch.setattr("sys.stdin.isatty", lambda: True)
    monkeypatch.setattr("typer.confirm", lambda *_, **__: False)
    assert command("llm", "cache", "clear").code == 0
    assert sum(ReplyCache(kept).counts().values()) == 3
    monkeypatch.setattr("typer.confirm", lambda *_, **__: True)
    assert "3 replies were forgotten" in " ".join(command("llm", "cache", "clear").err.split())
    assert ReplyCache(kept).counts() == {}


def test_clearing_with_yes_does_not_ask(command: Command, kept: Path) -> None:
    assert command("llm", "cache", "clear", "--yes").code == 0
    assert b"tiny-1" not in kept.read_bytes()
    assert not kept.with_name(f"{kept.name}-wal").exists()


def test_replies_are_exported_once(command: Command, kept: Path, tmp_path: Path) -> None:
    into = tmp_path / "out.jsonl"
    assert command("llm", "cache", "export", into).code == 0
    assert len(into.read_text("utf-8").splitlines()) == 3
    again = command("llm", "cache", "export", into)
    assert again.code == 2
    assert "is there already" in again.err
