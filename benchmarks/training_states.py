"""Token states of the built-in reader on the general corpus, for everything that is trained."""

from dataclasses import dataclass

import torch

from benchmarks.kinds import DATA
from benchmarks.results import CACHE
from corpuscope.corpus.corpus import Corpus
from corpuscope.corpus.read import read_corpus
from corpuscope.training.settings import ReadingSettings
from corpuscope.training.states.cache import StateCache
from corpuscope.training.states.files import Stream
from corpuscope.training.states.reading import read_states

SHARE, N_HELD_OUT = 0.06, 20_000


@dataclass(frozen=True, eq=False)
class TokenStates:
    """States in memory, centred and scaled to a mean square length of 1.

    Attributes:
        learned: What is learned from, in bfloat16.
        held_out: Of other documents, in float32.
    """

    learned: torch.Tensor
    held_out: torch.Tensor

    @property
    def width(self) -> int:
        """How long a state is."""
        return self.held_out.shape[1]


def general_corpus() -> Corpus:
    """All of it, in its own order."""
    return read_corpus(DATA / "general_corpus" / "documents.jsonl.gz")


def general_states(layer: int = 4) -> StateCache:
    """About 600,000 tokens drawn from the whole general corpus; read once and kept."""
    return read_states(
        general_corpus(),
        into=CACHE / f"general-{layer}.states",
        streams=[Stream("token", (layer,))],
        reading=ReadingSettings(max_units=None, progress=True),
        share=SHARE,
    )


def token_states(layer: int = 4) -> TokenStates:
    """The same in memory."""
    states = general_states(layer).stream(Stream("token", (layer,)))
    moments = states.moments(unit_norm=False)

    def scaled(rows: torch.Tensor) -> torch.Tensor:
        return (rows.float() - moments.mean) / moments.variance**0.5

    learned = next(states.batches(states.n_units))
    held_out = torch.cat(list(states.held_out()))[:N_HELD_OUT]
    parts = [scaled(part).bfloat16() for part in torch.split(learned, 100_000)]
    return TokenStates(torch.cat(parts), scaled(held_out))
