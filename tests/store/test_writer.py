import errno
import os
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest

from corpuscope.corpus.document import Skipped
from corpuscope.errors import CorpusChanged, FeatureMismatch, InputError, StorageFull
from corpuscope.store.manifest import documents_path, strengths_path
from corpuscope.store.store import open_store
from corpuscope.store.writer import StoreWriter
from tests.store.worlds import (
    PROVENANCE,
    feature_table,
    files_of,
    in_shards,
    random_records,
    record,
    write,
)


def writer_at(path: Path, **changes: object) -> StoreWriter:
    arguments = {"provenance": PROVENANCE, "features": feature_table(40)} | changes
    return StoreWriter(path, **arguments)  # type: ignore[arg-type]


def test_the_same_records_make_the_same_bytes(tmp_path: Path) -> None:
    left, right = tmp_path / "left", tmp_path / "right"
    write(left, random_records(30))
    write(right, random_records(30))
    assert files_of(left) == files_of(right)


def test_the_order_in_which_shards_are_committed_leaves_no_trace(tmp_path: Path) -> None:
    shards = list(in_shards(random_records(30), 7))
    skips = [Skipped("gone", "empty", "line 1")]
    for path, order in ((tmp_path / "up", shards), (tmp_path / "down", shards[::-1])):
        with writer_at(path) as writer:
            for shard, part in order:
                writer.add(shard, part, skipped=skips, source_digest=str(shard))
            writer.finish()
    assert files_of(tmp_path / "up") == files_of(tmp_path / "down")


def test_a_writer_goes_on_with_the_shards_that_are_there(tmp_path: Path) -> None:
    records = random_records(20)
    write(tmp_path / "whole", records)
    write(tmp_path / "parts", records[:14], finish=False)
    with writer_at(tmp_path / "parts") as writer:
        found = writer.committed(1)
        assert found is not None
        assert (found.source_digest, found.n_documents) == ("source 1", 7)
        assert writer.committed(2) is None
        writer.add(2, records[14:], source_digest="source 2")
        writer.finish(n_shards=3)
    assert files_of(tmp_path / "parts") == files_of(tmp_path / "whole")


@pytest.mark.parametrize("path_of", [documents_path, strengths_path])
def test_a_shard_that_was_altered_is_written_again(tmp_path: Path, path_of: object) -> None:
    records = random_records(14)
    write(tmp_path, records)
    whole = files_of(tmp_path)
    spoilt = path_of(tmp_path, 1)  # type: ignore[operator]
    content = bytearray(spoilt.read_bytes())
    content[len(content) // 2] ^= 1
    spoilt.write_bytes(content)
    with writer_at(tmp_path) as writer:
        assert writer.committed(0) is not None
        assert writer.committed(1) is None
        writer.add(1, records[7:], source_digest="source 1")
        writer.finish()
    assert files_of(tmp_path) == whole


def test_leftovers_of_a_killed_run_are_cleared_away(tmp_path: Path) -> None:
    store = write(tmp_path, random_records(7))
    leftover = tmp_path / "documents" / ".00001.parquet.tmp"
    leftover.write_bytes(b"half a sh")
    documents_path(tmp_path, 1).write_bytes(b"never committed")
    with writer_at(tmp_path) as writer:
        assert not leftover.exists()
        assert writer.committed(1) is None
    assert store.n_documents == 7


def test_another_dictionary_is_refused_and_the_difference_named(tmp_path: Path) -> None:
    write(tmp_path, random_records(7))
    other = PROVENANCE | {"dictionary": {"hash": "xyz"}}
    with pytest.raises(FeatureMismatch, match=r"hash='abc'.*hash='xyz'"):
        writer_at(tmp_path, provenance=other).__enter__()


def test_another_corpus_is_refused_as_a_change_of_the_corpus(tmp_path: Path) -> None:
    write(tmp_path, random_records(7))
    other = PROVENANCE | {"corpus": {"name": "questions.jsonl"}}
    with pytest.raises(CorpusChanged, match=r"questions\.jsonl"):
        writer_at(tmp_path, provenance=other).__enter__()


def test_what_is_only_told_of_the_corpus_does_not_keep_a_run_from_going_on(tmp_path: Path) -> None:
    write(tmp_path, random_records(7))
    corpus = {**PROVENANCE["corpus"], "languages": {"en": 1.0}}
    with writer_at(tmp_path, provenance=PROVENANCE | {"corpus": corpus}) as writer:
        assert writer.n_committed == 1


def test_a_store_of_no_documents_begins_anew(tmp_path: Path) -> None:
    write(tmp_path, [])
    other = PROVENANCE | {"dictionary": {"hash": "xyz"}}
    with writer_at(tmp_path, provenance=other) as writer:
        assert writer.n_committed == 0


def test_other_thresholds_are_refused(tmp_path: Path) -> None:
    write(tmp_path, random_records(7))
    with pytest.raises(FeatureMismatch, match="thresholds"):
        writer_at(tmp_path, features=feature_table(40, threshold=0.7)).__enter__()


def test_a_refused_writer_lets_go_of_the_folder(tmp_path: Path) -> None:
    write(tmp_path, random_records(7))
    with pytest.raises(FeatureMismatch):
        writer_at(tmp_path, provenance={}).__enter__()
    with writer_at(tmp_path) as writer:
        assert writer.n_committed == 1


def test_only_one_writer_at_a_time_has_the_folder(tmp_path: Path) -> None:
    with writer_at(tmp_path), pytest.raises(InputError, match="another process"):
        writer_at(tmp_path).__enter__()


def test_a_folder_that_holds_something_else_is_refused(tmp_path: Path) -> None:
    (tmp_path / "thesis.tex").write_text("precious")
    with pytest.raises(InputError, match=r"thesis\.tex"):
        writer_at(tmp_path).__enter__()


def test_a_file_in_the_place_of_the_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("precious")
    with pytest.raises(InputError, match="taken"):
        writer_at(tmp_path / "taken").__enter__()


def test_more_shards_than_the_corpus_makes_are_a_changed_corpus(tmp_path: Path) -> None:
    write(tmp_path, random_records(21), finish=False)
    with writer_at(tmp_path) as writer, pytest.raises(CorpusChanged, match="3 shards"):
        writer.finish(n_shards=2)


def test_a_gap_between_shards_cannot_be_finished(tmp_path: Path) -> None:
    with writer_at(tmp_path) as writer:
        writer.add(1, random_records(3), source_digest="")
        with pytest.raises(ValueError, match="0 to 0"):
            writer.finish()


@pytest.mark.parametrize("call", ["write", "fsync"])
def test_a_full_disk_is_named_and_what_was_committed_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: str
) -> None:
    records = random_records(14)
    write(tmp_path, records[:7], finish=False)
    before = files_of(tmp_path)
    full = OSError(errno.ENOSPC, "No space left on device")

    def refuse(*_: object) -> None:
        raise full

    with writer_at(tmp_path) as writer:
        with monkeypatch.context() as patched:
            if call == "fsync":
                patched.setattr(os, "fsync", refuse)
            else:
                patched.setattr(Path, "replace", refuse)
            with pytest.raises(StorageFull, match="make room"):
                writer.add(1, records[7:], source_digest="source 1")
        assert files_of(tmp_path) == before
        open_store(tmp_path).verify()
        writer.add(1, records[7:], source_digest="source 1")
    assert open_store(tmp_path).n_documents == 14


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_a_disk_that_is_truly_full_is_named(tmp_path: Path) -> None:
    with writer_at(tmp_path) as writer:
        (tmp_path / "documents" / ".00000.parquet.tmp").symlink_to("/dev/full")
        with pytest.raises(StorageFull, match="00000"):
            writer.add(0, random_records(3), source_digest="")
    assert files_of(tmp_path / "documents") == {}


def test_a_text_with_half_a_character_is_named(tmp_path: Path) -> None:
    with writer_at(tmp_path) as writer, pytest.raises(InputError, match="ud83d"):
        writer.add(0, [record("d", "broken \ud83d")], source_digest="")


@pytest.mark.parametrize(
    ("strengths", "fault"),
    [
        ({40: (1.0, 0)}, "outside 0 to 39"),
        ({3: (0.0, 0)}, "above zero"),
        ({3: (1e9, 0)}, "finite"),
        ({3: (1.0, 9)}, "beyond the 3 units"),
    ],
)
@pytest.mark.filterwarnings("ignore:overflow")
def test_a_faulty_record_is_refused(
    tmp_path: Path, strengths: dict[int, tuple[float, int]], fault: str
) -> None:
    with writer_at(tmp_path) as writer, pytest.raises(ValueError, match=fault):
        writer.add(0, [record("d", strengths=strengths)], source_digest="")


def test_a_non_zero_of_a_realistic_matrix_takes_less_than_eight_bytes(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    n_features, weights = 16_384, 1 / np.arange(1, 16_385) ** 0.9
    ranks, cumulated = rng.permutation(n_features), np.cumsum(weights / weights.sum())
    text = " ".join(["word"] * 200)
    records = []
    for i in range(600):
        drawn = ranks[np.minimum(np.searchsorted(cumulated, rng.random(600)), n_features - 1)]
        features = rng.permutation(np.unique(drawn))[:300]
        values = rng.gamma(1.5, size=300) + 0.01
        peaks = rng.integers(200, size=300)
        entries = zip(features.tolist(), zip(values, peaks, strict=True), strict=False)
        records.append(record(str(i), text, strengths=dict(entries)))
    write(tmp_path, records, n_features=n_features, size=600)
    n_nonzeros = sum(len(entry.features) for entry in records)
    assert n_nonzeros / 600 > 250
    n_bytes = strengths_path(tmp_path, 0).stat().st_size
    assert n_bytes / n_nonzeros < 4.5
    assert pq.read_table(strengths_path(tmp_path, 0)).num_rows == 600
