"""Reads a table of labels: CSV, Parquet, JSON or JSON lines, with a column of feature numbers.

Names of columns do not depend on case. Frames of HypotheSAEs (`neuron_idx`, `interpretation`) are
such tables, and so is one JSON object from feature numbers to labels.
"""

import gzip
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from corpuscope.errors import InputError
from corpuscope.labels.foreign.label_table import ForeignLabels, label_table
from corpuscope.labels.foreign.origin import LabelOrigin

__all__ = ["is_table", "read_table"]

# The first column that a table has is the one read.
_FEATURE = ("feature", "feature_index", "feature_idx", "feature_id", "latent", "latent_index",
            "latent_id", "neuron_idx", "neuron_index", "neuron", "index")  # fmt: skip
_LABEL = ("label", "description", "explanation", "interpretation", "name", "concept")
_OTHER = {
    "source": ("label_source", "source"),
    "explainer": ("explainer", "explanationmodelname", "explainer_model"),
    "method": ("method", "typename"),
    "author": ("author", "authorid"),
    "score": ("score",),
    "score_kind": ("score_kind",),
    "created_at": ("created_at", "createdat", "date"),
    "sae_id": ("sae_id",),
    "source_id": ("source_id", "id"),
    "licence": ("licence", "license"),
}
# HypotheSAEs names its score after the measure, such as `f1_fidelity_score`.
_FIDELITY = "_fidelity_score"
_SUFFIXES = (".csv", ".tsv", ".parquet", ".json", ".jsonl", ".ndjson")
_RESERVED = ("here", "dictionary", "word", "number", "unknown")
_NEEDS = (
    f"a column of feature numbers ({', '.join(_FEATURE[:4])}, ... or index) and one of labels "
    f"({', '.join(_LABEL[:4])})"
)
_MODEL = ("model", "modelid", "model_id")


def is_table(path: Path) -> bool:
    """Whether a file has the name of a table, packed by gzip or not."""
    return path.is_file() and _suffix(path) in _SUFFIXES


def read_table(path: Path) -> ForeignLabels:
    """The labels of a table; without a column that says who gave them, its file's name says so.

    Raises:
        InputError: There is no column of features or of labels, a feature is no whole number, or
            the file cannot be read.
    """
    frame = _opened(path)
    frame.columns = [str(name).strip().lower() for name in frame.columns]
    feature, label = (_first(frame, names) for names in (_FEATURE, _LABEL))
    if feature is None or label is None:
        raise InputError(
            f"{path} has the columns {', '.join(map(str, frame.columns)) or '(none)'}",
            expected=_NEEDS,
            next_step="rename two of its columns",
        )
    # Candidates for one feature come as a list.
    frame = frame.explode(label, ignore_index=True)
    columns: dict[str, Any] = {
        name: frame[found].tolist()
        for name, names in _OTHER.items() if (found := _first(frame, names))
    }  # fmt: skip
    columns |= _fidelity(frame) if "score" not in columns else {}
    columns["source"] = _sources(columns.get("source"), path, len(frame))
    table = label_table(_numbers(frame[feature], path), frame[label].tolist(), columns)
    return ForeignLabels("table", table, _origin(table, frame))


def _suffix(path: Path) -> str:
    name = path.name.lower().removesuffix(".gz")
    return Path(name).suffix


def _first(frame: pd.DataFrame, names: Sequence[str]) -> str | None:
    return next((name for name in names if name in frame.columns), None)


def _opened(path: Path) -> pd.DataFrame:
    try:
        match _suffix(path):
            case ".csv":
                return pd.read_csv(path, keep_default_na=False, na_values=[""])
            case ".tsv":
                return pd.read_csv(path, sep="\t", keep_default_na=False, na_values=[""])
            case ".parquet":
                return pd.read_parquet(path)
            case ".json":
                return _frame_of(json.loads(_text(path)))
            case _:
                return pd.DataFrame([json.loads(one) for one in _text(path).splitlines() if one])
    except (OSError, EOFError, ValueError, AttributeError, TypeError) as error:
        raise InputError(
            f"{path} cannot be read as a table ({type(error).__name__}: {error})",
            expected=_NEEDS,
            next_step="check the file, or save it as CSV, Parquet or JSON lines",
        ) from error


def _text(path: Path) -> str:
    content = path.read_bytes()
    return (gzip.decompress(content) if path.suffix == ".gz" else content).decode("utf-8-sig")


def _frame_of(value: Any) -> pd.DataFrame:
    """The table in a JSON value: rows, columns, or labels by feature number."""
    if isinstance(value, list):
        return pd.DataFrame(value)
    if not isinstance(value, Mapping):
        raise ValueError(f"{type(value).__name__} in place of rows")
    inner = [one for one in value.values() if isinstance(one, list)]
    if len(inner) == 1 and inner[0] and isinstance(inner[0][0], dict):
        return pd.DataFrame(inner[0])
    if value and all(str(key).strip().isdigit() for key in value):
        rows = [
            {"label": one} if not isinstance(one, Mapping) else dict(one) for one in value.values()
        ]
        return pd.DataFrame(rows).assign(feature=list(value))
    return pd.DataFrame(value)


def _numbers(values: "pd.Series[Any]", path: Path) -> list[int]:
    found = pd.to_numeric(values, errors="coerce").to_numpy(dtype=np.float64)
    wrong = np.flatnonzero(~(np.isfinite(found) & (found == np.floor(found))))
    if len(wrong):
        value = values.tolist()[int(wrong[0])]
        raise InputError(
            f"row {int(wrong[0]) + 1} of {path} has the feature {value!r}",
            expected="a whole number in each row",
            next_step="correct the table",
        )
    numbers: list[int] = found.astype(np.int64).tolist()
    return numbers


def _fidelity(frame: pd.DataFrame) -> dict[str, Any]:
    name = next((one for one in frame.columns if str(one).endswith(_FIDELITY)), None)
    return {} if name is None else {"score": frame[name].tolist(), "score_kind": name}


def _sources(given: Sequence[object] | None, path: Path, n: int) -> list[str]:
    found = [
        one if isinstance(one, str) and one.strip() else path.name for one in given or [""] * n
    ]
    if taken := sorted(set(found) & set(_RESERVED)):
        raise InputError(
            f"{path} says {taken[0]!r} of who gave a label",
            expected=f"another name than {', '.join(_RESERVED)}, which mean something else",
            next_step="rename it, such as to people",
        )
    return found


def _origin(table: pd.DataFrame, frame: pd.DataFrame) -> LabelOrigin:
    """What the table says of its dictionary, if it says it once."""
    ids = [one for one in table["sae_id"].dropna().unique() if str(one).strip()]
    column = _first(frame, _MODEL)
    models = [] if column is None else frame[column].dropna().unique().tolist()
    return LabelOrigin(
        str(ids[0]) if len(ids) == 1 else None, str(models[0]) if len(models) == 1 else None
    )
