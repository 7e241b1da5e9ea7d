"""Other trainers behind the one face that the comparisons use: a step, and the SAE at the end.

Needs an environment with this package, sae-lens and dictionary-learning side by side. All
trainers are given the same batches, centred and scaled to a mean square length of 1, because
one of them would otherwise spend its first steps on finding the mean, and rates on the schedule
that its setting names.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from importlib.metadata import version
from typing import Any, Protocol

import torch

from corpuscope.sae.config import Moments, Recipe
from corpuscope.sae.firing import Relu, Threshold, TopK
from corpuscope.sae.model import SAE
from corpuscope.sae.objectives import objective_named
from corpuscope.sae.train import Trainer


class Contender(Protocol):
    """A trainer with its settings, in the middle of a run."""

    def step(self, batch: torch.Tensor) -> None:
        """Learn from these."""

    def finished(self) -> SAE:
        """What was learned, for inputs as they came."""


@dataclass(frozen=True)
class Setting:
    """Who learns, and how.

    Attributes:
        trainer: "corpuscope", "sae-lens" or "dictionary-learning".
        architecture: As `objective_named` calls it.
        learning_rate: At its height.
        n_features: How many features.
        n_steps: How many batches.
        k: Where the architecture takes it.
        coefficient: Of the sparsity penalty, where the architecture has one.
        bf16: Whether products are computed in bfloat16, by the trainer's own switch.
        length: What the inputs' mean square length is brought to before sae-lens sees them.
        rise: Share of the steps over which the learning rate rises.
        fall: Share of the steps, the last ones, over which it falls to 0.
        seed: Of the first weights.
    """

    trainer: str
    architecture: str
    learning_rate: float
    n_features: int
    n_steps: int
    k: float | None = None
    coefficient: float | None = None
    bf16: bool = False
    length: float = 1.0
    rise: float = 0.2
    fall: float = 0.6
    seed: int = 0

    @property
    def n_rising(self) -> int:
        """Steps over which the learning rate rises."""
        return max(1, round(self.rise * self.n_steps))

    @property
    def n_falling(self) -> int:
        """Steps over which it falls."""
        return round(self.fall * self.n_steps)

    def begin(self, width: int) -> Contender:
        """A run at its beginning, for states of that width."""
        torch.manual_seed(self.seed)
        made: dict[str, type] = {
            "corpuscope": _Ours,
            "sae-lens": _SaeLens,
            "dictionary-learning": _DictionaryLearning,
        }
        contender: Contender = made[self.trainer](self, width)
        return contender

    def reseeded(self, seed: int) -> "Setting":
        """The same from other first weights."""
        return replace(self, seed=seed)


def versions() -> str:
    """Of the other trainers."""
    return ", ".join(f"{name} {version(name)}" for name in ("sae-lens", "dictionary-learning"))


class _Ours:
    def __init__(self, setting: Setting, width: int) -> None:
        objective = objective_named(
            setting.architecture, n_features=setting.n_features,
            k=setting.k, coefficient=setting.coefficient,
        )  # fmt: skip
        recipe = Recipe(
            n_features=setting.n_features,
            objective=objective,
            n_steps=setting.n_steps,
            learning_rate=setting.learning_rate,
            bf16=setting.bf16,
            warm_up=setting.rise,
            decay_from=1 - setting.fall,
            seed=setting.seed,
        )
        self._trainer = Trainer(recipe, Moments(torch.zeros(width), 1.0))

    def step(self, batch: torch.Tensor) -> None:
        self._trainer.learn(batch)

    def finished(self) -> SAE:
        return self._trainer.finished()


class _SaeLens:
    def __init__(self, setting: Setting, width: int) -> None:
        import sae_lens
        from sae_lens.config import SAETrainerConfig
        from sae_lens.training.sae_trainer import SAETrainer

        self._scale = math.sqrt(setting.length)
        name, options = _sae_lens_options(setting)
        config = getattr(sae_lens, f"{name}TrainingSAEConfig")(
            d_in=width, d_sae=setting.n_features, **options
        )
        sae = getattr(sae_lens, f"{name}TrainingSAE")(config)
        n_steps, batch_size = setting.n_steps, 2048
        self._trainer: Any = SAETrainer(
            SAETrainerConfig(
                total_training_samples=n_steps * batch_size,
                train_batch_size_samples=batch_size,
                lr=setting.learning_rate,
                lr_end=0.0,
                lr_warm_up_steps=setting.n_rising,
                lr_decay_steps=setting.n_falling,
                autocast=setting.bf16,
                dead_feature_window=25,
            ),
            sae,
            data_provider=iter(()),
        )

    def step(self, batch: torch.Tensor) -> None:
        self._trainer.step(batch * self._scale)
        self._trainer.n_training_steps += 1

    def finished(self) -> SAE:
        sae = self._trainer.sae
        return sae_from_sae_lens(sae, scale=self._scale)


def _sae_lens_options(setting: Setting) -> tuple[str, dict[str, Any]]:
    warm_up = max(1, setting.n_steps // 20)
    match setting.architecture:
        case "batch-top-k":
            return "BatchTopK", {"k": setting.k, "aux_loss_coefficient": 1.0}
        case "top-k":
            return "TopK", {"k": int(setting.k or 0), "aux_loss_coefficient": 1.0}
        case "jump-relu":
            return "JumpReLU", {"l0_coefficient": setting.coefficient, "l0_warm_up_steps": warm_up}
        case "gated":
            return "Gated", {"l1_coefficient": setting.coefficient, "l1_warm_up_steps": warm_up}
        case "relu":
            return "Standard", {"l1_coefficient": setting.coefficient, "l1_warm_up_steps": warm_up}
    raise ValueError(setting.architecture)


def sae_from_sae_lens(sae: Any, *, scale: float = 1.0) -> SAE:
    """What a sae-lens autoencoder computes, as one of ours, from its own weights.

    Args:
        sae: Standard, TopK, BatchTopK, JumpReLU or Gated; in training or not.
        scale: What its inputs were multiplied by.
    """
    encoder = sae.W_enc.detach().T.float().clone()
    bias = getattr(sae, "b_enc", None)
    bias = torch.zeros(len(encoder)) if bias is None else bias.detach().float().clone()
    decoder = sae.W_dec.detach().float().clone()
    centre = sae.b_dec.detach().float().clone()
    if not sae.cfg.apply_b_dec_to_input:
        # Ours takes the decoder's bias off its inputs; theirs may not.
        bias = bias + encoder @ centre
    architecture = sae.cfg.architecture()
    norms = decoder.norm(dim=1)
    by_norm = getattr(sae.cfg, "rescale_acts_by_decoder_norm", False)
    if by_norm:
        # They rank, and cut, by what a decoder of unit rows would get.
        encoder, bias = encoder * norms[:, None], bias * norms
        decoder = decoder / norms[:, None]
    if architecture == "gated":
        # Fires where the gate is open: one threshold a feature, for magnitudes above 0.
        size = sae.r_mag.detach().float().exp()
        magnitude = encoder * size[:, None]
        shift = bias * size
        b_mag, b_gate = sae.b_mag.detach().float(), sae.b_gate.detach().float()
        theta = (b_mag - b_gate * size).clamp_min(0)
        return SAE(magnitude, decoder, shift + b_mag, centre, Threshold(theta), scale)
    firing: Relu | TopK | Threshold = Relu()
    if architecture == "topk":
        firing = TopK(int(sae.cfg.k))
    elif architecture == "batchtopk":
        firing = Threshold(torch.full_like(bias, float(sae.topk_threshold)))
    elif architecture == "jumprelu":
        firing = Threshold(sae.threshold.detach().float().clone())
    return SAE(encoder, decoder, bias, centre, firing, scale)


class _DictionaryLearning:
    def __init__(self, setting: Setting, width: int) -> None:
        from dictionary_learning.trainers.batch_top_k import BatchTopKTrainer

        n_steps = setting.n_steps
        self._trainer: Any = BatchTopKTrainer(
            steps=n_steps,
            activation_dim=width,
            dict_size=setting.n_features,
            k=int(setting.k or 0),
            layer=0,
            lm_name="states",
            lr=setting.learning_rate,
            warmup_steps=setting.n_rising,
            decay_start=n_steps - setting.n_falling,
            threshold_start_step=n_steps // 2,
            threshold_beta=0.95,
            seed=setting.seed,
            device="cpu",
        )
        self._bf16 = setting.bf16
        self._n_done = 0

    def step(self, batch: torch.Tensor) -> None:
        with torch.autocast("cpu", torch.bfloat16, enabled=self._bf16):
            self._trainer.update(self._n_done, batch)
        self._n_done += 1

    def finished(self) -> SAE:
        ae = self._trainer.ae
        bias = ae.encoder.bias.detach().clone()
        return SAE(
            encoder=ae.encoder.weight.detach().clone(),
            decoder=ae.decoder.weight.detach().T.contiguous(),
            encoder_bias=bias,
            decoder_bias=ae.b_dec.detach().clone(),
            firing=Threshold(torch.full_like(bias, max(0.0, float(ae.threshold)))),
        )


def batches_of(states: torch.Tensor, *, seed: int, size: int = 2048) -> Iterator[torch.Tensor]:
    """Batches without end, each pass over the states in another order."""
    generator = torch.Generator().manual_seed(seed)
    while True:
        order = torch.randperm(len(states), generator=generator)
        for first in range(0, len(order) - size + 1, size):
            yield states[order[first : first + size]].float()
