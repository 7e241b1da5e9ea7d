"""Topics of features, from a CSV file."""

import csv
from pathlib import Path

from corpuscope.errors import InputError

__all__ = ["read_topics"]

_COLUMNS = {"feature", "topic"}


def read_topics(path: str | Path) -> dict[int, list[str]]:
    """The topics of each feature, from a CSV file with the columns `feature` and `topic`.

    A feature with several topics has several lines. Other columns are ignored.

    Raises:
        InputError: The file cannot be read, lacks a column, or a feature is no number.
    """
    found: dict[int, list[str]] = {}
    try:
        with Path(path).open(encoding="utf-8-sig", newline="") as file:
            rows = csv.DictReader(file)
            if missing := _COLUMNS - set(rows.fieldnames or ()):
                raise _unreadable(path, f"it has no column {sorted(missing)[0]!r}")
            for row in rows:
                found.setdefault(int(row["feature"]), []).append(row["topic"])
    except (OSError, UnicodeDecodeError, ValueError, TypeError, csv.Error) as error:
        raise _unreadable(path, str(error)) from error
    return found


def _unreadable(path: str | Path, fault: str) -> InputError:
    return InputError(
        f"{path} cannot be read as topics ({fault})",
        expected="a CSV file in UTF-8 with the columns feature (a number) and topic",
        next_step="correct the file",
    )
