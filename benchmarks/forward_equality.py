"""The same weights in sae-lens and here: how far activations and reconstructions are apart.

    python -m benchmarks.forward_equality

Needs sae-lens beside this package. `tests/sae/test_sae_lens.py` asserts the same at small sizes.
"""

import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import torch

from benchmarks.peers import sae_from_sae_lens, versions
from benchmarks.results import record, table
from corpuscope.sae.model import SAE

TOLERANCE = 1e-5


@dataclass(frozen=True, slots=True)
class Case:
    """An autoencoder of sae-lens, by the names that it goes by there.

    Attributes:
        name: Of the architecture.
        options: Of its configuration.
        is_trained: Whether it is one in training, saved for inference and loaded again.
    """

    name: str
    options: dict[str, Any] = field(default_factory=dict)
    is_trained: bool = False

    def __str__(self) -> str:
        return " ".join([self.name, *(f"{name}={value}" for name, value in self.options.items())])


CASES = (
    *(
        Case(name, options | {"apply_b_dec_to_input": centred})
        for name, options in (
            ("Standard", {}),
            ("TopK", {"k": 8}),
            ("TopK", {"k": 8, "rescale_acts_by_decoder_norm": True}),
            ("JumpReLU", {}),
            ("Gated", {}),
        )
        for centred in (True, False)
    ),
    Case("BatchTopK", {"k": 8, "rescale_acts_by_decoder_norm": True}, is_trained=True),
    Case("BatchTopK", {"k": 8, "rescale_acts_by_decoder_norm": False}, is_trained=True),
)


@dataclass(frozen=True, slots=True)
class Difference:
    """How far the two are apart, at most.

    Attributes:
        activations: Largest difference of an activation, beyond `TOLERANCE` of its size.
        reconstruction: Likewise of a number of a reconstruction.
        l0: How many features fire at a unit in sae-lens.
    """

    activations: float
    reconstruction: float
    l0: float


def difference(case: Case, *, width: int, n_features: int, n_units: int = 200) -> Difference:
    """Both on random weights, decoder rows of different lengths, and random states."""
    theirs, ours = _pair(case, width, n_features)
    states = torch.randn(n_units, width, generator=torch.Generator().manual_seed(1))
    with torch.no_grad():
        activations = theirs.encode(states)
        reconstruction = theirs.decode(activations)
    found = ours.encode(states)
    return Difference(
        _beyond(found, activations),
        _beyond(ours.decode(found), reconstruction),
        float((activations > 0).sum(dim=1).float().mean()),
    )


def _beyond(found: torch.Tensor, expected: torch.Tensor) -> float:
    return float(((found - expected).abs() - TOLERANCE * expected.abs()).max().clamp_min(0))


def _pair(case: Case, width: int, n_features: int) -> tuple[Any, SAE]:
    import sae_lens

    kind = f"{case.name}{'Training' if case.is_trained else ''}SAE"
    config = getattr(sae_lens, f"{kind}Config")(d_in=width, d_sae=n_features, **case.options)
    theirs = _filled(getattr(sae_lens, kind)(config))
    ours = sae_from_sae_lens(theirs)
    if case.is_trained:
        with tempfile.TemporaryDirectory() as folder:
            theirs.save_inference_model(folder)
            theirs = sae_lens.SAE.load_from_disk(folder)
    return theirs, ours


def _filled(sae: Any) -> Any:
    """Weights, and thresholds, drawn at random, so that a few in a hundred features fire."""
    generator = torch.Generator().manual_seed(0)
    for name, weight in sae.named_parameters():
        scale = 1.5 / sae.cfg.d_in**0.5 if weight.ndim == 2 else 0.3
        weight.data = scale * torch.randn(weight.shape, generator=generator)
        if name == "threshold":
            weight.data.abs_()
        if name in {"b_enc", "b_gate"}:
            weight.data -= 3
    if hasattr(sae, "topk_threshold"):
        sae.topk_threshold.fill_(0.5)
    return sae


def _rows(width: int, n_features: int) -> Iterator[list[object]]:
    for case in CASES:
        found = difference(case, width=width, n_features=n_features)
        yield [case, f"{found.l0:.0f}", f"{found.activations:.1e}", f"{found.reconstruction:.1e}"]


def main() -> None:
    """Record them at the size of a real dictionary."""
    head = (
        "384-wide states, 4,096 features, 200 units, float32, weights at random. Largest "
        f"difference beyond {TOLERANCE:g} of the number itself. {versions()}."
    )
    columns = ["autoencoder", "L0", "activations", "reconstruction"]
    rows = list(_rows(384, 4096))
    record("Forward equality with sae-lens", [head, "", *table(columns, rows)])


if __name__ == "__main__":
    main()
