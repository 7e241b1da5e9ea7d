"""Names of hook points (TransformerLens) and modules (transformers), as sites of layers.

Layers here count from 1: `blocks.8.hook_resid_post` is the residual stream after layer 9.

Source: TransformerLens, `hook_points`; transformers, names of modules; dictionary_learning,
`submodule_name`.
"""

import re
from dataclasses import dataclass

from corpuscope.errors import DictionaryError
from corpuscope.sites import Site

_LENS: dict[str, tuple[Site, int]] = {
    # The number is added to the block's, which is counted from 0.
    "hook_resid_pre": ("residual", 0),
    "hook_resid_post": ("residual", 1),
    "hook_resid_mid": ("residual-mid", 1),
    "hook_attn_out": ("attention", 1),
    "attn.hook_z": ("attention-heads", 1),
    "hook_mlp_out": ("mlp", 1),
    "mlp.hook_post": ("mlp-hidden", 1),
}
_MODULES: dict[str, tuple[Site, int]] = {
    ".input": ("residual", 0),
    "": ("residual", 1),
    ".output": ("residual", 1),
    ".output.0": ("residual", 1),
    ".pre_feedforward_layernorm.input": ("residual-mid", 1),
    ".ln_2.input": ("residual-mid", 1),
    ".post_feedforward_layernorm.output": ("mlp", 1),
    ".self_attn.o_proj.input": ("attention-heads", 1),
    ".attn.c_proj.input": ("attention-heads", 1),
    ".attention.dense.input": ("attention-heads", 1),
    ".mlp.down_proj.input": ("mlp-hidden", 1),
    ".mlp.c_proj.input": ("mlp-hidden", 1),
    ".mlp.dense_4h_to_h.input": ("mlp-hidden", 1),
}
# What these emit is added to the residual stream only where no second norm follows.
_UNNORMED: dict[str, tuple[Site, int]] = {
    ".mlp": ("mlp", 1),
    ".self_attn": ("attention", 1),
    ".attn": ("attention", 1),
    ".attention": ("attention", 1),
    ".self_attn.o_proj": ("attention", 1),
    ".attn.c_proj": ("attention", 1),
    ".attention.dense": ("attention", 1),
    ".mlp.down_proj": ("mlp", 1),
    ".mlp.c_proj": ("mlp", 1),
    ".mlp.dense_4h_to_h": ("mlp", 1),
}
_DICTIONARY_LEARNING: dict[str, tuple[Site, int]] = {
    "resid_post": ("residual", 1),
    "resid_pre": ("residual", 0),
    "resid": ("residual", 1),
    "mlp_out": ("mlp", 1),
    "mlp": ("mlp", 1),
    "attention_out": ("attention", 1),
    "attn_out": ("attention", 1),
    "attn": ("attention", 1),
}
_BLOCK = r"(?:\w+\.)*?(?:layers?|h|blocks)\.(\d+)"
# Families with a second norm behind attention and MLP.
_SANDWICHED = re.compile(r"gemma-?[23]|olmo-?2", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Hook:
    """Where a foreign dictionary takes its states.

    Attributes:
        layer: The layer, counted from 1; 0 is the input of the first.
        site: Which site of it.
    """

    layer: int
    site: Site = "residual"


def hook_of(name: str, *, model: str = "") -> Hook:
    """The place that a hook point or a module's name means.

    Args:
        name: Such as `blocks.8.hook_resid_pre`, `model.layers.8.mlp` or `resid_post_layer_8`.
        model: The language model, which decides what a module emits.

    Raises:
        DictionaryError: The name is unknown, or is a place whose states are not taken.
    """
    found = _lens(name, model) or _module(name, model) or _submodule(name, model)
    if found:
        return found
    raise DictionaryError(
        f"the hook point {name!r}",
        expected=f"blocks.N.X with X one of {', '.join(_LENS)}, or the name of a block of "
        "transformers such as model.layers.N, of its MLP or attention",
        next_step="choose a dictionary of such a place, or name the place it means",
    )


def _lens(name: str, model: str) -> Hook | None:
    if name == "hook_embed":
        return _embedding(name, model)
    matched = re.fullmatch(r"blocks\.(\d+)\.([\w.]+)", name)
    if matched and matched[2] in _LENS:
        site, shift = _LENS[matched[2]]
        return Hook(int(matched[1]) + shift, site)
    if matched and matched[2] == "ln2.hook_normalized":
        raise DictionaryError(
            f"the hook point {name!r}: a normalised state before the gain, which no module emits",
            expected="a place of the residual stream, attention or MLP",
            next_step="choose a dictionary that reconstructs such a place",
        )
    return None


def _module(name: str, model: str) -> Hook | None:
    if name.endswith("embed_tokens"):
        return _embedding(name, model)
    matched = re.fullmatch(rf"{_BLOCK}((?:\.\w+)*)", name)
    if not matched:
        return None
    layer, rest = int(matched[1]), matched[2]
    if rest == ".post_attention_layernorm.output" and _SANDWICHED.search(model):
        return Hook(layer + 1, "attention")
    if rest in _MODULES:
        site, shift = _MODULES[rest]
        return Hook(layer + shift, site)
    emitted = re.sub(r"\.output(\.0)?$", "", rest)
    if emitted in _UNNORMED:
        return _unnormed(name, Hook(layer + 1, _UNNORMED[emitted][0]), model)
    return None


def _submodule(name: str, model: str) -> Hook | None:
    matched = re.fullmatch(r"(\w+?)_layer_?(\d+)", name)
    if not matched or matched[1] not in _DICTIONARY_LEARNING:
        return None
    site, shift = _DICTIONARY_LEARNING[matched[1]]
    found = Hook(int(matched[2]) + shift, site)
    return found if site == "residual" else _unnormed(name, found, model)


def _unnormed(name: str, hook: Hook, model: str) -> Hook:
    if not _SANDWICHED.search(model):
        return hook
    raise DictionaryError(
        f"the states of {name!r} in {model}, before the norm that follows there",
        expected="states after that norm, which are added to the residual stream",
        next_step="choose another dictionary",
    )


def _embedding(name: str, model: str) -> Hook:
    if "gpt2" not in model.lower() and "gpt-2" not in model.lower():
        return Hook(0)
    raise DictionaryError(
        f"{name!r} of {model}: embeddings of tokens before those of positions are added",
        expected="the input of the first block, or a later place",
        next_step="choose another dictionary",
    )
