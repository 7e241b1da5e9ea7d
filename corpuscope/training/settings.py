"""How texts are read and dictionaries are trained, beside what is trained."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from corpuscope.extraction.progress import Report
from corpuscope.reader.language_model import LanguageModel
from corpuscope.reader.sections import Context
from corpuscope.sae.config import StepReport

DEFAULT_UNITS = 1_000_000
"""How many units `sweep` and `finetune` train on, where nothing else is said."""


@dataclass(frozen=True, kw_only=True)
class TrainingSettings:
    """How long and how fast dictionaries are trained.

    Attributes:
        n_units: How many units they learn from; more than there are means several passes. None
            for 3 million in `train`, 1 million in `sweep` and `finetune`.
        batch_size: Units to a step.
        learning_rate: At its peak; None for what the objective suggests for so long a run, and
            in `finetune` for a tenth of that.
        unit_norm: Whether states are divided by their lengths, layer by layer; `finetune` does
            as the dictionary did.
        on_step: Is told the name of a run and what each of its steps saw.
    """

    n_units: int | None = None
    batch_size: int = 2048
    learning_rate: float | None = None
    unit_norm: bool = False
    on_step: Callable[[str, StepReport], None] | None = None

    def n_steps(self, usual: int = DEFAULT_UNITS) -> int:
        """How many batches that is, of `usual` units where none are said."""
        n_units = usual if self.n_units is None else self.n_units
        return max(1, n_units // self.batch_size)


@dataclass(frozen=True, kw_only=True)
class FinetuneSettings(TrainingSettings):
    """How a dictionary goes on training.

    Attributes:
        renewed: Share of the features that begin anew in random directions: those that fire at
            the fewest of the new states.
        also_share: Of each batch the share that comes from the corpus that is mixed in.
    """

    renewed: float = 0.0
    also_share: float = 0.2


@dataclass(frozen=True, kw_only=True)
class ReadingSettings:
    """How a language model reads the texts whose states are learned from.

    Attributes:
        reader: The language model; by default the built-in one, or the one that a dictionary
            names.
        context: What it sees at once: "sentence" or "passage"; `finetune` does as the
            dictionary says.
        max_tokens: How many tokens it sees at once; by default 256, or fewer where it can see
            no more.
        roles: Only what these roles say counts; None counts all text, or what a dictionary says.
        max_units: Reading stops at so many units; bounds the room on disk, which is twice the
            reader's width in bytes for each. None reads it all.
        progress: Is told how far reading has come; True draws a bar on standard error.
        device: Where to compute.
    """

    reader: LanguageModel | None = None
    context: Context = "sentence"
    max_tokens: int | None = None
    roles: Iterable[str] | None = None
    max_units: int | None = 10_000_000
    progress: Report | bool | None = None
    device: str = "auto"
