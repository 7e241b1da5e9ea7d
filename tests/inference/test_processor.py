from pathlib import Path

import pytest

from corpuscope.inference import processor
from corpuscope.inference.processor import has_bf16


@pytest.mark.parametrize(
    ("flags", "expected"), [("avx2 fma", False), ("avx512_bf16", True), ("amx_bf16 amx_tile", True)]
)
def test_bfloat16_is_found_among_the_flags(
    flags: str, expected: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "cpuinfo").write_text(f"flags : {flags}\n")
    monkeypatch.setattr(processor, "_ABOUT", tmp_path / "cpuinfo")
    has_bf16.cache_clear()
    assert has_bf16() is expected
    has_bf16.cache_clear()


def test_a_processor_that_says_nothing_has_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(processor, "_ABOUT", tmp_path / "nothing")
    has_bf16.cache_clear()
    assert has_bf16() is False
    has_bf16.cache_clear()
