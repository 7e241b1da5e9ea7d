"""Options name who is asked, and say what it will cost before anything is sent."""

import contextlib
from pathlib import Path
from typing import Any

import pytest
import typer

from corpuscope.claiming.judging.questions import Question
from corpuscope.cli.llm_options import LLMOptions, in_words
from corpuscope.errors import InputError
from corpuscope.llm.batch_file import BatchFolder
from corpuscope.llm.endpoint import Endpoint
from corpuscope.llm.plan import Plan
from tests.claiming.worlds import llm


@pytest.fixture(autouse=True)
def _own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


def plan(n: int = 1, characters: int = 40) -> Plan:
    asked = [
        Question("verify", (f"{i} {'x' * characters}", "other"), ("It is.",)).request()
        for i in range(n)
    ]
    return Plan.of(asked, llm())


def test_no_option_asks_nobody() -> None:
    assert LLMOptions().open() is None


def test_a_name_is_an_endpoint_and_a_folder_a_batch(tmp_path: Path) -> None:
    local = LLMOptions(llm="tiny", llm_url="http://localhost:1/v1").open()
    assert local is not None
    assert isinstance(local.transport, Endpoint)
    assert local.cache.path == tmp_path / "cache" / "corpuscope" / "replies.sqlite"
    folder = LLMOptions(llm_batch=tmp_path / "batch", llm="tiny").open()
    assert folder is not None
    assert isinstance(folder.transport, BatchFolder)
    assert folder.transport.model == "tiny"
    assert not folder.transport.sheet
    assert folder.cache.path is None


def test_without_a_cache_replies_are_in_memory_only(tmp_path: Path) -> None:
    local = LLMOptions(llm="tiny", llm_url="http://localhost:1/v1", no_cache=True).open()
    assert local is not None
    assert local.cache.path is None
    assert not (tmp_path / "cache").exists()


def test_sheets_are_written_where_they_are_asked_for(tmp_path: Path) -> None:
    folder = LLMOptions(llm_batch=tmp_path / "batch", sheet=True).open()
    assert folder is not None
    assert isinstance(folder.transport, BatchFolder)
    assert folder.transport.sheet


@pytest.mark.parametrize(
    ("options", "part"),
    [
        ({"llm": "a", "llm_recorded": Path("x")}, "together"),
        ({"dry_run": True}, "--dry-run without"),
        ({"llm": "a", "price_in": 1.0}, "only one of --price-in"),
        ({"llm": "a", "budget": 1.0}, "without prices"),
        ({"llm": "a", "no_cache": True, "llm_cache": Path("x")}, "--no-cache and --llm-cache"),
        ({"llm": "a", "sheet": True}, "--sheet without --llm-batch"),
    ],
)
def test_options_that_make_no_sense_are_refused(options: dict[str, Any], part: str) -> None:
    with pytest.raises(InputError, match=part):
        LLMOptions(**{"llm_url": "http://localhost:1/v1"} | options).open()


def test_a_dry_run_shows_the_first_request_and_stops(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(typer.Exit):
        LLMOptions(llm="tiny", dry_run=True).before(plan(), [Path("nowhere")])
    told = capsys.readouterr().err
    assert "The first request to verify" in told
    assert "xxxx" in told
    assert "Nothing was sent" in told


LOCAL = "http://localhost:1/v1"


def test_small_runs_go_on_and_large_ones_need_consent(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    LLMOptions(llm="tiny", llm_url=LOCAL).before(plan(), [])
    assert "Texts go to tiny" in capsys.readouterr().err
    large = plan(3, characters=2_000_000)
    monkeypatch.setattr("sys.stdin.isatty", lambda: False)
    with pytest.raises(InputError, match="this run is large"):
        LLMOptions(llm="tiny", llm_url=LOCAL).before(large, [])
    LLMOptions(llm="tiny", llm_url=LOCAL, yes=True).before(large, [])
    # Files are sent by somebody else, who will see their size.
    LLMOptions(llm_batch=Path("x")).before(large, [])


def test_a_terminal_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    large = plan(3, characters=2_000_000)
    monkeypatch.setattr("sys.stdin.isatty", lambda: True)
    monkeypatch.setattr("typer.confirm", lambda *_, **__: False)
    with pytest.raises(typer.Exit):
        LLMOptions(llm="tiny", llm_url=LOCAL).before(large, [])
    monkeypatch.setattr("typer.confirm", lambda *_, **__: True)
    LLMOptions(llm="tiny", llm_url=LOCAL).before(large, [])


@pytest.mark.parametrize(
    ("options", "is_asked"),
    [
        ({"llm": "tiny"}, True),
        ({"llm": "tiny", "llm_url": "http://192.168.1.7:1/v1"}, True),
        ({"llm": "tiny", "llm_url": "http://localhost.example.com/v1"}, True),
        ({"llm": "tiny", "llm_url": LOCAL}, False),
        ({"llm": "tiny", "llm_url": "http://127.8.0.1:1/v1"}, False),
        ({"llm": "tiny", "llm_url": "http://[::1]:1/v1"}, False),
        ({"llm": "tiny", "llm_batch": Path("x")}, False),
        ({"llm_recorded": Path("x")}, False),
        ({"llm": "tiny", "dry_run": True}, False),
    ],
)
def test_texts_leave_this_machine_only_with_consent(
    options: dict[str, Any], is_asked: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    monkeypatch.delenv("OPENAI_BASE_URL", raising=False)
    monkeypatch.setattr(
        "corpuscope.cli.llm_options.check_consent", lambda _, host, **__: asked.append(host)
    )
    with contextlib.suppress(typer.Exit):
        LLMOptions(**options).before(plan(), [Path("a.scope")])
    assert bool(asked) == is_asked


def test_an_estimate_is_told_by_purpose() -> None:
    assert in_words(plan(2).estimate).startswith("about 2 calls (2 to verify)")
