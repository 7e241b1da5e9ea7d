"""The folder is one that SAELens opens, with what it records of the model."""

import errno
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
import torch
from safetensors.torch import load_file

from corpuscope.errors import DictionaryError, InputError, StorageFull
from corpuscope.export.saelens import TESTED_VERSION, SAELensSettings, export_saelens
from corpuscope.sae.dictionary import Dictionary, Part
from corpuscope.sae.evaluate import evaluated
from corpuscope.sae.firing import FiringRule, Relu, Threshold, TopK
from tests.sae.worlds import feature_table, random_dictionary, random_sae


def config_of(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((folder / "cfg.json").read_text("utf-8"))
    return found


def one_part(part: Part) -> Dictionary:
    """A dictionary of this part alone."""
    n = part.sae.n_features
    table = feature_table(n, 0, None) if part.unit == "token" else feature_table(0, n, None)
    return replace(random_dictionary(), parts=(part,), features=table)


def with_densities(dictionary: Dictionary, densities: list[float | None]) -> Dictionary:
    column = pa.array(densities, pa.float64())
    return replace(dictionary, features=dictionary.features.append_column("density", column))


def test_the_only_part_needs_no_name(tmp_path: Path) -> None:
    found = export_saelens(one_part(Part("token", (2,), random_sae())), tmp_path / "out")
    assert sorted(found.files) == ["cfg.json", "sae_weights.safetensors"]
    assert found.counts == {"features": 24, "dimensions": 16}
    config = config_of(tmp_path / "out")
    assert (config["architecture"], config["d_in"], config["d_sae"]) == ("jumprelu", 16, 24)
    metadata = config["metadata"]
    assert metadata["sae_lens_version"] == TESTED_VERSION
    assert metadata["model_name"] == "tiny/bert"
    assert metadata["context_size"] == 32
    details = metadata["training_architecture_details"]["corpuscope"]
    assert (details["unit"], details["layers"], details["licence"]) == ("token", [2], "Apache-2.0")


@pytest.mark.parametrize("part", [None, 2, -1])
def test_of_several_parts_one_must_be_named(tmp_path: Path, part: int | None) -> None:
    with pytest.raises(DictionaryError) as caught:
        export_saelens(random_dictionary(), tmp_path / "out", part=part)
    assert "0: 24 features of tokens after layer 2" in caught.value.expected
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("layers", "hook"),
    [
        ((0,), "blocks.0.hook_resid_pre"),
        ((1,), "blocks.0.hook_resid_post"),
        ((4,), "blocks.3.hook_resid_post"),
        ((2, 4), None),
    ],
)
def test_the_hook_is_that_of_the_layer(
    tmp_path: Path, layers: tuple[int, ...], hook: str | None
) -> None:
    sae = replace(random_sae(), n_layers=len(layers))
    found = export_saelens(one_part(Part("token", layers, sae)), tmp_path / "out")
    assert config_of(tmp_path / "out")["metadata"]["hook_name"] == hook
    assert any("no hook is named" in note for note in found.notes) == (hook is None)


def test_another_site_has_its_own_hook(tmp_path: Path) -> None:
    dictionary = random_dictionary()
    (part, *others) = dictionary.parts
    heads = replace(part, layers=(2,), site="attention-heads")
    export_saelens(replace(dictionary, parts=(heads, *others)), tmp_path / "out", part=0)
    config = config_of(tmp_path / "out")
    assert config["metadata"]["hook_name"] == "blocks.1.attn.hook_z"
    assert config["reshape_activations"] == "hook_z"


def test_states_of_sentences_have_no_hook_and_a_note(tmp_path: Path) -> None:
    found = export_saelens(random_dictionary(), tmp_path / "out", part=1)
    assert config_of(tmp_path / "out")["metadata"]["hook_name"] is None
    assert "means over sentences" in found.notes[0]


def test_what_is_recorded_of_the_model_can_be_given(tmp_path: Path) -> None:
    settings = SAELensSettings("gpt2-small", "blocks.1.hook_mlp_out", "transformer.h.1.mlp", True)
    export_saelens(random_dictionary(), tmp_path / "out", part=0, settings=settings)
    metadata = config_of(tmp_path / "out")["metadata"]
    keys = ("model_name", "hook_name", "hf_hook_name", "prepend_bos")
    assert tuple(metadata[key] for key in keys) == (
        "gpt2-small", "blocks.1.hook_mlp_out", "transformer.h.1.mlp", True,
    )  # fmt: skip


def test_sparsity_is_the_logarithm_of_densities_of_the_part(tmp_path: Path) -> None:
    dictionary = with_densities(random_dictionary(), [0.5] * 24 + [0.0] + [0.01] * 11)
    export_saelens(dictionary, tmp_path / "out", part=1)
    found = load_file(tmp_path / "out" / "sparsity.safetensors")["sparsity"]
    np.testing.assert_allclose(found[:2].numpy(), [-10, -2], rtol=1e-6)
    assert found.shape == (12,)


def test_without_all_densities_there_is_no_sparsity(tmp_path: Path) -> None:
    dictionary = with_densities(random_dictionary(), [None] + [0.5] * 35)
    assert "sparsity.safetensors" not in export_saelens(dictionary, tmp_path / "a", part=0).files
    assert "sparsity.safetensors" in export_saelens(dictionary, tmp_path / "b", part=1).files


def test_nothing_is_overwritten(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    with pytest.raises(InputError, match="already exists"):
        export_saelens(random_dictionary(), tmp_path / "out", part=0)


@pytest.mark.parametrize("unit_norm", [False, True])
@pytest.mark.parametrize("rule", [Relu(), TopK(5), Threshold(torch.linspace(0, 2, 24))], ids=str)
def test_saelens_computes_and_evaluates_the_same(
    tmp_path: Path, rule: FiringRule, unit_norm: bool
) -> None:
    library = pytest.importorskip("sae_lens", reason="the package sae-lens is not installed")
    sae = random_sae(firing=rule, unit_norm=unit_norm)
    export_saelens(one_part(Part("token", (2,), sae)), tmp_path / "out")
    theirs = library.SAE.load_from_disk(tmp_path / "out")
    x = 3 * torch.randn(500, 16, generator=torch.Generator().manual_seed(1)) + 1
    with torch.no_grad():
        activations = theirs.encode(x)
        reconstructions = theirs.decode(activations)
    length = x.norm(dim=1, keepdim=True) if unit_norm else torch.ones(1)
    torch.testing.assert_close(activations, sae.encode(x), atol=1e-5, rtol=1e-5)
    torch.testing.assert_close(
        reconstructions, sae.decode(sae.encode(x)) * length, atol=1e-5, rtol=1e-5
    )
    found = evaluated(sae, [x])
    assert found.l0 == pytest.approx(float((activations > 0).sum(dim=1).float().mean()), abs=1e-6)
    # Where states are normalised, they are compared in that form.
    error = ((x - reconstructions) / length).square().sum()
    total = (x / length - (x / length).mean(dim=0)).square().sum()
    assert found.unexplained_variance == pytest.approx(float(error / total), abs=1e-5)


def test_a_full_disk_is_named_and_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "full")

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(StorageFull, match="no room to write"):
        export_saelens(random_dictionary(), tmp_path / "out", part=0)
    assert list(tmp_path.iterdir()) == []
