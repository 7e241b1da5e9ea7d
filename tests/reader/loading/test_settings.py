import pytest
import torch

from corpuscope.errors import ReaderError
from corpuscope.reader.loading.settings import check_quantization, dtype_named


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("bf16", torch.bfloat16), ("bfloat16", torch.bfloat16), ("FP16", torch.float16),
        ("torch.float32", torch.float32), (torch.float64, torch.float64), (None, None),
    ],
)  # fmt: skip
def test_dtypes_have_their_usual_names(name: str | None, expected: torch.dtype | None) -> None:
    assert dtype_named(name) is expected


def test_other_names_are_refused() -> None:
    with pytest.raises(ReaderError, match=r"'int8'.*bfloat16"):
        dtype_named("int8")
    with pytest.raises(ReaderError, match=r"'3bit'.*8bit, 4bit"):
        check_quantization("3bit")
    assert check_quantization("4bit") == "4bit"
    assert check_quantization(None) is None
