from dataclasses import replace

import numpy as np
import pytest
import torch

from corpuscope.probing.matrices.rereading import _Reading
from corpuscope.reader.read import Units
from corpuscope.sae.dictionary import Part
from corpuscope.sae.token_norm import TokenNorm
from corpuscope.sites import Tap
from tests.sae.worlds import random_sae


@pytest.mark.parametrize("norm", [None, TokenNorm(is_centred=True, divisor="deviation")])
def test_states_are_reconstructions_and_errors_in_their_own_units(norm: TokenNorm | None) -> None:
    sae = replace(random_sae(), token_norm=norm)
    states = torch.randn(9, 16) * 3 + 1
    units = Units(np.zeros(9, np.int64), np.zeros((9, 2), np.int64), {Tap(2, "mlp"): states})
    sides, activations = _Reading(Part("token", (2,), sae, "mlp")).sides(units, slice(2, 7))
    np.testing.assert_allclose(sides[:, 0], states[2:7])
    np.testing.assert_allclose(sides[:, 1], sae.reconstructed(states[2:7]), rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(sides[:, 1] + sides[:, 2], sides[:, 0], rtol=1e-5, atol=1e-5)
    np.testing.assert_allclose(activations.toarray(), sae.encode(states[2:7]), rtol=1e-5)
