"""The dictionaries of a sweep, and what came of each."""

from dataclasses import dataclass

from corpuscope.sae.dictionary import Dictionary
from corpuscope.sae.evaluate import Evaluation
from corpuscope.sae.stability import Agreement
from corpuscope.training.label import NameScores


@dataclass(frozen=True, slots=True)
class GridRun:
    """One dictionary of a grid.

    Attributes:
        objective: Its name.
        sparsity: `k`, or the coefficient of the penalty.
        seed: Of the first weights.
        is_control: Whether the decoder stayed at its random first rows.
    """

    objective: str
    sparsity: float
    seed: int
    is_control: bool = False

    @property
    def name(self) -> str:
        """As its folder is called."""
        control = "-control" if self.is_control else ""
        return f"{self.objective}-{self.sparsity:g}-seed{self.seed}{control}"


@dataclass(frozen=True, eq=False)
class Swept:
    """What became of a cell.

    Attributes:
        cell: Which.
        evaluation: On held-out documents.
        names: How well its names tell contexts apart; None where none were asked for.
        agreement: How far the same cell with the next seed has its features; None with one seed.
        dictionary: As it was saved, with names if they were asked for.
        warnings: What looked wrong on the way.
    """

    cell: GridRun
    evaluation: Evaluation
    names: NameScores | None
    agreement: Agreement | None
    dictionary: Dictionary
    warnings: tuple[str, ...]
