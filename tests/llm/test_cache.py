"""Replies are kept as they came, once and for all."""

import json
import sqlite3
import threading
from pathlib import Path

import pytest

from corpuscope.errors import InputError
from corpuscope.llm.cache import ReplyCache


def keep(cache: ReplyCache, key: str, content: str, purpose: str = "verify") -> None:
    cache.keep(key, {"text": content}, purpose=purpose, seconds=0.5, at=1.0)


def test_replies_come_back_in_the_order_of_attempts(tmp_path: Path) -> None:
    cache = ReplyCache(tmp_path / "deep" / "c")
    for key, content in (("a", "first"), ("b", "other"), ("a", "second")):
        keep(cache, key, content)
    found = ReplyCache(tmp_path / "deep" / "c").replies(["a", "b", "missing"])
    assert [(one.attempt, one.body["text"]) for one in found["a"]] == [(0, "first"), (1, "second")]
    assert list(found) == ["a", "b"]


def test_more_keys_than_a_statement_takes() -> None:
    cache = ReplyCache(None)
    keys = [f"k{i}" for i in range(1_203)]
    for key in keys:
        keep(cache, key, key)
    assert {key: one.body["text"] for key, (one,) in cache.replies(keys).items()} == {
        key: key for key in keys
    }


def test_two_processes_and_many_threads_lose_nothing(tmp_path: Path) -> None:
    caches = [ReplyCache(tmp_path / "c") for _ in range(2)]

    def work(number: int) -> None:
        for i in range(20):
            keep(caches[number % 2], f"k{i}", f"{number}")

    threads = [threading.Thread(target=work, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    found = ReplyCache(tmp_path / "c").replies([f"k{i}" for i in range(20)])
    assert all(sorted(one.body["text"] for one in kept) == list("012345")
               for kept in found.values())  # fmt: skip
    assert all([one.attempt for one in kept] == list(range(6)) for kept in found.values())


def test_it_counts_exports_and_forgets() -> None:
    cache = ReplyCache(None)
    keep(cache, "b", "2", "label")
    keep(cache, "a", "1")
    assert cache.counts() == {"label": 1, "verify": 1}
    assert [line["key"] for line in cache.export()] == ["a", "b"]
    assert cache.clear() == 2
    assert cache.counts() == {}


def test_models_and_size_are_told(tmp_path: Path) -> None:
    cache = ReplyCache(tmp_path / "c")
    for key, body in (("a", {"model": "m"}), ("b", {"model": "m"}), ("c", {"text": "x"})):
        cache.keep(key, body, purpose="verify", seconds=0.5, at=1.0)
    assert cache.models() == {"m": 2, "unknown": 1}
    assert cache.n_bytes() >= sum(path.stat().st_size for path in tmp_path.iterdir()) > 0
    assert ReplyCache(None).n_bytes() == 0


def test_replies_are_saved_into_a_new_file_for_its_owner_alone(tmp_path: Path) -> None:
    cache = ReplyCache(None)
    keep(cache, "b", "zwei\nböse")
    keep(cache, "a", "one")
    path = tmp_path / "replies.jsonl"
    # What an interrupted run left behind is no obstacle.
    (tmp_path / ".replies.jsonl.tmp").write_text("half")
    assert cache.save(path) == 2
    lines = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    assert lines == list(cache.export())
    assert path.stat().st_mode & 0o077 == 0
    assert list(tmp_path.iterdir()) == [path]
    with pytest.raises(InputError, match="is there already"):
        cache.save(path)


def test_habits_are_remembered_by_endpoint(tmp_path: Path) -> None:
    cache = ReplyCache(tmp_path / "c")
    assert cache.habits("x") == {}
    cache.learn("x", {"form": 1})
    cache.learn("x", {"form": 2})
    assert ReplyCache(tmp_path / "c").habits("x") == {"form": 2}


def test_a_file_that_is_no_cache_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "letter.txt"
    path.write_text("dear reader, " * 100)
    with pytest.raises(InputError, match="not a cache"):
        ReplyCache(path)
    assert path.read_text().startswith("dear reader")


def test_a_cache_of_a_newer_version_is_refused(tmp_path: Path) -> None:
    ReplyCache(tmp_path / "c").close()
    with sqlite3.connect(tmp_path / "c") as connection:
        connection.execute("UPDATE about SET value = '99'")
    with pytest.raises(InputError, match="version 99"):
        ReplyCache(tmp_path / "c")
