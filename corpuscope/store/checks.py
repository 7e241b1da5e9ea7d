"""Checks before a store is written: foreign folders, other settings, invalid records."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from corpuscope.durable import TEMPORARY_SUFFIX
from corpuscope.errors import CorpusChanged, FeatureMismatch, InputError
from corpuscope.store.manifest import manifest_path
from corpuscope.store.shards import DocumentRecord

__all__ = ["check_features", "check_folder", "check_provenance", "check_records"]

_DESCRIPTIVE = "corpus.languages"
"""Provenance that only describes the corpus, and does not affect strengths."""

_OWN_NAMES = {"documents", "strengths", "cache", "features.parquet", "names.json"}


def check_features(features: pa.Table) -> None:
    """Raise ValueError unless row `i` of the table describes feature `i` and its kind."""
    missing = {"feature", "kind"} - set(features.column_names)
    if missing:
        raise ValueError(f"the table of features lacks {sorted(missing)}")
    if features["feature"].to_pylist() != list(range(features.num_rows)):
        raise ValueError("row i of the table of features must describe feature i")
    kinds = set(features["kind"].to_pylist())
    if not kinds <= {"token", "sentence"}:
        raise ValueError(f"the kind of a feature is token or sentence, not {sorted(kinds)}")


def check_folder(path: Path) -> None:
    """Check that a store may be written at `path`.

    Raises:
        InputError: Other files are there.
    """
    if not path.exists():
        return
    strangers = {entry.name for entry in path.iterdir()} if path.is_dir() else {path.name}
    strangers -= _OWN_NAMES
    if manifest_path(path).exists() or all(n.endswith(TEMPORARY_SUFFIX) for n in strangers):
        return
    raise InputError(
        f"{path} holds {sorted(strangers)[:3]} and no store",
        expected="a store, an empty folder or a new name",
        next_step="extract into a new folder",
    )


def check_provenance(path: Path, there: Mapping[str, Any], given: Mapping[str, Any]) -> None:
    """Check that a store may be resumed.

    Raises:
        CorpusChanged: Only the description of the corpus differs.
        FeatureMismatch: The dictionary or a setting differs.
    """
    # Flat dotted keys, so that the message names exactly what differs.
    old, new = _flat(there), _flat(given)
    keys = [
        key
        for key in sorted(old.keys() | new.keys())
        if old.get(key) != new.get(key) and not key.startswith(_DESCRIPTIVE)
    ]
    if not keys:
        return
    only_corpus = all(key.split(".")[0] == "corpus" for key in keys)
    kind = CorpusChanged if only_corpus else FeatureMismatch
    raise kind(
        f"{path} was extracted with {_settings(old, keys)}; now given: {_settings(new, keys)}",
        expected="the same corpus" if only_corpus else "the same dictionary and settings",
        next_step="extract into a new folder, or with what the store was started with",
    )


def _flat(nested: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    flat: dict[str, Any] = {}
    for key, value in nested.items():
        name = f"{prefix}{key}"
        flat |= _flat(value, f"{name}.") if isinstance(value, Mapping) else {name: value}
    return flat


def _settings(flat: Mapping[str, Any], keys: Sequence[str]) -> str:
    shown = [f"{key}={flat[key]!r}" if key in flat else f"no {key}" for key in keys[:8]]
    return ", ".join(shown) + (f" and {len(keys) - 8} more" if len(keys) > 8 else "")


def check_records(records: Sequence[DocumentRecord], *, n_features: int) -> None:
    """Raise ValueError if a record violates the contract of `DocumentRecord`."""
    for record in records:
        for fault in _faults(record, n_features):
            raise ValueError(f"record of document {record.document.id!r}: {fault}")


def _faults(record: DocumentRecord, n_features: int) -> Iterator[str]:
    features, strengths, peaks = record.features, record.strengths, record.peaks
    n_units = max(len(record.token_spans), len(record.sentence_spans))
    if not len(features) == len(strengths) == len(peaks):
        yield "features, strengths and peaks differ in length"
    if len(features) and not (features[0] >= 0 and features[-1] < n_features):
        yield f"features lie outside 0 to {n_features - 1}"
    if np.any(features[1:] <= features[:-1]):
        yield "features do not ascend"
    if strengths.dtype != np.float16 or not np.all((strengths > 0) & np.isfinite(strengths)):
        yield "strengths are not above zero and finite in float16"
    if np.any(peaks >= n_units):
        yield f"a peak lies beyond the {n_units} units"
    if record.vector is not None and not _is_vector(record.vector):
        yield "the vector is not finite float16"


def _is_vector(vector: npt.NDArray[Any]) -> bool:
    return vector.ndim == 1 and vector.dtype == np.float16 and bool(np.all(np.isfinite(vector)))
