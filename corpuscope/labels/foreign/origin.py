"""Which dictionary labels are of, and whether that is the one they are attached to."""

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from corpuscope.errors import FeatureMismatch

__all__ = ["LabelOrigin", "LabelTarget", "check_fit", "width_of"]

_THOUSANDS = re.compile(r"(?<![a-z0-9])(\d+)([km])(?![a-z0-9])")
# 65k stands for 65,536, and 1m for 1,048,576: names round powers of two.
_ROUNDING = 0.06
# Other names of one model.
_SAME_MODEL = {"gpt2small": "gpt2"}


@dataclass(frozen=True)
class LabelOrigin:
    """The dictionary that labels are of; None for what their source does not say.

    Attributes:
        sae_id: Its name at the source, such as `gemma-2-2b/20-gemmascope-res-16k`.
        model: The language model.
        layer: The block that the dictionary reads from, counted from 0.
        n_features: The size of the dictionary.
    """

    sae_id: str | None = None
    model: str | None = None
    layer: int | None = None
    n_features: int | None = None


@dataclass(frozen=True)
class LabelTarget:
    """The dictionary that labels are attached to.

    Attributes:
        name: A folder or store, for messages.
        n_features: How many features it has.
        model: The language model that it reads; None if unknown.
        layers: The hidden states that it reads, where 0 is the embedding; empty if unknown.
        sae_id: Its name at Neuronpedia, where it is known.
    """

    name: str
    n_features: int
    model: str | None = None
    layers: tuple[int, ...] = ()
    sae_id: str | None = None


def check_fit(labels: pd.DataFrame, origin: LabelOrigin, target: LabelTarget) -> None:
    """Check that labels are of this dictionary, as far as both sides say what they are of.

    Raises:
        FeatureMismatch: They are of another model, layer or width, or of features that the
            dictionary does not have.
    """
    fault = next(_faults(labels, origin, target), None)
    if fault is None:
        return
    raise FeatureMismatch(
        f"{fault[0]}; the labels are of another dictionary than {target.name}",
        expected=fault[1],
        next_step="name the labels of this dictionary; if these are, save them as a table of "
        "feature and label, which names no model",
    )


def _faults(
    labels: pd.DataFrame, origin: LabelOrigin, target: LabelTarget
) -> Iterator[tuple[str, str]]:
    """What does not fit, and what would."""
    if origin.sae_id and target.sae_id and origin.sae_id != target.sae_id:
        yield f"labels of {origin.sae_id}", f"labels of {target.sae_id}"
    if origin.model and target.model and not _is_one_model(origin.model, target.model):
        yield f"labels for the model {origin.model}", f"labels for {target.model}"
    # The output of block 20 is hidden state 21, its input hidden state 20: names do not say which.
    near = () if origin.layer is None else (origin.layer, origin.layer + 1)
    if near and target.layers and not set(near) & set(target.layers):
        yield (
            f"labels for layer {origin.layer}",
            f"labels for the layer of hidden state {', '.join(map(str, target.layers))}",
        )
    if origin.n_features and origin.n_features != target.n_features:
        yield (
            f"labels for a dictionary of {origin.n_features:,} features",
            f"one of {target.n_features:,}",
        )
    beyond = labels["feature"][(labels["feature"] < 0) | (labels["feature"] >= target.n_features)]
    if len(beyond):
        yield (
            f"a label of feature {int(beyond.iloc[0])}",
            f"numbers from 0 to {target.n_features - 1}",
        )


def _is_one_model(one: str, other: str) -> bool:
    # A model in a folder of the user's own has whatever name.
    if any(Path(name).is_absolute() or Path(name).is_dir() for name in (one, other)):
        return True
    return _plain_name(one) == _plain_name(other)


def _plain_name(model: str) -> str:
    """A model's name without its owner and its spelling.

    Example:
        >>> _plain_name("meta-llama/Meta-Llama-3.1-8B-Instruct") == _plain_name("llama3.1-8b-it")
        True
    """
    name = re.sub(r"[^a-z0-9]", "", model.rsplit("/", 1)[-1].lower().replace("instruct", "it"))
    name = name.removeprefix("meta")
    return _SAME_MODEL.get(name, name)


def width_of(source_id: str) -> int | None:
    """How many features the name of a dictionary says it has; None if it does not.

    Example:
        >>> width_of("20-gemmascope-res-16k"), width_of("6-res_post_32k-oai"), width_of("8-res-jb")
        (16384, 32768, None)
    """
    found = _THOUSANDS.search(source_id.lower().replace("_", "-"))
    if found is None:
        return None
    said = int(found[1]) * (1_000 if found[2] == "k" else 1_000_000)
    near = 1 << round(math.log2(said)) if said else 0
    return near if said and abs(near / said - 1) <= _ROUNDING else None
