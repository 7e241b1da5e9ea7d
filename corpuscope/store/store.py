"""Opens a store; its parts are loaded lazily."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    import pandas as pd

from corpuscope.corpus.document import Role, Skipped
from corpuscope.corpus.texts.languages import what_it_means
from corpuscope.ranges import no_such_column
from corpuscope.shapes import PresenceMatrix
from corpuscope.store.attached import with_attached_labels
from corpuscope.store.cache import Cache
from corpuscope.store.files import StoreFiles
from corpuscope.store.manifest import EXTRACT_AGAIN, Manifest, WholeFile, damaged, read_manifest
from corpuscope.store.matrix import (
    MATRIX_ARRAYS,
    SparseStrengths,
    build_matrix,
    presence_above,
    sparse_strengths,
)
from corpuscope.store.metadata import KINDS, column_name, column_values, row_value
from corpuscope.store.names import read_names, with_given_names
from corpuscope.store.rows import (
    StoredDocument,
    column_of_shards,
    list_elements,
    rows_of_shards,
    stored_documents,
    text_batches,
)
from corpuscope.store.shards import opened_parquet, vector_batches

__all__ = ["Store", "open_store"]


def open_store(path: str | Path) -> "Store":
    """The store in the folder `path`.

    Reads the manifest and checks the sizes of the files that it lists.

    Raises:
        StoreDamaged: There is no readable manifest, or a file is missing or truncated.
    """
    store = Store(Path(path), read_manifest(Path(path)))
    for file, expected in store.files():
        if not expected.has_size_of(file):
            found = f"has {file.stat().st_size}" if file.exists() else "is missing, and had"
            raise damaged(file, f"{found} bytes of {expected.n_bytes}")
    return store


class Store:
    """Documents x features on disk. Rows are numbered from 0 in the order of the corpus.

    Args:
        path: The folder.
        manifest: Its manifest.
    """

    def __init__(self, path: Path, manifest: Manifest) -> None:
        self.path = path
        self._manifest = manifest
        self._cache = Cache(path, manifest.content_digest)
        self._files = StoreFiles(path, manifest, self._cache.checked)

    def __repr__(self) -> str:
        return f"<Store {self.path}: {self.n_documents} documents x {self.n_features} features>"

    @property
    def parts(self) -> "tuple[Store, ...]":
        """The stores that `joined` made it from; otherwise itself alone."""
        return (self,)

    @property
    def n_documents(self) -> int:
        """The number of documents, without skipped ones."""
        return sum(shard.n_documents for shard in self._manifest.shards)

    @property
    def n_features(self) -> int:
        """The number of features of the dictionary."""
        return self._manifest.n_features

    @property
    def provenance(self) -> Mapping[str, Any]:
        """What the strengths depend on, as recorded by the extraction."""
        return self._manifest.provenance

    @property
    def digest(self) -> str:
        """A hash of the documents and strengths."""
        return self._manifest.content_digest

    @property
    def is_complete(self) -> bool:
        """Whether the extraction was finished."""
        return self._manifest.is_complete

    @property
    def warnings(self) -> list[str]:
        """Caveats of any result from this store."""
        languages = what_it_means(self.provenance.get("corpus", {}).get("languages", {}))
        found = [*self._cache.mended, *([languages] if languages else [])]
        if self.is_complete:
            return found
        return [
            *found,
            f"{self.path} is not complete: it has only the first {self.n_documents} documents; "
            f"{EXTRACT_AGAIN}",
        ]

    @property
    def skipped(self) -> list[Skipped]:
        """The documents that were left out, and why; the first 1,000."""
        return [Skipped(s.id, s.reason, s.where) for s in self._manifest.skipped]

    @property
    def skipped_counts(self) -> dict[str, int]:
        """The number of documents left out, by reason."""
        return self._manifest.skipped_counts

    @property
    def columns(self) -> list[str]:
        """The names of the metadata columns."""
        return list(self._manifest.columns)

    @property
    def column_kinds(self) -> dict[str, tuple[str, ...]]:
        """For each metadata column the kinds of values in it, as `docs/format.md` names them."""
        return {name: tuple(kinds) for name, kinds in self._manifest.columns.items()}

    @property
    def n_strengths(self) -> int:
        """The number of strengths of all documents."""
        return sum(shard.n_nonzeros for shard in self._manifest.shards)

    @cached_property
    def features(self) -> "pd.DataFrame":
        """A row for each feature: kind, label, label_source, score, density, threshold.

        Labels of others that were attached to the store take the place of the dictionary's, and
        names that were given to it that of both.
        """
        table = with_attached_labels(self.dictionary_features, self.path)
        return with_given_names(table, read_names(self.path))

    @cached_property
    def dictionary_features(self) -> "pd.DataFrame":
        """The same table with the dictionary's own labels."""
        with opened_parquet(self._files.features()) as file:
            table: pd.DataFrame = file.read().to_pandas()
        return table

    @cached_property
    def thresholds(self) -> npt.NDArray[np.float32]:
        """The strength above which each feature counts as present; 0 where none was given."""
        if "threshold" not in self.features:
            return np.zeros(self.n_features, dtype=np.float32)
        return self.features["threshold"].fillna(0.0).to_numpy(dtype=np.float32)

    @cached_property
    def ids(self) -> npt.NDArray[np.object_]:
        """The ids of all documents."""
        tables = column_of_shards(self._files, ["id"])
        pieces = [table["id"].to_numpy() for table in tables]
        return np.concatenate([*pieces, np.empty(0, dtype=object)])

    @cached_property
    def n_tokens(self) -> npt.NDArray[np.int64]:
        """The number of counted tokens of each document."""
        tables = column_of_shards(self._files, ["n_tokens"])
        pieces = [table["n_tokens"].to_numpy() for table in tables]
        return np.concatenate([*pieces, np.empty(0)]).astype(np.int64)

    def column(self, name: str) -> npt.NDArray[Any]:
        """The metadata value of each document.

        Returns:
            An array of int64, float64 or bool if every document has a value of that type;
            otherwise of Python objects, with None for missing values.

        Raises:
            ColumnNotFound: There is no such column.
        """
        if name not in self._manifest.columns:
            raise no_such_column(self.path, name, self.columns)
        names = {column_name(name, kind): kind for kind in KINDS}
        parts = []
        tables = column_of_shards(self._files, list(names))
        for shard, table in zip(self._manifest.shards, tables, strict=True):
            arrays = {names[c]: table[c].combine_chunks() for c in table.column_names}
            parts.append((shard.n_documents, arrays))
        return column_values(parts)

    def metadata_of(self, row: int) -> dict[str, Any]:
        """The metadata of one document, by column; None for missing values."""
        ends = np.cumsum([shard.n_documents for shard in self._manifest.shards])
        kinds_of = self._manifest.shards[int(np.searchsorted(ends, row, side="right"))].columns
        names = {column_name(name, kind) for name, kinds in kinds_of.items() for kind in kinds}
        cells = self.table([row], *sorted(names)).to_pydict()
        return {name: row_value(cells, name, kinds_of.get(name, ())) for name in self.columns}

    def value_counts(self, name: str) -> dict[str, int]:
        """The number of documents with each value of a metadata column, as text.

        Raises:
            ColumnNotFound: There is no such column.
        """
        if name not in self._manifest.columns:
            raise no_such_column(self.path, name, self.columns)
        found: dict[str, int] = {}
        for table in column_of_shards(self._files, [column_name(name, kind) for kind in KINDS]):
            for column in table.columns:
                for entry in column.value_counts().to_pylist():
                    if entry["values"] is not None:
                        value = str(entry["values"])
                        found[value] = found.get(value, 0) + entry["counts"]
        return found

    def ids_of(self, rows: npt.ArrayLike) -> list[str]:
        """The ids of some documents, in the order of `rows`."""
        ids: list[str] = self.table(rows, "id")["id"].to_pylist()
        return ids

    def texts(self, rows: npt.ArrayLike) -> list[str]:
        """The texts of some documents, in the order of `rows`.

        Cost: about a millisecond per row; use `text_batches` to read all.
        """
        texts: list[str] = self.table(rows, "text")["text"].to_pylist()
        return texts

    def documents(self, rows: npt.ArrayLike) -> list[StoredDocument]:
        """The texts of some documents with their tokens and sentences, in the order of `rows`."""
        return stored_documents(self._files, rows=rows)

    def text_batches(self) -> Iterator[list[str]]:
        """All texts in order, a few hundred at a time."""
        return text_batches(self._files)

    @property
    def vector_width(self) -> int:
        """The dimension of the documents' embeddings; 0 if some have none."""
        # Shards without documents say nothing about embeddings.
        widths = {shard.vector_width for shard in self._manifest.shards if shard.n_documents}
        return widths.pop() if len(widths) == 1 else 0

    def vector_batches(self) -> Iterator[npt.NDArray[np.float16]]:
        """The unit-length embeddings of all documents, a few thousand at a time.

        Raises:
            ValueError: There are none: `vector_width` is 0.
        """
        if not self.vector_width:
            raise ValueError(f"{self.path} has no vectors")
        for shard in self._manifest.shards:
            if shard.n_documents:
                yield from vector_batches(self._files.strengths(shard))

    def roles(self, rows: npt.ArrayLike) -> list[tuple[Role, ...]]:
        """The roles (speakers and their characters) of some documents, in the order of `rows`."""
        cells = self.table(rows, "roles")["roles"].to_pylist()
        return [tuple(Role(**role) for role in roles) for roles in cells]

    def strengths(self) -> SparseStrengths:
        """All strengths by document and by feature, memory-mapped.

        Cost: the first call builds a cache of about 16 bytes per non-zero.

        Raises:
            StoreDamaged: A shard cannot be read.
            StorageFull: The disk is full.
        """
        return self._strengths

    @cached_property
    def _strengths(self) -> SparseStrengths:
        shape = {"n_documents": self.n_documents, "n_features": self.n_features}
        shards = self._manifest.shards
        n_nonzeros = sum(shard.n_nonzeros for shard in self._manifest.shards)
        folder = self.cached_folder(
            "strengths",
            arrays=MATRIX_ARRAYS,
            build=lambda into: build_matrix(
                into,
                shards=[self._files.strengths(shard) for shard in shards],
                n_nonzeros=n_nonzeros,
                **shape,
            ),
        )
        return sparse_strengths(folder, **shape)

    def presence(self, level: float | None = None) -> PresenceMatrix:
        """The presence matrix: where the strength of a feature is above its threshold.

        Args:
            level: Multiplies all thresholds; None leaves them unchanged.
        """
        return presence_above(
            self.strengths(), self.thresholds * np.float32(1.0 if level is None else level)
        )

    def peak_span(self, rows: npt.ArrayLike, feature: int) -> npt.NDArray[np.int64]:
        """The half-open character range of the unit at which a feature peaks in each document.

        Raises:
            ValueError: The feature has no strength in one of the documents.
        """
        rows = np.asarray(rows, dtype=np.int64)
        found = self.strengths().of_feature(feature)
        # Rows ascend, so a binary search finds each document's entry.
        at = np.searchsorted(found.rows, rows)
        if np.any(at >= len(found.rows)) or np.any(found.rows[at] != rows):
            raise ValueError(f"feature {feature} has no strength in some of the rows given")
        kind = self.features["kind"].iloc[feature]
        units = self.table(rows, f"{kind}_starts", f"{kind}_ends")
        peaks = found.peaks[at].astype(np.int64)
        return np.stack(
            [list_elements(units[name], peaks) for name in units.column_names], axis=1
        ).astype(np.int64)

    def files(self) -> Iterator[tuple[Path, WholeFile]]:
        """Every file of the manifest, and its expected size and digest."""
        yield from self._files

    def verify(self) -> None:
        """Read and verify every file, including those of the cache.

        Raises:
            StoreDamaged: A file is not the one that was written.
        """
        self._cache.checked.forget()
        read_manifest(self.path)
        self._files.verify()
        self._cache.verify()

    def cached_folder(
        self, name: str, *, arrays: Sequence[str], build: Callable[[Path], None]
    ) -> Path:
        """A folder of arrays computed from this store; see `Cache.folder`."""
        return self._cache.folder(name, arrays=arrays, build=build)

    def table(self, rows: npt.ArrayLike, *columns: str) -> Any:
        """An Arrow table of some documents, in the order of `rows`.

        Args:
            rows: Which documents.
            columns: Columns of the document files, as listed in `docs/format.md`, such as `text`
                or `token_starts`.

        Cost: unpacks every row group that contains one of the rows, for these columns only.
        """
        return rows_of_shards(self._files, rows=rows, columns=columns)
