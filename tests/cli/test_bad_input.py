"""Everything that the person at the terminal can mend ends with code 2 and says how."""

import errno
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest

import corpuscope as cs
from tests.cli.conftest import Command, Extract, Outcome, answers, lines


def check(found: Outcome, *named: str) -> None:
    """It is the person's to mend, says so in three parts, and nothing of ours leaks."""
    assert found.code == 2, found
    assert found.out == ""
    assert "Traceback" not in found.err
    assert "corpuscope: " in found.err
    assert "\n  expected: " in found.err
    assert "\n  next: " in found.err
    for part in named:
        assert part in found.err, found.err


BAD_FILES: dict[str, tuple[bytes | None, tuple[str, ...]]] = {
    "missing": (None, ("bad.jsonl", "check the path")),
    "broken JSON": (b'{"text": "a"}\n{"text": \n', ("bad.jsonl, line 2", "is not JSON")),
    "not an object": (b'{"text": "a"}\n[1]\n', ("bad.jsonl, line 2",)),
    "no such column": (b'{"body": "a", "year": 1}\n', ("'body'", "'year'")),
    "text that is not text": (b'{"text": "a"}\n{"text": [5]}\n', ("line 2", "'text'", "list")),
    "empty": (b"", ("bad.jsonl", "no rows")),
    "only empty texts": (b'{"text": " "}\n', ("no document with any text",)),
    "not UTF-8": (b'{"text": "a"}\n{"text": "\xff\xfe"}\n', ("bad.jsonl", "UTF-8")),
    "cut-off gzip": (b"\x1f\x8b\x08\x00", ("bad.jsonl",)),
}


@pytest.mark.parametrize("kind", BAD_FILES)
def test_a_file_that_cannot_be_read_is_named_with_the_place(
    extract: Extract, tmp_path: Path, kind: str
) -> None:
    content, named = BAD_FILES[kind]
    if content is not None:
        (tmp_path / "bad.jsonl").write_bytes(content)
    check(extract(tmp_path / "bad.jsonl", "--into", tmp_path / "s"), *named)


def test_an_id_that_is_there_twice_is_named_with_both_places(
    extract: Extract, tmp_path: Path
) -> None:
    rows = [{"key": key, "text": "a"} for key in "xyx"]
    file = lines(tmp_path / "a.jsonl", rows)
    found = extract(file, "--into", tmp_path / "s", "--id", "key")
    check(found, "'x'", "twice", "line 1", "line 3", "--id none")
    assert extract(file, "--into", tmp_path / "s", "--id", "none").code == 0
    assert cs.open_store(tmp_path / "s").columns == ["key"]


def test_a_mended_file_is_read_by_the_same_command(extract: Extract, tmp_path: Path) -> None:
    rows = answers()
    file = lines(tmp_path / "a.jsonl", [*rows[:40], *({**row, "text": [5]} for row in rows[40:])])
    arguments = (file, "--into", tmp_path / "s", "--shard-documents", "8")
    check(extract(*arguments), "line 41", "19 other rows")
    assert not (tmp_path / "s").exists()
    lines(file, rows)
    assert extract(*arguments).code == 0
    assert cs.open_store(tmp_path / "s").is_complete


def test_a_few_rows_that_cannot_be_read_are_left_out_and_counted(
    extract: Extract, tmp_path: Path
) -> None:
    rows = answers()
    file = lines(tmp_path / "a.jsonl", [*rows[:40], {**rows[40], "text": [5]}, *rows[41:]])
    found = extract(file, "--into", tmp_path / "s")
    assert "skipped 1: not a text" in found.out
    store = cs.open_store(tmp_path / "s")
    assert store.n_documents == 59
    assert store.skipped[0].where.endswith("line 41")


@pytest.fixture
def full_disk(monkeypatch: pytest.MonkeyPatch) -> Callable[[], AbstractContextManager[object]]:
    """A context in which the disk is full after a while."""

    @contextmanager
    def filled() -> Iterator[None]:
        n_synced, fsync = 0, os.fsync

        def full_after_a_while(descriptor: int) -> None:
            nonlocal n_synced
            n_synced += 1
            if n_synced > 20:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            fsync(descriptor)

        with monkeypatch.context() as patched:
            patched.setattr(os, "fsync", full_after_a_while)
            yield

    return filled


def test_a_corpus_that_changed_under_a_run_that_was_cut_short_is_noticed(
    extract: Extract, tmp_path: Path, full_disk: Callable[[], AbstractContextManager[object]]
) -> None:
    rows = answers()
    file = lines(tmp_path / "a.jsonl", rows)
    arguments = (file, "--into", tmp_path / "s", "--shard-documents", "8")
    with full_disk():
        check(extract(*arguments))
    rows[3]["text"] = "The cat slept."
    lines(file, rows)
    check(extract(*arguments), "documents 0 to 7", "new folder")


def test_a_full_disk_is_named_and_the_same_command_goes_on(
    extract: Extract, tmp_path: Path, full_disk: Callable[[], AbstractContextManager[object]]
) -> None:
    file = lines(tmp_path / "a.jsonl", answers())
    arguments = (file, "--into", tmp_path / "s", "--shard-documents", "8")
    with full_disk():
        check(extract(*arguments), "no room", "make room", "what was committed is safe")
    assert 0 < cs.open_store(tmp_path / "s").n_documents < 60
    assert extract(*arguments).code == 0
    assert cs.open_store(tmp_path / "s").n_documents == 60


def test_a_run_that_kept_nothing_does_not_block_the_corrected_one(
    extract: Extract, tmp_path: Path
) -> None:
    rows = [{"messages": [{"role": "assistant", "content": row["text"]}]} for row in answers()]
    file = lines(tmp_path / "a.jsonl", rows)
    check(extract(file, "--into", tmp_path / "s", "--role", "user"), "no text of the roles user")
    assert extract(file, "--into", tmp_path / "s", "--role", "assistant").code == 0
    assert cs.open_store(tmp_path / "s").n_documents == 60


def test_a_folder_that_holds_something_else_is_left_alone(extract: Extract, tmp_path: Path) -> None:
    (tmp_path / "notes").mkdir()
    (tmp_path / "notes" / "diary.txt").write_text("private")
    file = lines(tmp_path / "a.jsonl", answers())
    check(extract(file, "--into", tmp_path / "notes"), "diary.txt", "new folder")


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may do anything")
def test_a_place_without_permission_is_named(extract: Extract, tmp_path: Path) -> None:
    (tmp_path / "locked").mkdir(mode=0o500)
    file = lines(tmp_path / "a.jsonl", answers())
    check(extract(file, "--into", tmp_path / "locked" / "s"), "locked")


def test_a_dictionary_that_is_not_there_or_damaged_is_named(
    extract: Extract, command: Command, models: Path, tmp_path: Path
) -> None:
    file = lines(tmp_path / "a.jsonl", answers())
    check(extract(file, "--into", tmp_path / "s", dictionary="none"), "none/config.json")
    copy = tmp_path / "copy"
    copy.mkdir()
    for part in (models / "dictionary").iterdir():
        (copy / part.name).write_bytes(part.read_bytes())
    weights = copy / "0-token.safetensors"
    weights.write_bytes(weights.read_bytes()[:-10])
    reader = ("--reader", models / "reader")
    found = command("extract", file, "--into", tmp_path / "s", "--dictionary", copy, *reader)
    check(found, "0-token.safetensors")


BAD_QUESTIONS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "no such column": (("--by", "model"), ("'model'", "'question_id'", "'version'")),
    "no such target": (("--by", "version", "--target", "v3"), ("'v3'", "'v1': 30", "'v2': 30")),
    "no such reference": (("--by", "version", "--reference", "v0"), ("'v0'", "'v1': 30")),
    "no such pair column": (("--by", "version", "--pair", "prompt"), ("'prompt'", "question_id")),
    "groups as pairs": (("--by", "version", "--pair", "version"), ("by and pair",)),
    "q out of range": (("--by", "version", "--q", "1.5"), ("1.5", "between 0 and 1")),
    "one store, no column": ((), ("1 group",)),
}


@pytest.mark.parametrize("kind", BAD_QUESTIONS)
def test_a_question_that_cannot_be_asked_lists_what_can(
    command: Command, store: Path, kind: str
) -> None:
    options, named = BAD_QUESTIONS[kind]
    check(command("diff", store, *options), *named)


def keyed(extract: Extract, folder: Path, key: Callable[[int, str], str]) -> Path:
    rows = [
        {"text": f"The cat sat {i}.", "version": version, "key": key(i, version)}
        for i in range(20)
        for version in ("v1", "v2")
    ]
    assert extract(lines(folder / "k.jsonl", rows), "--into", folder / "k.scope").code == 0
    return folder / "k.scope"


def test_pair_keys_that_come_twice_are_told(
    extract: Extract, command: Command, tmp_path: Path
) -> None:
    store = keyed(extract, tmp_path, lambda i, version: f"k{i // 2}")
    found = command("diff", store, "--by", "version", "--pair", "key")
    assert found.code == 0
    assert "several documents with the same 'key'" in found.err


def test_pair_keys_without_a_partner_are_refused(
    extract: Extract, command: Command, tmp_path: Path
) -> None:
    store = keyed(extract, tmp_path, lambda i, version: f"{version}-{i}")
    check(command("diff", store, "--by", "version", "--pair", "key"), "no key of the column 'key'")


def test_stores_of_different_dictionaries_are_not_compared(
    extract: Extract, command: Command, store: Path, tmp_path: Path
) -> None:
    file = lines(tmp_path / "b.jsonl", answers())
    assert extract(file, "--into", tmp_path / "b.scope", dictionary="other").code == 0
    check(command("diff", store, tmp_path / "b.scope"), "b.scope", "one dictionary")


def test_a_store_that_is_not_there_is_named(command: Command, tmp_path: Path) -> None:
    check(command("info", tmp_path / "none.scope"), "none.scope", "corpuscope extract")
    check(command("diff", tmp_path), "manifest.json")


def cut_short(file: Path) -> None:
    file.write_bytes(file.read_bytes()[:-7])


def altered(file: Path) -> None:
    content = bytearray(file.read_bytes())
    content[4 : len(content) // 2] = bytes(len(content) // 2 - 4)
    file.write_bytes(content)


@pytest.mark.parametrize("damage", [cut_short, altered, Path.unlink])
@pytest.mark.parametrize("folder", ["strengths", "documents"])
def test_a_damaged_shard_is_named_with_what_to_run_and_that_mends_it(
    extract: Extract, command: Command, store: Path, folder: str, damage: Callable[[Path], None]
) -> None:
    damage(store / folder / "00000.parquet")
    asked = ("diff", store, "--by", "version")
    check(command(*asked), f"{folder}/00000.parquet", "corpuscope extract")
    assert extract(store.parent / "answers.jsonl", "--into", store).code == 0
    assert command(*asked).code == 0


@pytest.mark.parametrize("content", ["", "{", "[]", '{"format": "corpuscope store"}'])
def test_a_manifest_that_is_none_is_named(command: Command, store: Path, content: str) -> None:
    (store / "manifest.json").write_text(content)
    check(command("info", store), "manifest.json")


def test_a_store_that_is_not_complete_says_so(
    command: Command,
    extract: Extract,
    tmp_path: Path,
    full_disk: Callable[[], AbstractContextManager[object]],
) -> None:
    file = lines(tmp_path / "a.jsonl", answers())
    with full_disk():
        extract(file, "--into", tmp_path / "s", "--shard-documents", "8")
    shown = command("info", tmp_path / "s")
    assert shown.code == 0
    assert "is not complete" in shown.err
    assert command("info", tmp_path / "s", "--json").json["warnings"]


def test_a_process_of_its_own_leaves_with_the_same_codes(tmp_path: Path, store: Path) -> None:
    def run(*arguments: object) -> subprocess.CompletedProcess[str]:
        start = "from corpuscope.cli.main import run; run()"
        command = [sys.executable, "-c", start, *map(str, arguments)]
        return subprocess.run(command, capture_output=True, text=True, check=False)

    done = run("info", store, "--json")
    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(done.stdout)["n_documents"] == 60
    refused = run("info", tmp_path / "none")
    assert refused.returncode == 2
    assert refused.stderr.startswith("corpuscope: ")


def test_a_fault_of_ours_leaves_with_1(
    command: Command, store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("ours")

    monkeypatch.setattr("corpuscope.cli.render.looking.info.show", broken)
    # Not caught: Python prints the trace and leaves with 1.
    with pytest.raises(RuntimeError, match="ours"):
        command("info", store)
