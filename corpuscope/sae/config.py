"""The inputs and outputs of training: recipes, moments of states, step reports."""

from dataclasses import dataclass

from corpuscope.sae.objectives import Objective
from corpuscope.tensor_shapes import States, Vector


@dataclass(frozen=True, slots=True)
class Recipe:
    """Hyperparameters of a training run.

    Attributes:
        n_features: How many features.
        objective: The firing rule, the loss and their settings.
        n_steps: How many batches.
        batch_size: Units per batch.
        learning_rate: Adam's peak learning rate; None for the objective's default.
        decoder_rate: The decoder's learning rate as a multiple of that of the other weights.
        first_encoder: Initial norm of encoder rows, which start in the decoder's directions.
        warm_up: Share of the steps over which the learning rate rises.
        decay_from: Share of the steps after which it decays linearly to 0.
        penalty_warm_up: Share of the steps over which the sparsity penalty rises.
        unit_norm: Whether states are first normalised to unit length, layer by layer.
        n_layers: How many layers' states are concatenated.
        dead_after: Units without firing after which a feature counts as dead; None for a
            fiftieth of the run, at least 25 batches and at most 10 million units.
        revival_weight: Weight of the loss that revives dead features (AuxK), for objectives
            that use it.
        frozen_decoder: Whether the decoder stays at its random initialisation: a control with
            the same size and sparsity, but without learned directions.
        bf16: Whether encoder products are computed in bfloat16. Weights, moments and thresholds
            are float32 in any case.
        seed: Seed of the initial weights.
    """

    n_features: int
    objective: Objective
    n_steps: int = 1000
    batch_size: int = 2048
    learning_rate: float | None = None
    decoder_rate: float = 3.0
    first_encoder: float = 0.3
    warm_up: float = 0.2
    decay_from: float = 0.4
    penalty_warm_up: float = 0.05
    unit_norm: bool = False
    n_layers: int = 1
    dead_after: int | None = None
    revival_weight: float = 1 / 32
    frozen_decoder: bool = False
    bf16: bool = False
    seed: int = 0

    @property
    def height(self) -> float:
        """The peak learning rate."""
        return self.learning_rate or self.objective.learning_rate(self.n_features, self.n_steps)

    @property
    def n_until_dead(self) -> int:
        """Units without firing after which a feature counts as dead."""
        if self.dead_after is not None:
            return self.dead_after
        n_units = self.n_steps * self.batch_size
        return min(10_000_000, max(25 * self.batch_size, n_units // 50))


@dataclass(frozen=True, slots=True)
class StepReport:
    """Metrics of a training step, on its batch.

    Attributes:
        step: Which, from 0.
        n_steps: Of how many.
        loss: The total loss.
        unexplained: Unexplained variance (FVU).
        l0: Mean number of active features per unit.
        n_dead: How many features are dead.
        learning_rate: The learning rate of this step.
    """

    step: int
    n_steps: int
    loss: float
    unexplained: float
    l0: float
    n_dead: int
    learning_rate: float


@dataclass(frozen=True, slots=True, eq=False)
class Moments:
    """The mean of the states, and their mean squared distance from it (total variance).

    Training divides all states by one number, so that this variance is 1.
    """

    mean: Vector
    variance: float

    @staticmethod
    def of(states: States) -> "Moments":
        """The moments of these states."""
        exact = states.double()
        mean = exact.mean(dim=0)
        return Moments(mean.float(), float((exact - mean).square().sum(dim=1).mean()))
