import pytest
import torch

from corpuscope.errors import ReaderError
from corpuscope.reader.loading.memory import Machine
from corpuscope.reader.loading.placement import (
    Placement,
    default_dtype,
    likely_device,
    placement,
)
from corpuscope.reader.loading.settings import LoadingSettings

GB = 10**9
CPU, ONE, TWO = Machine((), 8 * GB), Machine((24 * GB,), 64 * GB), Machine((8 * GB, 24 * GB), None)
AUTO = LoadingSettings()


@pytest.mark.parametrize(
    ("machine", "needed", "expected"),
    [
        (CPU, 7 * GB, Placement(torch.device("cpu"))),
        (CPU, None, Placement(torch.device("cpu"))),
        (ONE, 20 * GB, Placement(torch.device("cuda", 0))),
        (TWO, 7 * GB, Placement(torch.device("cuda", 0))),
        (TWO, 20 * GB, Placement(torch.device("cuda", 1))),
    ],
)
def test_a_model_is_put_where_it_fits(
    machine: Machine, needed: int | None, expected: Placement
) -> None:
    assert placement("m", AUTO, needed, machine) == expected


def test_a_model_that_fits_into_no_gpu_is_spread_over_all() -> None:
    found = placement("m", AUTO, 28 * GB, TWO)
    assert (found.device, found.device_map) == (None, "auto")
    assert found.max_memory is not None
    assert list(found.max_memory) == [0, 1]
    assert sum(found.max_memory.values()) >= 28 * GB


@pytest.mark.parametrize(
    ("machine", "needed", "found"),
    [
        (CPU, 16 * GB, "needs about 17.6 GB, and cpu has 8.0 GB free"),
        (ONE, 140 * GB, "needs about 154.0 GB, and the GPU has 24.0 GB free"),
        (TWO, 140 * GB, "2 GPUs have 32.0 GB free together"),
    ],
)
def test_a_model_that_is_too_large_is_refused_before_it_is_loaded(
    machine: Machine, needed: int, found: str
) -> None:
    with pytest.raises(ReaderError, match="m needs about") as caught:
        placement("m", AUTO, needed, machine)
    assert found in caught.value.found
    assert "--dtype bfloat16" in caught.value.next_step
    assert ("--quantize 4bit" in caught.value.next_step) == bool(machine.gpus)


def test_a_device_that_was_named_is_used_or_refused() -> None:
    second = LoadingSettings(device="cuda:1")
    assert placement("m", second, 20 * GB, TWO) == Placement(torch.device("cuda:1"))
    with pytest.raises(ReaderError, match=r"cuda:0 has 8.0 GB free"):
        placement("m", LoadingSettings(device="cuda:0"), 20 * GB, TWO)
    with pytest.raises(ReaderError, match=r"no device 'cuda:2'.*auto, cpu, cuda:0, cuda:1"):
        placement("m", LoadingSettings(device="cuda:2"), 1, TWO)
    with pytest.raises(ReaderError, match="no device 'gpu'"):
        placement("m", LoadingSettings(device="gpu"), 1, CPU)


def test_a_map_of_devices_is_left_to_transformers() -> None:
    spread = LoadingSettings(device_map="balanced")
    assert placement("m", spread, 10**15, TWO) == Placement(device_map="balanced")


def test_what_is_not_done_yet_is_the_next_step() -> None:
    done = LoadingSettings(dtype=torch.bfloat16, quantization="4bit")
    with pytest.raises(ReaderError) as caught:
        placement("m", done, 140 * GB, ONE)
    assert caught.value.next_step.startswith('device_map="auto"')


def test_the_device_and_dtype_that_are_likely() -> None:
    assert likely_device(AUTO, CPU) == torch.device("cpu")
    assert likely_device(AUTO, ONE).type == "cuda"
    assert default_dtype(torch.device("cpu")) in (torch.bfloat16, torch.float32)
    assert default_dtype(torch.device("meta")) == torch.float32
