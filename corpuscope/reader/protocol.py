"""What a reader offers, whatever computes its states."""

from collections.abc import Sequence
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from corpuscope.reader.masks import MaskPolicy
from corpuscope.reader.passages import Load
from corpuscope.reader.tokens import Frame, Tokenizing
from corpuscope.sites import Place

AnyStates = Any
"""One vector for each unit: a numpy array, or a tensor where torch reads."""


class Operations(Protocol):
    """What is done with states between reader and dictionary."""

    def usual(self, masks: MaskPolicy, layers: Sequence[AnyStates]) -> npt.NDArray[np.bool_] | None:
        """Which units are not norm outliers at any of `layers`; None if all are not."""

    def kept(self, states: AnyStates, keep: npt.NDArray[np.bool_]) -> AnyStates:
        """The states of the units that are kept."""

    def means(self, states: AnyStates, starts: npt.NDArray[np.int64]) -> AnyStates:
        """The mean over each run of units that starts at one of `starts`, in float32."""


class Reader(Tokenizing, Protocol):
    """A language model that returns the states of its layers."""

    @property
    def name(self) -> str:
        """Its name in provenance."""

    @property
    def is_local(self) -> bool:
        """Whether it is known by the name of a folder or a file."""

    @property
    def n_layers(self) -> int:
        """The number of blocks of the model."""

    @property
    def max_tokens(self) -> int:
        """The context length of the model, including special tokens."""

    @property
    def good_batch_tokens(self) -> int:
        """The default number of tokens per batch."""

    @property
    def n_at_once(self) -> int:
        """How many loads are read side by side, one thread each; 1 if a load takes all."""

    @property
    def load_characters(self) -> int:
        """About how many characters are read as one load; more make better batches."""

    @property
    def place_bytes(self) -> int:
        """Bytes of each number of a state."""

    @property
    def tokenizer(self) -> Any:
        """The tokenizer, with the chat template if it has one."""

    @property
    def operations(self) -> Operations:
        """What is done with its states."""

    def provenance(self) -> dict[str, Any]:
        """What of it the states depend on, as JSON values."""

    def chat_provenance(self) -> dict[str, Any]:
        """What of it states of chats depend on beside that, as JSON values."""

    def prepare(self) -> None:
        """Decide how many threads compute, before the first load is read."""

    def framed(self, *, prepends_bos: bool | None) -> Frame:
        """The special tokens before and after a text, with or without that of its beginning."""

    def check_layers(self, layers: Sequence[Place]) -> None:
        """Check that the model has these layers, and sites in them."""

    def width_at(self, place: Place) -> int:
        """The dimension of states at a place."""

    def counted_states(
        self, load: Load, places: Sequence[Place], *, batch_tokens: int
    ) -> dict[Place, AnyStates]:
        """For each place the states of the counted tokens of a load, in document order."""
