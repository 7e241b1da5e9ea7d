"""The runs of a sweep, and the result of each."""

from dataclasses import dataclass

from corpuscope.sae.dictionary import Dictionary
from corpuscope.sae.evaluate import Evaluation
from corpuscope.sae.stability import Agreement
from corpuscope.training.label import NameScores


@dataclass(frozen=True, slots=True)
class GridRun:
    """One run of a grid.

    Attributes:
        objective: Its name.
        sparsity: `k`, or the coefficient of the penalty.
        seed: Seed of the initial weights.
        is_control: Whether the decoder is frozen at its random initialisation.
    """

    objective: str
    sparsity: float
    seed: int
    is_control: bool = False

    @property
    def name(self) -> str:
        """The name of its folder."""
        control = "-control" if self.is_control else ""
        return f"{self.objective}-{self.sparsity:g}-seed{self.seed}{control}"


@dataclass(frozen=True, eq=False)
class Swept:
    """The result of one run of a grid.

    Attributes:
        cell: Which run.
        evaluation: On held-out documents.
        names: How well its feature labels predict contexts; None if labels were not requested.
        agreement: How far the run with the next seed has the same features; None with one seed.
        dictionary: As saved, with labels if they were requested.
        warnings: Problems seen during training.
    """

    cell: GridRun
    evaluation: Evaluation
    names: NameScores | None
    agreement: Agreement | None
    dictionary: Dictionary
    warnings: tuple[str, ...]
