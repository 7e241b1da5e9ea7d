"""The table of layouts: by which files, keys and tensors each is recognised.

Rows are data. A path has the layout whose row it matches; the rows are disjoint, and a test proves
that for an example of each.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from corpuscope.sae.foreign.artifact import Artifact


@dataclass(frozen=True, slots=True)
class Layout:
    """A layout of files.

    Attributes:
        name: Its name in messages and provenance.
        family: The module in `families` that reads it.
        weights: Patterns of the file of weights; the first that exactly one file matches is taken.
        tensors: Names of tensors that must be in it, in any case.
        config: The file with its configuration; None where there is none.
        config_keys: Keys that must be in the configuration.
        no_tensors: Names of tensors that must not be there.
        no_config_keys: Keys that must not be there.
        place: A pattern that must occur in the path, for layouts without other marks.
        config_above: In how many folders above the weights the configuration may lie.
    """

    name: str
    family: str
    weights: tuple[str, ...]
    tensors: tuple[str, ...]
    config: str | None = None
    config_keys: tuple[str, ...] = ()
    no_tensors: tuple[str, ...] = ()
    no_config_keys: tuple[str, ...] = ()
    place: str | None = None
    config_above: int = 0

    def needs(self) -> str:
        """What the layout needs, in words."""
        weights = " or ".join(_readable(pattern) for pattern in self.weights)
        parts = [f"{weights} with {', '.join(self.tensors)}"]
        if self.config:
            keys = f" with {', '.join(self.config_keys)}" if self.config_keys else ""
            parts.append(f"{self.config}{keys}")
        if self.place:
            parts.append(f"a path like {_readable(self.place)}")
        return " and ".join(parts)


LAYOUTS = (
    Layout(
        "SAELens 6", "saelens", (r"sae_weights\.safetensors",), ("W_enc", "W_dec", "b_dec"),
        config="cfg.json", config_keys=("architecture", "metadata"),
    ),
    Layout(
        "SAELens before 6", "saelens", (r"sae_weights\.safetensors",), ("W_enc", "W_dec", "b_dec"),
        config="cfg.json", config_keys=("d_in", "d_sae"), no_config_keys=("metadata",),
    ),
    Layout(
        "Gemma Scope", "gemma_scope", (r"params\.npz",),
        ("W_enc", "W_dec", "b_enc", "b_dec", "threshold"),
    ),
    Layout(
        "Gemma Scope 2", "gemma_scope_2", (r"params\.safetensors",),
        ("w_enc", "w_dec", "b_enc", "b_dec", "threshold"),
    ),
    Layout(
        "Goodfire", "goodfire", (r".*\.pth", r".*\.pt"),
        ("encoder_linear.weight", "encoder_linear.bias", "decoder_linear.weight",
         "decoder_linear.bias"),
    ),
    Layout(
        "sparsify", "sparsify", (r"sae\.safetensors",), ("encoder.weight", "W_dec", "b_dec"),
        config="cfg.json", config_keys=("expansion_factor", "k"),
    ),
    Layout(
        "dictionary_learning", "dictionary_learning", (r"ae\.pt", r"ae_\d+\.pt"), (),
        config="config.json", config_keys=("trainer",), config_above=1,
    ),
    Layout(
        "Llama Scope", "llama_scope", (r"checkpoints/final\.safetensors",),
        ("encoder.weight", "decoder.weight", "encoder.bias"),
        config="hyperparams.json", config_keys=("hook_point_in", "act_fn"),
    ),
    Layout(
        "Llama Scope R1-Distill", "llama_scope_r1", (r"sae_weights\.safetensors",),
        ("encoder.weight", "decoder.weight", "encoder.bias", "log_jumprelu_threshold"),
        config="config.json", config_keys=("hook_point_in", "d_model"),
    ),
    Layout(
        "Llamascopium", "llamascopium",
        (r"sae_weights\.safetensors", r"sae_weights\.pt", r"checkpoints/pruned\.safetensors",
         r"checkpoints/pruned\.pt", r"checkpoints/final\.safetensors", r"checkpoints/final\.pt"),
        ("W_E", "b_E", "W_D"),
        config="config.json", config_keys=("sae_type", "d_model"),
    ),
    Layout(
        "OpenAI gpt2", "openai", (r".*\.pt",), ("pre_bias", "encoder.weight", "latent_bias"),
    ),
    Layout(
        "BatchTopK reference", "batch_top_k", (r"sae\.pt",), ("W_enc", "W_dec", "b_dec"),
        config="config.json", config_keys=("act_size", "dict_size", "sae_type"),
    ),
    Layout(
        "Qwen Scope", "qwen_scope", (r"layer\d+\.sae\.pt",), ("W_enc", "W_dec", "b_enc", "b_dec"),
    ),
    Layout(
        "R1-Distill of qresearch", "qresearch", (r".*\.pth?", r".*\.safetensors"),
        ("encoder.weight", "encoder.bias", "decoder.weight", "decoder.bias"),
        no_tensors=("log_jumprelu_threshold",), place=r"(?i)DeepSeek-R1.*l\d+",
    ),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Match:
    """A layout that a path has, the file of its weights, and by what it was recognised."""

    layout: Layout
    weights: Path
    why: str


def matches(artifact: Artifact) -> tuple[Match, ...]:
    """All layouts that a path has; one, if it can be opened.

    Raises:
        DictionaryError: A file that has to be looked into is damaged, or holds code.
    """
    return tuple(_matches(artifact))


def _matches(artifact: Artifact) -> Iterator[Match]:
    for layout in LAYOUTS:
        weights = artifact.weights_file(layout.weights)
        if weights is None or not _config_fits(layout, artifact):
            continue
        if layout.place and not re.search(layout.place, f"{artifact.location}/{weights.name}"):
            continue
        names = {name.lower() for name in artifact.state(weights)}
        if {name.lower() for name in layout.tensors} <= names and not names & {
            name.lower() for name in layout.no_tensors
        }:
            name = weights.relative_to(artifact.folder).as_posix()
            marks = [f"{name} holds {', '.join(layout.tensors) or 'its state'}"]
            if layout.config:
                marks.append(f"{layout.config} has {', '.join(layout.config_keys)}")
            yield Match(layout, weights, " and ".join(marks))


def config_of(layout: Layout, artifact: Artifact) -> Mapping[str, Any]:
    """The configuration that a layout keeps beside its weights; empty where it has none."""
    for above in range(layout.config_above + 1):
        if layout.config and (found := artifact.config(layout.config, above=above)) is not None:
            return found
    return {}


def _config_fits(layout: Layout, artifact: Artifact) -> bool:
    if layout.config is None:
        return True
    keys = set(config_of(layout, artifact))
    return set(layout.config_keys) <= keys and not keys & set(layout.no_config_keys)


def _readable(pattern: str) -> str:
    for code, plain in ((r"\.", "."), ("(?i)", ""), (r"\d+", "N"), (".*", "*"), ("?", "")):
        pattern = pattern.replace(code, plain)
    return pattern
