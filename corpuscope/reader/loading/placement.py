"""Where a language model is put: on the processor, a GPU, or several; and whether it fits."""

from dataclasses import dataclass
from pathlib import Path

import torch

from corpuscope.errors import ReaderError
from corpuscope.reader.loading.memory import Machine
from corpuscope.reader.loading.settings import LoadingSettings

# Room for states, and for what libraries take.
_ROOM = 1.1


@dataclass(frozen=True, slots=True)
class Placement:
    """Where a language model is put.

    Attributes:
        device: The device; None if it is spread.
        device_map: How it is spread; None if it is on one device.
        max_memory: The most bytes for each GPU, if it is spread over GPUs alone.
    """

    device: torch.device | None = None
    device_map: str | None = None
    max_memory: dict[int, int] | None = None


def default_dtype(device: torch.device) -> torch.dtype:
    """The default dtype: bfloat16 where the hardware supports it, else float32."""
    if device.type == "cuda":
        return torch.bfloat16 if torch.cuda.is_bf16_supported() else torch.float32
    about = Path("/proc/cpuinfo")
    has_bf16 = about.is_file() and any(
        flag in about.read_text() for flag in ("amx_bf16", "avx512_bf16", " bf16")
    )
    return torch.bfloat16 if device.type == "cpu" and has_bf16 else torch.float32


def likely_device(settings: LoadingSettings, machine: Machine) -> torch.device:
    """The device on which a model computes, or begins to if it is spread.

    Raises:
        ReaderError: There is no such device.
    """
    if settings.device != "auto":
        return _device(settings.device, machine)
    return torch.device("cuda" if machine.gpus else "cpu")


def placement(
    name: str, settings: LoadingSettings, needed: int | None, machine: Machine
) -> Placement:
    """Where a model that needs so many bytes is put.

    Args:
        name: The model's name, for messages.
        settings: What was asked for.
        needed: The bytes of its weights; None if unknown, then it is assumed to fit.
        machine: The free memory.

    Raises:
        ReaderError: It does not fit, or there is no such device.
    """
    if settings.device_map is not None:
        return Placement(device_map=settings.device_map)
    device = likely_device(settings, machine)
    room = 0 if needed is None else int(needed * _ROOM)
    if settings.device == "auto" and machine.gpus:
        return _on_gpus(name, settings, room, machine)
    free = machine.cpu if device.type == "cpu" else machine.gpus[device.index or 0]
    if free is not None and room > free:
        raise _too_large(name, settings, room, f"{device} has {_gigabytes(free)} free", machine)
    return Placement(device)


def _device(name: str, machine: Machine) -> torch.device:
    try:
        device = torch.device(name)
    except RuntimeError:
        device = None
    n_gpus = len(machine.gpus)
    is_there = device is not None and (device.type != "cuda" or (device.index or 0) < n_gpus)
    if device is None or not is_there:
        there = ["auto", "cpu", *(f"cuda:{number}" for number in range(n_gpus))]
        raise ReaderError(
            f"no device {name!r}",
            expected=f"one of {', '.join(there)}",
            next_step="name one of these",
        )
    return device


def _on_gpus(name: str, settings: LoadingSettings, room: int, machine: Machine) -> Placement:
    """The first GPU into which it fits, or all of them."""
    for number, free in enumerate(machine.gpus):
        if room <= free:
            return Placement(torch.device("cuda", number))
    if len(machine.gpus) > 1 and room <= sum(machine.gpus):
        # GPUs alone: weights that lie in memory are moved for every batch.
        limits = {number: int(free / _ROOM) for number, free in enumerate(machine.gpus)}
        return Placement(device_map="auto", max_memory=limits)
    largest = _gigabytes(max(machine.gpus))
    what = f"the GPU has {largest} free"
    if len(machine.gpus) > 1:
        what = f"{len(machine.gpus)} GPUs have {_gigabytes(sum(machine.gpus))} free together"
    raise _too_large(name, settings, room, what, machine)


def _too_large(
    name: str, settings: LoadingSettings, room: int, free: str, machine: Machine
) -> ReaderError:
    ways = []
    if settings.dtype not in (torch.bfloat16, torch.float16) and settings.quantization is None:
        ways.append('halve that with dtype="bfloat16" (--dtype bfloat16)')
    if settings.quantization != "4bit" and machine.gpus:
        ways.append('quantization="4bit" (--quantize 4bit)')
    if machine.gpus and settings.device != "cpu":
        ways.append('device_map="auto" (--device-map auto), which is slow but uses all memory')
    return ReaderError(
        f"{name} needs about {_gigabytes(room)}, and {free}",
        expected="a reader that fits into memory",
        next_step="; or ".join([*ways, "choose a smaller reader"]),
    )


def _gigabytes(n_bytes: int) -> str:
    return f"{n_bytes / 1e9:,.1f} GB"
