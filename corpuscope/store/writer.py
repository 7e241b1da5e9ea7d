"""Writes a store shard by shard; a kill at any time loses at most the shard being written.

Each file is written under a temporary name, synced to disk and renamed; the manifest, which makes
it count, comes last. A writer opened on an unfinished store resumes it.
"""

import contextlib
import json
import os
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from corpuscope.corpus.document import Skipped
from corpuscope.durable import TEMPORARY_SUFFIX, digest_of, room_on_disk, write_durably
from corpuscope.errors import CorpusChanged, FeatureMismatch, InputError
from corpuscope.store.checks import check_features, check_folder, check_provenance, check_records
from corpuscope.store.manifest import (
    CommittedShard,
    Manifest,
    SkippedEntry,
    WholeFile,
    documents_path,
    features_path,
    manifest_path,
    read_manifest,
    strengths_path,
    write_manifest,
)
from corpuscope.store.metadata import kinds_of_columns
from corpuscope.store.shards import DocumentRecord, documents_bytes, strengths_bytes, vector_width

__all__ = ["CommittedShard", "DocumentRecord", "StoreWriter"]


class StoreWriter:
    """Writes shards into a folder and commits them one by one; use it in a `with` statement.

    Args:
        path: The folder, created if necessary; an unfinished store in it is resumed.
        provenance: What the strengths depend on, as JSON values: reader, dictionary, masks,
            presence rule; the key `corpus` describes the corpus.
        features: A row for each feature of the dictionary, with the columns that
            `docs/format.md` lists. Row `i` describes feature `i`.
    """

    def __init__(
        self, path: str | Path, *, provenance: Mapping[str, Any], features: pa.Table
    ) -> None:
        self._path = Path(path)
        self._provenance: dict[str, Any] = json.loads(json.dumps(provenance, allow_nan=False))
        self._features = features.replace_schema_metadata(None)
        self._open = contextlib.ExitStack()
        self._committed: Manifest | None = None

    def __enter__(self) -> "StoreWriter":
        """Create the folder, or resume the store in it.

        Raises:
            FeatureMismatch: The store there has another dictionary or other settings.
            CorpusChanged: The store there is of another corpus.
            InputError: The folder holds other files, or is being written by another process.
            StoreDamaged: The manifest there cannot be read.
            StorageFull: The disk is full.
        """
        check_features(self._features)
        with room_on_disk(self._path):
            check_folder(self._path)
            for folder in (self._path, self._path / "documents", self._path / "strengths"):
                folder.mkdir(parents=True, exist_ok=True)
        self._open.enter_context(_only_writer(self._path))
        # Release the lock if the rest fails; otherwise keep it until `__exit__`.
        with contextlib.ExitStack() as on_failure:
            on_failure.push(self._open)
            _remove_leftovers(self._path)
            self._committed = self._resumed() if self._has_manifest() else self._created()
            on_failure.pop_all()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Release the lock; what was not committed is left to the next writer."""
        self._open.close()

    @property
    def n_committed(self) -> int:
        """The number of shards in the manifest, intact or not."""
        return len(self._manifest.shards)

    def committed(self, shard: int) -> CommittedShard | None:
        """The manifest's entry of this shard, or None if it must be written (again).

        Both files are read and verified.
        """
        entry = next((entry for entry in self._manifest.shards if entry.shard == shard), None)
        if entry is None:
            return None
        documents_are_whole = entry.documents.is_at(documents_path(self._path, shard))
        strengths_are_whole = entry.strengths.is_at(strengths_path(self._path, shard))
        return entry if documents_are_whole and strengths_are_whole else None

    def add(
        self,
        shard: int,
        records: Sequence[DocumentRecord],
        *,
        skipped: Sequence[Skipped] = (),
        source_digest: str,
    ) -> CommittedShard:
        """Write a shard and commit it, replacing any shard with this number.

        Args:
            shard: Its number in the store, from 0.
            records: Its documents, in the order of the corpus.
            skipped: The documents among them that were left out.
            source_digest: A hash of the documents that the shard was made from.

        Raises:
            InputError: A text or metadata cannot be stored.
            StorageFull: The disk is full; shards committed before are safe.
        """
        check_records(records, n_features=self._manifest.n_features)
        entry = CommittedShard(
            shard=shard,
            n_documents=len(records),
            n_tokens=sum(record.n_tokens for record in records),
            n_nonzeros=sum(len(record.features) for record in records),
            source_digest=source_digest,
            columns=kinds_of_columns([record.document for record in records]),
            skipped=Counter(skip.reason for skip in skipped),
            documents=_written(documents_path(self._path, shard), documents_bytes(records)),
            strengths=_written(strengths_path(self._path, shard), strengths_bytes(records)),
            vector_width=vector_width(records),
        )
        entries = [SkippedEntry(shard, s.id, s.reason, str(s.where)) for s in skipped]
        self._commit(self._manifest.with_shard(entry, skipped=entries))
        return entry

    def finish(self, *, n_shards: int | None = None) -> None:
        """Mark the store as complete.

        Args:
            n_shards: The number of shards of the corpus, if known.

        Raises:
            CorpusChanged: The store has more shards than the corpus.
        """
        numbers = [entry.shard for entry in self._manifest.shards]
        expected = len(numbers) if n_shards is None else n_shards
        if len(numbers) > expected:
            raise CorpusChanged(
                f"{self._path} has {len(numbers)} shards",
                expected=f"the {expected} of the corpus",
                next_step="extract into a new folder",
            )
        if numbers != list(range(expected)):
            raise ValueError(f"shards {numbers} are committed, but 0 to {expected - 1} were due")
        if not self._manifest.is_complete:
            self._commit(self._manifest.completed())

    @property
    def _manifest(self) -> Manifest:
        if self._committed is None:
            raise RuntimeError("a StoreWriter works inside a `with` statement")
        return self._committed

    def _commit(self, manifest: Manifest) -> None:
        write_manifest(self._path, manifest)
        self._committed = manifest

    def _has_manifest(self) -> bool:
        return manifest_path(self._path).exists()

    def _created(self) -> Manifest:
        features = _written(features_path(self._path), _features_bytes(self._features))
        manifest = Manifest(self._provenance, features, n_features=self._features.num_rows)
        write_manifest(self._path, manifest)
        return manifest

    def _resumed(self) -> Manifest:
        manifest = read_manifest(self._path)
        if not any(shard.n_documents for shard in manifest.shards):
            # An empty store is started anew: there is nothing to lose, and settings may be fixed.
            return self._created()
        check_provenance(self._path, manifest.provenance, self._provenance)
        content = _features_bytes(self._features)
        if digest_of(content) != manifest.features.digest:
            raise FeatureMismatch(
                f"{features_path(self._path)} describes other features, labels or thresholds",
                expected="the table of features that the store was started with",
                next_step="extract into a new folder, or use the same dictionary",
            )
        if not manifest.features.is_at(features_path(self._path)):
            write_durably(features_path(self._path), content)
        return manifest


def _written(path: Path, content: memoryview) -> WholeFile:
    write_durably(path, content)
    return WholeFile(n_bytes=content.nbytes, digest=digest_of(content))


def _features_bytes(features: pa.Table) -> memoryview:
    sink = pa.BufferOutputStream()
    pq.write_table(features, sink, compression="zstd", store_schema=False)
    return memoryview(sink.getvalue())


@contextlib.contextmanager
def _only_writer(path: Path) -> Iterator[None]:
    """A context with an exclusive lock on the store, released by the system on a kill."""
    try:
        import fcntl
    except ImportError:  # Not on Windows.
        yield
        return
    descriptor = os.open(path, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        os.close(descriptor)
        raise InputError(
            f"another process is writing {path}",
            expected="one writer at a time",
            next_step="wait for it to end, or extract into a new folder",
        ) from error
    except OSError:  # Some network file systems have no locks.
        pass
    try:
        yield
    finally:
        os.close(descriptor)


def _remove_leftovers(path: Path) -> None:
    for folder in (path, path / "documents", path / "strengths"):
        for leftover in folder.glob(f".*{TEMPORARY_SUFFIX}"):
            leftover.unlink()
