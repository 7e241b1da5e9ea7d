"""Dictionaries of other projects: opened here, and by those projects themselves.

    python -m benchmarks.foreign_formats

Needs an environment with this package, sae-lens, eai-sparsify and dictionary-learning; rows whose
package is missing are left out, and named. Each dictionary has random weights and is written by
the project itself, or as its published files are, and then read by its own code. States are
random. `tests/sae/foreign` asserts the same against a few lines of numpy.
"""

import json
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import torch

from benchmarks.forward_equality import CASES, Case, _filled
from benchmarks.results import record, table
from corpuscope.sae.foreign.opener import open_foreign
from corpuscope.sae.foreign.supplement import Supplement
from corpuscope.sae.model import SAE
from tests.sae.foreign.made import EXAMPLES, WIDTH

PLACE = Supplement(reader="openai-community/gpt2", hook="blocks.8.hook_resid_pre")
_N_UNITS = 200
Pair = tuple[torch.Tensor, torch.Tensor]


@dataclass(frozen=True)
class Row:
    """A dictionary, read by another project and here.

    Attributes:
        name: What it is called in the table.
        package: Who reads it.
        pair: Writes it into a folder; what the other computes for states, and what is opened.
    """

    name: str
    package: str
    pair: Callable[[Path], tuple[Callable[[torch.Tensor], Pair], SAE]]


def rows() -> Iterator[Row]:
    """All of them, those of missing packages too."""
    for case in CASES:
        yield Row(f"{case}", "sae-lens", lambda f, case=case: lens_pair(case, f))
    for norm in ("layer_norm", "constant_norm_rescale"):
        case = Case("JumpReLU", {"normalize_activations": norm})
        yield Row(f"{case}", "sae-lens", lambda f, case=case: lens_pair(case, f))
    for name in ("saelens-5", "saelens-5-topk", "saelens-5-jumprelu"):
        yield Row(name, "sae-lens", lambda f, name=name: lens_opens(name, f))
    for name, loader in PUBLISHED.items():
        shown = f"{name}{' with unit rows' if name == 'llama-scope' else ''}"
        yield Row(shown, "sae-lens", lambda f, name=name, loader=loader: published(name, loader, f))
    for activation, latents in (("topk", 0), ("topk", 96), ("groupmax", 0)):
        yield Row(
            f"sparsify {activation}, num_latents {latents}", "eai-sparsify",
            lambda f, a=activation, n=latents: sparsify_pair(a, n, f),
        )  # fmt: skip
    for name, kind in LEARNED.items():
        yield Row(name, "dictionary-learning", lambda f, n=name, k=kind: learned_pair(n, k, f))


PUBLISHED = {
    "gemma-scope-res": "gemma_2_sae_huggingface_loader",
    "gemma-scope-2": "gemma_3_sae_huggingface_loader",
    "goodfire": "get_goodfire_huggingface_loader",
    "qresearch": "deepseek_r1_sae_huggingface_loader",
    "llama-scope": "llama_scope_sae_huggingface_loader",
    "llama-scope-r1": "llama_scope_r1_distill_sae_huggingface_loader",
    "qwen-scope": "qwen_scope_sae_huggingface_loader",
}
LEARNED = {
    "dl-standard": "AutoEncoder", "dl-new": "AutoEncoderNew", "dl-topk": "AutoEncoderTopK",
    "dl-batchtopk": "BatchTopKSAE", "dl-matryoshka": "MatryoshkaBatchTopKSAE",
    "dl-gated": "GatedAutoEncoder", "dl-jumprelu": "JumpReluAutoEncoder",
}  # fmt: skip


def lens_pair(case: Case, folder: Path) -> tuple[Callable[[torch.Tensor], Pair], SAE]:
    """Made and saved by SAELens."""
    import sae_lens

    kind = f"{case.name}{'Training' if case.is_trained else ''}SAE"
    config = getattr(sae_lens, f"{kind}Config")(d_in=24, d_sae=96, **case.options)
    theirs = _filled(getattr(sae_lens, kind)(config))
    if case.is_trained:
        theirs.save_inference_model(folder)
    else:
        theirs.save_model(folder)
    theirs = sae_lens.SAE.load_from_disk(folder)
    return _both(theirs), open_foreign(folder, supplement=PLACE).parts[0].sae


def lens_opens(name: str, folder: Path) -> tuple[Callable[[torch.Tensor], Pair], SAE]:
    """Written as SAELens did before version 6, and opened by it."""
    import sae_lens

    path = EXAMPLES[name].write(folder)
    return _both(sae_lens.SAE.load_from_disk(path)), open_foreign(path).parts[0].sae


def published(name: str, loader: str, folder: Path) -> tuple[Callable[[torch.Tensor], Pair], SAE]:
    """Laid out as on the Hub, and converted by SAELens' own loader."""
    import sae_lens
    from sae_lens.loading import pretrained_sae_loaders as loaders

    example = EXAMPLES[name]
    path = example.write(folder)
    if name == "llama-scope":
        # SAELens leaves the decoder's norms out of the gate: right where they are 1.
        _with_unit_rows(path / "checkpoints" / "final.safetensors")
    repo, inner = _on_hub(name, path, folder)
    state_of = getattr(loaders, loader)
    ours = open_foreign(path, supplement=example.supplement).parts[0].sae
    sizes = {"d_in": WIDTH, "d_sae": ours.n_features, "dtype": "float32", "device": "cpu"}
    with _files_of(loaders, folder):
        config, state, _ = state_of(repo, inner, device="cpu", cfg_overrides=sizes)
    config = loaders.handle_config_defaulting(config)
    kind = sae_lens.SAE.get_sae_config_class_for_architecture(config["architecture"])
    theirs = sae_lens.SAE.get_sae_class_for_architecture(config["architecture"])(
        kind.from_dict(config)
    )
    state = {key: tensor.float() for key, tensor in state.items()}
    theirs.process_state_dict_for_loading(state)
    theirs.load_state_dict(state)
    if config.get("normalize_activations") == "expected_average_only_in":
        theirs.fold_activation_norm_scaling_factor(ours.input_scale)
    return _both(theirs), ours


def _with_unit_rows(file: Path) -> None:
    from safetensors.torch import load_file, save_file

    tensors = load_file(file)
    rows = torch.nn.functional.normalize(tensors["decoder.weight"], dim=0)
    save_file(tensors | {"decoder.weight": rows}, file)


def _on_hub(name: str, path: Path, folder: Path) -> tuple[str, str]:
    """The repository and the folder or file in it that a loader is asked for."""
    if name == "goodfire":
        return "Goodfire/Llama-3.1-8B-Instruct-SAE-l19", path.name
    if name in ("qresearch", "qwen-scope"):
        file = path if path.is_file() else next(path.iterdir())
        return f"owner/{file.parent.name}", file.name
    root = folder / ("gemma-scope-2b-pt-res" if name == "gemma-scope-res" else "")
    if name == "gemma-scope-2":
        root = folder / "gemma-scope-2-4b-it"
    return f"google/{root.name}", path.relative_to(root).as_posix()


@contextmanager
def _files_of(loaders: Any, folder: Path) -> Iterator[None]:
    """A context in which downloads of a loader are files in a folder, found by their names."""

    def download(repo_id: str = "", filename: str = "", **options: Any) -> str:
        name = filename.rpartition("/")[2]
        return str(next(folder.rglob(name)))

    def shapes(repo_id: str, filename: str) -> dict[str, list[int]]:
        from safetensors.torch import load_file

        tensors = load_file(download(filename=filename))
        return {name: list(tensor.shape) for name, tensor in tensors.items()}

    before = loaders.hf_hub_download, loaders.get_safetensors_tensor_shapes
    loaders.get_safetensors_tensor_shapes = shapes
    loaders.hf_hub_download = lambda *a, **k: download(
        **dict(zip(("repo_id", "filename"), a, strict=False)), **k
    )
    try:
        yield
    finally:
        loaders.hf_hub_download, loaders.get_safetensors_tensor_shapes = before


def _both(theirs: Any) -> Callable[[torch.Tensor], Pair]:
    def compute(states: torch.Tensor) -> Pair:
        with torch.no_grad():
            activations = theirs.encode(states)
            return activations, theirs.decode(activations)

    return compute


def sparsify_pair(
    activation: str, latents: int, folder: Path
) -> tuple[Callable[[torch.Tensor], Pair], SAE]:
    """Made and saved by sparsify."""
    from sparsify import SparseCoder
    from sparsify.config import SparseCoderConfig

    config = SparseCoderConfig(activation=activation, expansion_factor=4, num_latents=latents, k=8)
    theirs = SparseCoder(24, config)
    generator = torch.Generator().manual_seed(0)
    for weight in theirs.parameters():
        weight.data = torch.randn(weight.shape, generator=generator) / 3
    place = folder / "layers.5"
    theirs.save_to_disk(place)
    (folder / "config.json").write_text(json.dumps({"model": "EleutherAI/pythia-160m"}))
    theirs = SparseCoder.load_from_disk(place)

    def compute(states: torch.Tensor) -> Pair:
        with torch.no_grad():
            found = theirs.encode(states)
            dense = torch.zeros_like(found.pre_acts)
            dense.scatter_(1, found.top_indices, found.top_acts)
            return dense, theirs.decode(found.top_acts, found.top_indices)

    return compute, open_foreign(place).parts[0].sae


def learned_pair(name: str, kind: str, folder: Path) -> tuple[Callable[[torch.Tensor], Pair], SAE]:
    """Written as dictionary_learning does, and opened by it."""
    from dictionary_learning import dictionary as theirs_module
    from dictionary_learning.trainers import batch_top_k, matryoshka_batch_top_k, top_k

    places = (theirs_module, top_k, batch_top_k, matryoshka_batch_top_k)
    cls = next(getattr(place, kind) for place in places if hasattr(place, kind))
    path = EXAMPLES[name].write(folder)
    theirs = cls.from_pretrained(str(path / "ae.pt"))

    def compute(states: torch.Tensor) -> Pair:
        with torch.no_grad():
            activations = theirs.encode(states)
            return activations, theirs.decode(activations)

    return compute, open_foreign(path).parts[0].sae


def difference(row: Row, folder: Path) -> tuple[float, float, float]:
    """Mean L0, and the largest differences of activations and reconstructions.

    Activations are compared as shares of the largest one of a feature, where folding changed
    their units (`about["source"]["folds"]`).
    """
    compute, ours = row.pair(folder)
    generator = torch.Generator().manual_seed(1)
    states = 0.3 + 2 * torch.randn(_N_UNITS, ours.width, generator=generator)
    activations, reconstructions = compute(states)
    found = ours.encode(states)
    peaks = activations.amax(dim=0).clamp_min(1e-9), found.amax(dim=0).clamp_min(1e-9)
    far = float((found - activations).abs().max())
    if far > 1e-3:
        far = float((found / peaks[1] - activations / peaks[0]).abs().max())
    l0 = float((activations > 0).sum(dim=1).float().mean())
    return l0, far, float((ours.reconstructed(states) - reconstructions).abs().max())


def main() -> None:
    """Record the table."""
    lines, missing = [], set()
    for row in rows():
        if find_spec(row.package.replace("-", "_").replace("eai_", "")) is None:
            missing.add(row.package)
            continue
        with tempfile.TemporaryDirectory() as folder:
            l0, activations, reconstruction = difference(row, Path(folder))
        lines.append([row.name, row.package, f"{l0:.1f}", f"{activations:.1e}",
                      f"{reconstruction:.1e}"])  # fmt: skip
    versions = ", ".join(f"{name} {_version(name)}" for name in
                         ("sae-lens", "eai-sparsify", "dictionary-learning", "torch"))  # fmt: skip
    head = (
        f"Random weights, {_N_UNITS} random states of norm about 10, float32. Largest absolute "
        "differences; where folding changed the units of activations, as shares of each "
        f"feature's largest. {versions}."
    )
    if missing:
        head += f" Left out, as they are not installed: {', '.join(sorted(missing))}."
    columns = ["dictionary", "read by", "L0", "activations", "reconstruction"]
    record("Dictionaries of other projects", [head, "", *table(columns, lines)])


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "missing"


if __name__ == "__main__":
    main()
