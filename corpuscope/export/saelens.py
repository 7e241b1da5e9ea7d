"""A part of a dictionary as a SAELens folder: `cfg.json`, `sae_weights.safetensors`, sparsity."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import torch

from corpuscope.durable import new_folder
from corpuscope.errors import DictionaryError
from corpuscope.export.result import Export, bytes_of_files
from corpuscope.export.saelens_weights import SAELensWeights, saelens_weights
from corpuscope.sae.dictionary import Dictionary, Part, weights_digest
from corpuscope.sites import Site

__all__ = ["TESTED_VERSION", "SAELensSettings", "export_saelens"]

TESTED_VERSION = "6.54.12"
"""The version of SAELens that these folders were opened with; without one it assumes 5."""

_LEAST_DENSITY = 1e-10

_HOOKS: Mapping[Site, str] = {
    "residual": "hook_resid_post", "residual-mid": "hook_resid_mid",
    "attention": "hook_attn_out", "attention-heads": "attn.hook_z",
    "mlp": "hook_mlp_out", "mlp-hidden": "mlp.hook_post",
}  # fmt: skip
"""The hooks of TransformerLens in a block, by site."""


@dataclass(frozen=True, slots=True)
class SAELensSettings:
    """What SAELens records of the model, where it differs from what the dictionary says.

    Attributes:
        model_name: The name of the model in TransformerLens; None for the reader's name.
        hook_name: The name of the hook in TransformerLens; None for that of the part's layer.
        hf_hook_name: The module of the Hugging Face model, such as `model.layers.11`.
        prepend_bos: Whether a token for the beginning is put before each text; None for unknown.
    """

    model_name: str | None = None
    hook_name: str | None = None
    hf_hook_name: str | None = None
    prepend_bos: bool | None = None


def export_saelens(
    dictionary: Dictionary,
    into: str | Path,
    *,
    part: int | None = None,
    settings: SAELensSettings | None = None,
) -> Export:
    """Write a part of a dictionary as a folder that SAELens opens with `SAE.load_from_disk`.

    Activations are the same numbers; the input scale is folded into the weights. The firing
    rules become `standard` (relu), `topk` and `jumprelu` (thresholds). Where states are
    normalised to unit length, SAELens restores their length in its reconstructions. Sparsity is
    written if the density of every feature is known. Labels have no place in this format.

    Args:
        dictionary: Whose part.
        into: The folder.
        part: Which part, counted from 0; None for the only one.
        settings: What to record of the model.

    Raises:
        DictionaryError: There is no such part, several and none is named, or SAELens cannot
            express it exactly.
        InputError: There is something at `into` already.
        StorageFull: The disk is full.
    """
    from safetensors.torch import save

    number = _number(dictionary, part)
    chosen, path = dictionary.parts[number], Path(into)
    found = saelens_weights(chosen.sae)
    hook = (settings or SAELensSettings()).hook_name or _hook_name(chosen)
    config = _config(dictionary, chosen, found, settings or SAELensSettings(), hook)
    sparsity = _sparsity(dictionary, number)
    with new_folder(path) as folder:
        # As bytes: a full disk is then an error of the system, which `new_folder` names.
        (folder / "sae_weights.safetensors").write_bytes(save(dict(found.tensors)))
        text = json.dumps(config, indent=2, ensure_ascii=False)
        (folder / "cfg.json").write_text(text + "\n", encoding="utf-8")
        if sparsity is not None:
            (folder / "sparsity.safetensors").write_bytes(save({"sparsity": sparsity}))
    return Export(
        format="saelens",
        path=path,
        files=bytes_of_files(path),
        counts={"features": chosen.n_features, "dimensions": chosen.width},
        notes=(*found.notes, *_notes(chosen, hook, sparsity is not None)),
    )


def _number(dictionary: Dictionary, part: int | None) -> int:
    parts = dictionary.parts
    if part is None and len(parts) == 1:
        return 0
    if part is not None and 0 <= part < len(parts):
        return part
    listed = "; ".join(f"{number}: {_described(one)}" for number, one in enumerate(parts))
    raise DictionaryError(
        f"a dictionary of {len(parts)} parts and no part named"
        if part is None
        else f"no part {part} in a dictionary of {len(parts)}",
        expected=f"the number of a part ({listed})",
        next_step="name one of these: SAELens has a folder for each autoencoder",
    )


def _described(part: Part) -> str:
    layers = " and ".join(str(layer) for layer in part.layers)
    return f"{part.n_features} features of {part.unit}s after layer {layers}"


def _hook_name(part: Part) -> str | None:
    """The TransformerLens hook whose values the part was trained on; None if there is none."""
    if part.unit != "token" or len(part.layers) != 1:
        return None
    layer = part.layers[0]
    # Layer n is the output of block n counted from 1, and layer 0 the input of the first.
    if not layer:
        return "blocks.0.hook_resid_pre"
    return f"blocks.{layer - 1}.{_HOOKS[part.site]}"


def _config(
    dictionary: Dictionary,
    part: Part,
    found: SAELensWeights,
    settings: SAELensSettings,
    hook: str | None,
) -> dict[str, Any]:
    return {
        "architecture": found.architecture,
        **found.options,
        "d_in": part.width,
        "d_sae": part.n_features,
        "dtype": "float32",
        "device": "cpu",
        "apply_b_dec_to_input": True,
        "normalize_activations": found.normalisation,
        "reshape_activations": "hook_z" if part.site == "attention-heads" else "none",
        "metadata": {
            "sae_lens_version": TESTED_VERSION,
            "sae_lens_training_version": None,
            "model_name": settings.model_name or dictionary.reader_name,
            "model_class_name": "HookedTransformer",
            "model_from_pretrained_kwargs": {},
            "hook_name": hook,
            "hook_head_index": None,
            "hf_hook_name": settings.hf_hook_name,
            "prepend_bos": (
                dictionary.prepends_bos if settings.prepend_bos is None else settings.prepend_bos
            ),
            "exclude_special_tokens": True,
            "context_size": dictionary.max_tokens,
            "seqpos_slice": [None],
            "sequence_separator_token": None,
            "dataset_path": None,
            "neuronpedia_id": None,
            "training_architecture": found.architecture,
            "training_architecture_details": {"corpuscope": _provenance(dictionary, part)},
        },
    }


def _provenance(dictionary: Dictionary, part: Part) -> dict[str, Any]:
    return {
        "version": version("corpuscope"),
        "dictionary": dictionary.digest,
        "weights": weights_digest(part.sae),
        "reader": {"name": dictionary.reader_name, "revision": dictionary.revision},
        "unit": part.unit,
        "layers": list(part.layers),
        "site": part.site,
        "context": dictionary.context,
        "masks": dict(dictionary.masks),
        "input_scale": part.sae.input_scale,
        "training": dictionary.training.get(part.unit),
        "licence": dictionary.about.get("licence"),
    }


def _sparsity(dictionary: Dictionary, number: int) -> torch.Tensor | None:
    """The logarithm to the base 10 of each density; None if one is unknown."""
    if "density" not in dictionary.features.column_names:
        return None
    sizes = [part.n_features for part in dictionary.parts]
    column = dictionary.features["density"].slice(sum(sizes[:number]), sizes[number])
    if column.null_count:
        return None
    densities = column.cast(pa.float64()).to_numpy()
    if not np.all(np.isfinite(densities)):
        return None
    return torch.from_numpy(np.log10(densities + _LEAST_DENSITY).astype(np.float32))


def _notes(part: Part, hook: str | None, has_sparsity: bool) -> list[str]:
    found = []
    if part.unit == "sentence":
        found.append("its inputs are means over sentences; at single tokens it means nothing")
    elif hook is None:
        found.append("its inputs are states of several layers, concatenated")
    if hook is None:
        found.append("no hook is named: states have to be given to it")
    if not has_sparsity:
        found.append("densities are not known, so there is no sparsity.safetensors")
    return found
