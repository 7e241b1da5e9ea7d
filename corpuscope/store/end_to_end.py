"""Several stores as one: their documents concatenated, in the order of the stores."""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from corpuscope.store.files import StoreFiles
from corpuscope.store.manifest import N_SKIPPED_KEPT, CommittedShard, Manifest, WholeFile
from corpuscope.store.store import Store

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["joined"]


def joined(stores: Sequence[Store]) -> Store:
    """One store of all documents; a single store is returned as is.

    Features, labels, thresholds and provenance are those of the first store. Results computed
    from all documents are cached in the first store.

    Args:
        stores: One or more, of the same dictionary, which is not checked here.
    """
    return stores[0] if len(stores) == 1 else _JoinedStore(tuple(stores))


class _JoinedStore(Store):
    """The shards of several stores under one manifest, renumbered."""

    def __init__(self, stores: tuple[Store, ...]) -> None:
        self._parts = stores
        self.path = Path("+".join(str(store.path) for store in stores))
        self._files = _JoinedFiles([store._files for store in stores])
        self._manifest = self._files.manifest
        self._cache = stores[0]._cache

    def __eq__(self, other: object) -> bool:
        """Whether these are the same opened stores in the same order."""
        return isinstance(other, _JoinedStore) and self._parts == other._parts

    def __hash__(self) -> int:
        return hash(self._parts)

    @property
    def parts(self) -> tuple[Store, ...]:
        """The stores."""
        return self._parts

    @cached_property
    def features(self) -> "pd.DataFrame":
        """The table of the first store, with the labels that were attached or given to it."""
        return self._parts[0].features

    @property
    def digest(self) -> str:
        """The digests of the stores, joined by a plus."""
        return "+".join(store.digest for store in self._parts)

    @property
    def warnings(self) -> list[str]:
        """The warnings of all stores."""
        return [warning for store in self._parts for warning in store.warnings]

    def verify(self) -> None:
        """Verify each of them."""
        for store in self._parts:
            store.verify()

    def cached_folder(
        self, name: str, *, arrays: Sequence[str], build: Callable[[Path], None]
    ) -> Path:
        """A folder of arrays computed from all stores; see `Cache.folder`."""
        # The folder is in the first store's cache, so its name must depend on all stores.
        of_all = hashlib.blake2b(self.digest.encode(), digest_size=8).hexdigest()
        return self._cache.folder(f"{name}-of-{of_all}", arrays=arrays, build=build)


class _JoinedFiles(StoreFiles):
    """The files of several stores, by the new numbers of their shards."""

    def __init__(self, parts: Sequence[StoreFiles]) -> None:
        self._parts = parts
        self._owners = [(files, shard) for files in parts for shard in files.manifest.shards]
        shards = (replace(shard, shard=at) for at, (_, shard) in enumerate(self._owners))
        skipped = [entry for files in parts for entry in files.manifest.skipped]
        self.path = parts[0].path
        self.manifest: Manifest = replace(
            parts[0].manifest,
            shards=tuple(shards),
            skipped=tuple(skipped[:N_SKIPPED_KEPT]),
            is_complete=all(files.manifest.is_complete for files in parts),
        )

    def __iter__(self) -> Iterator[tuple[Path, WholeFile]]:
        for files in self._parts:
            yield from files

    def features(self) -> Path:
        return self._parts[0].features()

    def documents(self, shard: CommittedShard) -> Path:
        files, own = self._owners[shard.shard]
        return files.documents(own)

    def strengths(self, shard: CommittedShard) -> Path:
        files, own = self._owners[shard.shard]
        return files.strengths(own)

    def verify(self) -> None:
        for files in self._parts:
            files.verify()
