import numpy as np
import pytest

from corpuscope.reader.engines.shipped_weights import (
    in_eight_bits,
    in_single_precision,
    remainders,
    shipped_revision,
    shipped_weights,
)


def test_eight_bits_round_to_half_a_step() -> None:
    weight = np.random.default_rng(0).normal(size=(5, 7)).astype(np.float32)
    weight[3] = 0
    found = in_single_precision(in_eight_bits({"a.weight": weight, "a.bias": weight[0]}))
    assert found["a.bias"] == pytest.approx(weight[0])
    step = np.abs(weight).max(axis=1, keepdims=True) / 127
    assert (np.abs(found["a.weight"] - weight) <= step / 2 + 1e-7).all()


def test_remainders_make_sixteen_bits_of_eight() -> None:
    weight = np.random.default_rng(0).normal(size=(50, 70)).astype(np.float32)
    weight[3] = 0
    weights = {"a.weight": weight}
    stored = in_eight_bits(weights)
    found = in_single_precision(stored, remainders(weights, stored))["a.weight"]
    largest = np.abs(weight).max(axis=1, keepdims=True)
    assert (np.abs(found - weight) <= largest / (2 * 127 * 254) + 1e-7).all()


def test_shipped_weights_are_those_of_the_published_model() -> None:
    loading = pytest.importorskip("corpuscope.reader.loading.builtin")
    folder = loading.local_builtin()
    if folder is None:
        pytest.skip("the weights in single precision are not on this machine")
    from safetensors.numpy import load_file

    original = load_file(f"{folder}/model.safetensors")
    for name, weight in shipped_weights().items():
        largest = np.abs(original[name]).max(axis=-1, keepdims=True)
        assert (np.abs(weight - original[name]) <= largest / 60_000).all(), name


def test_the_revision_is_a_hash_of_what_ships() -> None:
    assert shipped_revision() == shipped_revision()
    assert shipped_revision().startswith("shipped-")
