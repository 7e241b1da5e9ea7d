import json
import re
from pathlib import Path

import pytest

import corpuscope as cs
from tests.cli.conftest import Command, Extract, answers, lines

ODD = {
    "NUL": "A cat\x00and a dog.",
    "emoji": "The cat 😀 sat 👩‍👩‍👧.",
    "right-to-left": "שלום, the cat. مرحبا",
    "combining": "gro\u0308ße",
    "override": "the \u202eteg cat",
    "escape": "\x1b[31mThe cat\x1b[0m sat.",
}


def test_extract_says_what_the_store_holds(extract: Extract, tmp_path: Path) -> None:
    file = lines(tmp_path / "a.jsonl", [*answers()[:3], {"id": "none", "text": " "}])
    shown = extract(file, "--into", tmp_path / "a.scope")
    assert shown.code == 0
    assert "3 documents, 36 features" in shown.out
    assert "question_id, version" in shown.out
    assert "skipped 1: empty text" in shown.out


def test_extract_shows_how_far_it_has_come_on_standard_error(
    extract: Extract, tmp_path: Path
) -> None:
    file = lines(tmp_path / "a.jsonl", answers())
    shown = extract(file, "--into", tmp_path / "a.scope", "--json")
    assert re.search(r"60/.* tokens/s", shown.err)
    assert "tokens/s" not in shown.out


def test_extract_gives_one_object_on_standard_output(extract: Extract, tmp_path: Path) -> None:
    file = lines(tmp_path / "a.jsonl", answers())
    found = extract(file, "--into", tmp_path / "a.scope", "--metadata", "version", "--json").json
    assert found["analysis"] == "extract"
    assert found["version"]
    assert found["store"]["path"] == str(tmp_path / "a.scope")
    assert found["parameters"]["metadata"] == ["version"]
    assert found["n_documents"] == 60
    assert found["warnings"] == []
    assert found["columns"] == ["version"]
    assert found["complete"] is True


def test_the_options_of_columns_reach_the_corpus(extract: Extract, tmp_path: Path) -> None:
    rows = [{"q": "Why?", "a": "The cat sat.", "key": "x"}]
    file = lines(tmp_path / "a.jsonl", rows)
    columns = ("--prompt", "q", "--response", "a", "--id", "key", "--role", "assistant")
    assert extract(file, "--into", tmp_path / "a.scope", *columns).code == 0
    store = cs.open_store(tmp_path / "a.scope")
    assert store.texts([0]) == ["Why?\n\nThe cat sat."]
    assert list(store.ids) == ["x"]
    assert store.provenance["masks"]["roles"] == ["assistant"]


def test_several_files_are_one_corpus(extract: Extract, tmp_path: Path) -> None:
    files = [lines(tmp_path / name, [{"text": "The cat."}]) for name in ("a.jsonl", "b.jsonl")]
    assert extract(*files, "--into", tmp_path / "s", "--json").json["n_documents"] == 2


def test_the_same_command_again_leaves_the_store_as_it_is(store: Path, extract: Extract) -> None:
    before = {file: file.stat().st_mtime_ns for file in store.rglob("*.parquet")}
    assert extract(store.parent / "answers.jsonl", "--into", store).code == 0
    assert before == {file: file.stat().st_mtime_ns for file in store.rglob("*.parquet")}


@pytest.mark.parametrize("kind", ODD)
def test_odd_texts_come_back_character_by_character(
    extract: Extract, command: Command, tmp_path: Path, kind: str
) -> None:
    file = lines(tmp_path / "a.jsonl", [{"text": ODD[kind]}, {"text": "The cat sat."}])
    assert extract(file, "--into", tmp_path / "s").code == 0
    assert cs.open_store(tmp_path / "s").texts([0]) == [ODD[kind]]
    assert command("info", tmp_path / "s").code == 0


def test_a_byte_order_mark_is_not_part_of_the_first_name(extract: Extract, tmp_path: Path) -> None:
    file = tmp_path / "a.jsonl"
    file.write_bytes(b"\xef\xbb\xbf" + json.dumps({"text": "The cat sat."}).encode())
    assert extract(file, "--into", tmp_path / "s").code == 0
    assert cs.open_store(tmp_path / "s").texts([0]) == ["The cat sat."]


def test_the_demo_finds_what_was_put_into_it(command: Command, demo_store: Path) -> None:
    shown = command("demo", "--into", demo_store)
    assert shown.code == 0
    assert "v2 vs. v1; 304 documents, paired" in shown.out
    assert "corpuscope diff" in shown.err
    found = command("demo", "--into", demo_store, "--json").json
    assert found["analysis"] == "diff"
    assert len(found["findings"]) >= 3
