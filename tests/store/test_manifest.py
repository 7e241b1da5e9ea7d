"""The manifest comes back as it was written, and says in one step what is committed."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpuscope.durable import digest_of
from corpuscope.errors import StoreDamaged
from corpuscope.store.manifest import (
    FORMAT_VERSION,
    N_SKIPPED_KEPT,
    CommittedShard,
    Manifest,
    SkippedEntry,
    WholeFile,
    damaged,
    documents_path,
    features_path,
    manifest_path,
    read_manifest,
    strengths_path,
    write_manifest,
)

FEATURES = WholeFile(7, "f" * 64)


def shard(number: int, **parts: Any) -> CommittedShard:
    usual: dict[str, Any] = {
        "n_documents": 3,
        "n_tokens": 30,
        "n_nonzeros": 9,
        "source_digest": f"source {number}",
        "columns": {"year": ("int",)},
        "skipped": {"empty": 1},
        "documents": WholeFile(10 + number, f"d{number}"),
        "strengths": WholeFile(20 + number, f"s{number}"),
    }
    return CommittedShard(shard=number, **(usual | parts))


def manifest(*shards: CommittedShard, **parts: Any) -> Manifest:
    return Manifest({"reader": {"layer": 3}}, FEATURES, 40, shards=shards, **parts)


def test_files_lie_where_the_format_says() -> None:
    store = Path("a.scope")
    assert manifest_path(store) == store / "manifest.json"
    assert features_path(store) == store / "features.parquet"
    assert documents_path(store, 7) == store / "documents" / "00007.parquet"
    assert strengths_path(store, 123456) == store / "strengths" / "123456.parquet"


def test_a_whole_file_has_its_size_and_its_digest(tmp_path: Path) -> None:
    file = tmp_path / "a"
    expected = WholeFile(4, digest_of(b"some"))
    assert not expected.has_size_of(file)
    assert not expected.is_at(file)
    for content, size, whole in ((b"some", 1, 1), (b"same", 1, 0), (b"somewhat", 0, 0)):
        file.write_bytes(content)
        assert (expected.has_size_of(file), expected.is_at(file)) == (size, whole)


numbers = st.integers(0, 2**40)
words = st.text(max_size=5)
files = st.tuples(numbers, words)
parts_of_shards = st.fixed_dictionaries(
    {
        "n_documents": numbers,
        "n_tokens": numbers,
        "n_nonzeros": numbers,
        "source_digest": words,
        "columns": st.dictionaries(words, st.lists(words, max_size=3).map(tuple), max_size=3),
        "skipped": st.dictionaries(words, numbers, max_size=3),
        "vector_width": st.integers(0, 9),
    }
)


@settings(max_examples=15)
@given(
    shards=st.lists(st.tuples(numbers, parts_of_shards, files, files), max_size=3),
    skipped=st.lists(st.tuples(numbers, words, words, words), max_size=3),
    provenance=st.dictionaries(words, st.one_of(words, numbers, st.none()), max_size=3),
    is_complete=st.booleans(),
)
def test_any_manifest_survives_the_round_trip(
    tmp_path_factory: pytest.TempPathFactory,
    shards: list[Any],
    skipped: list[Any],
    provenance: dict[str, Any],
    is_complete: bool,
) -> None:
    folder = tmp_path_factory.getbasetemp()
    made = Manifest(
        provenance,
        FEATURES,
        40,
        shards=tuple(
            shard(number, **parts, documents=WholeFile(*one), strengths=WholeFile(*other))
            for number, parts, one, other in shards
        ),
        skipped=tuple(SkippedEntry(*entry) for entry in skipped),
        is_complete=is_complete,
    )
    write_manifest(folder, made)
    assert read_manifest(folder) == made


def test_the_file_counts_what_its_shards_hold(tmp_path: Path) -> None:
    write_manifest(tmp_path, manifest(shard(0), shard(1, skipped={"empty": 2, "no text": 4})))
    read = json.loads(manifest_path(tmp_path).read_text())
    assert read["counts"] == {
        "documents": 6, "features": 40, "tokens": 60, "nonzeros": 18, "skipped": 7
    }  # fmt: skip
    assert read["skipped"]["reasons"] == {"empty": 3, "no text": 4}
    assert read["columns"] == {"year": ["int"]}
    assert read["complete"] is False
    lines = manifest_path(tmp_path).read_text().splitlines()
    assert sum('"source_digest"' in line for line in lines) == 2


def test_the_order_of_what_is_said_of_the_extraction_does_not_count(tmp_path: Path) -> None:
    written = []
    for provenance in ({"a": 1, "b": {"c": 2, "d": 3}}, {"b": {"d": 3, "c": 2}, "a": 1}):
        write_manifest(tmp_path, Manifest(provenance, FEATURES, 1))
        written.append(manifest_path(tmp_path).read_bytes())
    assert written[0] == written[1]


def test_a_shard_takes_its_place_and_that_of_one_with_its_number() -> None:
    first = manifest().with_shard(shard(2), skipped=[SkippedEntry(2, "c", "empty", "3")])
    both = first.with_shard(shard(0), skipped=[SkippedEntry(0, "a", "empty", "1")])
    assert [one.shard for one in both.shards] == [0, 2]
    assert [one.id for one in both.skipped] == ["a", "c"]
    again = both.with_shard(shard(2, n_tokens=31), skipped=[SkippedEntry(2, "z", "empty", "4")])
    assert [one.n_tokens for one in again.shards] == [30, 31]
    assert [one.id for one in again.skipped] == ["a", "z"]
    assert first.shards == (shard(2),)


def test_a_store_that_grows_is_not_complete() -> None:
    done = manifest(shard(0)).completed()
    assert done.is_complete
    assert not done.with_shard(shard(1), skipped=[]).is_complete


@pytest.mark.parametrize("order", [[0, 1], [1, 0]])
def test_the_skipped_that_are_kept_are_the_first_of_the_corpus(order: list[int]) -> None:
    found = manifest()
    for number in order:
        many = [SkippedEntry(number, f"{number}-{i}", "empty", "") for i in range(600)]
        found = found.with_shard(shard(number, skipped={"empty": 600}), skipped=many)
    assert len(found.skipped) == N_SKIPPED_KEPT == 1000
    assert found.skipped[0].id == "0-0"
    assert found.skipped[-1].id == "1-399"
    assert found.skipped_counts == {"empty": 1200}


def test_columns_have_the_kinds_of_all_shards_each_once() -> None:
    made = manifest(
        shard(0, columns={"a": ("int",), "b": ()}),
        shard(1, columns={"c": ("text",), "a": ("text", "int")}),
    )
    assert made.columns == {"a": ["int", "text"], "b": [], "c": ["text"]}
    assert list(made.columns) == ["a", "b", "c"]


def test_the_digest_is_of_documents_and_strengths_alone() -> None:
    made = manifest(shard(0), shard(1))
    same = [
        made.completed(),
        replace(made, provenance={}),
        replace(made, features=WholeFile(1, "g")),
        manifest(shard(0, skipped={}), shard(1, source_digest="x")),
    ]
    assert {one.content_digest for one in same} == {made.content_digest}
    others = [
        manifest(shard(0)),
        manifest(shard(1), shard(0)),
        replace(made, n_features=41),
        manifest(shard(0), shard(1, documents=WholeFile(11, "other"))),
        manifest(shard(0), shard(1, strengths=WholeFile(21, "other"))),
    ]
    digests = {one.content_digest for one in [made, *others]}
    assert len(digests) == 6
    assert {len(digest) for digest in digests} == {32}


def test_what_json_cannot_say_is_not_written(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="JSON"):
        write_manifest(tmp_path, Manifest({"x": float("nan")}, FEATURES, 1))
    assert list(tmp_path.iterdir()) == []


def altered(folder: Path, **changes: Any) -> None:
    """A manifest of which some keys are others, as its writer would not have left it."""
    path = manifest_path(folder)
    read = json.loads(path.read_text())
    read.pop("blake2b", None)
    path.write_text(json.dumps(read | changes))


@pytest.mark.parametrize(
    ("changes", "is_newer"),
    [
        ({"format": "another store"}, False),
        ({"format_version": FORMAT_VERSION + 1}, True),
        ({"format_version": "1"}, True),
        ({"shards": [{"shard": 0}]}, False),
        ({"counts": {}}, False),
        ({"skipped": {"first": [[1, 2]]}}, False),
        ({"features": {"bytes": "many", "blake2b": ""}}, False),
        ({"blake2b": "0" * 64}, False),
    ],
)
def test_a_manifest_that_cannot_be_is_refused_with_what_to_do(
    tmp_path: Path, changes: dict[str, Any], is_newer: bool
) -> None:
    write_manifest(tmp_path, manifest(shard(0)))
    altered(tmp_path)
    assert read_manifest(tmp_path) == manifest(shard(0))
    altered(tmp_path, **changes)
    with pytest.raises(StoreDamaged) as refused:
        read_manifest(tmp_path)
    assert ("update" in refused.value.next_step) == is_newer
    assert "manifest.json" in refused.value.found


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"\xff\xfe", b'"a"', b"null"])
def test_what_is_no_manifest_is_refused(tmp_path: Path, content: bytes) -> None:
    manifest_path(tmp_path).write_bytes(content)
    with pytest.raises(StoreDamaged):
        read_manifest(tmp_path)


def test_a_missing_manifest_and_a_missing_folder_have_other_next_steps(tmp_path: Path) -> None:
    steps = []
    for store in (tmp_path, tmp_path / "no"):
        with pytest.raises(StoreDamaged) as refused:
            read_manifest(store)
        steps.append(refused.value.next_step)
    assert steps[0] == damaged(tmp_path, "is missing").next_step
    assert "path" in steps[1]
