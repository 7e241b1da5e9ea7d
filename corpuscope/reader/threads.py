"""How many threads to compute with: the allowed cores that are not busy."""

import math
import os
import time
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import torch


def allowed_cores() -> int:
    """The number of cores this process may use, from its CPU affinity and cgroup quota."""
    affinity = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return max(1, math.ceil(min(affinity or 1, _group_quota())))


def free_cores(*, seconds: float = 0.2) -> int:
    """The number of allowed cores minus those that are busy now, at least 1.

    Two threads on one free core are slower than one, so the load of other processes matters.

    Args:
        seconds: How long to measure the load; 0 returns the allowed cores.
    """
    allowed = allowed_cores()
    if seconds <= 0 or allowed == 1:
        return allowed
    before = _busy_ticks()
    time.sleep(seconds)
    after = _busy_ticks()
    if before is None or after is None:
        return allowed
    busy = (after - before) / (os.sysconf("SC_CLK_TCK") * seconds)
    return max(1, min(allowed, round((os.cpu_count() or allowed) - busy)))


def take_free_cores(device: "torch.device") -> None:
    """On a CPU, set torch's number of threads to that of free cores."""
    if device.type == "cpu":
        import torch

        torch.set_num_threads(free_cores())


def _group_quota() -> float:
    quota = Path("/sys/fs/cgroup/cpu.max")
    if not quota.is_file():
        return math.inf
    limit, period = quota.read_text().split()
    return math.inf if limit == "max" else int(limit) / int(period)


def _busy_ticks() -> int | None:
    statistics = Path("/proc/stat")
    if not statistics.is_file():
        return None
    user, nice, system, _idle, _wait, interrupt, soft, *_ = (
        int(value) for value in statistics.read_text().splitlines()[0].split()[1:]
    )
    return user + nice + system + interrupt + soft
