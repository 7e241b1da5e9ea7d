"""Learning a dictionary by BatchTopK, plain or nested, with revival of dead features.

The dense work is one bfloat16 (where the processor has it) matrix product a step; everything
else touches only the pre-activations that were kept, `k` for each unit, since no other
carries gradient. Does not read text and does not know where states come from.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import torch

from corpuscope.errors import DictionaryError, NotEnoughData
from corpuscope.sae.firing import Threshold
from corpuscope.sae.model import SAE
from corpuscope.tensor_shapes import States

_THRESHOLD_MEMORY = 0.99
"""How much of the running inference threshold a step keeps."""


@dataclass(frozen=True, slots=True)
class Recipe:
    """How to learn a dictionary.

    Attributes:
        n_features: How many features.
        k: How many fire for each unit, on average over a batch.
        prefixes: Sizes of the coarse levels of a nested dictionary; each prefix must
            reconstruct alone. Empty for a plain one.
        n_steps: How many batches.
        batch_size: How many units a step learns from.
        learning_rate: Of Adam at its height, after warm-up; None for 2e-4 / sqrt(M / 2^14).
        unit_norm: Whether each state is divided by its length first.
        dead_after: Steps without firing after which a feature counts as dead.
        auxiliary_weight: Of the loss that revives dead features.
        bf16: Whether the encoder's products are computed in bfloat16.
        seed: Of the initial weights.
    """

    n_features: int
    k: int
    prefixes: tuple[int, ...] = ()
    n_steps: int = 1000
    batch_size: int = 2048
    learning_rate: float | None = None
    unit_norm: bool = False
    dead_after: int = 100
    auxiliary_weight: float = 1 / 32
    bf16: bool = False
    seed: int = 0


@dataclass
class _Learner:
    """Weights, moments and counters between steps."""

    recipe: Recipe
    weights: dict[str, torch.Tensor]
    input_scale: float
    threshold: float = 0.0
    cut: float = 0.0
    silent_for: torch.Tensor = field(default_factory=lambda: torch.zeros(0))


@dataclass(frozen=True, slots=True)
class StepReport:
    """What a step saw: `unexplained` is the share of the batch's variance left over."""

    step: int
    unexplained: float
    n_dead: int
    threshold: float


class _KeptPreActivations(torch.autograd.Function):
    """The kept entries of `inputs @ encoder.T + bias`; backward touches only those."""

    @staticmethod
    def forward(
        ctx: Any,
        values: torch.Tensor,
        inputs: torch.Tensor,
        encoder: torch.Tensor,
        bias: torch.Tensor,
        units: torch.Tensor,
        features: torch.Tensor,
    ) -> torch.Tensor:
        ctx.save_for_backward(inputs, units, features)
        ctx.n_features = len(encoder)
        return values.float()

    @staticmethod
    def backward(ctx: Any, gradient: torch.Tensor) -> Any:
        inputs, units, features = ctx.saved_tensors
        bias = torch.zeros(ctx.n_features, device=gradient.device)
        bias.index_add_(0, features, gradient)
        order = torch.argsort(features, stable=True)
        bounds = torch.searchsorted(
            features[order], torch.arange(ctx.n_features + 1, device=features.device)
        )
        encoder = torch.nn.functional.embedding_bag(
            units[order],
            inputs,
            bounds[:-1],
            mode="sum",
            per_sample_weights=gradient[order],
        )
        return None, None, encoder, bias, None, None


def train(batches: Iterator[States], recipe: Recipe) -> Iterator[StepReport | SAE]:
    """Learns from `batches` of shuffled states; yields a report a step and the SAE at the end.

    The SAE fires by the threshold that the kept pre-activations ended at.

    Raises:
        NotEnoughData: The batches end before the steps do, or hold no unit.
        DictionaryError: The states are constant or not finite.

    Source: Bussmann, Leask, Nanda, 2024, arXiv 2412.06410 (BatchTopK); Bussmann et al., 2025,
    arXiv 2503.17547 (nested); Gao et al., 2024, arXiv 2406.04093, A.2 (revival).
    """
    first = _next_batch(batches, 0)
    learner = _start(first, recipe)
    optimiser = torch.optim.Adam(
        learner.weights.values(), lr=_learning_rate(recipe), betas=(0.9, 0.999), fused=True
    )
    batch = first
    for step in range(recipe.n_steps):
        for group in optimiser.param_groups:
            group["lr"] = _learning_rate(recipe) * _schedule(step, recipe.n_steps)
        yield _learn(learner, batch, optimiser, step)
        if step + 1 < recipe.n_steps:
            batch = _next_batch(batches, step + 1)
    yield _finished(learner)


def _learning_rate(recipe: Recipe) -> float:
    return recipe.learning_rate or 2e-4 / (recipe.n_features / 2**14) ** 0.5


def _schedule(step: int, n_steps: int) -> float:
    warm_up = max(1, n_steps // 20)
    decay_from = 0.8 * n_steps
    rise = min(1.0, (step + 1) / warm_up)
    return rise * (1.0 if step < decay_from else (n_steps - step) / (n_steps - decay_from))


def _next_batch(batches: Iterator[States], step: int) -> States:
    batch = next(batches, None)
    if batch is None or len(batch) == 0:
        raise NotEnoughData(
            f"the states ended after {step} batches",
            expected="a batch for each step of the recipe",
            next_step="lower n_steps, or go over the states more than once",
        )
    if not torch.isfinite(batch).all():
        raise DictionaryError(
            f"batch {step} holds states that are not finite",
            expected="finite numbers",
            next_step="read the corpus again, with float32 if it was read with float16",
        )
    return batch


def _start(batch: States, recipe: Recipe) -> _Learner:
    generator = torch.Generator().manual_seed(recipe.seed)
    batch = batch.float()
    if recipe.unit_norm:
        batch = batch / batch.norm(dim=1, keepdim=True).clamp_min(1e-12)
    mean = batch.mean(dim=0)
    spread = (batch - mean).square().sum(dim=1).mean().sqrt().item()
    if spread < 1e-8:
        raise DictionaryError(
            "the states of the first batch are all the same",
            expected="states that differ",
            next_step="check the corpus and the masks",
        )
    input_scale = 1 / spread
    decoder = torch.randn(recipe.n_features, batch.shape[1], generator=generator)
    decoder = (decoder / decoder.norm(dim=1, keepdim=True)).to(batch.device)
    weights = {
        "encoder": decoder.clone(),
        "decoder": decoder,
        "encoder_bias": torch.zeros(recipe.n_features, device=batch.device),
        "decoder_bias": mean * input_scale,
    }
    for weight in weights.values():
        weight.requires_grad_()
    silent = torch.zeros(recipe.n_features, dtype=torch.long, device=batch.device)
    return _Learner(recipe, weights, input_scale, silent_for=silent)


def _scaled(learner: _Learner, batch: States) -> States:
    batch = batch.float()
    if learner.recipe.unit_norm:
        batch = batch / batch.norm(dim=1, keepdim=True).clamp_min(1e-12)
    return batch * learner.input_scale


def _learn(
    learner: _Learner, batch: States, optimiser: torch.optim.Optimizer, step: int
) -> StepReport:
    recipe, weights = learner.recipe, learner.weights
    inputs = _scaled(learner, batch)
    centred = inputs - weights["decoder_bias"].detach()
    with torch.no_grad():
        pre = _dense_product(centred, weights["encoder"], recipe.bf16)
        pre += weights["encoder_bias"].to(pre.dtype)
        units, features = _largest(pre, recipe.k * len(batch), learner)
    kept = _KeptPreActivations.apply(  # type: ignore[no-untyped-call]
        pre[units, features], centred, weights["encoder"], weights["encoder_bias"], units, features
    )
    loss, residual = _nested_loss(recipe, weights, inputs, kept, units, features)
    fired = torch.zeros(recipe.n_features, dtype=torch.bool, device=batch.device)
    fired[features] = True
    learner.silent_for = torch.where(fired, 0, learner.silent_for + 1)
    dead = learner.silent_for >= recipe.dead_after
    if dead.any():
        loss = loss + recipe.auxiliary_weight * _revival(recipe, weights, centred, residual, dead)
    optimiser.zero_grad(set_to_none=True)
    loss.backward()  # type: ignore[no-untyped-call]
    _keep_decoder_unit(weights["decoder"], before_step=True)
    torch.nn.utils.clip_grad_norm_(weights.values(), 1.0)
    optimiser.step()
    _keep_decoder_unit(weights["decoder"], before_step=False)
    smallest = kept.detach().min().item()
    learner.threshold = (
        smallest
        if step == 0
        else _THRESHOLD_MEMORY * learner.threshold + (1 - _THRESHOLD_MEMORY) * smallest
    )
    variance = (inputs - inputs.mean(dim=0)).square().sum()
    unexplained = (residual.square().sum() / variance).item()
    return StepReport(step, unexplained, int(dead.sum()), learner.threshold)


def _dense_product(inputs: torch.Tensor, encoder: torch.Tensor, bf16: bool) -> torch.Tensor:
    if bf16:
        return inputs.to(torch.bfloat16) @ encoder.to(torch.bfloat16).T
    return inputs @ encoder.T


def _largest(
    pre: torch.Tensor, n_kept: int, learner: _Learner
) -> tuple[torch.Tensor, torch.Tensor]:
    """Units and features of the `n_kept` largest positive entries, by unit.

    A cut a little below the last batch's smallest kept value leaves few candidates, so that
    the exact selection need not sort the whole batch; where it leaves too few, it is lowered.
    """
    cut = learner.cut
    units, features = torch.nonzero(pre > cut, as_tuple=True)
    if len(units) < n_kept and cut > 0:
        units, features = torch.nonzero(pre > 0, as_tuple=True)
    values = pre[units, features]
    if len(units) > n_kept:
        values, chosen = values.topk(n_kept, sorted=False)
        chosen = chosen.sort().values
        units, features = units[chosen], features[chosen]
    learner.cut = 0.9 * values.min().item() if len(values) else 0.0
    return units, features


def _nested_loss(
    recipe: Recipe,
    weights: dict[str, torch.Tensor],
    inputs: torch.Tensor,
    kept: torch.Tensor,
    units: torch.Tensor,
    features: torch.Tensor,
) -> tuple[torch.Tensor, torch.Tensor]:
    """The mean over levels of the squared error, and what the whole dictionary leaves over."""
    ends = sorted({*recipe.prefixes, recipe.n_features})
    reconstruction = weights["decoder_bias"].expand_as(inputs)
    losses = []
    start = 0
    for end in ends:
        here = (features >= start) & (features < end)
        reconstruction = reconstruction + _decode(
            kept[here], units[here], features[here], weights["decoder"], len(inputs)
        )
        losses.append((inputs - reconstruction).square().sum(dim=1).mean())
        start = end
    return torch.stack(losses).mean(), (inputs - reconstruction).detach()


def _decode(
    values: torch.Tensor,
    units: torch.Tensor,
    features: torch.Tensor,
    decoder: torch.Tensor,
    n_units: int,
) -> torch.Tensor:
    offsets = torch.searchsorted(units.contiguous(), torch.arange(n_units, device=units.device))
    return torch.nn.functional.embedding_bag(
        features, decoder, offsets, mode="sum", per_sample_weights=values
    )


def _revival(
    recipe: Recipe,
    weights: dict[str, torch.Tensor],
    centred: torch.Tensor,
    residual: torch.Tensor,
    dead: torch.Tensor,
) -> torch.Tensor:
    """How badly the dead features, taken alone, explain what the living leave over."""
    which = torch.nonzero(dead).squeeze(1)
    k = min(centred.shape[1] // 2, len(which))
    pre = centred @ weights["encoder"][which].T + weights["encoder_bias"][which]
    values, places = torch.relu(pre).topk(k, dim=1)
    guess = torch.nn.functional.embedding_bag(
        which[places], weights["decoder"], mode="sum", per_sample_weights=values
    )
    error = (residual - guess).square().sum()
    return error / (residual - residual.mean(dim=0)).square().sum().clamp_min(1e-12)


@torch.no_grad()
def _keep_decoder_unit(decoder: torch.Tensor, *, before_step: bool) -> None:
    if before_step:
        assert decoder.grad is not None
        along = (decoder.grad * decoder).sum(dim=1, keepdim=True)
        decoder.grad -= along * decoder
    else:
        decoder /= decoder.norm(dim=1, keepdim=True).clamp_min(1e-12)


def _finished(learner: _Learner) -> SAE:
    weights = {name: weight.detach() for name, weight in learner.weights.items()}
    theta = torch.full_like(weights["encoder_bias"], learner.threshold)
    return SAE(
        encoder=weights["encoder"],
        decoder=weights["decoder"],
        encoder_bias=weights["encoder_bias"],
        decoder_bias=weights["decoder_bias"],
        firing=Threshold(theta),
        input_scale=learner.input_scale,
        unit_norm=learner.recipe.unit_norm,
    )
