"""A store's files, each verified against the manifest before it is read."""

from collections.abc import Iterator
from pathlib import Path

from corpuscope.store.integrity import CheckedFiles
from corpuscope.store.manifest import (
    CommittedShard,
    Manifest,
    WholeFile,
    damaged,
    documents_path,
    features_path,
    strengths_path,
)

__all__ = ["StoreFiles"]


class StoreFiles:
    """The files that a manifest names.

    Args:
        path: The store's folder.
        manifest: The store's manifest.
        checked: Remembers which files were verified.
    """

    def __init__(self, path: Path, manifest: Manifest, checked: CheckedFiles) -> None:
        self.path, self.manifest = path, manifest
        self._checked = checked

    def __iter__(self) -> Iterator[tuple[Path, WholeFile]]:
        """Every file, and its expected size and digest."""
        yield features_path(self.path), self.manifest.features
        for shard in self.manifest.shards:
            yield documents_path(self.path, shard.shard), shard.documents
            yield strengths_path(self.path, shard.shard), shard.strengths

    def features(self) -> Path:
        """Path of the table of features.

        Raises:
            StoreDamaged: It is not the one that was committed.
        """
        return self._whole(features_path(self.path), self.manifest.features)

    def documents(self, shard: CommittedShard) -> Path:
        """Path of the documents of a shard.

        Raises:
            StoreDamaged: They are not those that were committed.
        """
        return self._whole(documents_path(self.path, shard.shard), shard.documents)

    def strengths(self, shard: CommittedShard) -> Path:
        """Path of the strengths of a shard.

        Raises:
            StoreDamaged: They are not those that were committed.
        """
        return self._whole(strengths_path(self.path, shard.shard), shard.strengths)

    def verify(self) -> None:
        """Verify every file against the manifest.

        Raises:
            StoreDamaged: A file is not the one that was committed.
        """
        for file, expected in self:
            self._whole(file, expected)

    def _whole(self, file: Path, expected: WholeFile) -> Path:
        if not self._checked.is_whole(file, expected):
            found = "is not the file that was committed" if file.exists() else "is missing"
            raise damaged(file, found)
        return file
