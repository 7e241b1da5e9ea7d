"""The manifest: what a store holds, how it was made, and which shards are committed.

A shard counts only once the manifest lists it, so the manifest is written last, and atomically.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from corpuscope.durable import digest_of, digest_of_file, write_durably
from corpuscope.errors import StoreDamaged

__all__ = [
    "FORMAT_VERSION",
    "CommittedShard",
    "Manifest",
    "SkippedEntry",
    "WholeFile",
    "damaged",
    "documents_path",
    "features_path",
    "manifest_path",
    "read_manifest",
    "strengths_path",
    "write_manifest",
]

STORE_FORMAT = "corpuscope store"
FORMAT_VERSION = 1
"""The version of the format that `docs/format.md` describes."""

_DIGEST = "blake2b"

N_SKIPPED_KEPT = 1000
"""How many skipped documents are listed; the others are only counted."""

EXTRACT_AGAIN = "run `corpuscope extract` again: it resumes from the intact shards"


@dataclass(frozen=True, slots=True)
class WholeFile:
    """The expected size in bytes and digest of a committed file."""

    n_bytes: int
    digest: str

    def has_size_of(self, path: Path) -> bool:
        """Whether there is a file of this size at `path`."""
        try:
            return path.stat().st_size == self.n_bytes
        except OSError:
            return False

    def is_at(self, path: Path) -> bool:
        """Whether the file at `path` is this one, by size and digest."""
        return self.has_size_of(path) and digest_of_file(path) == self.digest


@dataclass(frozen=True, slots=True)
class CommittedShard:
    """A committed shard.

    `columns` has the kinds of values of each metadata column in this shard; `skipped` the number
    of documents left out, by reason; `source_digest` is the caller's hash of the documents that
    the shard was made from; `vector_width` the dimension of the documents' embeddings, 0 for none.
    """

    shard: int
    n_documents: int
    n_tokens: int
    n_nonzeros: int
    source_digest: str
    columns: Mapping[str, Sequence[str]]
    skipped: Mapping[str, int]
    documents: WholeFile
    strengths: WholeFile
    vector_width: int = 0


@dataclass(frozen=True, slots=True)
class SkippedEntry:
    """A document that was left out, with the shard it would have been in."""

    shard: int
    id: str
    reason: str
    where: str


@dataclass(frozen=True)
class Manifest:
    """The committed content. Shards and skipped documents are in the order of the corpus."""

    provenance: Mapping[str, Any]
    features: WholeFile
    n_features: int
    shards: tuple[CommittedShard, ...] = ()
    skipped: tuple[SkippedEntry, ...] = field(default=(), repr=False)
    is_complete: bool = False

    def with_shard(self, shard: CommittedShard, *, skipped: Sequence[SkippedEntry]) -> "Manifest":
        """This manifest with one more shard, replacing any other with the same number."""
        shards = [other for other in self.shards if other.shard != shard.shard]
        kept = [other for other in self.skipped if other.shard != shard.shard]
        # Sorting by shard makes the result independent of the order of commits.
        in_order = sorted([*kept, *skipped], key=lambda entry: entry.shard)
        return replace(
            self,
            shards=tuple(sorted([*shards, shard], key=lambda entry: entry.shard)),
            skipped=tuple(in_order[:N_SKIPPED_KEPT]),
            is_complete=False,
        )

    def completed(self) -> "Manifest":
        """This manifest, marked as complete."""
        return replace(self, is_complete=True)

    @property
    def columns(self) -> dict[str, list[str]]:
        """The kinds of values in each metadata column, over all shards."""
        kinds: dict[str, list[str]] = {}
        for shard in self.shards:
            for name, found in shard.columns.items():
                known = kinds.setdefault(name, [])
                known.extend(kind for kind in found if kind not in known)
        return kinds

    @property
    def skipped_counts(self) -> dict[str, int]:
        """The number of documents left out for each reason, over all shards."""
        counts: dict[str, int] = {}
        for shard in self.shards:
            for reason, count in shard.skipped.items():
                counts[reason] = counts.get(reason, 0) + count
        return dict(sorted(counts.items()))

    @property
    def content_digest(self) -> str:
        """A hash of the documents and strengths, which also identifies caches."""
        parts = [(shard.documents.digest, shard.strengths.digest) for shard in self.shards]
        return digest_of(json.dumps([FORMAT_VERSION, self.n_features, parts]).encode())[:32]


def manifest_path(store: Path) -> Path:
    """The path of the manifest."""
    return store / "manifest.json"


def features_path(store: Path) -> Path:
    """The path of the table of features."""
    return store / "features.parquet"


def documents_path(store: Path, shard: int) -> Path:
    """The path of the documents of a shard."""
    return store / "documents" / f"{shard:05d}.parquet"


def strengths_path(store: Path, shard: int) -> Path:
    """The path of the strengths of a shard."""
    return store / "strengths" / f"{shard:05d}.parquet"


def damaged(path: Path, found: str, *, next_step: str = EXTRACT_AGAIN) -> StoreDamaged:
    """The error for a damaged part of a store."""
    return StoreDamaged(f"{path} {found}", expected="an intact store", next_step=next_step)


def write_manifest(store: Path, manifest: Manifest) -> None:
    """Commit `manifest`, atomically.

    Raises:
        StorageFull: The disk is full; the previous manifest is still valid.
    """
    write_durably(manifest_path(store), memoryview(_as_text(manifest).encode()))


def _as_text(manifest: Manifest) -> str:
    # One shard per line: fast to write, and readable in a diff of two stores.
    shards = ",\n  ".join(_json(_shard_as_json(shard)) for shard in manifest.shards)
    fields = {
        "format": _json(STORE_FORMAT),
        "format_version": _json(FORMAT_VERSION),
        "complete": _json(manifest.is_complete),
        "provenance": json.dumps(manifest.provenance, indent=1, sort_keys=True, allow_nan=False),
        "counts": _json(_counts(manifest)),
        "columns": _json(manifest.columns),
        "features": _json(_file_as_json(manifest.features)),
        "skipped": _json(_skipped_as_json(manifest)),
        "shards": f"[\n  {shards}\n]" if shards else "[]",
    }
    # The digest is over parsed values, so that reformatting the file keeps it valid.
    read = json.loads(_as_object(fields))
    return _as_object(fields | {_DIGEST: _json(_digest_of_keys(read))})


def _as_object(fields: Mapping[str, str]) -> str:
    return "{\n" + ",\n".join(f'"{name}": {text}' for name, text in fields.items()) + "\n}\n"


def _json(value: object) -> str:
    return json.dumps(value, allow_nan=False)


def _counts(manifest: Manifest) -> dict[str, int]:
    return {
        "documents": sum(shard.n_documents for shard in manifest.shards),
        "features": manifest.n_features,
        "tokens": sum(shard.n_tokens for shard in manifest.shards),
        "nonzeros": sum(shard.n_nonzeros for shard in manifest.shards),
        "skipped": sum(manifest.skipped_counts.values()),
    }


def _file_as_json(file: WholeFile) -> dict[str, object]:
    return {"bytes": file.n_bytes, "blake2b": file.digest}


def _skipped_as_json(manifest: Manifest) -> dict[str, object]:
    first = [[entry.shard, entry.id, entry.reason, entry.where] for entry in manifest.skipped]
    return {"reasons": manifest.skipped_counts, "first": first}


def _shard_as_json(shard: CommittedShard) -> dict[str, object]:
    vectors = {"vectors": shard.vector_width} if shard.vector_width else {}
    return {
        "shard": shard.shard,
        "documents": shard.n_documents,
        "tokens": shard.n_tokens,
        "nonzeros": shard.n_nonzeros,
        "source_digest": shard.source_digest,
        "columns": {name: list(kinds) for name, kinds in shard.columns.items()},
        "skipped": dict(sorted(shard.skipped.items())),
        "documents_file": _file_as_json(shard.documents),
        "strengths_file": _file_as_json(shard.strengths),
        **vectors,
    }


def read_manifest(store: Path) -> Manifest:
    """The manifest of the store at `store`.

    Raises:
        StoreDamaged: There is none, it cannot be read, or it is of a newer format.
    """
    path = manifest_path(store)
    if not store.is_dir():
        raise damaged(
            store,
            "is not a folder",
            next_step="check the path, or create a store there with `corpuscope extract`",
        )
    try:
        read = json.loads(path.read_bytes())
    except FileNotFoundError as error:
        raise damaged(path, "is missing") from error
    except (OSError, ValueError) as error:
        raise damaged(path, f"cannot be read ({error})", next_step=_AFRESH) from error
    _check_format(path, read)
    _check_digest(path, read)
    try:
        return _manifest(read)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise damaged(
            path, f"has a missing or invalid entry ({error})", next_step=_AFRESH
        ) from error


_AFRESH = "move that store away and run `corpuscope extract` again"


def _check_format(path: Path, read: object) -> None:
    if not isinstance(read, dict) or read.get("format") != STORE_FORMAT:
        raise damaged(path, "is not the manifest of a store", next_step="name another folder")
    version = read.get("format_version")
    if not isinstance(version, int) or version > FORMAT_VERSION:
        raise damaged(
            path,
            f"has format version {version!r}; this corpuscope reads up to {FORMAT_VERSION}",
            next_step="update corpuscope",
        )


def _check_digest(path: Path, read: Mapping[str, Any]) -> None:
    """Raise StoreDamaged if the digest is wrong; early stores have none."""
    if _DIGEST in read and read[_DIGEST] != _digest_of_keys(read):
        raise damaged(path, "has been altered", next_step=_AFRESH)


def _digest_of_keys(read: Mapping[str, Any]) -> str:
    """A hash of all keys except the digest itself, independent of white space."""
    others = {key: value for key, value in read.items() if key != _DIGEST}
    return digest_of(json.dumps(others, sort_keys=True, separators=(",", ":")).encode())


def _manifest(read: Mapping[str, Any]) -> Manifest:
    return Manifest(
        provenance=dict(read["provenance"]),
        features=_whole_file(read["features"]),
        n_features=int(read["counts"]["features"]),
        shards=tuple(_shard(entry) for entry in read["shards"]),
        skipped=tuple(
            SkippedEntry(int(shard), id, reason, where)
            for shard, id, reason, where in read["skipped"]["first"]
        ),
        is_complete=read["complete"] is True,
    )


def _whole_file(read: Mapping[str, Any]) -> WholeFile:
    return WholeFile(n_bytes=int(read["bytes"]), digest=str(read["blake2b"]))


def _shard(read: Mapping[str, Any]) -> CommittedShard:
    return CommittedShard(
        shard=int(read["shard"]),
        n_documents=int(read["documents"]),
        n_tokens=int(read["tokens"]),
        n_nonzeros=int(read["nonzeros"]),
        source_digest=str(read["source_digest"]),
        columns={str(name): tuple(kinds) for name, kinds in read["columns"].items()},
        skipped={str(reason): int(count) for reason, count in read["skipped"].items()},
        documents=_whole_file(read["documents_file"]),
        strengths=_whole_file(read["strengths_file"]),
        vector_width=int(read.get("vectors", 0)),
    )
