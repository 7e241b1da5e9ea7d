"""`corpuscope label STORE`: features of findings, named by reading."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from corpuscope.cli.commands.label import features_in
from corpuscope.errors import InputError
from corpuscope.store.names import read_names
from tests.claiming.worlds import CERTAIN, DOUBT, WORDS, pairs, store
from tests.cli.conftest import Command
from tests.llm.worlds import Response, completion, serving


@pytest.fixture
def made(tmp_path: Path) -> Path:
    return store(tmp_path / "s.scope", pairs(200)).path


def reader(body: dict[str, Any], _call: int) -> Response:
    """Names features by the word that stands out, and finds it."""
    user = body["messages"][1]["content"]
    if "First list:" in user:
        word = max(WORDS.values(), key=user.split("Second list:")[0].count)
        answer = {"reason": "", "status": "ok", "label": f"says {word}", "sentence": f"{word}."}
    else:
        word = next((w for w in WORDS.values() if w in user.split("\n")[0]), "-")
        answer = {}
        for number, block in enumerate(user.split("Set ")[1:], start=1):
            fits = [letter for letter, line in re.findall(r"^([A-E])\. (.*)$", block, re.M)
                    if word in line]  # fmt: skip
            answer[f"set_{number}"] = fits[0] if len(fits) == 1 else "unclear"
    return 200, completion(json.dumps(answer)), {}


def test_features_are_named_and_the_store_keeps_what_does_better(
    command: Command, made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    with serving(reader) as server:
        shown = command(
            "label", made, "--only", CERTAIN, "--only", DOUBT, "--llm", "tiny", "--llm-url",
            server.url, "--json",
        )  # fmt: skip
    assert shown.code == 0, shown.err
    rows = {row["feature"]: row for row in shown.json["labels"]}
    assert rows[CERTAIN]["written"] == "says certainly"
    assert shown.json["receipt"]["calls"] > 2
    kept = {feature for feature, row in rows.items() if row["label_source"].startswith("llm")}
    assert set(read_names(made)) == kept


def test_a_table_is_shown(
    command: Command, made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    with serving(reader) as server:
        shown = command("label", made, "--only", CERTAIN, "--llm", "tiny", "--llm-url", server.url)
    assert "features named by reading" in shown.out
    assert "says certainly" in shown.out


def test_features_of_findings_are_taken_from_a_file(tmp_path: Path) -> None:
    found = tmp_path / "found.json"
    findings = [
        {"feature": 7, "members": [{"feature": 8}]}, {"feature": "word"}, {"feature": 9},
        {"feature_a": 10, "feature_b": "w"},
    ]  # fmt: skip
    found.write_text(json.dumps({"findings": findings}), "utf-8")
    assert features_in([str(found), "3", "7"], 30) == [7, 9, 10, 3]
    assert features_in([str(found)], 2) == [7, 9]
    with pytest.raises(InputError, match="neither a number nor a file"):
        features_in(["nothing.json"], 30)


def test_what_is_missing_is_told(command: Command, made: Path, tmp_path: Path) -> None:
    for options, part in (
        ((), "0 features and no reader"),
        (("--only", "7"), "1 features and no reader"),
        (("--only", "999", "--llm-batch", tmp_path / "b"), "has no feature 999"),
    ):
        shown = command("label", made, *options)
        assert shown.code == 2
        assert part in shown.err
    shown = command("label", "builtin")
    assert "no texts to label builtin by" in shown.err
