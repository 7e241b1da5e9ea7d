"""Reads the labels that Goodfire published: one JSON object, from feature numbers to labels.

Features without a label were withheld as harmful, so that a difference may hide there.
"""

import json
from dataclasses import dataclass
from pathlib import Path

from corpuscope.errors import InputError
from corpuscope.labels.foreign.label_table import ForeignLabels, label_table
from corpuscope.labels.foreign.origin import LabelOrigin

__all__ = ["is_goodfire", "read_goodfire"]


@dataclass(frozen=True)
class _Published:
    """A dictionary whose labels were published."""

    model: str
    layer: int
    n_features: int


_PUBLISHED = (
    _Published("Llama-3.1-8B-Instruct", 19, 65_536),
    _Published("Llama-3.3-70B-Instruct", 50, 65_536),
)


def is_goodfire(path: Path) -> bool:
    """Whether a file is named as the published ones are."""
    return path.suffix == ".json" and _published(path) is not None


def read_goodfire(path: Path) -> ForeignLabels:
    """The labels of such a file; features without one have the status `withheld`.

    Raises:
        InputError: The file is no object from numbers to labels.
    """
    try:
        value = json.loads(path.read_text("utf-8"))
        labels = {int(feature): label for feature, label in value.items()}
        if not labels or not all(isinstance(one, str) for one in labels.values()):
            raise ValueError("no labels, or labels that are no text")
    except (OSError, ValueError, AttributeError) as error:
        raise InputError(
            f"{path} is no file of Goodfire's labels ({error})",
            expected='one JSON object from feature numbers to labels: {"0": "..."}',
            next_step="download it again; a failed download may leave a page of HTML",
        ) from error
    known = _published(path)
    n = known.n_features if known else max(labels) + 1
    withheld = sorted(set(range(n)) - labels.keys())
    sae_id = f"goodfire/{known.model}" if known else None
    about = {"source": "goodfire", "sae_id": sae_id}
    features = [*labels, *withheld]
    statuses = ["ok"] * len(labels) + ["withheld"] * len(withheld)
    texts = [*labels.values(), *[None] * len(withheld)]
    table = label_table(features, texts, about | {"status": statuses})
    origin = LabelOrigin(sae_id, known.model, known.layer, known.n_features) if known else None
    return ForeignLabels("goodfire", table, origin or LabelOrigin())


def _published(path: Path) -> _Published | None:
    return next((one for one in _PUBLISHED if one.model.lower() in path.stem.lower()), None)
