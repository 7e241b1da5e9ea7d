"""Where a reader, a corpus and a trainer meet: states on disk, and dictionaries from them."""

from corpuscope.training.learn import Learned, learn
from corpuscope.training.read_states import read_states
from corpuscope.training.state_cache import StateCache, StateStream, Stream

__all__ = ["Learned", "StateCache", "StateStream", "Stream", "learn", "read_states"]
