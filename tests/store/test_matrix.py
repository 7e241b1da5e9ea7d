import errno
import json
import os
import shutil
import tempfile
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from corpuscope.errors import StorageFull, StoreDamaged
from corpuscope.store import matrix
from corpuscope.store.manifest import manifest_path
from corpuscope.store.store import open_store
from tests.store.worlds import dense, feature_table, random_records, record, write


def test_both_ways_round_hold_the_same_strengths(tmp_path: Path) -> None:
    records = random_records(50)
    strengths = write(tmp_path, records).strengths()
    expected = dense(records)
    np.testing.assert_array_equal(strengths.to_csr().toarray(), expected)
    for feature in range(40):
        found = strengths.of_feature(feature)
        rows = np.flatnonzero(expected[:, feature])
        np.testing.assert_array_equal(found.rows, rows)
        np.testing.assert_array_equal(found.strengths, expected[rows, feature])
        peaks = [r.peaks[r.features == feature][0] for r in records if feature in r.features]
        np.testing.assert_array_equal(found.peaks, peaks)


def test_a_feature_that_does_not_exist_is_an_index_error(tmp_path: Path) -> None:
    strengths = write(tmp_path, random_records(3)).strengths()
    for feature in (-1, 40):
        with pytest.raises(IndexError, match="of 40"):
            strengths.of_feature(feature)


def test_present_means_above_the_threshold(tmp_path: Path) -> None:
    strengths = {0: (0.5, 0), 1: (0.5005, 0), 2: (1.0, 0)}
    store = write(tmp_path, [record("a", strengths=strengths), record("b")])
    assert store.presence().toarray()[:, :3].tolist() == [[False, True, True], [False] * 3]
    assert store.presence(level=2.0).nnz == 0
    assert store.presence(level=0.0).nnz == 3
    assert store.presence().dtype == np.bool_


def test_a_feature_without_a_threshold_is_present_wherever_it_has_a_strength(
    tmp_path: Path,
) -> None:
    table = feature_table(2).set_column(3, "threshold", pa.array([None, 9.0], pa.float32()))
    store = write(tmp_path, [record("a", strengths={0: (0.1, 0), 1: (1.0, 0)})], features=table)
    assert store.presence().toarray().tolist() == [[True, False]]


@pytest.mark.parametrize("at_once", [1, 5, 17, 10_000])
def test_presence_does_not_depend_on_how_much_is_read_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, at_once: int
) -> None:
    records = random_records(60)
    store = write(tmp_path, records)
    monkeypatch.setattr(matrix, "_ENTRIES_AT_ONCE", at_once)
    np.testing.assert_array_equal(store.presence(2.0).toarray(), dense(records) > 1.0)


entries = st.dictionaries(
    st.integers(0, 5), st.tuples(st.floats(2**-14, 60_000, width=16), st.integers(0, 2)), max_size=6
)
values = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(st.characters(exclude_categories=["Cs"]))
)
metadata = st.dictionaries(
    st.text(st.characters(exclude_categories=["Cs"]), max_size=3), values, max_size=3
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.tuples(entries, metadata), max_size=9), st.integers(1, 4))
def test_any_records_survive_the_round_trip(
    documents: list[tuple[dict[int, tuple[float, int]], dict[str, object]]], size: int
) -> None:
    records = [record(str(i), strengths=s, metadata=m) for i, (s, m) in enumerate(documents)]
    with tempfile.TemporaryDirectory() as folder:
        store = write(Path(folder), records, n_features=6, size=size)
        np.testing.assert_array_equal(store.strengths().to_csr().toarray(), dense(records, 6))
        assert set(store.columns) == {name for _, cells in documents for name in cells}
        for name in store.columns:
            # repr tells 1 from 1.0 and True, 0.0 from -0.0, and one NaN like another.
            expected = [repr(cells.get(name)) for _, cells in documents]
            assert [repr(value) for value in store.column(name).tolist()] == expected


def test_the_cache_is_built_once_and_may_be_deleted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    records = random_records(20)
    write(tmp_path, records).strengths()
    monkeypatch.setattr("corpuscope.store.store.build_matrix", None)
    np.testing.assert_array_equal(
        open_store(tmp_path).strengths().to_csr().toarray(), dense(records)
    )
    monkeypatch.undo()
    shutil.rmtree(tmp_path / "cache")
    np.testing.assert_array_equal(
        open_store(tmp_path).strengths().to_csr().toarray(), dense(records)
    )


def test_a_cache_cut_short_is_built_again(tmp_path: Path) -> None:
    records = random_records(20)
    write(tmp_path, records).strengths()
    (path,) = tmp_path.glob("cache/*/strengths/rows.npy")
    path.write_bytes(path.read_bytes()[:-4])
    np.testing.assert_array_equal(
        open_store(tmp_path).strengths().to_csr().toarray(), dense(records)
    )
    assert len(list(tmp_path.glob("cache/*/*/"))) == 1


def test_the_cache_of_an_older_state_is_removed(tmp_path: Path) -> None:
    records = random_records(20)
    write(tmp_path, records[:14], finish=False).strengths()
    store = write(tmp_path, records)
    np.testing.assert_array_equal(store.strengths().to_csr().toarray(), dense(records))
    assert len(list(tmp_path.glob("cache/*"))) == 1


def test_finishing_a_store_keeps_its_cache(tmp_path: Path) -> None:
    records = random_records(7)
    unfinished = write(tmp_path, records, finish=False)
    assert write(tmp_path, records).digest == unfinished.digest


def test_a_store_that_may_not_be_written_to_is_cached_elsewhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    records = random_records(20)
    store = write(tmp_path, records)
    mkdir = os.mkdir

    def refuse(path: object, *rest: object, **more: object) -> None:
        if str(path).startswith(str(tmp_path)):
            raise OSError(errno.EROFS, "Read-only file system", str(path))
        mkdir(path, *rest, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(os, "mkdir", refuse)
    np.testing.assert_array_equal(store.strengths().to_csr().toarray(), dense(records))
    assert not (tmp_path / "cache").exists()


def test_a_disk_too_full_for_the_cache_is_named_and_left_clean(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = write(tmp_path, random_records(20))

    def refuse(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "posix_fallocate", refuse)
    with pytest.raises(StorageFull, match="make room"):
        store.strengths()
    assert list(tmp_path.glob("cache/*/*/")) == []


@pytest.mark.parametrize("change", [-1, 1])
def test_a_shard_that_disagrees_with_the_manifest_is_named(tmp_path: Path, change: int) -> None:
    write(tmp_path, random_records(20))
    path = manifest_path(tmp_path)
    read = json.loads(path.read_text())
    read["shards"][1]["nonzeros"] += change
    del read["blake2b"]
    path.write_text(json.dumps(read))
    with pytest.raises(StoreDamaged, match=r"manifest|would hold"):
        open_store(tmp_path).strengths()
