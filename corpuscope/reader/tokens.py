"""From texts to tokens, by a tokenizer of the library `tokenizers`; needs no torch."""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from corpuscope.errors import ReaderError

Frame = tuple[list[int], list[int]]
"""The special tokens before and after a passage."""


@dataclass(frozen=True, slots=True, eq=False)
class Tokens:
    """The tokens of some texts, concatenated, without special tokens added at the ends.

    Attributes:
        ids: Input ids.
        starts: The first character of each token in its text.
        ends: The character after the last of each token.
        texts: The text of each token, by number.
        is_special: Whether it is one of the tokenizer's special tokens, except the unknown one.
    """

    ids: npt.NDArray[np.int64]
    starts: npt.NDArray[np.int64]
    ends: npt.NDArray[np.int64]
    texts: npt.NDArray[np.int64]
    is_special: npt.NDArray[np.bool_]


class Tokenizing(Protocol):
    """What makes tokens of texts; readers do."""

    @property
    def frame(self) -> Frame:
        """The special tokens before and after a text."""

    @property
    def pad_id(self) -> int:
        """The id at positions that hold no token."""

    def tokenize(self, texts: Sequence[str]) -> Tokens:
        """The tokens of the texts with their character ranges, never truncated."""


def tokens_of(backend: Any, texts: Sequence[str], special_ids: Iterable[int]) -> Tokens:
    """The tokens of the texts with their character ranges, never truncated.

    Byte-level tokens that share a character all get the union of their ranges.

    Args:
        backend: The tokenizer.
        texts: Texts.
        special_ids: The ids of its special tokens.
    """
    found = encoded(backend, texts)
    lengths = np.fromiter((len(text) for text in found), np.int64, len(found))
    ids = _chained((text.ids for text in found), int(lengths.sum()))
    flat = chain.from_iterable(chain.from_iterable(text.offsets for text in found))
    offsets = np.fromiter(flat, np.int64, 2 * len(ids)).reshape(-1, 2)
    owners = np.repeat(np.arange(len(found)), lengths)
    starts, ends = _merged(offsets[:, 0], offsets[:, 1], owners)
    return Tokens(ids, starts, ends, owners, np.isin(ids, sorted(special_ids)))


def encoded(backend: Any, texts: Sequence[str], *, add_special_tokens: bool = False) -> Any:
    """What the tokenizer makes of each text, whole and without padding."""
    # Truncation and padding are state of the tokenizer that others may have set.
    backend.no_truncation()
    backend.no_padding()
    return backend.encode_batch(list(texts), add_special_tokens=add_special_tokens)


def frame_of(backend: Any) -> Frame:
    """The special tokens that the tokenizer puts before and after a text."""
    # Encode a text with and without special tokens, and see what surrounds it.
    bare = encoded(backend, ["a"])[0].ids
    framed = encoded(backend, ["a"], add_special_tokens=True)[0].ids
    for start in range(len(framed) - len(bare) + 1):
        if framed[start : start + len(bare)] == bare:
            return framed[:start], framed[start + len(bare) :]
    return [], []


def framed(frame: Frame, bos: int | None, *, prepends_bos: bool | None, name: str) -> Frame:
    """The special tokens before and after a text, with or without that of its beginning.

    Args:
        frame: Those that the tokenizer puts there.
        bos: The token of the beginning of a text; None if there is none.
        prepends_bos: None leaves this to the tokenizer.
        name: The reader's name, for messages.

    Raises:
        ReaderError: There is no token for the beginning of a text.
    """
    before, after = frame
    if prepends_bos and bos is None:
        raise ReaderError(
            f"the tokenizer of {name} has no token for the beginning of a text",
            expected="one, since the dictionary was trained with it",
            next_step="set the tokenizer's bos_token, or prepends_bos of the dictionary to None",
        )
    if prepends_bos and bos is not None and bos not in before:
        return [bos, *before], after
    if prepends_bos is False:
        return [token for token in before if token != bos], after
    return before, after


def tokenizer_digest(backend: Any) -> str:
    """A hash of the tokenizer's configuration."""
    encoded(backend, [])
    return hashlib.blake2b(backend.to_str().encode(), digest_size=16).hexdigest()


def _chained(lists: Iterable[list[int]], length: int) -> npt.NDArray[np.int64]:
    return np.fromiter(chain.from_iterable(lists), np.int64, length)


def _merged(
    starts: npt.NDArray[np.int64], ends: npt.NDArray[np.int64], texts: npt.NDArray[np.int64]
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """The spans, with those that overlap replaced by their union."""
    # Byte-level tokens of one character have the same or overlapping offsets.
    overlaps = (starts[1:] < ends[:-1]) & (texts[1:] == texts[:-1])
    if not overlaps.any():
        return starts, ends
    groups = np.concatenate([[0], np.cumsum(~overlaps)])
    firsts = np.concatenate([[0], np.flatnonzero(~overlaps) + 1])
    return np.minimum.reduceat(starts, firsts)[groups], np.maximum.reduceat(ends, firsts)[groups]
