from dataclasses import replace

import numpy as np
import pytest
import torch

from corpuscope.errors import DictionaryError
from corpuscope.sae.dictionary import Part
from corpuscope.sae.evaluate import evaluated
from corpuscope.sae.firing import Relu
from corpuscope.sae.token_norm import TokenNorm
from tests.sae.worlds import feature_table, random_dictionary, random_sae

NORMS = [
    TokenNorm(is_centred=True),
    TokenNorm(is_centred=True, divisor="deviation", epsilon=1e-5),
    TokenNorm(is_centred=False, divisor="root-mean-square"),
]


def test_a_worked_example() -> None:
    states = torch.tensor([[1.0, 2.0, 3.0]])
    centred = TokenNorm(is_centred=True).applied(states)
    assert centred.tolist() == [[-1, 0, 1]]
    norm = TokenNorm(is_centred=True, divisor="deviation", epsilon=1.0)
    # The deviation with n - 1 is 1, and epsilon is added to it, but not taken back.
    assert norm.applied(states).tolist() == [[-0.5, 0, 0.5]]
    assert norm.undone(norm.applied(states), states).tolist() == [[1.5, 2, 2.5]]
    norm = TokenNorm(is_centred=False, divisor="root-mean-square")
    np.testing.assert_allclose(norm.applied(states).norm(), np.sqrt(3), rtol=1e-6)


@pytest.mark.parametrize("norm", NORMS, ids=str)
@pytest.mark.parametrize("n_layers", [1, 2])
def test_what_is_normalised_is_taken_back_layer_by_layer(norm: TokenNorm, n_layers: int) -> None:
    states = torch.randn(5, 16) * 3 + 2
    there = norm.applied(states, n_layers)
    torch.testing.assert_close(norm.undone(there, states, n_layers), states, rtol=1e-4, atol=1e-4)
    alone = norm.applied(states[:, : 16 // n_layers])
    torch.testing.assert_close(there[:, : 16 // n_layers], alone)


def test_a_state_of_zeros_stays_finite() -> None:
    for norm in NORMS:
        assert torch.isfinite(norm.applied(torch.zeros(2, 4))).all()


@pytest.mark.parametrize("norm", NORMS, ids=str)
def test_an_sae_takes_normalised_states_and_reconstructs_plain_ones(norm: TokenNorm) -> None:
    sae = replace(random_sae(firing=Relu()), token_norm=norm)
    plain = replace(sae, token_norm=None)
    states = torch.randn(6, 16) * 3 + 1
    torch.testing.assert_close(sae.encode(states), plain.encode(norm.applied(states)))
    expected = norm.undone(plain.reconstructed(norm.applied(states)), states)
    torch.testing.assert_close(sae.reconstructed(states), expected)


def test_unit_length_is_taken_back_too() -> None:
    sae = replace(random_sae(firing=Relu()), unit_norm=True)
    states = torch.randn(6, 16) * 3
    lengths = states.norm(dim=1, keepdim=True)
    expected = sae.decode(sae.encode(states)) * lengths
    torch.testing.assert_close(sae.reconstructed(states), expected)


def test_it_is_evaluated_in_the_units_of_the_states() -> None:
    sae = replace(random_sae(firing=Relu()), token_norm=NORMS[1])
    states = torch.randn(50, 16) * 3 + 1
    error = (sae.reconstructed(states) - states).double().square().sum()
    total = (states - states.mean(dim=0)).double().square().sum()
    found = evaluated(sae, [states]).unexplained_variance
    np.testing.assert_allclose(found, error / total, rtol=1e-5)


def test_two_normalisations_are_refused() -> None:
    sae = replace(random_sae(), token_norm=NORMS[0], unit_norm=True)
    with pytest.raises(DictionaryError, match="two normalisations"):
        replace(
            random_dictionary(),
            parts=(Part("token", (1,), sae),),
            features=feature_table(24, 0, 0.5),
        )
