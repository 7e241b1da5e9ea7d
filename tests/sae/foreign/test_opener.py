"""Every layout opens, and encodes and decodes as the project that wrote it."""

from pathlib import Path

import numpy as np
import pytest
import torch

from corpuscope.sae.dictionary import Dictionary
from corpuscope.sae.files import save_dictionary
from corpuscope.sae.foreign.artifact import Artifact
from corpuscope.sae.foreign.layouts import LAYOUTS, matches
from corpuscope.sae.foreign.opener import open_foreign
from corpuscope.sae.formats import load_dictionary
from tests.sae.foreign.made import EXAMPLES, Example, states

names = pytest.mark.parametrize("name", EXAMPLES)


def opened(example: Example, folder: Path) -> Dictionary:
    return open_foreign(example.write(folder), supplement=example.supplement)


def close(found: torch.Tensor, expected: np.ndarray) -> None:
    np.testing.assert_allclose(found.numpy(), expected, rtol=1e-5, atol=1e-5)


@names
def test_it_encodes_and_decodes_as_the_project_does(name: str, tmp_path: Path) -> None:
    example = EXAMPLES[name]
    sae = opened(example, tmp_path).parts[0].sae
    x = states()
    activations, reconstructions = example.reference(x)
    tensor = torch.tensor(x, dtype=torch.float32)
    found = sae.encode(tensor)
    l0 = (activations > 0).sum(axis=1).mean()
    assert 0.5 < l0 < 0.9 * activations.shape[1], "the example shows nothing"
    np.testing.assert_array_equal(found.numpy() > 0, activations > 0)
    close(found, activations * example.per_feature)
    close(sae.reconstructed(tensor), reconstructions)


@names
def test_it_says_where_it_belongs(name: str, tmp_path: Path) -> None:
    example = EXAMPLES[name]
    one = opened(example, tmp_path)
    (part,) = one.parts
    assert (part.unit, part.layers, part.site) == ("token", (example.layer,), example.site)
    assert one.reader_name == example.model
    assert one.prepends_bos == example.bos
    assert one.about["expected_l0"] == example.l0
    assert one.about["source"]["layout"] == example.layout
    assert len(one.about["source"]["sha256"]) == 64
    assert str(tmp_path) not in str(one.about)
    assert one.features["label"].null_count == one.n_features
    assert set(one.features["kind"].to_pylist()) == {"token"}


@names
def test_exactly_one_layout_matches(name: str, tmp_path: Path) -> None:
    example = EXAMPLES[name]
    found = matches(Artifact(example.write(tmp_path)))
    assert [one.layout.name for one in found] == [example.layout]
    assert found[0].why


def test_every_layout_has_an_example() -> None:
    assert {example.layout for example in EXAMPLES.values()} == {one.name for one in LAYOUTS}


@pytest.mark.parametrize(
    "name", ["saelens-gated-nosub", "gemma-scope-att", "sparsify-groupmax", "openai-v5"]
)
def test_it_comes_back_from_our_own_format(name: str, tmp_path: Path) -> None:
    example = EXAMPLES[name]
    one = opened(example, tmp_path)
    save_dictionary(one, tmp_path / "saved")
    again = load_dictionary(tmp_path / "saved")
    assert again.digest == one.digest
    assert again.about == one.about
    tensor = torch.tensor(states(), dtype=torch.float32)
    found = again.parts[0].sae.reconstructed(tensor)
    assert torch.equal(found, one.parts[0].sae.reconstructed(tensor))
