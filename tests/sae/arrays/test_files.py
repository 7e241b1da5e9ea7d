from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.numpy import save_file

from corpuscope.sae.arrays.files import load_arrays, save_arrays

ARRAYS = {
    "encoder": np.random.default_rng(0).normal(size=(3, 4)).astype(np.float32),
    "theta": np.array([0.1, 2.5, -3], dtype=np.float32),
}


@pytest.mark.parametrize("dtype", ["float32", "float16", "bfloat16", torch.bfloat16])
def test_arrays_come_back_as_they_were_rounded(dtype: object, tmp_path: Path) -> None:
    save_arrays(ARRAYS, tmp_path / "a", dtype=dtype, only=("encoder",))  # type: ignore[arg-type]
    found = load_arrays(tmp_path / "a")
    half = getattr(torch, str(dtype).removeprefix("torch."))
    expected = torch.from_numpy(ARRAYS["encoder"]).to(half).float().numpy()
    assert np.array_equal(found["encoder"], expected)
    assert np.array_equal(found["theta"], ARRAYS["theta"])
    assert {one.dtype for one in found.values()} == {np.dtype(np.float32)}


def test_other_numbers_are_refused(tmp_path: Path) -> None:
    save_file({"encoder": np.arange(3)}, tmp_path / "a")
    with pytest.raises(ValueError, match="I64"):
        load_arrays(tmp_path / "a")
