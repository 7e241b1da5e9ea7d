"""The same weights, the same activations and reconstructions as sae-lens; needs it installed."""

import sys
from pathlib import Path

import pytest

pytest.importorskip("sae_lens", reason="sae-lens is not installed")
sys.path.insert(0, str(Path(__file__).parents[2]))
from benchmarks.forward_equality import CASES, TOLERANCE, Case, difference


@pytest.mark.parametrize("case", CASES, ids=str)
def test_equal_activations_and_reconstructions(case: Case) -> None:
    found = difference(case, width=24, n_features=96)
    assert 0.01 < found.l0 / 96 < 0.9
    assert found.activations < TOLERANCE
    assert found.reconstruction < TOLERANCE
