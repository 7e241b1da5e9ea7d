import importlib.metadata
from pathlib import Path

import pytest

from corpuscope.cli import environment as doctor
from corpuscope.errors import DictionaryError
from corpuscope.reader.engines.choose import ENGINES
from tests.cli.conftest import Command
from tests.llm.test_capabilities import reading
from tests.llm.worlds import serving


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
    assert found["checks"]["builtin_reader"].startswith("shipped-")
    assert found["checks"]["engine"] in ENGINES
    assert "features" in found["checks"]["builtin_dictionary"]


def test_what_is_missing_is_named_with_the_next_step(
    command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    def damaged() -> None:
        raise DictionaryError("it is cut short", expected="a whole one", next_step="mend it")

    monkeypatch.setattr("corpuscope.sae.formats.load_dictionary", damaged)
    shown = command("doctor")
    assert shown.code == 0
    assert "cut short" in shown.err


def test_without_torch_the_built_in_reader_reads(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(doctor, "find_spec", lambda name: None)
    found = doctor.examine(tmp_path)
    assert found["checks"]["can_read_corpora"] is True
    assert found["checks"]["can_use_other_readers"] is False
    assert "corpuscope[read]" in found["warnings"][0]


def test_a_language_model_is_asked_only_if_it_is_named(command: Command) -> None:
    with serving(reading(10**6)) as server:
        assert "llm" not in command("doctor", "--json").json["checks"]
        assert server.n_calls == 0
        found = command(
            "doctor", "--llm", "tiny", "--llm-url", server.url, "--llm-tokens", 2_000, "--json"
        ).json
        assert server.n_calls == 2
    checks = found["checks"]
    assert (checks["llm"], checks["llm_form"], checks["llm_refuses"]) == (
        "tiny-1",
        "json_schema",
        [],
    )
    assert checks["llm_reads_tokens"] >= 2_000
    assert found["warnings"] == []


def test_a_server_that_cuts_prompts_is_warned_of(command: Command) -> None:
    with serving(reading(4_000)) as server:
        shown = command("doctor", "--llm", "tiny", "--llm-url", server.url)
    assert "lost the beginning" in shown.err
    assert "nothing" in shown.out


def test_no_server_is_an_error_with_a_next_step(command: Command) -> None:
    shown = command("doctor", "--llm", "tiny", "--llm-url", "http://127.0.0.1:9/v1")
    assert shown.code == 2
    assert "no answer from 127.0.0.1" in shown.err
