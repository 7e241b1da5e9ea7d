"""`corpuscope label STORE`: features of findings, named by reading."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from corpuscope.cli.commands.label import features_in
from corpuscope.errors import InputError
from corpuscope.sae.files import save_dictionary
from corpuscope.sae.formats import load_dictionary
from corpuscope.store.names import read_names
from corpuscope.store.store import open_store
from tests.claiming.worlds import CERTAIN, DOUBT, WORDS, pairs, store
from tests.cli.conftest import Command
from tests.llm.worlds import Response, completion, serving
from tests.sae.worlds import random_dictionary


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


def written(folder: Path, labels: dict[int, str]) -> Path:
    path = folder / "theirs.csv"
    lines = [f"{feature},{label}" for feature, label in labels.items()]
    path.write_text("\n".join(["feature,label", *lines]), "utf-8")
    return path


def test_labels_of_others_are_attached_to_a_store(
    command: Command, made: Path, tmp_path: Path
) -> None:
    labels = written(tmp_path, {CERTAIN: "certainty of others", 3: "another"})
    shown = command("label", made, "--from", labels)
    assert shown.code == 0, shown.err
    assert "2 of 30 features" in shown.out
    assert "certainty of others" in shown.out
    told = command("label", made, "--from", labels, "--json").json
    assert told["sources"] == {"theirs.csv": 2}
    assert open_store(made).features["label_source"][CERTAIN] == "theirs.csv"


def test_labels_of_others_are_tested_on_the_texts(
    command: Command, made: Path, tmp_path: Path
) -> None:
    labels = written(tmp_path, {CERTAIN: "certainly", DOUBT: "a recipe for soup", 3: "another"})
    arguments = ("label", made, "--from", labels, "--only", CERTAIN, "--only", DOUBT)
    shown = command(*arguments)
    assert shown.code == 0, shown.err
    assert "Tested on these texts" in shown.out
    rows = {row["feature"]: row for row in command(*arguments, "--json").json["trials"]}
    assert set(rows) == {CERTAIN, DOUBT}
    assert rows[CERTAIN]["score"] > 0.8


def test_a_language_model_may_test_them(
    command: Command, made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    labels = written(tmp_path, {CERTAIN: "says certainly", DOUBT: "a recipe for soup"})
    with serving(reader) as server:
        shown = command(
            "label", made, "--from", labels, "--only", CERTAIN, "--only", DOUBT, "--llm", "tiny",
            "--llm-url", server.url, "--json",
        )  # fmt: skip
    assert shown.code == 0, shown.err
    rows = {row["feature"]: row for row in shown.json["trials"]}
    assert rows[CERTAIN]["score"] == 1.0
    assert rows[DOUBT]["is_worse"]
    assert shown.json["n_shown"] == 1


def test_a_dictionary_is_labelled_in_place_or_in_a_new_folder(
    command: Command, made: Path, tmp_path: Path
) -> None:
    save_dictionary(random_dictionary(), tmp_path / "d")
    labels = written(tmp_path, {3: "a label"})
    assert command("label", tmp_path / "d", "--from", labels).code == 0
    shown = command("label", "builtin", "--from", labels, "--into", tmp_path / "new")
    assert shown.code == 0, shown.err
    for folder in ("d", "new"):
        table = load_dictionary(tmp_path / folder).features.to_pandas()
        assert table.loc[3, ["label", "label_source"]].tolist() == ["a label", "theirs.csv"]
    for arguments, part in (
        ((made, "--from", labels, "--into", tmp_path / "x"), "for the store"),
        ((made, "--from", tmp_path / "nothing"), "nothing at"),
        ((made, "--from", written(tmp_path, {99: "beyond"})), "a label of feature 99"),
    ):
        refused = command("label", *arguments)
        assert refused.code == 2
        assert part in refused.err
