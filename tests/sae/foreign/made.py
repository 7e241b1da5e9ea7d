"""Dictionaries written as other projects write them, with what those projects compute, in numpy.

Each example is written from the same random numbers; its reference is a few lines of numpy that
share nothing with the package.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors.torch import save_file

from corpuscope.sae.foreign.supplement import Supplement
from corpuscope.sites import Site

WIDTH, FEATURES, K = 16, 48, 6
Array = np.ndarray[Any, np.dtype[np.float64]]
Pair = tuple[Array, Array]


def drawn(name: str, *shape: int) -> Array:
    """Numbers that depend on the name alone, such that float32 holds them."""
    seed = int.from_bytes(name.encode(), "little") % 2**32
    return np.random.default_rng(seed).normal(size=shape).astype(np.float32).astype(np.float64)


def weights(features: int = FEATURES) -> dict[str, Array]:
    """Canonical weights; decoder rows have different lengths."""
    lengths = 0.5 + np.abs(drawn("lengths", features))
    return {
        "W_enc": (drawn("W_enc", WIDTH, features) / 3).astype(np.float32).astype(np.float64),
        "W_dec": (drawn("W_dec", features, WIDTH) * lengths[:, None] / 4)
        .astype(np.float32)
        .astype(np.float64),
        "b_enc": (drawn("b_enc", features) / 2 - 0.5).astype(np.float32).astype(np.float64),
        "b_dec": (drawn("b_dec", WIDTH) / 2).astype(np.float32).astype(np.float64),
        "threshold": np.abs(drawn("threshold", features)).astype(np.float32).astype(np.float64),
    }


def states() -> Array:
    """States that are not centred, and of different lengths."""
    return drawn("states", 40, WIDTH) * np.linspace(0.5, 3, 40)[:, None] + 0.4


def torched(arrays: dict[str, Any], dtype: torch.dtype = torch.float32) -> dict[str, torch.Tensor]:
    return {
        n: torch.tensor(np.array(a, order="C"), dtype=_integers(a) or dtype)
        for n, a in arrays.items()
    }


def _integers(array: Array) -> torch.dtype | None:
    return torch.int64 if array.dtype.kind == "i" else None


def relu(x: Array) -> Array:
    return np.maximum(x, 0)


def top_k(pre: Array, k: int = K, *, by: Array | float = 1.0) -> Array:
    """The k largest of each row by `pre * by`, and those above 0."""
    ranked = np.argsort(-(pre * by), axis=1, kind="stable")[:, :k]
    kept = np.zeros_like(pre)
    np.put_along_axis(kept, ranked, np.take_along_axis(pre, ranked, axis=1), axis=1)
    return relu(kept)


def norms(matrix: Array) -> Array:
    return np.asarray(np.linalg.norm(matrix, axis=1))


@dataclass(frozen=True)
class Example:
    """A dictionary in one layout.

    Attributes:
        layout: The name of the layout.
        write: Writes it into a folder, and says what to open.
        reference: Activations and reconstructions of states, as the project computes them.
        layer: Where it takes states, counted from 1.
        site: Which site of that layer.
        model: The reader.
        per_feature: By what our activations are larger, after what was folded.
        supplement: What has to be said.
        bos: What it says about the first token.
        l0: Its expected L0.
    """

    layout: str
    write: Callable[[Path], Path]
    reference: Callable[[Array], Pair]
    layer: int
    model: str
    site: Site = "residual"
    per_feature: Array | float = 1.0
    supplement: Supplement | None = None
    bos: bool | None = None
    l0: float | list[float] | None = None


def dump(folder: Path, name: str, value: object) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(json.dumps(value))


# SAELens


def lens_config(architecture: str, **changed: Any) -> dict[str, Any]:
    """As SAELens 6.54 writes it."""
    about = {
        "model_name": "gpt2-small",
        "hook_name": "blocks.8.hook_resid_pre",
        "hook_head_index": None,
        "prepend_bos": True,
        "context_size": 128,
        "sae_lens_version": "6.54.12",
    } | changed.pop("metadata", {})
    return {
        "architecture": architecture, "d_in": WIDTH, "d_sae": FEATURES, "dtype": "float32",
        "device": "cpu", "apply_b_dec_to_input": True, "normalize_activations": "none",
        "reshape_activations": "none", "metadata": about,
    } | changed  # fmt: skip


def write_lens(folder: Path, config: dict[str, Any], arrays: dict[str, Any]) -> Path:
    dump(folder, "cfg.json", config)
    save_file(torched(arrays), folder / "sae_weights.safetensors")
    return folder


def lens(
    architecture: str,
    fire: Callable[[Array, dict[str, Array]], Array],
    *,
    layout: str = "SAELens 6",
    names: tuple[str, ...] = ("W_enc", "W_dec", "b_enc", "b_dec"),
    norm: Callable[[Array], tuple[Array, Array, Array]] | None = None,
    config: dict[str, Any] | None = None,
    **settings: Any,
) -> Example:
    """An example of SAELens: `fire` is from pre-activations to activations."""
    w = weights()
    made = config if config is not None else lens_config(architecture, **settings)
    sub = bool(made.get("apply_b_dec_to_input", True))
    is_rescaled = bool(made.get("rescale_acts_by_decoder_norm", False))

    def reference(x: Array) -> Pair:
        shift, scale, inner = norm(x) if norm else (0, 1, x)
        pre = (inner - sub * w["b_dec"]) @ w["W_enc"] + w["b_enc"]
        acts = fire(pre * norms(w["W_dec"]) if is_rescaled else pre, w)
        decoded = acts / norms(w["W_dec"]) if is_rescaled else acts
        return acts, (decoded @ w["W_dec"] + w["b_dec"]) * scale + shift

    return Example(
        layout=layout,
        write=lambda folder: write_lens(folder, made, {n: w[n] for n in names}),
        reference=reference,
        layer=8,
        model="openai-community/gpt2",
        bos=True,
        l0=float(K) if "topk" in architecture else None,
    )


def layer_norm(x: Array) -> tuple[Array, Array, Array]:
    mean, std = x.mean(1, keepdims=True), x.std(1, ddof=1, keepdims=True)
    return mean, std, (x - mean) / (std + 1e-5)


def constant_norm(x: Array) -> tuple[Array, Array, Array]:
    scale = np.linalg.norm(x, axis=1, keepdims=True) / np.sqrt(WIDTH)
    return np.zeros_like(scale), scale, x / scale


def centred(x: Array) -> tuple[Array, Array, Array]:
    mean = x.mean(1, keepdims=True)
    return mean, np.ones_like(mean), x - mean


def jump(pre: Array, w: dict[str, Array]) -> Array:
    return relu(pre) * (pre > w["threshold"])


def lens_gated(*, sub: bool) -> Example:
    w = weights() | {name: drawn(name, FEATURES) / 2 for name in ("b_gate", "b_mag", "r_mag")}

    def reference(x: Array) -> Pair:
        g = (x - sub * w["b_dec"]) @ w["W_enc"]
        acts = (g + w["b_gate"] > 0) * relu(g * np.exp(w["r_mag"]) + w["b_mag"])
        return acts, acts @ w["W_dec"] + w["b_dec"]

    names = ("W_enc", "W_dec", "b_dec", "b_gate", "b_mag", "r_mag")
    config = lens_config("gated", apply_b_dec_to_input=sub)
    return Example(
        "SAELens 6", lambda f: write_lens(f, config, {n: w[n] for n in names}), reference, 8,
        "openai-community/gpt2", bos=True,
    )  # fmt: skip


def old_lens(**changed: Any) -> dict[str, Any]:
    """The flat configuration of gpt2-small-res-jb's time."""
    return {
        "model_name": "gpt2-small", "hook_point": "blocks.8.hook_resid_pre",
        "hook_point_layer": 8, "hook_point_head_index": None, "d_in": WIDTH, "d_sae": FEATURES,
        "dtype": "torch.float32", "context_size": 128,
    } | changed  # fmt: skip


THRESHOLDED = ("W_enc", "W_dec", "b_enc", "b_dec", "threshold")
RESCALED = {"rescale_acts_by_decoder_norm": True, "k": K}
EXAMPLES: dict[str, Example] = {
    "saelens-standard": lens("standard", lambda pre, w: relu(pre)),
    "saelens-standard-nosub": lens(
        "standard", lambda pre, w: relu(pre), apply_b_dec_to_input=False
    ),
    "saelens-topk": lens("topk", lambda pre, w: top_k(pre), k=K),
    "saelens-topk-rescaled": lens("topk", lambda pre, w: top_k(pre), **RESCALED),
    "saelens-jumprelu": lens("jumprelu", jump, names=THRESHOLDED),
    "saelens-jumprelu-nosub": lens(
        "jumprelu", jump, names=THRESHOLDED, apply_b_dec_to_input=False
    ),
    "saelens-gated": lens_gated(sub=True),
    "saelens-gated-nosub": lens_gated(sub=False),
    "saelens-layer-norm": lens(
        "standard", lambda pre, w: relu(pre), norm=layer_norm, normalize_activations="layer_norm"
    ),
    "saelens-constant-norm": lens(
        "jumprelu", jump, names=THRESHOLDED, norm=constant_norm,
        normalize_activations="constant_norm_rescale",
    ),
    "saelens-centred": lens(
        "standard", lambda pre, w: relu(pre), norm=centred,
        metadata={"model_from_pretrained_kwargs": {"center_writing_weights": True}},
    ),
    "saelens-5": lens(
        "standard", lambda pre, w: relu(pre), layout="SAELens before 6", config=old_lens()
    ),
    "saelens-5-topk": lens(
        "topk", lambda pre, w: top_k(pre), layout="SAELens before 6",
        config=old_lens(architecture="standard", activation_fn_str="topk",
                        activation_fn_kwargs={"k": K}),
    ),
    "saelens-5-jumprelu": lens(
        "jumprelu", jump, layout="SAELens before 6", names=THRESHOLDED,
        config=old_lens(architecture="jumprelu", normalize_activations=False),
    ),
}  # fmt: skip


def log_thresholded() -> Example:
    one = EXAMPLES["saelens-jumprelu"]
    w = weights()
    arrays = {n: w[n] for n in THRESHOLDED[:4]} | {"log_threshold": np.log(w["threshold"])}
    return Example(
        one.layout, lambda f: write_lens(f, lens_config("jumprelu"), arrays), one.reference, 8,
        one.model, bos=True,
    )  # fmt: skip


def scaled_lens() -> Example:
    """States are multiplied by a factor that is in no file."""
    w, s = weights(), 0.7

    def reference(x: Array) -> Pair:
        acts = jump((s * x - w["b_dec"]) @ w["W_enc"] + w["b_enc"], w)
        return acts, (acts @ w["W_dec"] + w["b_dec"]) / s

    config = lens_config("jumprelu", normalize_activations="expected_average_only_in")
    return Example(
        "SAELens 6", lambda f: write_lens(f, config, {n: w[n] for n in THRESHOLDED}), reference, 8,
        "openai-community/gpt2", bos=True, supplement=Supplement(input_scale=s),
    )  # fmt: skip


EXAMPLES["saelens-log-threshold"] = log_thresholded()
EXAMPLES["saelens-scaled"] = scaled_lens()


# Gemma Scope


def nosub(w: dict[str, Array]) -> Callable[[Array], Pair]:
    def reference(x: Array) -> Pair:
        acts = jump(x @ w["W_enc"] + w["b_enc"], w)
        return acts, acts @ w["W_dec"] + w["b_dec"]

    return reference


def write_gemma(repo: str, inner: str) -> Callable[[Path], Path]:
    def write(folder: Path) -> Path:
        place = folder / repo / inner
        place.mkdir(parents=True)
        np.savez(place / "params.npz", **{n: a.astype(np.float32) for n, a in weights().items()})
        return place

    return write


def embedding(x: Array) -> Pair:
    # Trained on embeddings as they are stored; the model multiplies them by sqrt(width).
    acts, out = nosub(weights())(x / np.sqrt(WIDTH))
    return acts, out * np.sqrt(WIDTH)


EXAMPLES |= {
    "gemma-scope-res": Example(
        "Gemma Scope",
        write_gemma("gemma-scope-2b-pt-res", "layer_20/width_16k/average_l0_71"),
        nosub(weights()), 21, "google/gemma-2-2b", bos=True, l0=71.0,
    ),
    "gemma-scope-att": Example(
        "Gemma Scope",
        write_gemma("models--google--gemma-scope-9b-it-att/snapshots/0a",
                    "layer_3/width_16k/average_l0_8"),
        nosub(weights()), 4, "google/gemma-2-9b-it", site="attention-heads", bos=True, l0=8.0,
    ),
    "gemma-scope-mlp": Example(
        "Gemma Scope", write_gemma("gemma-scope-2b-pt-mlp", "layer_0/width_16k/average_l0_9"),
        nosub(weights()), 1, "google/gemma-2-2b", site="mlp", bos=True, l0=9.0,
    ),
    "gemma-scope-embedding": Example(
        "Gemma Scope", write_gemma("gemma-scope-2b-pt-res", "embedding/width_4k/average_l0_6"),
        embedding, 0, "google/gemma-2-2b", bos=True, l0=6.0,
    ),
}  # fmt: skip


def write_gemma_2(inner: str, config: dict[str, Any] | None) -> Callable[[Path], Path]:
    def write(folder: Path) -> Path:
        place = folder / "gemma-scope-2-4b-it" / inner
        place.mkdir(parents=True)
        save_file(torched({n.lower(): a for n, a in weights().items()}),
                  place / "params.safetensors")  # fmt: skip
        if config is not None:
            dump(place, "config.json", config)
        return place

    return write


GEMMA_2 = {
    "architecture": "jump_relu", "model_name": "gemma-3-4b-it-v3",
    "hf_hook_point_in": "model.layers.17.output", "hf_hook_point_out": "model.layers.17.output",
}  # fmt: skip
HOOKED = {
    "hf_hook_point_in": "model.layers.9.self_attn.o_proj.input",
    "model_name": "gemma-3-4b-it",
}
EXAMPLES |= {
    "gemma-scope-2": Example(
        "Gemma Scope 2", write_gemma_2("resid_post/layer_17_width_16k_l0_medium", GEMMA_2),
        nosub(weights()), 18, "google/gemma-3-4b-it", bos=True, l0=[52.0, 60.0],
    ),
    "gemma-scope-2-without-config": Example(
        "Gemma Scope 2", write_gemma_2("mlp_out_all/layer_3_width_262k_l0_small", None),
        nosub(weights()), 4, "google/gemma-3-4b-it", site="mlp", bos=True, l0=[10.0, 20.0],
    ),
    "gemma-scope-2-attention": Example(
        "Gemma Scope 2", write_gemma_2("attn_out/layer_9_width_16k_l0_big", HOOKED),
        nosub(weights()), 10, "google/gemma-3-4b-it", site="attention-heads", bos=True,
        l0=[60.0, 150.0],
    ),
}  # fmt: skip


# Goodfire, qresearch


def relu_nosub(x: Array) -> Pair:
    w = weights()
    acts = relu(x @ w["W_enc"] + w["b_enc"])
    return acts, acts @ w["W_dec"] + w["b_dec"]


def linear(encoder: str, decoder: str) -> dict[str, Array]:
    w = weights()
    return {f"{encoder}.weight": w["W_enc"].T, f"{encoder}.bias": w["b_enc"],
            f"{decoder}.weight": w["W_dec"].T, f"{decoder}.bias": w["b_dec"]}  # fmt: skip


def write_goodfire(folder: Path) -> Path:
    torch.save(torched(linear("encoder_linear", "decoder_linear")),
               folder / "Llama-3.1-8B-Instruct-SAE-l19.pth")  # fmt: skip
    return folder / "Llama-3.1-8B-Instruct-SAE-l19.pth"


def write_qresearch(folder: Path) -> Path:
    file = folder / "DeepSeek-R1-Distill-Llama-8B-SAE-l19.pt"
    torch.save(torched(linear("encoder", "decoder")), file)
    return folder


EXAMPLES |= {
    "goodfire": Example("Goodfire", write_goodfire, relu_nosub, 20,
                        "meta-llama/Llama-3.1-8B-Instruct", bos=True, l0=91.0),
    "qresearch": Example("R1-Distill of qresearch", write_qresearch, relu_nosub, 20,
                         "deepseek-ai/DeepSeek-R1-Distill-Llama-8B", bos=True),
}  # fmt: skip


# sparsify


def sparsify(hookpoint: str, activation: str, layer: int, site: Site, latents: int) -> Example:
    w = weights()

    def write(folder: Path) -> Path:
        place = folder / hookpoint
        dump(folder, "config.json", {"model": "EleutherAI/pythia-160m", "ctx_len": 2048})
        dump(place, "cfg.json", {
            "activation": activation, "expansion_factor": FEATURES // WIDTH, "d_in": WIDTH,
            "normalize_decoder": True, "num_latents": latents, "k": K, "multi_topk": False,
            "skip_connection": False, "transcode": False,
        })  # fmt: skip
        tensors = {"encoder.weight": w["W_enc"].T, "encoder.bias": w["b_enc"],
                   "W_dec": w["W_dec"], "b_dec": w["b_dec"]}  # fmt: skip
        save_file(torched(tensors), place / "sae.safetensors")
        return place

    def reference(x: Array) -> Pair:
        pre = relu((x - w["b_dec"]) @ w["W_enc"] + w["b_enc"])
        if activation == "groupmax":
            grouped = pre.reshape(len(x), K, -1)
            acts = (grouped * (grouped == grouped.max(2, keepdims=True))).reshape(len(x), -1)
        else:
            acts = top_k(pre)
        return acts, acts @ w["W_dec"] + w["b_dec"]

    return Example("sparsify", write, reference, layer, "EleutherAI/pythia-160m", site,
                   l0=float(K))  # fmt: skip


EXAMPLES |= {
    "sparsify-topk": sparsify("layers.5", "topk", 6, "residual", 0),
    "sparsify-groupmax": sparsify("layers.5.mlp", "groupmax", 6, "mlp", FEATURES),
}


# dictionary_learning


def learned(
    kind: str,
    arrays: dict[str, Any],
    reference: Callable[[Array], Pair],
    *,
    interrupted: dict[str, Any] | None = None,
    **trainer: Any,
) -> Example:
    own = {
        "trainer_class": "T", "dict_class": kind, "activation_dim": WIDTH, "dict_size": FEATURES,
        "layer": 8, "lm_name": "EleutherAI/pythia-70m-deduped",
        "submodule_name": "resid_post_layer_3",
    } | trainer  # fmt: skip

    def write(folder: Path) -> Path:
        place = folder / "resid_post_layer_3" / "trainer_0"
        dump(place, "config.json", {"trainer": own, "buffer": {"ctx_len": 128, "io": "out"}})
        state: Any = torched(arrays)
        if interrupted is not None:
            state = interrupted | {"ae": torched(arrays)}
        torch.save(state, place / "ae.pt")
        return place

    l0 = own.get("k") or own.get("target_l0")
    per = norms(weights()["W_dec"]) if kind == "AutoEncoder" else 1.0
    return Example("dictionary_learning", write, reference, 4, "EleutherAI/pythia-70m-deduped",
                   per_feature=per, l0=None if l0 is None else float(l0))  # fmt: skip


def sub_with(fire: Callable[[Array, dict[str, Array]], Array]) -> Callable[[Array], Pair]:
    w = weights()

    def reference(x: Array) -> Pair:
        acts = fire((x - w["b_dec"]) @ w["W_enc"] + w["b_enc"], w)
        return acts, acts @ w["W_dec"] + w["b_dec"]

    return reference


def above(value: float) -> Callable[[Array, dict[str, Array]], Array]:
    return lambda pre, w: relu(pre) * (pre > value)


def torch_linear(*, bias_name: str) -> dict[str, Array]:
    found = linear("encoder", "decoder")
    found[bias_name] = found.pop("decoder.bias")
    return found


CANONICAL = {n: weights()[n] for n in ("W_enc", "W_dec", "b_enc", "b_dec")}
GATES = {name: drawn(name, FEATURES) / 2 for name in ("r_mag", "gate_bias", "mag_bias")}


def dl_gated(x: Array) -> Pair:
    w = weights()
    g = (x - w["b_dec"]) @ w["W_enc"]
    acts = (g + GATES["gate_bias"] > 0) * relu(np.exp(GATES["r_mag"]) * g + GATES["mag_bias"])
    return acts, acts @ w["W_dec"] + w["b_dec"]


def interrupted(x: Array) -> Pair:
    """Biases and threshold are in units of normalised states, 5 times as small."""
    w = weights() | {n: 5 * weights()[n] for n in ("b_enc", "b_dec")}
    pre = (x - w["b_dec"]) @ w["W_enc"] + w["b_enc"]
    acts = relu(pre) * (pre > 5 * 0.3)
    return acts, acts @ w["W_dec"] + w["b_dec"]


TOP_K = torch_linear(bias_name="b_dec") | {"k": np.array(K)}
EXAMPLES |= {
    "dl-standard": learned("AutoEncoder", torch_linear(bias_name="bias"),
                           sub_with(lambda pre, w: relu(pre))),
    "dl-new": learned("AutoEncoderNew", linear("encoder", "decoder"), relu_nosub),
    "dl-topk": learned("AutoEncoderTopK", TOP_K | {"threshold": np.array(-1.0)},
                       sub_with(lambda pre, w: top_k(pre)), k=K),
    "dl-batchtopk": learned("BatchTopKSAE", TOP_K | {"threshold": np.array(0.375)},
                            sub_with(above(0.375)), k=K),
    "dl-matryoshka": learned(
        "MatryoshkaBatchTopKSAE",
        CANONICAL | {"threshold": np.array(0.25), "k": np.array(K),
                     "group_sizes": np.array([8, 16, 24])},
        sub_with(above(0.25)), k=K),
    "dl-gated": learned(
        "GatedAutoEncoder",
        {"decoder_bias": weights()["b_dec"], "encoder.weight": weights()["W_enc"].T,
         "decoder.weight": weights()["W_dec"].T, **GATES}, dl_gated),
    "dl-jumprelu": learned("JumpReluAutoEncoder",
                           CANONICAL | {"threshold": weights()["threshold"]}, nosub(weights()),
                           target_l0=20),
    "dl-interrupted": learned(
        "BatchTopKSAE", TOP_K | {"threshold": np.array(0.3, dtype=np.float32)}, interrupted, k=K,
        interrupted={"step": 100, "norm_factor": 5.0, "optimizer": {}, "config": {"lr": 1e-3}}),
}  # fmt: skip


# Llama Scope, Llamascopium


def scope_config(**changed: Any) -> dict[str, Any]:
    return {
        "d_model": WIDTH, "d_sae": FEATURES, "act_fn": "jumprelu", "jump_relu_threshold": 0.4,
        "top_k": 50, "norm_activation": "dataset-wise",
        "dataset_average_activation_norm": {"in": 9.0, "out": 9.0},
        "apply_decoder_bias_to_pre_encoder": False, "sparsity_include_decoder_norm": True,
        "use_glu_encoder": False, "hook_point_in": "blocks.15.hook_resid_post",
        "hook_point_out": "blocks.15.hook_resid_post",
    } | changed  # fmt: skip


def write_scope(folder: Path) -> Path:
    place = folder / "Llama3_1-8B-Base-L15R-8x"
    dump(place, "hyperparams.json", scope_config())
    (place / "checkpoints").mkdir()
    save_file(torched(linear("encoder", "decoder")), place / "checkpoints" / "final.safetensors")
    return place


def scope(x: Array) -> Pair:
    """In units of the states, as FORMATS has it from the published files."""
    w, s = weights(), np.sqrt(WIDTH) / 9.0
    pre = x @ w["W_enc"] + w["b_enc"] / s
    raw = pre * (pre * norms(w["W_dec"]) > 0.4)
    return raw, raw @ w["W_dec"] + w["b_dec"] / s


def write_r1(folder: Path) -> Path:
    place = folder / "800M-Slimpajama-0-OpenR1-Math-220k" / "L7R"
    dump(place, "config.json", {"d_model": WIDTH, "expansion_factor": FEATURES // WIDTH,
                                "hook_point_in": "blocks.7.hook_resid_post"})  # fmt: skip
    tensors = linear("encoder", "decoder")
    tensors["log_jumprelu_threshold"] = np.log(weights()["threshold"])
    save_file(torched(tensors), place / "sae_weights.safetensors")
    return place


def r1(x: Array) -> Pair:
    acts, out = nosub(weights())(0.8 * x)
    return acts, out / 0.8


def scopium(
    kind: str, fire: Callable[[Array, Array], Array], *, norm: str = "dataset-wise",
    by_norm: bool = True, **changed: Any,
) -> Example:  # fmt: skip
    w = weights()
    s = np.sqrt(WIDTH) / 9.0 if norm == "dataset-wise" else 1.0
    gain = norms(w["W_dec"]) if by_norm else np.ones(FEATURES)

    def write(folder: Path) -> Path:
        dump(folder, "config.json", {
            "sae_type": "sae", "d_model": WIDTH, "expansion_factor": FEATURES // WIDTH,
            "act_fn": kind, "norm_activation": norm, "sparsity_include_decoder_norm": by_norm,
            "top_k": K, "hook_point_in": "blocks.2.hook_attn_out",
            "hook_point_out": "blocks.2.hook_attn_out", "use_glu_encoder": False,
            "model_name": "meta-llama/Llama-3.1-8B", **changed,
        })  # fmt: skip
        tensors = {"W_E": w["W_enc"], "b_E": w["b_enc"], "W_D": w["W_dec"], "b_D": w["b_dec"]}
        if kind in ("jumprelu", "batchtopk"):
            tensors["activation_function.log_jumprelu_threshold"] = np.log(w["threshold"])
        if norm == "dataset-wise":
            name = "dataset_average_activation_norm.blocks.2.hook_attn_out"
            tensors[name] = np.array(9.0)
        save_file(torched(tensors), folder / "sae_weights.safetensors")
        return folder

    def reference(x: Array) -> Pair:
        scale = constant_norm(x)[1] if norm == "token-wise" else 1 / s
        acts = fire(x / scale @ w["W_enc"] + w["b_enc"], gain)
        return acts, (acts @ w["W_dec"] + w["b_dec"]) * scale

    return Example(
        "Llamascopium", write, reference, 3, "meta-llama/Llama-3.1-8B", "attention",
        per_feature=gain if kind == "topk" else 1.0,
        l0=float(K) if kind in ("topk", "batchtopk") else None,
    )  # fmt: skip


def gate(pre: Array, gain: Array) -> Array:
    return pre * (pre * gain > weights()["threshold"])


EXAMPLES |= {
    "llama-scope": Example("Llama Scope", write_scope, scope, 16, "meta-llama/Llama-3.1-8B",
                           per_feature=np.sqrt(WIDTH) / 9.0, bos=True, l0=50.0),
    "llama-scope-r1": Example("Llama Scope R1-Distill", write_r1, r1, 8,
                              "deepseek-ai/DeepSeek-R1-Distill-Llama-8B", bos=True,
                              supplement=Supplement(input_scale=0.8)),
    "llamascopium-jumprelu": scopium("jumprelu", gate),
    "llamascopium-relu": scopium("relu", lambda pre, gain: relu(pre), norm="inference"),
    "llamascopium-topk": scopium("topk", lambda pre, gain: top_k(pre, by=gain)),
    "llamascopium-topk-plain": scopium("topk", lambda pre, gain: top_k(pre), by_norm=False),
    "llamascopium-token-wise": scopium("batchtopk", gate, norm="token-wise"),
}  # fmt: skip


# OpenAI


def openai(place: str, layer: int, site: Site, *, is_top_k: bool, tied: bool = False) -> Example:
    w = weights()
    if tied:
        w["W_dec"] = w["W_enc"].T

    def write(folder: Path) -> Path:
        inner = folder / "gpt2-small" / place / "autoencoders"
        inner.mkdir(parents=True)
        state: dict[str, Any] = torched({
            "pre_bias": w["b_dec"], "encoder.weight": w["W_enc"].T, "latent_bias": w["b_enc"],
            "stats_last_nonzero": np.zeros(FEATURES),
        })  # fmt: skip
        if not tied:
            state["decoder.weight"] = torched({"d": w["W_dec"].T})["d"]
        state["activation"] = "TopK" if is_top_k else "ReLU"
        state["activation_state_dict"] = {"k": K, "postact_fn": "ReLU"} if is_top_k else {}
        torch.save(state, inner / f"{layer}.pt")
        return inner / f"{layer}.pt"

    def reference(x: Array) -> Pair:
        shift, scale, inner = layer_norm(x) if is_top_k else (0, 1, x)
        pre = (inner - w["b_dec"]) @ w["W_enc"] + w["b_enc"]
        acts = top_k(pre) if is_top_k else relu(pre)
        return acts, (acts @ w["W_dec"] + w["b_dec"]) * scale + shift

    return Example("OpenAI gpt2", write, reference, layer + 1, "openai-community/gpt2", site,
                   l0=float(K) if is_top_k else None)  # fmt: skip


EXAMPLES |= {
    "openai-v5": openai("resid_post_mlp_v5_32k", 6, "residual", is_top_k=True),
    "openai-v5-attn": openai("resid_delta_attn_v5_128k", 2, "attention", is_top_k=True),
    "openai-v1": openai("mlp_post_act", 4, "mlp-hidden", is_top_k=False),
    "openai-tied": openai("resid_delta_mlp_v4", 4, "mlp", is_top_k=False, tied=True),
}


# The reference code of BatchTopK, Qwen Scope


def reference_code(
    kind: str, fire: Callable[[Array], Array], *, bias: bool, sub: bool, norm: bool = True,
    supplement: Supplement | None = None,
) -> Example:  # fmt: skip
    w = weights()

    def write(folder: Path) -> Path:
        dump(folder, "config.json", {
            "act_size": WIDTH, "dict_size": FEATURES, "sae_type": kind, "top_k": K,
            "input_unit_norm": norm, "hook_point": "blocks.8.hook_resid_pre", "seq_len": 128,
            "model_name": "gpt2-small", "dtype": "torch.float32",
        })  # fmt: skip
        arrays = dict(CANONICAL)
        if kind == "jumprelu":
            arrays["jumprelu.log_threshold"] = np.log(w["threshold"])
        torch.save(torched(arrays), folder / "sae.pt")
        return folder

    def reference(x: Array) -> Pair:
        shift, scale, inner = layer_norm(x) if norm else (0, 1, x)
        acts = fire((inner - sub * w["b_dec"]) @ w["W_enc"] + bias * w["b_enc"])
        return acts, (acts @ w["W_dec"] + w["b_dec"]) * scale + shift

    return Example("BatchTopK reference", write, reference, 8, "openai-community/gpt2",
                   supplement=supplement, l0=float(K) if "topk" in kind else None)  # fmt: skip


def write_qwen(folder: Path) -> Path:
    w = weights(1024)
    place = folder / "SAE-Res-Qwen3-1.7B-Base-W1K-L0_6"
    place.mkdir()
    arrays = {"W_enc": w["W_enc"].T, "W_dec": w["W_dec"].T, "b_enc": w["b_enc"],
              "b_dec": w["b_dec"]}  # fmt: skip
    torch.save(torched(arrays), place / "layer11.sae.pt")
    return place / "layer11.sae.pt"


def qwen(x: Array) -> Pair:
    w = weights(1024)
    acts = top_k(x @ w["W_enc"] + w["b_enc"])
    return acts, acts @ w["W_dec"] + w["b_dec"]


EXAMPLES |= {
    "batchtopk-vanilla": reference_code("vanilla", relu, bias=True, sub=True),
    "batchtopk-topk": reference_code("topk", top_k, bias=False, sub=True, norm=False),
    "batchtopk-jumprelu": reference_code(
        "jumprelu", lambda pre: jump(pre, weights()), bias=True, sub=False),
    "batchtopk-batchtopk": reference_code(
        "batchtopk", lambda pre: relu(pre) * (pre > 0.5), bias=False, sub=True,
        supplement=Supplement(threshold=0.5)),
    "qwen-scope": Example("Qwen Scope", write_qwen, qwen, 12, "Qwen/Qwen3-1.7B-Base", l0=6.0),
}  # fmt: skip
