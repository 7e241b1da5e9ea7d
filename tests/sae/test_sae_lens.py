"""The same weights, the same activations and reconstructions as sae-lens; needs it installed."""

import sys
from pathlib import Path

import pytest

pytest.importorskip("sae_lens", reason="sae-lens is not installed")
sys.path.insert(0, str(Path(__file__).parents[2]))
from benchmarks import foreign_formats
from benchmarks.forward_equality import CASES, TOLERANCE, Case, difference

OF_SAE_LENS = [row for row in foreign_formats.rows() if row.package == "sae-lens"]


@pytest.mark.parametrize("case", CASES, ids=str)
def test_equal_activations_and_reconstructions(case: Case) -> None:
    found = difference(case, width=24, n_features=96)
    assert 0.01 < found.l0 / 96 < 0.9
    assert found.activations < TOLERANCE
    assert found.reconstruction < TOLERANCE


@pytest.mark.parametrize("row", OF_SAE_LENS, ids=[row.name for row in OF_SAE_LENS])
def test_files_that_it_saves_or_converts_open_as_it_opens_them(
    row: foreign_formats.Row, tmp_path: Path
) -> None:
    l0, activations, reconstruction = foreign_formats.difference(row, tmp_path)
    assert l0 > 0.5
    assert activations < TOLERANCE
    assert reconstruction < TOLERANCE
