"""Labels of others that were attached to a store or a dictionary: all of them, in `labels.parquet`.

One label of a feature at most is shown; the others are kept beside it. Names that people or a
language model gave on this store's own texts (`names.json`) come before them.
"""

from collections.abc import Sequence
from io import BytesIO
from pathlib import Path

import pandas as pd

from corpuscope.durable import write_durably
from corpuscope.errors import StoreDamaged

__all__ = ["attached_path", "read_attached", "save_attached", "with_attached_labels"]

_SHOWN = ("feature", "label", "source", "score")
_IS_SHOWN = "is_shown"


def attached_path(folder: Path) -> Path:
    """The file of attached labels of a store or dictionary."""
    return folder / "labels.parquet"


def read_attached(folder: Path) -> pd.DataFrame | None:
    """All attached labels, `is_shown` saying which; None if there is no file.

    Raises:
        StoreDamaged: The file is no table of labels.
    """
    return _read(folder, None)


def save_attached(folder: Path, labels: pd.DataFrame) -> None:
    """Replace the attached labels of a store or dictionary, atomically.

    Args:
        folder: The folder.
        labels: `feature`, `label`, `source`, `score`, `is_shown` and any other columns; one label
            of a feature at most is shown.
    """
    content = BytesIO()
    labels.to_parquet(content, index=False, compression="zstd")
    write_durably(attached_path(folder), content.getbuffer())


def with_attached_labels(features: pd.DataFrame, folder: Path) -> pd.DataFrame:
    """A table of features with the attached labels that are shown in place of its own.

    Raises:
        StoreDamaged: The file of labels cannot be read.
    """
    labels = _read(folder, [*_SHOWN, _IS_SHOWN])
    if labels is None:
        return features
    shown = labels[labels[_IS_SHOWN] & labels["feature"].between(0, len(features) - 1)]
    shown = shown.drop_duplicates("feature")
    table = features.copy()
    at = shown["feature"].to_numpy()
    for column, given in (("label", "label"), ("label_source", "source"), ("score", "score")):
        kind = float if column == "score" else object
        values = table[column] if column in table else pd.Series([None] * len(table), dtype=kind)
        filled = values.astype(kind).to_numpy(copy=True)
        filled[at] = shown[given].to_numpy(dtype=kind)
        table[column] = pd.Series(filled, index=table.index, dtype=kind)
    return table


def _read(folder: Path, columns: Sequence[str] | None) -> pd.DataFrame | None:
    path = attached_path(folder)
    if not path.is_file():
        return None
    try:
        found = pd.read_parquet(path, columns=None if columns is None else list(columns))
        if not {*_SHOWN, _IS_SHOWN} <= set(found.columns):
            raise ValueError(f"the columns {', '.join(found.columns)}")
        return found.astype({"feature": "int64", _IS_SHOWN: bool})
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise StoreDamaged(
            f"{path} is no table of labels ({type(error).__name__}: {error})",
            expected=f"Parquet with {', '.join((*_SHOWN, _IS_SHOWN))}",
            next_step="delete it, and attach the labels again",
        ) from error
