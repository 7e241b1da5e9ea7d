"""Names of features that were given to a store after it was made, by people or a language model.

They lie in a file of their own, `names.json`, so that the store's other files stay as they were
committed; who reads the store sees them in place of the dictionary's names.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

import pandas as pd

from corpuscope.durable import write_durably
from corpuscope.errors import StoreDamaged

__all__ = ["GivenName", "names_path", "read_names", "save_names", "with_given_names"]

_FORMAT, _VERSION = "corpuscope names", 1


@dataclass(frozen=True, slots=True)
class GivenName:
    """A name of a feature.

    Attributes:
        feature: The feature's number.
        label: The name.
        label_source: Who gave it, such as `people` or `llm: gpt-5.2`; not `words`.
        score: How well it tells the feature, in [0, 1]; None if unknown.
        sentence: By which a text is told to have it; empty if there is none.
    """

    feature: int
    label: str
    label_source: str
    score: float | None = None
    sentence: str = ""


def names_path(store: Path) -> Path:
    """The file of names of a store."""
    return store / "names.json"


def read_names(store: Path) -> dict[int, GivenName]:
    """The names that were given to a store, by feature; none if there is no file.

    Raises:
        StoreDamaged: The file is no file of names, or one of a newer version.
    """
    path = names_path(store)
    if not path.is_file():
        return {}
    try:
        value = json.loads(path.read_text("utf-8"))
        if value["format"] != _FORMAT or value["version"] > _VERSION:
            raise ValueError(f"format {value['format']!r}, version {value['version']}")
        return {one["feature"]: GivenName(**one) for one in value["names"]}
    except (ValueError, KeyError, TypeError) as error:
        raise StoreDamaged(
            f"{path} is no file of names ({error})",
            expected=f"the format {_FORMAT!r}, version {_VERSION}",
            next_step="delete it to go back to the dictionary's names, or give the names again",
        ) from error


def save_names(store: Path, names: Iterable[GivenName]) -> Mapping[int, GivenName]:
    """Give these names to a store; names of other features stay. Returns all of them."""
    every = read_names(store) | {one.feature: one for one in names}
    value = {
        "format": _FORMAT,
        "version": _VERSION,
        "names": [asdict(every[feature]) for feature in sorted(every)],
    }
    text = json.dumps(value, ensure_ascii=False, indent=1) + "\n"
    write_durably(names_path(store), memoryview(text.encode("utf-8")))
    return every


def with_given_names(features: pd.DataFrame, names: Mapping[int, GivenName]) -> pd.DataFrame:
    """A store's table of features with these names in place of its own."""
    known = [one for one in names.values() if 0 <= one.feature < len(features)]
    if not known:
        return features
    table = features.copy()
    for column in ("label", "label_source", "score"):
        if column not in table:
            table[column] = None
        values = table[column].astype(object).to_numpy(copy=True)
        for one in known:
            values[one.feature] = getattr(one, column)
        kind = float if column == "score" else object
        table[column] = pd.Series(values, index=table.index).astype(kind)
    return table
