"""Which module of a block emits or takes the states of a site, for the usual families of models.

Found by the names that transformers gives to modules, not by the name of the model. With norms on
both sides of attention and MLP (Gemma 2 and 3) what is added to the residual stream leaves the
second norm, not the MLP or attention itself. In BERT only the residual stream can be taken, which
its attention module emits between attention and MLP.

Source: transformers, `models/{llama,gpt2,gpt_neox,gemma2,gemma3,qwen2,qwen3,olmo2}/modeling_*`.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from torch import nn

from corpuscope.errors import ReaderError
from corpuscope.sites import Tap

_ATTENTION = ("self_attn", "attn", "attention")
_MLP = ("mlp", "feed_forward")
_OUT_OF_HEADS = ("o_proj", "c_proj", "dense", "out_proj")
_OUT_OF_MLP = ("down_proj", "c_proj", "dense_4h_to_h", "fc2", "fc_out")
_AFTER_ATTENTION, _AFTER_MLP = "post_attention_layernorm", "post_feedforward_layernorm"
_BEFORE_MLP = "pre_feedforward_layernorm"


@dataclass(frozen=True, slots=True)
class SiteModule:
    """A module, and whether its input rather than its output has the states."""

    module: nn.Module
    takes_input: bool


def module_at(block: nn.Module, tap: Tap) -> SiteModule:
    """The module of a block at which the states of a site are taken.

    Raises:
        ReaderError: The block has no such site, or not under a name that is known here.
    """
    if tap.site == "residual-mid" and _is_bert(block):
        return SiteModule(block.attention, takes_input=False)  # type: ignore[arg-type]
    attention, mlp = _first(block, _ATTENTION), _first(block, _MLP)
    if _is_bert(block):
        attention = None
    # Two norms around the MLP: then the norm after attention stands behind it, not before the MLP.
    is_sandwiched = hasattr(block, _AFTER_MLP)
    found = None
    if tap.site == "attention":
        module = getattr(block, _AFTER_ATTENTION, None) if is_sandwiched else attention
        found = module and SiteModule(module, takes_input=False)
    elif tap.site == "mlp":
        module = getattr(block, _AFTER_MLP, None) if is_sandwiched else mlp
        found = module and SiteModule(module, takes_input=False)
    elif tap.site == "residual-mid" and not _is_parallel(block):
        module = _before_mlp(block, mlp, is_sandwiched=is_sandwiched)
        found = module and SiteModule(module, takes_input=True)
    elif tap.site == "attention-heads" and attention:
        module = _first(attention, _OUT_OF_HEADS)
        found = module and SiteModule(module, takes_input=True)
    elif tap.site == "mlp-hidden" and mlp:
        module = _first(mlp, _OUT_OF_MLP)
        found = module and SiteModule(module, takes_input=True)
    if found:
        return found
    children = ", ".join(name for name, _ in block.named_children())
    parallel = ", whose attention and MLP read one state" if _is_parallel(block) else ""
    raise ReaderError(
        f"no site {tap.site!r} in block {tap.layer}, a {type(block).__name__} ({children})"
        f"{parallel}",
        expected="a block with attention and MLP under the names of Llama, GPT-2, GPT-NeoX, "
        "Gemma, Qwen or OLMo",
        next_step="choose a dictionary of the residual stream, or another reader",
    )


def input_width(module: nn.Module) -> int:
    """The width of what a projection takes; 0 if it does not say so."""
    features = getattr(module, "in_features", None)
    if isinstance(features, int):
        return features
    # GPT-2 keeps its projections as inputs x outputs.
    weight = getattr(module, "weight", None)
    return int(weight.shape[0]) if weight is not None and weight.ndim == 2 else 0


def _before_mlp(
    block: nn.Module, mlp: nn.Module | None, *, is_sandwiched: bool
) -> nn.Module | None:
    if is_sandwiched:
        # OLMo 2 has no norm before its MLP.
        return getattr(block, _BEFORE_MLP, mlp)
    return _first(block, (_AFTER_ATTENTION, "ln_2", "ln2"))


def _is_bert(block: nn.Module) -> bool:
    """Whether attention adds the residual stream itself, and normalises the sum."""
    attention = getattr(block, "attention", None)
    return hasattr(attention, "self") and hasattr(attention, "output")


def _is_parallel(block: nn.Module) -> bool:
    return bool(getattr(block, "use_parallel_residual", False))


def _first(module: nn.Module, names: Sequence[str]) -> nn.Module | None:
    return next((getattr(module, name) for name in names if hasattr(module, name)), None)
