"""Reads a run folder of Delphi: explanations of features, and how a model scored them.

`explanations/<hookpoint>_latent<i>.txt` is one JSON string; `scores/<scorer>/` has a list of judged
passages for each. Delphi's firing counts and neighbours are not read.
"""

import json
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from corpuscope.errors import InputError
from corpuscope.labels.foreign.label_table import ForeignLabels, label_table
from corpuscope.labels.foreign.origin import LabelOrigin

__all__ = ["balanced_accuracy", "is_delphi", "read_delphi"]

_UNPARSED = "explanation could not be parsed."
# The first that a feature has is its score.
_SCORERS = ("detection", "fuzz", "fuzzing")
_NAME = re.compile(r"(?P<hookpoint>.+)_latent(?P<feature>\d+)")
_NO_ANSWER, _EMPTY, _DAMAGED = (
    "judged passages without an answer", "files without a byte", "files that are no JSON",
)  # fmt: skip


def is_delphi(path: Path) -> bool:
    """Whether a folder is a run of Delphi."""
    return path.is_dir() and any(_files(path / "explanations"))


def read_delphi(path: Path, sae_id: str | None = None) -> ForeignLabels:
    """The explanations of one hookpoint of a run, with their scores.

    A score is the balanced accuracy of detection, or of fuzzing where there is none, over the
    passages that were answered.

    Args:
        path: The folder of the run.
        sae_id: The hookpoint, such as `layers.10`; it may be omitted if the run has one.

    Raises:
        InputError: The run has several hookpoints, or not the one named.
    """
    skipped: Counter[str] = Counter()
    files = _files(path / "explanations")
    hookpoint = _chosen(path, {name for name, _, _ in files}, sae_id)
    own = [(feature, file) for name, feature, file in files if name == hookpoint]
    labels, statuses = [], []
    for _, file in own:
        label, status = _explanation(file, skipped)
        labels.append(label)
        statuses.append(status)
    scores = _scores(path / "scores", hookpoint, skipped)
    told = [scores.get(feature, (None, None)) for feature, _ in own]
    table = label_table(
        [feature for feature, _ in own],
        labels,
        {
            "sae_id": hookpoint,
            "source": "delphi",
            "explainer": _explainer(path),
            "score": [score for score, _ in told],
            "score_kind": [kind for _, kind in told],
            "status": statuses,
        },
    )
    layer = re.search(r"(?:layers|h|blocks)\.(\d+)", hookpoint)
    origin = LabelOrigin(hookpoint, _model(path), int(layer[1]) if layer else None)
    return ForeignLabels("delphi", table, origin, dict(skipped))


def balanced_accuracy(truth: Sequence[bool], told: Sequence[bool]) -> float | None:
    """The mean of the rates at which both kinds are told rightly; None if one kind is missing.

    Example:
        >>> balanced_accuracy([True, True, False], [True, False, False])
        0.75
    """
    is_own, is_told = np.asarray(truth, dtype=bool), np.asarray(told, dtype=bool)
    if is_own.all() or not is_own.any():
        return None
    return float((is_told[is_own].mean() + (~is_told[~is_own]).mean()) / 2)


def _files(folder: Path) -> list[tuple[str, int, Path]]:
    """Hookpoint, feature and file of each file that belongs to a feature."""
    found = ((_NAME.fullmatch(file.stem), file) for file in sorted(folder.glob("*_latent*.txt")))
    # A slash in a hookpoint is written as two hyphens.
    return [
        (name["hookpoint"].replace("--", "/"), int(name["feature"]), file)
        for name, file in found if name
    ]  # fmt: skip


def _chosen(path: Path, known: Iterable[str], sae_id: str | None) -> str:
    names = sorted(known)
    if sae_id in names:
        return str(sae_id)
    if sae_id is None and len(names) == 1:
        return names[0]
    raise InputError(
        f"{path} has labels of the hookpoints {', '.join(names)}"
        + (f", not of {sae_id}" if sae_id else ""),
        expected="the hookpoint of the dictionary",
        next_step=f"name it: --sae-id {names[0]}",
    )


def _explanation(file: Path, skipped: Counter[str]) -> tuple[str | None, str]:
    value = _read(file, skipped)
    if value is None:
        return None, "unparsed" if file.stat().st_size else "empty"
    text = value if isinstance(value, str) else ""
    # Delphi writes its failure to parse an answer as if it were one.
    if text.strip().lower() == _UNPARSED:
        return None, "unparsed"
    return (text, "ok") if text.strip() else (None, "empty")


def _scores(folder: Path, hookpoint: str, skipped: Counter[str]) -> dict[int, tuple[float, str]]:
    """The score of each feature, and its kind."""
    found: dict[int, tuple[float, str]] = {}
    for scorer in _SCORERS:
        for name, feature, file in _files(folder / scorer):
            if name != hookpoint or feature in found:
                continue
            score = _score(_read(file, skipped), skipped)
            if score is not None:
                kind = "detection" if scorer == "detection" else "fuzzing"
                found[feature] = score, f"{kind}, balanced accuracy"
    return found


def _score(value: Any, skipped: Counter[str]) -> float | None:
    rows = [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []
    judged = [one for one in rows if one.get("prediction") is not None]
    if len(judged) < len(rows):
        skipped[_NO_ANSWER] += len(rows) - len(judged)
    return balanced_accuracy(
        [bool(one.get("activating")) for one in judged],
        [float(one["prediction"]) >= 0.5 for one in judged],
    ) if judged else None  # fmt: skip


def _read(file: Path, skipped: Counter[str]) -> Any:
    """The JSON value of a file; None, and counted, if there is none."""
    content = file.read_bytes()
    if not content.strip():
        skipped[_EMPTY] += 1
        return None
    try:
        return json.loads(content)
    except ValueError:
        skipped[_DAMAGED] += 1
        return None


def _config(path: Path) -> dict[str, Any]:
    try:
        value = json.loads((path / "run_config.json").read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return value if isinstance(value, dict) else {}


def _explainer(path: Path) -> str | None:
    found = _config(path).get("explainer_model")
    return str(found) if found else None


def _model(path: Path) -> str | None:
    found = _config(path).get("model")
    return str(found) if found else None
