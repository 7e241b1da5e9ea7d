"""How much memory a language model needs, and how much this machine has free."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import nn

from corpuscope.reader.loading.settings import Quantization

# Weights with 4 bits have a scale of 32 bits for each 64 of them.
_BYTES = {"8bit": 1.0, "4bit": 0.5 + 4 / 64}
_GROUP = Path("/sys/fs/cgroup")


@dataclass(frozen=True, slots=True)
class Machine:
    """The free memory of a machine, in bytes.

    Attributes:
        gpus: Of each GPU.
        cpu: Of the processor; None if that is not known.
    """

    gpus: tuple[int, ...]
    cpu: int | None


def this_machine() -> Machine:
    """The free memory of this machine."""
    n_gpus = torch.cuda.device_count() if torch.cuda.is_available() else 0
    return Machine(tuple(torch.cuda.mem_get_info(gpu)[0] for gpu in range(n_gpus)), _free())


def weight_bytes(
    config: Any, dtype: torch.dtype, quantization: Quantization | None = None
) -> int | None:
    """How much memory the weights of a model of this configuration need, in bytes.

    The model is built without memory for its weights, as far as it is read: without LM head.
    None if that cannot be said, as for weights that are stored quantized.
    """
    from transformers import AutoModel

    if getattr(config, "quantization_config", None) is not None:
        return None
    try:
        with torch.device("meta"):
            model = AutoModel.from_config(config)  # type: ignore[no-untyped-call]
    except (ValueError, ImportError, RuntimeError, NotImplementedError, AttributeError):
        # Whatever is wrong is reported when it is loaded.
        return None
    per_weight = _BYTES[quantization] if quantization else dtype.itemsize
    linear = {id(module.weight) for module in model.modules() if isinstance(module, nn.Linear)}
    return int(
        sum(
            weights.numel() * (per_weight if id(weights) in linear else dtype.itemsize)
            for weights in model.parameters()
        )
    )


def _free() -> int | None:
    """The free memory of the processor: the system's, or what is left of the cgroup's limit."""
    bounds = [found for found in (_of_system(), _of_group()) if found is not None]
    return min(bounds, default=None)


def _of_system() -> int | None:
    about = Path("/proc/meminfo")
    if not about.is_file():
        return None
    for line in about.read_text().splitlines():
        if line.startswith("MemAvailable:"):
            return int(line.split()[1]) * 1024
    return None


def _of_group() -> int | None:
    limit, used = _GROUP / "memory.max", _GROUP / "memory.current"
    if not limit.is_file() or not used.is_file() or limit.read_text().strip() == "max":
        return None
    # Cached files count as used, and are given up when memory is needed.
    kept = 0
    if (statistics := _GROUP / "memory.stat").is_file():
        rows = dict(line.split() for line in statistics.read_text().splitlines())
        kept = int(rows.get("inactive_file", 0)) + int(rows.get("active_file", 0))
    return int(limit.read_text()) - max(0, int(used.read_text()) - kept)
