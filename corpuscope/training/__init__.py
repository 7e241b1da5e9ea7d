"""Where a reader, a corpus and a trainer meet: states on disk, and dictionaries from them."""

from corpuscope.training.judge import evaluate
from corpuscope.training.learn import Learned, learn
from corpuscope.training.read_states import read_states
from corpuscope.training.state_cache import StateCache, StateStream, Stream
from corpuscope.training.train import train

__all__ = [
    "Learned",
    "StateCache",
    "StateStream",
    "Stream",
    "evaluate",
    "learn",
    "read_states",
    "train",
]
