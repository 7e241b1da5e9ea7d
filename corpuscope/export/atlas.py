"""A store as Parquet for Embedding Atlas: documents with a column of features, and the features."""

import json
import shlex
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from corpuscope.durable import new_folder
from corpuscope.errors import InputError
from corpuscope.export.atlas_rule import AtlasSettings, FeatureLevels, feature_levels, listed
from corpuscope.export.documents import DocumentColumns, document_columns, store_names
from corpuscope.export.features import feature_table
from corpuscope.export.result import Export, bytes_of_files
from corpuscope.export.strengths import UNIT_COLUMNS, peak_spans
from corpuscope.labels.named_store import UNNAMED, NamedStore
from corpuscope.store.joined import Stores
from corpuscope.store.pieces import Piece, pieces

__all__ = ["export_atlas"]

_OF_ROLES = pa.struct([("feature", pa.string()), ("source", pa.string()), ("index", pa.int32())])
_RELATION = "mainKey=UNNEST({});key=feature"


def export_atlas(
    store: Stores,
    into: str | Path,
    *,
    topics: Mapping[int, Sequence[str]] | None = None,
    settings: AtlasSettings | None = None,
) -> Export:
    """Write a store into a new folder for Embedding Atlas: two Parquet files.

    `documents.parquet` has texts, metadata, `features` (the names of those that stand out in
    each document) and, if all documents have one, their embedding as `vector`.
    `features.parquet` has `feature` (the same names), `description` and figures for those that
    are listed anywhere. A name is a label with the feature's number, since labels are not
    unique. The rule by which features are listed is in the metadata of both files, under
    `corpuscope`.

    Args:
        store: What to export. Several stores of one dictionary are read as one.
        into: The folder.
        topics: Names of topics by feature, as a column of `features.parquet`; a feature may have
            several.
        settings: Which features are listed.

    Memory: one shard. Cost: the first time a store's strengths are sorted by feature.

    Raises:
        InputError: There is something at `into` already, or a topic is of an unknown feature.
        FeatureMismatch: The stores were read with different dictionaries.
        StoreDamaged: A store cannot be read.
        StorageFull: The disk is full.
    """
    source, path, rule = NamedStore(store), Path(into), settings or AtlasSettings()
    _check_topics(topics, source.as_one.n_features)
    columns = document_columns(source, texts=True, taken=("features", "vector"))
    levels = feature_levels(source.as_one, rule)
    names = [_name(source, feature) for feature in range(len(levels.counts))]
    about = {b"corpuscope": json.dumps(_about(source, rule), ensure_ascii=False).encode()}
    with new_folder(path) as folder:
        n_listed = _write_documents(folder, source, columns, levels, names, rule, about)
        features = _features(source, levels, names, topics).replace_schema_metadata(about)
        pq.write_table(features, folder / "features.parquet", compression="zstd")
    return Export(
        format="atlas",
        path=path,
        files=bytes_of_files(path),
        counts={
            "documents": source.n_documents,
            "features": int(np.isfinite(levels.levels).sum()),
            "listed": n_listed,
        },
        notes=(*columns.notes, rule.sentence, f"to open it: {_command(source, path, rule)}"),
        warnings=tuple(source.warnings),
    )


def _check_topics(topics: Mapping[int, Sequence[str]] | None, n_features: int) -> None:
    unknown = [feature for feature in topics or () if not 0 <= feature < n_features]
    if unknown:
        raise InputError(
            f"topics of feature {unknown[0]}",
            expected=f"numbers of features from 0 to {n_features - 1}",
            next_step="take the numbers of the store's own features",
        )


def _name(source: NamedStore, feature: int) -> str:
    if source.label_source(feature) == UNNAMED:
        return source.label(feature)
    return f"{source.label(feature)} [{feature}]"


def _about(source: NamedStore, rule: AtlasSettings) -> dict[str, Any]:
    stores = zip(store_names(source), source.stores, strict=True)
    return {
        **rule.to_json(),
        "stores": [{"name": name, "digest": store.digest} for name, store in stores],
    }


def _command(source: NamedStore, path: Path, rule: AtlasSettings) -> str:
    names = "list_transform(features, s -> s.feature)" if rule.by_role else "features"
    words = ["embedding-atlas", str(path / "documents.parquet"), "--text", "text"]
    if source.as_one.vector_width:
        words += ["--vector", "vector"]
    words += ["--features", "features", "--table", "features", str(path / "features.parquet")]
    words += ["--table-relation", "features", _RELATION.format(names)]
    return shlex.join(words)


def _write_documents(
    folder: Path,
    source: NamedStore,
    columns: DocumentColumns,
    levels: FeatureLevels,
    names: Sequence[str],
    rule: AtlasSettings,
    about: Mapping[bytes, bytes],
) -> int:
    """Write the documents; returns how many features are listed, over all of them."""
    whole, n_listed = source.as_one, 0
    width = whole.vector_width
    fields = [pa.field("features", pa.list_(_OF_ROLES if rule.by_role else pa.string()))]
    if width:
        fields.append(pa.field("vector", pa.list_(pa.float32())))
    schema = pa.schema([*columns.schema, *fields], metadata=dict(about))
    wanted = [*columns.sources, *([*UNIT_COLUMNS, "roles"] if rule.by_role else [])]
    every = pa.array(names, pa.string())
    with pq.ParquetWriter(folder / "documents.parquet", schema, compression="zstd") as file:
        for piece in pieces(whole, wanted, vectors=width > 0):
            chosen = listed(piece, levels, whole.thresholds, most=rule.most_features)
            values = every.take(pa.array(piece.strengths.features[chosen]))
            if rule.by_role:
                values = _with_roles(piece, source, chosen, values)
            table = columns.table(piece)
            table = table.append_column(fields[0], _lists(piece, chosen, values))
            if width and piece.vectors is not None:
                flat = pa.array(piece.vectors.astype(np.float32).reshape(-1))
                starts = pa.array(np.arange(piece.n_documents + 1, dtype=np.int32) * width)
                table = table.append_column(fields[1], pa.ListArray.from_arrays(starts, flat))
            file.write_table(table.cast(schema))
            n_listed += len(chosen)
    return n_listed


def _lists(piece: Piece, chosen: npt.NDArray[np.int64], values: Any) -> Any:
    """The values of the chosen strengths as a list for each document."""
    n_each = np.bincount(piece.entry_rows[chosen], minlength=piece.n_documents)
    ends = np.concatenate([[0], np.cumsum(n_each)]).astype(np.int32)
    return pa.ListArray.from_arrays(pa.array(ends), values)


def _with_roles(piece: Piece, source: NamedStore, chosen: npt.NDArray[np.int64], names: Any) -> Any:
    """Each name with the role, and the number of the turn, in which its peak begins."""
    starts = peak_spans(piece, source)[chosen, 0]
    roles = piece.table["roles"].to_pylist()
    sources: list[str | None] = []
    turns: list[int | None] = []
    for row, start in zip(piece.entry_rows[chosen].tolist(), starts.tolist(), strict=True):
        found = next(
            (
                (turn, one["role"])
                for turn, one in enumerate(roles[row])
                if one["start"] <= start < one["end"]
            ),
            (None, None),
        )
        turns.append(found[0])
        sources.append(found[1])
    return pa.StructArray.from_arrays(
        [names, pa.array(sources, pa.string()), pa.array(turns, pa.int32())],
        fields=list(_OF_ROLES),
    )


def _features(
    source: NamedStore,
    levels: FeatureLevels,
    names: Sequence[str],
    topics: Mapping[int, Sequence[str]] | None,
) -> Any:
    table = feature_table(source, levels.counts)
    table = table[np.isfinite(levels.levels)]
    numbers = table["feature"].tolist()
    found = {
        "feature": pa.array([names[feature] for feature in numbers], pa.string()),
        "description": pa.array([_description(row) for row in table.itertuples()], pa.string()),
        "number": pa.array(numbers, pa.int64()),
        "kind": pa.array(table["kind"], pa.string()),
        "label": pa.array(table["label"], pa.string()),
        "label_source": pa.array(table["label_source"], pa.string()),
        "score": pa.array(table["score"].astype(float), from_pandas=True),
        "n_documents": pa.array(table["n_documents"], pa.int64()),
        "rate": pa.array(table["rate"], pa.float64()),
    }
    if topics is not None:
        own = [list(topics.get(feature, ())) for feature in numbers]
        found["topics"] = pa.array(own, pa.list_(pa.string()))
    return pa.table(found)


def _description(row: Any) -> str:
    origin = "no label" if row.label_source == UNNAMED else f"label from {row.label_source}"
    return f"{row.kind} feature {row.feature}, {origin}, present in {row.rate:.2%} of documents"
