"""A store's files are told in order, and none is handed out that is not the one committed."""

from collections.abc import Callable
from pathlib import Path

import pytest

from corpuscope.errors import StoreDamaged
from corpuscope.store.files import StoreFiles
from corpuscope.store.integrity import CheckedFiles
from corpuscope.store.manifest import (
    documents_path,
    features_path,
    read_manifest,
    strengths_path,
)
from tests.store.worlds import random_records, write


@pytest.fixture
def files(tmp_path: Path) -> StoreFiles:
    """Those of a store of two shards."""
    path = write(tmp_path / "a.scope", random_records(5), size=3).path
    return StoreFiles(path, read_manifest(path), CheckedFiles(path, tmp_path / "log"))


EACH: list[Callable[[StoreFiles], Path]] = [
    lambda files: files.features(),
    lambda files: files.documents(files.manifest.shards[1]),
    lambda files: files.strengths(files.manifest.shards[0]),
]


def test_all_files_are_told_the_features_first(files: StoreFiles) -> None:
    path = files.path
    assert [file for file, _ in files] == [
        features_path(path), documents_path(path, 0), strengths_path(path, 0),
        documents_path(path, 1), strengths_path(path, 1),
    ]  # fmt: skip
    assert all(expected.is_at(file) for file, expected in files)


def test_whole_files_are_handed_out(files: StoreFiles) -> None:
    path = files.path
    assert [of(files) for of in EACH] == [
        features_path(path), documents_path(path, 1), strengths_path(path, 0)
    ]  # fmt: skip
    files.verify()


@pytest.mark.parametrize("of", EACH)
@pytest.mark.parametrize("damage", ["altered", "cut", "missing"])
def test_a_file_that_is_another_is_refused_by_name_and_no_other_is(
    files: StoreFiles, of: Callable[[StoreFiles], Path], damage: str
) -> None:
    file = of(files)
    content = file.read_bytes()
    if damage == "missing":
        file.unlink()
    else:
        file.write_bytes(content[:-1] + (b"" if damage == "cut" else bytes([content[-1] ^ 1])))
    for ask in (of, StoreFiles.verify):
        with pytest.raises(StoreDamaged) as refused:
            ask(files)
        assert str(file) in refused.value.found
        assert ("missing" in refused.value.found) == (damage == "missing")
    for other in EACH:
        if other is not of:
            assert other(files).exists()
