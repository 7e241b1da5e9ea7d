"""Settings for reading texts and for training dictionaries."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from corpuscope.extraction.progress import Report
from corpuscope.reader.language_model import LanguageModel
from corpuscope.reader.sections import Context
from corpuscope.sae.config import StepReport

DEFAULT_UNITS = 1_000_000
"""Default number of units that `sweep` and `finetune` train on."""


@dataclass(frozen=True, kw_only=True)
class TrainingSettings:
    """How long and how fast dictionaries are trained.

    Attributes:
        n_units: How many units to train on; more than the corpus has means several epochs. None
            for 3 million in `train`, 1 million in `sweep` and `finetune`.
        batch_size: Units per step.
        learning_rate: Peak learning rate; None for the objective's default for a run of this
            length, and in `finetune` for a tenth of that.
        unit_norm: Whether states are normalised to unit length, layer by layer; `finetune`
            follows the dictionary.
        on_step: Callback after each step, with the name of the run and the step's report.
    """

    n_units: int | None = None
    batch_size: int = 2048
    learning_rate: float | None = None
    unit_norm: bool = False
    on_step: Callable[[str, StepReport], None] | None = None

    def n_steps(self, usual: int = DEFAULT_UNITS) -> int:
        """The number of batches; `usual` is the default number of units."""
        n_units = usual if self.n_units is None else self.n_units
        return max(1, n_units // self.batch_size)


@dataclass(frozen=True, kw_only=True)
class FinetuneSettings(TrainingSettings):
    """How a dictionary is finetuned.

    Attributes:
        renewed: Share of features that are reinitialised in random directions: those that fire
            least often on the new states.
        also_share: Share of each batch that comes from the corpus mixed in.
    """

    renewed: float = 0.0
    also_share: float = 0.2


@dataclass(frozen=True, kw_only=True)
class ReadingSettings:
    """How a language model reads the texts whose states are trained on.

    Attributes:
        reader: The language model; by default the built-in one, or the one that a dictionary
            names.
        context: What it sees at once: "sentence" or "passage"; `finetune` follows the
            dictionary.
        max_tokens: How many tokens it sees at once; by default 256, or the model's maximum if
            that is less.
        roles: Count only text of these roles; None counts all text, or follows the dictionary.
        max_units: Reading stops after this many units, which bounds disk use (twice the
            reader's width in bytes per unit). None reads everything.
        progress: Callback for progress; True draws a bar on standard error.
        device: Where to compute.
    """

    reader: LanguageModel | None = None
    context: Context = "sentence"
    max_tokens: int | None = None
    roles: Iterable[str] | None = None
    max_units: int | None = 10_000_000
    progress: Report | bool | None = None
    device: str = "auto"
