"""What learning is told, and what it tells: recipes, moments of states, reports of steps."""

from dataclasses import dataclass

from corpuscope.sae.objectives import Objective
from corpuscope.tensor_shapes import States, Vector


@dataclass(frozen=True, slots=True)
class Recipe:
    """How to learn a dictionary.

    Attributes:
        n_features: How many features.
        objective: The firing rule, the loss and their settings.
        n_steps: How many batches.
        batch_size: How many units a step learns from.
        learning_rate: Of Adam at its height; None for what the objective suggests.
        decoder_rate: The decoder's learning rate as a multiple of that of the other weights.
        first_encoder: How long the encoder's rows are at first; in the decoder's directions.
        warm_up: Share of the steps over which the learning rate rises.
        decay_from: Share of the steps after which it falls to 0, in a straight line.
        penalty_warm_up: Share of the steps over which the sparsity penalty rises.
        unit_norm: Whether each state is divided by its length first, layer by layer.
        n_layers: How many layers' states are put end to end in one.
        dead_after: Units seen without firing after which a feature counts as dead; None for a
            fiftieth of the run, at least 25 batches and at most 10 million.
        revival_weight: Of the loss that revives dead features, where the objective has it.
        frozen_decoder: Whether the decoder stays as it was drawn: a control, with as many
            features and as sparse, that has learned no directions.
        bf16: Whether the encoder's products are computed in bfloat16. Weights, moments and
            thresholds are float32 in any case.
        seed: Of the initial weights.
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
        """The learning rate at its height."""
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
    """What a step saw.

    Attributes:
        step: Which, from 0.
        n_steps: Of how many.
        loss: What was lowered.
        unexplained: The share of the batch's variance that is left over.
        l0: How many features fired for each unit, on average.
        n_dead: How many features are dead.
        learning_rate: Of this step.
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
    """What is known of the states before learning: their mean, and the mean square distance to it.

    States are scaled so that this distance is 1, by the same number for all.
    """

    mean: Vector
    variance: float

    @staticmethod
    def of(states: States) -> "Moments":
        """Of these states."""
        exact = states.double()
        mean = exact.mean(dim=0)
        return Moments(mean.float(), float((exact - mean).square().sum(dim=1).mean()))
