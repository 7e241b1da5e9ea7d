"""Reads the bulk export of Neuronpedia: explanations in `batch-*.jsonl.gz`.

A folder of one source, `v1/<model>/<source>/explanations/`; numbers of batches may have gaps, and
later batches explain features anew, so all are read. Lines have no scores.
"""

import gzip
import json
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from corpuscope.errors import InputError
from corpuscope.labels.foreign.label_table import ForeignLabels, label_table
from corpuscope.labels.foreign.origin import LabelOrigin, width_of

__all__ = ["batches_in", "read_neuronpedia"]

_BATCH = re.compile(r"batch-(\d+)\.jsonl(\.gz)?")
_EMBEDDING = b'"embedding":'
_COLUMNS = {"explainer": "explanationModelName", "method": "typeName", "author": "authorId",
            "created_at": "createdAt", "source_id": "id"}  # fmt: skip


def batches_in(path: Path) -> list[Path]:
    """The files of explanations of a path, in the order of their numbers; of several sources, all.

    The path is a batch, a folder of batches, or a folder with `explanations` folders below it.
    """
    if path.is_file():
        return [path] if _BATCH.fullmatch(path.name) else []
    if not path.is_dir():
        return []
    found = [one for one in path.iterdir() if _BATCH.fullmatch(one.name)]
    if not found:
        below = (one for one in path.rglob("batch-*") if one.parent.name == "explanations")
        found = [one for one in below if _BATCH.fullmatch(one.name)]
    return sorted(found, key=lambda one: (str(one.parent), _number(one), one.name))


def read_neuronpedia(path: Path) -> ForeignLabels:
    """The explanations of one source of Neuronpedia.

    Blank descriptions have the status `empty`.

    Raises:
        InputError: Lines are no explanations, or of several sources.
    """
    found: dict[str, list[Any]] = {name: [] for name in ("feature", "label", *_COLUMNS)}
    ids: Counter[str] = Counter()
    for file in batches_in(path):
        for number, line in _lines(file):
            feature, label, sae_id, rest = _explanation(line, file, number)
            found["feature"].append(feature)
            found["label"].append(label)
            for name, value in rest.items():
                found[name].append(value)
            ids[sae_id] += 1
    _check_one_source(path, ids)
    sae_id = next(iter(ids), "")
    table = label_table(
        found.pop("feature"),
        found.pop("label"),
        {**found, "sae_id": sae_id, "source": "neuronpedia"},
    )
    return ForeignLabels("neuronpedia", table, _origin(sae_id))


def _number(file: Path) -> int:
    found = _BATCH.fullmatch(file.name)
    return int(found[1]) if found else 0


def _lines(file: Path) -> Iterator[tuple[int, bytes]]:
    """Line numbers and lines of a file, packed or not; blank lines are left out."""
    try:
        with gzip.open(file) if file.suffix == ".gz" else file.open("rb") as opened:
            for number, line in enumerate(opened, start=1):
                if line.strip():
                    yield number, line
    except (OSError, EOFError) as error:
        raise InputError(
            f"{file} cannot be unpacked ({error})",
            expected="a whole file of explanations",
            next_step="download it again",
        ) from error


def _explanation(
    line: bytes, file: Path, number: int
) -> tuple[int, str | None, str, dict[str, Any]]:
    try:
        value = json.loads(_without_embedding(line))
        # Features are numbered as text.
        feature = int(value["index"])
        sae_id = f"{value['modelId']}/{value['layer']}"
        label = value["description"]
    except (ValueError, KeyError, TypeError) as error:
        raise InputError(
            f"line {number} of {file} is no explanation ({type(error).__name__}: {error})",
            expected="JSON with modelId, layer, index and description, as in the folder "
            "`explanations` of the export",
            next_step="name that folder, not features or activations",
        ) from error
    return feature, label, sae_id, {name: value.get(key) for name, key in _COLUMNS.items()}


def _without_embedding(line: bytes) -> bytes:
    """The line without the vector of its text, which is ten times as long as the rest."""
    # Within a text, quotation marks are escaped, so that this can only be a key.
    start = line.find(_EMBEDDING)
    first = line.find(b"[", start)
    end = line.find(b"]", first)
    is_vector = start >= 0 and not line[start + len(_EMBEDDING) : first].strip(b' "')
    if not is_vector or min(first, end) < 0:
        return line
    end += line[end + 1 : end + 2] == b'"'
    return line[: start + len(_EMBEDDING)] + b"null" + line[end + 1 :]


def _check_one_source(path: Path, ids: Counter[str]) -> None:
    if len(ids) > 1:
        raise InputError(
            f"{path} has labels of {len(ids)} dictionaries: {', '.join(sorted(ids)[:6])}",
            expected="labels of one",
            next_step="name the folder of one source",
        )


def _origin(sae_id: str) -> LabelOrigin:
    if not sae_id:
        return LabelOrigin()
    model, _, source = sae_id.partition("/")
    layer = re.match(r"\d+", source)
    return LabelOrigin(sae_id, model, int(layer[0]) if layer else None, width_of(source))
