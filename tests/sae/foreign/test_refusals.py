"""What cannot be opened is refused with the reason, and with what to do."""

import json
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file

from corpuscope.errors import DictionaryError
from corpuscope.sae.firing import TopK
from corpuscope.sae.foreign.opener import open_foreign
from corpuscope.sae.foreign.supplement import Supplement
from tests.sae.foreign import made
from tests.sae.foreign.made import EXAMPLES, FEATURES, WIDTH, dump, torched, weights


def refused(path: Path, supplement: Supplement | None = None) -> DictionaryError:
    with pytest.raises(DictionaryError) as caught:
        open_foreign(path, supplement=supplement)
    return caught.value


def changed_config(path: Path, name: str, change: Callable[[dict[str, Any]], object]) -> None:
    config = json.loads((path / name).read_text())
    change(config)
    (path / name).write_text(json.dumps(config))


def changed_tensors(file: Path, change: Callable[[dict[str, torch.Tensor]], object]) -> None:
    tensors = load_file(file)
    change(tensors)
    save_file(tensors, file)


def test_no_path_and_an_empty_folder(tmp_path: Path) -> None:
    assert "no " in refused(tmp_path / "nothing").found
    error = refused(tmp_path)
    assert "there is nothing" in error.found
    assert "Gemma Scope: params.npz with W_enc" in error.expected


def test_what_lies_there_is_listed_beside_what_each_layout_needs(tmp_path: Path) -> None:
    (tmp_path / "weights.safetensors").touch()
    dump(tmp_path, "cfg.json", {})
    error = refused(tmp_path)
    assert "cfg.json, weights.safetensors" in error.found
    assert "sae.safetensors with encoder.weight, W_dec, b_dec and cfg.json" in error.expected


def test_two_layouts_at_one_place(tmp_path: Path) -> None:
    EXAMPLES["saelens-standard"].write(tmp_path)
    np.savez(tmp_path / "params.npz", **weights())
    error = refused(tmp_path)
    assert "files of 2 layouts: SAELens 6, as sae_weights.safetensors holds" in error.found


class Code:
    """Runs something when it is unpickled."""

    def __reduce__(self) -> tuple[Any, ...]:
        return Path.touch, (Path("executed"),)


@pytest.mark.parametrize("name", ["SAE-l1.pt", "SAE-l1.pth"])
def test_no_pickle_is_run(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    torch.save({"encoder_linear.weight": Code()}, tmp_path / name)
    error = refused(tmp_path / name)
    assert "Python objects beside tensors" in error.found
    assert "safetensors" in error.next_step
    (tmp_path / name).write_bytes(pickle.dumps(Code()))
    refused(tmp_path / name)
    assert not (tmp_path / "executed").exists()


@pytest.mark.parametrize(("example", "file"), [
    ("saelens-standard", "sae_weights.safetensors"), ("gemma-scope-res", "params.npz"),
    ("dl-topk", "ae.pt"),
])  # fmt: skip
@pytest.mark.parametrize("share", [0.0, 0.5, 0.98])
def test_a_file_that_is_cut_short_is_damaged(
    example: str, file: str, share: float, tmp_path: Path
) -> None:
    path = EXAMPLES[example].write(tmp_path)
    content = (path / file).read_bytes()
    (path / file).write_bytes(content[: int(share * len(content))])
    assert f"{file} is damaged or cut short" in refused(path).found


def test_a_configuration_that_is_no_json(tmp_path: Path) -> None:
    path = EXAMPLES["saelens-standard"].write(tmp_path)
    (path / "cfg.json").write_text("{")
    assert "cfg.json cannot be read" in refused(path).found


def test_weights_that_are_not_finite(tmp_path: Path) -> None:
    path = EXAMPLES["saelens-standard"].write(tmp_path)
    changed_tensors(path / "sae_weights.safetensors", lambda t: t["W_dec"][3].fill_(torch.nan))
    assert f"{WIDTH} of {WIDTH * FEATURES} numbers of 'W_dec' are not finite" in refused(path).found


def test_a_configuration_that_contradicts_the_weights(tmp_path: Path) -> None:
    path = EXAMPLES["saelens-standard"].write(tmp_path)
    changed_config(path, "cfg.json", lambda c: c.update(d_sae=96))
    assert "states 96 features, and the weights have 48" in refused(path).found
    changed_config(path, "cfg.json", lambda c: c.update(d_sae=48, d_in=99))
    assert "states 99 width, and the weights have 16" in refused(path).found


@pytest.mark.parametrize("name", ["W_enc", "W_dec"])
def test_a_matrix_the_other_way_round(name: str, tmp_path: Path) -> None:
    path = EXAMPLES["saelens-standard"].write(tmp_path)
    changed_tensors(path / "sae_weights.safetensors",
                    lambda t: t.update({name: t[name].T.contiguous()}))  # fmt: skip
    assert "transposed" in refused(path).found


@pytest.mark.parametrize(("name", "shape"), [("b_enc", (47,)), ("b_dec", (1, 16))])
def test_a_bias_of_another_shape(name: str, shape: tuple[int, ...], tmp_path: Path) -> None:
    path = EXAMPLES["saelens-standard"].write(tmp_path)
    changed_tensors(path / "sae_weights.safetensors", lambda t: t.update({name: torch.ones(shape)}))
    assert "x".join(map(str, shape)) in refused(path).found.replace(" ", "").replace(",", "x")


def test_a_missing_tensor_is_named_with_what_is_there(tmp_path: Path) -> None:
    path = EXAMPLES["saelens-jumprelu"].write(tmp_path)
    changed_tensors(path / "sae_weights.safetensors", lambda t: t.pop("threshold"))
    error = refused(path)
    assert "without the tensor 'threshold' (it has W_dec, W_enc, b_dec, b_enc)" in error.found
    assert "layout SAELens 6" in error.found


@pytest.mark.parametrize(("example", "file", "change", "found"), [
    ("saelens-standard", "cfg.json", {"architecture": "temporal"}, "architecture 'temporal'"),
    ("saelens-standard", "cfg.json", {"architecture": "skip_transcoder"}, "is a transcoder"),
    ("saelens-standard", "cfg.json", {"normalize_activations": "covariance_whitening"},
     "normalize_activations 'covariance_whitening'"),
    ("saelens-topk", "cfg.json", {"k": None}, "topk dictionary without k"),
    ("saelens-5", "cfg.json", {"hook_point_head_index": 3}, "one attention head"),
    ("saelens-5", "cfg.json", {"hook_point": "blocks.3.ln2.hook_normalized"}, "before the gain"),
    ("saelens-5", "cfg.json", {"hook_point": "unembed"}, "the hook point 'unembed'"),
    ("gemma-scope-2", "config.json", {"hf_hook_point_out": "model.layers.18.output"},
     "is a transcoder"),
    ("gemma-scope-2", "config.json", {"architecture": "topk"}, "architecture 'topk'"),
    ("sparsify-topk", "cfg.json", {"transcode": True}, "is a transcoder"),
    ("sparsify-topk", "cfg.json", {"activation": "gelu"}, "activation 'gelu'"),
    ("sparsify-topk", "cfg.json", {"signed": True}, "may be negative"),
    ("sparsify-groupmax", "cfg.json", {"k": 7}, "48 features in 7 groups"),
    ("llama-scope", "hyperparams.json", {"hook_point_out": "blocks.15.hook_mlp_out"},
     "is a transcoder"),
    ("llama-scope", "hyperparams.json", {"use_glu_encoder": True}, "gated linear unit"),
    ("llama-scope", "hyperparams.json", {"norm_activation": "batch-wise"}, "'batch-wise'"),
    ("llama-scope", "hyperparams.json", {"dataset_average_activation_norm": None}, "norm None"),
    ("llama-scope", "hyperparams.json", {"act_fn": "topk"}, "by decoder norms"),
    ("llamascopium-relu", "config.json", {"sae_type": "crosscoder"}, "'crosscoder'"),
    ("llamascopium-relu", "config.json", {"norm_activation": "batch-wise"}, "'batch-wise'"),
    ("llamascopium-relu", "config.json", {"norm_activation": "dataset-wise"}, "no dataset_average"),
    ("llamascopium-relu", "config.json", {"act_fn": "batchtopk"}, "no activation_function.log"),
    ("llamascopium-relu", "config.json", {"use_glu_encoder": True}, "gated linear unit"),
    ("batchtopk-vanilla", "config.json", {"sae_type": "x"}, "sae_type 'x'"),
])  # fmt: skip
def test_a_setting_that_is_not_supported(
    example: str, file: str, change: dict[str, Any], found: str, tmp_path: Path
) -> None:
    path = EXAMPLES[example].write(tmp_path)
    changed_config(path, file, lambda c: c.update(change))
    error = refused(path)
    assert found in error.found
    assert error.next_step


@pytest.mark.parametrize(("example", "change", "found"), [
    ("dl-topk", {"dict_class": "CrossCoder"}, "dict_class 'CrossCoder'"),
    ("dl-standard", {"lm_name": None}, "which language model"),
    ("dl-standard", {"submodule_name": None}, "where in the model"),
    ("dl-standard", {"lm_name": "google/gemma-2-2b", "submodule_name": "mlp_out_layer_3"},
     "before the norm that follows"),
])  # fmt: skip
def test_a_trainer_that_is_not_supported(
    example: str, change: dict[str, Any], found: str, tmp_path: Path
) -> None:
    path = EXAMPLES[example].write(tmp_path)
    changed_config(path, "config.json", lambda c: c["trainer"].update(change))
    assert found in refused(path).found


@pytest.mark.parametrize(("io", "layer"), [("in", 3), ("in_and_out", None)])
def test_states_that_go_into_a_module_are_those_of_the_layer_before(
    io: str, layer: int | None, tmp_path: Path
) -> None:
    path = EXAMPLES["dl-standard"].write(tmp_path)
    changed_config(path, "config.json", lambda c: c["buffer"].update(io=io))
    if layer is None:
        assert "is a transcoder" in refused(path).found
    else:
        assert open_foreign(path).parts[0].layers == (layer,)


def test_a_transcoder_of_gemma_scope(tmp_path: Path) -> None:
    write = made.write_gemma("gemma-scope-2b-pt-transcoders", "layer_2/width_16k/average_l0_8")
    assert "is a transcoder" in refused(write(tmp_path)).found


def test_a_skip_connection_of_gemma_scope_2(tmp_path: Path) -> None:
    path = EXAMPLES["gemma-scope-2"].write(tmp_path)
    changed_tensors(path / "params.safetensors",
                    lambda t: t.update(affine_skip_connection=torch.eye(WIDTH)))  # fmt: skip
    assert "is a transcoder" in refused(path).found


def test_a_folder_that_does_not_say_what_it_is(tmp_path: Path) -> None:
    (tmp_path / "gemma").mkdir()
    np.savez(tmp_path / "gemma" / "params.npz", **weights())
    error = refused(tmp_path / "gemma")
    assert "where in the model the states are taken" in error.found
    assert "corpuscope.json" in error.next_step
    known = Supplement(reader="gemma-2-2b", hook="blocks.3.hook_mlp_out", context_size=64)
    one = open_foreign(tmp_path / "gemma", supplement=known)
    assert (one.reader_name, one.max_tokens) == ("google/gemma-2-2b", 64)
    assert (one.parts[0].layers, one.parts[0].site) == ((4,), "mlp")


def test_a_factor_that_is_in_no_file_has_to_be_given(tmp_path: Path) -> None:
    for name in ("saelens-scaled", "llama-scope-r1"):
        path = EXAMPLES[name].write(tmp_path / name)
        error = refused(path)
        assert "factor is in none" in error.found
        assert "norm_scaling_factor" in error.next_step
    for scale in (0.0, -1.0, float("nan")):
        assert "input scale" in refused(path, Supplement(input_scale=scale)).found


@pytest.mark.parametrize("name", ["dl-batchtopk", "dl-matryoshka"])
def test_a_threshold_that_training_never_set(name: str, tmp_path: Path) -> None:
    path = EXAMPLES[name].write(tmp_path)
    state = torch.load(path / "ae.pt", weights_only=True)
    torch.save(state | {"threshold": torch.tensor(-1.0)}, path / "ae.pt")
    error = refused(path)
    assert "threshold -1: training never set it" in error.found
    assert "k_per_token" in error.next_step
    one = open_foreign(path, supplement=Supplement(k_per_token=True))
    assert one.parts[0].sae.firing == TopK(made.K)
    one = open_foreign(path, supplement=Supplement(threshold=0.5))
    assert one.parts[0].sae.firing.theta.unique().tolist() == [0.5]  # type: ignore[union-attr]


def test_batch_top_k_without_a_threshold(tmp_path: Path) -> None:
    path = EXAMPLES["batchtopk-batchtopk"].write(tmp_path)
    assert "depend on the batch" in refused(path).found
    one = open_foreign(path, supplement=Supplement(k_per_token=True))
    assert one.parts[0].sae.firing == TopK(made.K)


def test_square_matrices_whose_orientation_cannot_be_told(tmp_path: Path) -> None:
    place = tmp_path / "SAE-Res-Qwen3-8B-Base-W1K-L0_6"
    place.mkdir()
    square = {"W_enc": np.eye(8), "W_dec": np.eye(8), "b_enc": np.ones(8), "b_dec": np.ones(8)}
    torch.save(torched(square), place / "layer3.sae.pt")
    assert "square matrices of 8" in refused(place / "layer3.sae.pt").found
    (place / "layer3.sae.pt").rename(tmp_path / "layer3.sae.pt")
    assert "how many features fire" in refused(tmp_path / "layer3.sae.pt").found


def test_activations_of_openai_that_may_be_negative(tmp_path: Path) -> None:
    path = EXAMPLES["openai-v5"].write(tmp_path)
    state = torch.load(path, weights_only=True)
    torch.save(state | {"activation_state_dict": {"k": 3, "postact_fn": "Identity"}}, path)
    assert "'Identity'" in refused(path).found
