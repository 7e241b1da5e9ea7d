"""The weights of the built-in reader that ship with the package: eight bits and a remainder.

Matrices are int8 with a scale per row, which is what phrases are embedded with. The remainder is
a second int8 number per weight, for what the first leaves over, in 254ths of the row's scale;
both together give 16 bits. Vectors (biases and norms) are float32.
"""

import hashlib
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

FOLDER = Path(__file__).resolve().parents[2] / "builtin" / "phrases"
"""Folder of the weights."""

WEIGHTS, REMAINDERS, TOKENIZER = "weights.safetensors", "remainders.safetensors", "tokenizer.json"

Array = npt.NDArray[np.float32]

_SCALE = ".scale"
_SMALLEST = 1e-12
# A rounded weight is off by at most half a step of the first number, which is 127 steps of these.
_STEPS = 254


def in_eight_bits(weights: dict[str, Array]) -> dict[str, npt.NDArray[Any]]:
    """Weights as shipped: matrices quantised to int8, with a scale per row."""
    stored: dict[str, npt.NDArray[Any]] = {}
    for name, weight in weights.items():
        if weight.ndim < 2:
            stored[name] = weight
            continue
        scale = np.abs(weight).max(axis=1, keepdims=True) / 127
        stored[name] = np.round(weight / np.maximum(scale, _SMALLEST)).astype(np.int8)
        stored[f"{name}{_SCALE}"] = scale[:, 0]
    return stored


def remainders(
    weights: dict[str, Array], stored: dict[str, npt.NDArray[Any]]
) -> dict[str, npt.NDArray[np.int8]]:
    """What eight bits leave over of each matrix, in eight more.

    Args:
        weights: The weights in float32.
        stored: What `in_eight_bits` made of them.
    """
    found: dict[str, npt.NDArray[np.int8]] = {}
    for name, weight in weights.items():
        if weight.ndim >= 2:
            scale = stored[f"{name}{_SCALE}"][:, None]
            left = weight / np.maximum(scale, _SMALLEST) - stored[name]
            found[name] = np.clip(np.round(left * _STEPS), -127, 127).astype(np.int8)
    return found


def in_single_precision(
    stored: dict[str, npt.NDArray[Any]], left: dict[str, npt.NDArray[np.int8]] | None = None
) -> dict[str, Array]:
    """Weights in float32, of eight bits, or of 16 if the remainders are given."""
    found = {}
    for name, weight in stored.items():
        if name.endswith(_SCALE):
            continue
        if weight.dtype == np.int8:
            values = weight.astype(np.float32)
            if left is not None:
                values += left[name] * np.float32(1 / _STEPS)
            weight = values * stored[f"{name}{_SCALE}"][:, None]
        found[name] = weight
    return found


@cache
def shipped_weights() -> dict[str, Array]:
    """The weights of the built-in reader in float32, with 16 bits each."""
    from safetensors.numpy import load_file

    return in_single_precision(load_file(FOLDER / WEIGHTS), load_file(FOLDER / REMAINDERS))


@cache
def shipped_revision() -> str:
    """A hash of the files of the weights, as the revision of the reader."""
    running = hashlib.blake2b(digest_size=8)
    for name in (WEIGHTS, REMAINDERS):
        running.update((FOLDER / name).read_bytes())
    return f"shipped-{running.hexdigest()}"
