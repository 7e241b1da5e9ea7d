"""The built-in reader without torch: shipped weights, states as numpy arrays.

Sentences of one length are read together, so that nothing is padded and no mask is needed.
"""

from collections.abc import Callable, Sequence
from functools import cached_property
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from corpuscope.errors import ReaderError
from corpuscope.reader.arrays import ArrayOperations
from corpuscope.reader.engines.shipped_weights import FOLDER, TOKENIZER, shipped_revision
from corpuscope.reader.loading.builtin import BUILTIN_READER
from corpuscope.reader.passages import Load, PassageBatch, batches
from corpuscope.reader.threads import free_cores
from corpuscope.reader.tokens import (
    Frame,
    Tokens,
    frame_of,
    framed,
    tokenizer_digest,
    tokens_of,
)
from corpuscope.sites import Place, layer_of, site_of
from corpuscope.workers import Workers

Array = npt.NDArray[np.float32]

_MOST_TOKENS = 512
_SPECIAL = ("[PAD]", "[CLS]", "[SEP]", "[MASK]")


class Engine(Protocol):
    """What computes the states of the built-in reader."""

    @property
    def name(self) -> str:
        """Its name in provenance."""

    @property
    def dtype(self) -> str:
        """What products are computed in, "float32" or "bfloat16"."""

    @property
    def n_layers(self) -> int:
        """Number of layers."""

    @property
    def width(self) -> int:
        """Dimension of states."""

    def prepare(self, n_threads: int) -> int:
        """Compute with so many threads; how many calls then run side by side, one thread each."""

    def states(
        self, ids: npt.NDArray[np.int64], layers: Sequence[int], frame: tuple[int, int]
    ) -> list[Array]:
        """For each layer the states of texts of one length, without their frame.

        They may be overwritten by the next call in the same thread.

        Args:
            ids: Texts x positions.
            layers: After which layers.
            frame: How many positions before and after each text have no state.
        """

    def multiplier(self, matrix: Array) -> Callable[[Array], Array]:
        """A function from rows to `rows @ matrix.T`; its result lasts until the next call."""


class ArrayReader:
    """The built-in reader, whose states are numpy arrays.

    Args:
        engine: What computes them.
    """

    name = BUILTIN_READER
    is_local = False
    place_bytes = 4
    load_characters = 100_000
    good_batch_tokens = 2_048
    max_tokens = _MOST_TOKENS
    operations = ArrayOperations()

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.workers = Workers(1)

    @property
    def n_at_once(self) -> int:
        """Two loads, so that no worker waits while one is prepared or finished."""
        return min(2, self.workers.n)

    @cached_property
    def tokenizer(self) -> Any:
        """The tokenizer, of the library `tokenizers`; it has no chat template."""
        from tokenizers import Tokenizer

        return Tokenizer.from_file(str(FOLDER / TOKENIZER))

    @property
    def n_layers(self) -> int:
        """The number of blocks of the model."""
        return self.engine.n_layers

    @cached_property
    def special_ids(self) -> frozenset[int]:
        """The ids of special tokens, except the unknown one, which stands for real text."""
        return frozenset(self.tokenizer.token_to_id(name) for name in _SPECIAL)

    @property
    def pad_id(self) -> int:
        """The id at positions that hold no token."""
        return int(self.tokenizer.token_to_id("[PAD]"))

    @cached_property
    def frame(self) -> Frame:
        """The special tokens that the model expects before and after a text."""
        return frame_of(self.tokenizer)

    def framed(self, *, prepends_bos: bool | None) -> Frame:
        """The special tokens before and after a text, with or without that of its beginning."""
        bos = self.tokenizer.token_to_id("[CLS]")
        return framed(self.frame, bos, prepends_bos=prepends_bos, name=self.name)

    def tokenize(self, texts: Sequence[str]) -> Tokens:
        """The tokens of the texts with their character ranges, never truncated."""
        return tokens_of(self.tokenizer, texts, self.special_ids)

    def prepare(self) -> None:
        """Compute with the free cores."""
        self.workers = Workers(self.engine.prepare(free_cores()))

    def provenance(self) -> dict[str, Any]:
        """What of it the states depend on, as JSON values."""
        return {
            "name": self.name,
            "revision": shipped_revision(),
            "engine": self.engine.name,
            "dtype": self.engine.dtype,
            "device": "cpu",
            "tokenizer": tokenizer_digest(self.tokenizer),
        }

    def chat_provenance(self) -> dict[str, Any]:
        """Nothing more: it has no chat template."""
        return {}

    def check_layers(self, layers: Sequence[Place]) -> None:
        """Check that the model has these layers.

        Raises:
            ReaderError: It does not, no layer is given, or another site than the residual stream.
        """
        numbers = sorted({layer_of(place) for place in layers})
        if not layers or numbers[0] < 0 or numbers[-1] > self.n_layers:
            raise ReaderError(
                f"layers {numbers} of {self.name}",
                expected=f"layers from 0 to {self.n_layers}, at least one",
                next_step="choose layers in that range",
            )
        if others := sorted({site_of(one) for one in layers} - {"residual"}):
            raise ReaderError(
                f"the site {others[0]} with the engine {self.engine.name}",
                expected="states of the residual stream",
                next_step='read with torch: engine="torch" (--engine torch)',
            )

    def width_at(self, place: Place) -> int:
        """The dimension of states at a place."""
        self.check_layers([place])
        return self.engine.width

    def counted_states(
        self, load: Load, places: Sequence[Place], *, batch_tokens: int
    ) -> dict[Place, Array]:
        """For each place the states of the counted tokens of a load, in document order."""
        n = len(load.documents)
        found: dict[Place, Array] = {
            place: np.empty((n, self.engine.width), dtype=np.float32) for place in places
        }
        layers = [layer_of(place) for place in places]
        before, after = map(len, load.frame)

        def read(batch: PassageBatch) -> None:
            # Equal texts have equal states, and are read once.
            ids, again = np.unique(batch.ids, axis=0, return_inverse=True)
            states = self.engine.states(ids, layers, (before, after))
            rows, columns = np.divmod(batch.places, batch.ids.shape[1])
            for place, of_layer in zip(places, states, strict=True):
                # Batches are by length; `tokens` puts states back into document order.
                found[place][batch.tokens] = of_layer[again.ravel()[rows], columns - before]

        self.workers.each(read, batches(load, self, batch_tokens=batch_tokens, pads=False))
        return found
