"""A damaged file is noticed, or made again: it never gives another answer."""

import json
import os
import shutil
import time
from pathlib import Path

import numpy as np
import pytest

from corpuscope.analyses.search.scoring_kernel import add_features, add_words
from corpuscope.errors import StoreDamaged
from corpuscope.store import integrity
from corpuscope.store.integrity import CheckedFiles, checksummed
from corpuscope.store.lexical import lexical_presence
from corpuscope.store.manifest import manifest_path
from corpuscope.store.matrix import csr_of
from corpuscope.store.store import Store, open_store
from tests.store.damages import DAMAGES
from tests.store.worlds import random_records, write


def changed(file: Path, damage: str, at: int = 1001) -> None:
    """Damage a file; where its bytes stay what they were, fail."""
    others = sorted(path for path in file.parent.iterdir() if path.is_file() and path != file)
    before = file.read_bytes()
    other = next((one for one in others if one.read_bytes() != before), file)
    DAMAGES[damage](file, other, at)
    assert not file.exists() or file.read_bytes() != before


@pytest.fixture
def whole(tmp_path: Path) -> Path:
    """A store with two folders in its cache, looked through once."""
    store = write(tmp_path / "a.scope", random_records(20))
    store.strengths()
    lexical_presence(store, min_documents=2)
    return store.path


def answer(store: Store) -> tuple[object, ...]:
    words = lexical_presence(store, min_documents=2)
    strengths = store.strengths()
    return (
        strengths.to_csr().toarray().tolist(),
        strengths.rows.tolist(),
        strengths.peaks_by_feature.tolist(),
        strengths.strengths_by_feature.tolist(),
        words.names,
        words.presence.toarray().tolist(),
        store.presence().toarray().tolist(),
    )


def everything_of(path: Path) -> tuple[object, ...]:
    store = open_store(path)
    return (store.features, store.texts(range(20)), answer(store))


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_cache_is_made_again_and_said(whole: Path, damage: str) -> None:
    right = answer(open_store(whole))
    files = [path for path in whole.glob("cache/*/*/*") if path.is_file()]
    assert len(files) == 7 + 3 + 2
    for file in files:
        before = file.read_bytes()
        changed(file, damage)
        store = open_store(whole)
        assert answer(store) == right, file.name
        assert [file.parent.name in line for line in store.warnings] == [True], file.name
        assert file.read_bytes() == before
        assert open_store(whole).warnings == []


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_file_of_the_store_is_refused(whole: Path, damage: str) -> None:
    shutil.rmtree(whole / "cache")
    for file in sorted(path for path in whole.rglob("*") if path.is_file()):
        if damage == "replaced by another of its folder" and file.parent == whole:
            continue
        before = file.read_bytes()
        changed(file, damage)
        with pytest.raises(StoreDamaged):
            everything_of(whole)
        file.write_bytes(before)
        shutil.rmtree(whole / "cache", ignore_errors=True)


def test_a_bit_anywhere_in_the_manifest_is_refused_or_changes_nothing(whole: Path) -> None:
    path = manifest_path(whole)
    right, content = open_store(whole)._manifest, path.read_bytes()
    refused = 0
    for at in range(len(content)):
        flipped = bytearray(content)
        flipped[at] ^= 1 << at % 8
        path.write_bytes(flipped)
        try:
            assert open_store(whole)._manifest == right
        except StoreDamaged:
            refused += 1
    assert refused > 0.95 * len(content)


def test_white_space_in_the_manifest_is_free_and_an_old_one_without_digest_is_read(
    whole: Path,
) -> None:
    path = manifest_path(whole)
    read = json.loads(path.read_text())
    path.write_text(json.dumps(read, indent=7))
    assert open_store(whole).n_documents == 20
    del read["blake2b"]
    path.write_text(json.dumps(read))
    assert open_store(whole).n_documents == 20


def test_verify_covers_the_cache_even_where_the_file_looks_unchanged(
    whole: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Files as young as these are not remembered as verified on a fast machine.
    monkeypatch.setattr(integrity, "_SETTLED_NS", -(10**12))
    answer(open_store(whole))
    (file,) = whole.glob("cache/*/strengths/rows.npy")
    open_store(whole).verify()
    log = next(whole.glob("cache/*/checked.log"))
    state = file.stat()
    changed(file, "a bit flipped")
    os.utime(file, ns=(state.st_atime_ns, state.st_mtime_ns))
    # What decays on the disk leaves no trace in the file's state.
    log.write_text(log.read_text().replace(str(state.st_ctime_ns), str(file.stat().st_ctime_ns)))
    assert open_store(whole).warnings == []
    with pytest.raises(StoreDamaged, match=r"rows\.npy.*delete that folder"):
        open_store(whole).verify()
    store = open_store(whole)
    store.strengths()
    assert len(store.warnings) == 1
    store.verify()


def settled(file: Path) -> None:
    """As if a file had been written long ago; its inode's time cannot be set, so wait for it."""
    while time.time_ns() - file.stat().st_ctime_ns < 60_000_000:
        time.sleep(0.01)


def test_a_file_is_read_through_once_for_each_change(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file, log = tmp_path / "a", tmp_path / "log"
    file.write_bytes(b"some content")
    expected = checksummed(file)
    settled(file)
    assert CheckedFiles(tmp_path, log).is_whole(file, expected)
    with monkeypatch.context() as patched:
        patched.setattr("corpuscope.store.integrity._crc32", None)
        assert CheckedFiles(tmp_path, log).is_whole(file, expected)
        os.utime(file)
        with pytest.raises(TypeError):
            CheckedFiles(tmp_path, log).is_whole(file, expected)
    file.write_bytes(b"same length!")
    assert not CheckedFiles(tmp_path, log).is_whole(file, expected)


def test_what_was_written_a_moment_ago_is_not_remembered(tmp_path: Path) -> None:
    file = tmp_path / "a"
    for at in range(200):
        file.write_bytes(b"some content")
        expected = checksummed(file)
        checked = CheckedFiles(tmp_path, tmp_path / "log")
        assert checked.is_whole(file, expected)
        file.write_bytes(b"same length!")
        assert not checked.is_whole(file, expected), at


@pytest.mark.parametrize("content", [b"", b"\xff\x00 no line of a log\n", b"[1, 2"])
def test_a_log_that_makes_no_sense_costs_time_alone(tmp_path: Path, content: bytes) -> None:
    file, log = tmp_path / "a", tmp_path / "log"
    file.write_bytes(b"some content")
    log.write_bytes(content)
    assert CheckedFiles(tmp_path, log).is_whole(file, checksummed(file))


@pytest.mark.parametrize(
    ("columns", "starts"),
    [([0, 3], [0, 1, 2]), ([0, -1], [0, 1, 2]), ([0, 1], [0, 9, 2]), ([0, 1], [1, 1, 2]),
     ([0, 1], [0, 1, 3]), ([0, 1], [0, 2, 1])],
)  # fmt: skip
def test_arrays_that_make_no_matrix_are_refused(columns: list[int], starts: list[int]) -> None:
    values = np.ones(len(columns), dtype=np.float32)
    with pytest.raises(StoreDamaged):
        csr_of(values, np.array(columns, np.int32), np.array(starts, np.int64), 3)


@pytest.mark.parametrize("row", [-1, 4, 2**31 - 1])
def test_a_loop_writes_to_no_row_that_is_not_there(row: int) -> None:
    rows, spans = np.array([0, row], np.int32), np.array([[0, 2]])
    total, ones = np.zeros(4, np.float32), np.ones(1, np.float32)
    with pytest.raises(StoreDamaged, match="beyond the 4"):
        add_words(total, rows=rows, scores=np.ones(2, np.float32), spans=spans, factors=ones)
    with pytest.raises(StoreDamaged, match="beyond the 4"):
        add_features(
            total, rows=rows, strengths=np.ones(2, np.float16), spans=spans, factors=ones, caps=ones
        )
