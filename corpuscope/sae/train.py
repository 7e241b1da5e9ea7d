"""The training loop of an SAE: initialisation, optimiser, schedules, dead features, checkpoints.

The firing rule and the loss are defined by an objective (`sae/objectives/`). This module does not
read text and does not know where states come from.
"""

import math
from collections.abc import Callable, Iterator, Mapping

import torch

from corpuscope.errors import DictionaryError, NotEnoughData
from corpuscope.sae.config import Moments, Recipe, StepReport
from corpuscope.sae.firing import Threshold
from corpuscope.sae.model import SAE, of_length_one
from corpuscope.sae.objectives import Memory, TrainingBatch, Weights
from corpuscope.sae.revival import revival_loss
from corpuscope.tensor_shapes import PerFeatureTensor, States, Vector
from corpuscope.workers import side_by_side

_LARGEST_GRADIENT = 1.0
"""Gradient clipping: maximum norm over all weights."""
_ROWS = 1024
"""Decoder rows that are processed together after a step."""


class Trainer:
    """Trains one SAE, a batch at a time.

    Args:
        recipe: The hyperparameters.
        moments: Moments of the states, normalised to unit length if the recipe says so.
        start: An SAE to initialise from; None for random weights.

    Raises:
        DictionaryError: The states are constant or not finite; `start` has another number of
            features, or takes other states.
    """

    def __init__(self, recipe: Recipe, moments: Moments, start: SAE | None = None) -> None:
        self.recipe = recipe
        self.step = 0
        self._input_scale = _input_scale(moments)
        if start is None:
            self._weights = _first_weights(recipe, moments.mean * self._input_scale)
        else:
            self._weights = _weights_of(start, recipe, moments, self._input_scale)
        for name, weight in self._weights.items():
            weight.requires_grad_(name != "decoder" or not recipe.frozen_decoder)
        self._memory: Memory = {}
        device = moments.mean.device
        self._silent_for = torch.zeros(recipe.n_features, dtype=torch.int64, device=device)
        # `rate` multiplies the scheduled learning rate of a group; see `learn`.
        self._optimiser = torch.optim.Adam(
            [
                {"params": [weight], "rate": recipe.decoder_rate if name == "decoder" else 1.0}
                for name, weight in self._weights.items()
                if weight.requires_grad
            ],
            lr=recipe.height,
            betas=recipe.objective.betas,
            fused=True,
        )

    def learn(self, states: States) -> StepReport:
        """One step on a batch of states.

        Raises:
            DictionaryError: The states or the loss are not finite.
        """
        recipe, weights = self.recipe, self._weights
        rate = recipe.height * _schedule(self.step, recipe)
        warmth = min(1.0, (self.step + 1) / max(1.0, recipe.penalty_warm_up * recipe.n_steps))
        products = torch.bfloat16 if recipe.bf16 else torch.float32
        inputs = _prepared(states, recipe) * self._input_scale
        batch = TrainingBatch(inputs, self.step, warmth, products)
        result = recipe.objective.learn(weights, batch, self._memory)
        # Units since each feature last fired.
        silent_for = torch.where(result.n_firing > 0, 0, self._silent_for + len(states))
        dead = silent_for >= recipe.n_until_dead
        loss = result.loss
        if recipe.objective.revives and recipe.revival_weight and bool(dead.any()):
            centred = inputs - weights["decoder_bias"].detach()
            loss = loss + recipe.revival_weight * revival_loss(weights, centred, result.left, dead)
        report = StepReport(
            self.step,
            recipe.n_steps,
            float(loss.detach()),
            _unexplained(inputs, result.left),
            float(result.n_firing.sum()) / len(states),
            int(dead.sum()),
            rate,
        )
        if not math.isfinite(report.loss):
            raise _not_finite(self.step, states)
        for group in self._optimiser.param_groups:
            group["lr"] = group["rate"] * rate
        self._optimiser.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        if not recipe.frozen_decoder:
            _by_rows(_remove_parallel_gradient, weights["decoder"])
        # Clip after the projection, so that the norm counts only what moves the decoder.
        torch.nn.utils.clip_grad_norm_(list(weights.values()), _LARGEST_GRADIENT)
        self._optimiser.step()
        if not recipe.frozen_decoder:
            _by_rows(_normalise, weights["decoder"])
        with torch.no_grad():
            recipe.objective.keep_valid(weights)
        self._silent_for = silent_for
        self.step += 1
        return report

    def finished(self) -> SAE:
        """The SAE as trained so far, with the firing rule for inference."""
        weights = {name: weight.detach().clone() for name, weight in self._weights.items()}
        fired = self.recipe.objective.end(weights, self._memory)
        return SAE(
            encoder=fired.encoder,
            decoder=weights["decoder"],
            encoder_bias=fired.encoder_bias,
            decoder_bias=weights["decoder_bias"],
            firing=fired.firing,
            input_scale=self._input_scale,
            unit_norm=self.recipe.unit_norm,
            n_layers=self.recipe.n_layers,
        )

    def state(self) -> dict[str, torch.Tensor]:
        """Everything needed to resume the run exactly, except the recipe."""
        found = {
            "step": torch.tensor(self.step),
            "input_scale": torch.tensor(self._input_scale, dtype=torch.float64),
            "silent_for": self._silent_for,
        }
        for name, weight in self._weights.items():
            found[f"weights.{name}"] = weight.detach()
            for key, value in self._optimiser.state[weight].items():
                found[f"adam.{name}.{key}"] = value
        return found | {f"memory.{name}": value for name, value in self._memory.items()}

    @classmethod
    def resumed(cls, recipe: Recipe, state: Mapping[str, torch.Tensor]) -> "Trainer":
        """A trainer that continues from the state of one with the same recipe.

        Raises:
            DictionaryError: The state does not fit the recipe.
        """
        # Placeholder moments: the weights and the scale are overwritten from the state.
        mean = torch.zeros_like(state["weights.decoder_bias"])
        trainer = cls(recipe, Moments(mean, float(state["input_scale"]) ** -2))
        trainer._input_scale = float(state["input_scale"])
        trainer.step = int(state["step"])
        trainer._silent_for = state["silent_for"].clone()
        for name, weight in trainer._weights.items():
            _fill(weight, state.get(f"weights.{name}"), name)
            trainer._optimiser.state[weight] = {
                key: state[f"adam.{name}.{key}"].clone()
                for key in ("step", "exp_avg", "exp_avg_sq")
                if f"adam.{name}.{key}" in state
            }
        trainer._memory = {
            name.removeprefix("memory."): value.clone()
            for name, value in state.items()
            if name.startswith("memory.")
        }
        return trainer


def trained_steps(
    batches: Iterator[States], recipe: Recipe, *, moments: Moments | None = None
) -> Iterator[StepReport | SAE]:
    """Trains on batches of shuffled states; yields a report per step, and the SAE at the end.

    Args:
        batches: States, units x width.
        recipe: The hyperparameters.
        moments: Moments of the states; None takes those of the first batch.

    Raises:
        NotEnoughData: There are fewer batches than steps, or an empty one.
        DictionaryError: The states are constant or not finite.
    """
    batch = _next_batch(batches, 0)
    trainer = Trainer(recipe, moments or Moments.of(_prepared(batch, recipe)))
    while True:
        yield trainer.learn(batch)
        if trainer.step == recipe.n_steps:
            break
        batch = _next_batch(batches, trainer.step)
    yield trainer.finished()


def _prepared(states: States, recipe: Recipe) -> States:
    exact = states.float()
    return of_length_one(exact, recipe.n_layers) if recipe.unit_norm else exact


def _schedule(step: int, recipe: Recipe) -> float:
    # Linear warm-up, later multiplied by a linear decay to 0.
    rise = min(1.0, (step + 1) / max(1, round(recipe.warm_up * recipe.n_steps)))
    falls_from = recipe.decay_from * recipe.n_steps
    if step < falls_from:
        return rise
    return rise * (recipe.n_steps - step) / (recipe.n_steps - falls_from)


def _next_batch(batches: Iterator[States], step: int) -> States:
    batch = next(batches, None)
    if batch is None or len(batch) == 0:
        raise NotEnoughData(
            f"the states ended after {step} batches",
            expected="a batch for each step of the recipe",
            next_step="lower n_steps, or use several passes over the states",
        )
    return batch


def _input_scale(moments: Moments) -> float:
    if not math.isfinite(moments.variance) or not bool(torch.isfinite(moments.mean).all()):
        raise _not_finite(0, moments.mean)
    # Relative to the mean: rounding alone gives constant states some variance.
    if moments.variance < 1e-16 * max(1.0, float(moments.mean.square().sum())):
        raise DictionaryError(
            "the states of the first batch are all equal",
            expected="states that vary",
            next_step="check the corpus and the masks",
        )
    return float(moments.variance**-0.5)


def _not_finite(step: int, states: torch.Tensor) -> DictionaryError:
    if not bool(torch.isfinite(states).all()):
        return DictionaryError(
            f"batch {step} holds non-finite states",
            expected="finite numbers",
            next_step="read the corpus again, with float32 if it was read with float16",
        )
    return DictionaryError(
        f"the loss of step {step} is not finite",
        expected="a finite loss",
        next_step="lower the learning rate or the penalty's coefficient",
    )


def _first_weights(recipe: Recipe, mean: Vector) -> Weights:
    generator = torch.Generator().manual_seed(recipe.seed)
    # Random unit decoder rows; the encoder starts as their scaled transpose (Gao et al., 2024).
    decoder = torch.randn(recipe.n_features, len(mean), generator=generator)
    decoder = (decoder / decoder.norm(dim=1, keepdim=True)).to(mean.device)
    bias: PerFeatureTensor = torch.zeros(recipe.n_features, device=mean.device)
    weights = {
        "encoder": recipe.first_encoder * decoder,
        "decoder": decoder,
        "encoder_bias": bias,
        "decoder_bias": mean.clone(),
    }
    return weights | recipe.objective.begin(weights, None)


def _weights_of(start: SAE, recipe: Recipe, moments: Moments, scale: float) -> Weights:
    """Initial weights from an existing SAE, at this input scale and with unit decoder rows."""
    width, same = len(moments.mean), start.unit_norm == recipe.unit_norm
    if start.n_features != recipe.n_features or start.width != width or not same:
        raise DictionaryError(
            f"a dictionary of {start.n_features} features on states of width {start.width}, "
            f"unit_norm {start.unit_norm}",
            expected=f"{recipe.n_features} features, width {width}, unit_norm {recipe.unit_norm}",
            next_step="make the recipe match the dictionary that is finetuned",
        )
    device = moments.mean.device
    sae = start.to(device).to(torch.float32).in_scale(scale).with_unit_rows()
    weights = {
        "encoder": sae.encoder.clone(),
        "decoder": sae.decoder.clone(),
        "encoder_bias": sae.encoder_bias.clone(),
        "decoder_bias": sae.decoder_bias.clone(),
    }
    thresholds = sae.firing.theta if isinstance(sae.firing, Threshold) else None
    return weights | recipe.objective.begin(weights, thresholds)


def _fill(weight: torch.Tensor, value: torch.Tensor | None, name: str) -> None:
    if value is None or value.shape != weight.shape:
        raise DictionaryError(
            f"a checkpoint whose {name} is {None if value is None else list(value.shape)}",
            expected=f"{list(weight.shape)}, as in this recipe",
            next_step="resume with the recipe that the run was started with",
        )
    with torch.no_grad():
        weight.copy_(value)


def _by_rows(work: Callable[[torch.Tensor, torch.Tensor], None], decoder: torch.Tensor) -> None:
    """Apply `work` to decoder rows and their gradients, in blocks that fit in the CPU cache."""
    gradient = decoder.grad
    assert gradient is not None

    def do(first: int) -> None:
        with torch.no_grad():
            work(decoder[first : first + _ROWS], gradient[first : first + _ROWS])

    side_by_side(do, range(0, len(decoder), _ROWS), device=decoder.device)


def _remove_parallel_gradient(rows: torch.Tensor, gradient: torch.Tensor) -> None:
    """Subtract from the gradient its component along each row, which normalisation would undo.

    Source: Bricken et al., 2023, "Towards Monosemanticity".
    """
    along = (gradient * rows).sum(dim=1, keepdim=True)
    gradient.addcmul_(rows, along, value=-1)


def _normalise(rows: torch.Tensor, _gradient: torch.Tensor) -> None:
    rows /= rows.norm(dim=1, keepdim=True).clamp_min(1e-12)


def _unexplained(inputs: States, left: States) -> float:
    variance = (inputs - inputs.mean(dim=0)).square().sum()
    return float(left.square().sum() / variance.clamp_min(1e-30))
