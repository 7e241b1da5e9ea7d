"""dictionary_learning: `config.json` with `trainer`, and `ae.pt`; also of SAEBench.

Linear layers are stored as torch has them (outputs x inputs). An interrupted run leaves an `ae.pt`
with an optimiser in it; its biases and threshold are in units of the training's normalisation.

Source: saprmarks/dictionary_learning, `dictionary.py`, `training.py`, `trainers/` (2025-08).
"""

import math
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import torch

from corpuscope.errors import DictionaryError
from corpuscope.sae.firing import FiringRule, Relu, TopK
from corpuscope.sae.foreign.artifact import Artifact
from corpuscope.sae.foreign.draft import Draft, Found, gated, jump_relu, one_threshold
from corpuscope.sae.foreign.hooks import Hook, hook_of
from corpuscope.sae.foreign.supplement import Supplement
from corpuscope.sae.foreign.tensors import TensorTable, reject_transcoder

_OF_TRAINERS = {
    "StandardTrainer": "AutoEncoder",
    "StandardTrainerAprilUpdate": "AutoEncoder",
    "PAnnealTrainer": "AutoEncoder",
    "TopKTrainer": "AutoEncoderTopK",
    "BatchTopKTrainer": "BatchTopKSAE",
    "MatryoshkaBatchTopKTrainer": "MatryoshkaBatchTopKSAE",
    "GatedSAETrainer": "GatedAutoEncoder",
    "GatedAnnealTrainer": "GatedAutoEncoder",
    "JumpReluTrainer": "JumpReluAutoEncoder",
}
# What is multiplied by the norm factor when a run ends: trainers' `scale_biases`.
_SCALED = ("bias", "b_dec", "b_enc", "decoder_bias", "gate_bias", "mag_bias", "encoder.bias",
           "decoder.bias", "threshold")  # fmt: skip


def read(artifact: Artifact, weights: Path, config: Mapping[str, Any], known: Supplement) -> Found:
    """The dictionary in the folder of a trainer."""
    trainer = config["trainer"]
    state, notes = _finished(artifact.state(weights))
    tensors = TensorTable(state, weights.name)
    kind = _kind(trainer, tensors)
    if kind not in _READERS:
        raise DictionaryError(
            f"the dict_class {kind!r} in config.json",
            expected=f"one of {', '.join(_READERS)}",
            next_step="choose a dictionary of one of these classes",
        )
    k = trainer.get("k")
    l0 = k if k is not None else trainer.get("target_l0")
    model = trainer.get("lm_name")
    n_features, width = trainer.get("dict_size"), trainer.get("activation_dim")
    buffer = config.get("buffer") or {}
    return Found(
        draft=_READERS[kind](tensors, None if k is None else int(k), known),
        weights_file=weights.name,
        model=model,
        hook=None if known.hook else _hook(trainer, buffer, str(model or "")),
        context_size=buffer.get("ctx_len"),
        prepends_bos=None,
        expected_l0=None if l0 is None else (float(l0), float(l0)),
        notes=notes,
        stated_size=(n_features, width),
    )


def _finished(state: Mapping[str, Any]) -> tuple[Mapping[str, Any], tuple[str, ...]]:
    """The weights of a finished run, or those of an interrupted one as a finished run has them."""
    if not isinstance(state.get("ae"), Mapping):
        return state, ()
    factor = float(state.get("norm_factor") or 1.0)
    found = dict(state["ae"])
    for name in _SCALED:
        one = found.get(name)
        if isinstance(one, torch.Tensor) and not (name == "threshold" and bool((one < 0).any())):
            found[name] = one.double() * factor
    return found, (f"of an interrupted run, at step {state.get('step', 'unknown')}",)


def _kind(trainer: Mapping[str, Any], tensors: TensorTable) -> str:
    kind = trainer.get("dict_class") or _OF_TRAINERS.get(str(trainer.get("trainer_class")), "")
    # Both classes are saved under one trainer's name; only one has a bias of its decoder.
    return "AutoEncoderNew" if kind == "AutoEncoder" and "decoder.bias" in tensors else str(kind)


def _hook(trainer: Mapping[str, Any], buffer: Mapping[str, Any], model: str) -> Hook | None:
    io = str(buffer.get("io", "out"))
    if io not in ("in", "out"):
        raise reject_transcoder("it", f"io {io!r}")
    name = trainer.get("submodule_name")
    if name is None:
        return None
    found = hook_of(str(name), model=model)
    if io == "in" and found.site != "residual":
        raise DictionaryError(
            f"states that go into {name}",
            expected="states that leave it, or of the residual stream",
            next_step="choose another dictionary",
        )
    return Hook(found.layer - 1) if io == "in" else found


def _standard(tensors: TensorTable, k: int | None, known: Supplement) -> Draft:
    draft = Draft(
        encoder=tensors.matrix("encoder.weight"),
        decoder=tensors.matrix("decoder.weight", transposed=True),
        encoder_bias=tensors.vector("encoder.bias"),
        decoder_bias=tensors.vector("bias"),
        firing=Relu(),
    )
    # Their own loader does so.
    return draft.with_unit_rows()


def _new(tensors: TensorTable, k: int | None, known: Supplement) -> Draft:
    return Draft(
        encoder=tensors.matrix("encoder.weight"),
        decoder=tensors.matrix("decoder.weight", transposed=True),
        encoder_bias=tensors.vector("encoder.bias"),
        decoder_bias=tensors.vector("decoder.bias"),
        firing=Relu(),
        subtracts_bias=False,
    )


def _top_k(tensors: TensorTable, k: int | None, known: Supplement) -> Draft:
    return _linear(tensors, TopK(_k(tensors, k)))


def _batch_top_k(tensors: TensorTable, k: int | None, known: Supplement) -> Draft:
    return _linear(tensors, _threshold(tensors, len(tensors.vector("encoder.bias")), k, known))


def _linear(tensors: TensorTable, rule: FiringRule) -> Draft:
    return Draft(
        encoder=tensors.matrix("encoder.weight"),
        decoder=tensors.matrix("decoder.weight", transposed=True),
        encoder_bias=tensors.vector("encoder.bias"),
        decoder_bias=tensors.vector("b_dec"),
        firing=rule,
    )


def _matryoshka(tensors: TensorTable, k: int | None, known: Supplement) -> Draft:
    rule = _threshold(tensors, len(tensors.vector("b_enc")), k, known)
    return _canonical(tensors, rule, subtracts_bias=True)


def _jump_relu(tensors: TensorTable, k: int | None, known: Supplement) -> Draft:
    return _canonical(tensors, jump_relu(tensors.vector("threshold")), subtracts_bias=False)


def _canonical(tensors: TensorTable, rule: FiringRule, *, subtracts_bias: bool) -> Draft:
    return Draft(
        encoder=tensors.matrix("W_enc", transposed=True),
        decoder=tensors.matrix("W_dec"),
        encoder_bias=tensors.vector("b_enc"),
        decoder_bias=tensors.vector("b_dec"),
        firing=rule,
        subtracts_bias=subtracts_bias,
    )


def _gated(tensors: TensorTable, k: int | None, known: Supplement) -> Draft:
    biases = (tensors.vector(name) for name in ("gate_bias", "mag_bias", "r_mag"))
    encoder, bias, rule = gated(tensors.matrix("encoder.weight"), *biases)
    return Draft(
        encoder=encoder,
        decoder=tensors.matrix("decoder.weight", transposed=True),
        encoder_bias=bias,
        decoder_bias=tensors.vector("decoder_bias"),
        firing=rule,
        folds=("the gate is a threshold, mag_bias - gate_bias exp(r_mag)",),
    )


def _k(tensors: TensorTable, k: int | None) -> int:
    return int(tensors.number("k")) if "k" in tensors else _given_k(k)


def _given_k(k: int | None) -> int:
    if k is not None:
        return k
    raise DictionaryError(
        "a TopK dictionary without k",
        expected="k in ae.pt or config.json",
        next_step="download both files again",
    )


def _threshold(
    tensors: TensorTable, n_features: int, k: int | None, known: Supplement
) -> FiringRule:
    """The rule of BatchTopK in use: one threshold, which training has to have set."""
    if known.threshold is not None:
        return one_threshold(known.threshold, n_features)
    found = tensors.number("threshold") if "threshold" in tensors else -1.0
    if found >= 0 and math.isfinite(found):
        return one_threshold(found, n_features)
    if known.k_per_token:
        return TopK(_k(tensors, k))
    raise DictionaryError(
        f"a BatchTopK dictionary with the threshold {found:g}: training never set it",
        expected="a threshold of at least 0, without which every positive feature would fire",
        next_step='put {"threshold": ...} into corpuscope.json beside the weights (see '
        '`calibrated_threshold`), or {"k_per_token": true} to keep the k largest of each token',
    )


_READERS: dict[str, Callable[[TensorTable, int | None, Supplement], Draft]] = {
    "AutoEncoder": _standard,
    "AutoEncoderNew": _new,
    "AutoEncoderTopK": _top_k,
    "BatchTopKSAE": _batch_top_k,
    "MatryoshkaBatchTopKSAE": _matryoshka,
    "GatedAutoEncoder": _gated,
    "JumpReluAutoEncoder": _jump_relu,
}
