"""What is done with the states of units as torch tensors: outliers, sentence means, batches."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch

from corpuscope.reader.masks import MaskPolicy
from corpuscope.reader.passages import PassageBatch
from corpuscope.tensor_shapes import (
    KeptStates,
    SentenceStates,
    States,
    TokenIds,
    TokenMask,
    UnitMask,
)

_TOKENS_PER_PIECE = 16_384


@dataclass(frozen=True, slots=True, eq=False)
class TensorBatch:
    """A padded batch of passages as tensors; see `PassageBatch`.

    Attributes:
        ids: Input ids.
        mask: Attention mask; padding is on the right.
        places: Positions of the counted tokens in the flattened batch.
        tokens: Indices of these among the load's counted tokens.
    """

    ids: TokenIds
    mask: TokenMask
    places: torch.Tensor
    tokens: torch.Tensor

    @classmethod
    def of(cls, batch: PassageBatch) -> "TensorBatch":
        """The tensors of a batch."""
        arrays = (batch.ids, batch.mask, batch.places, batch.tokens)
        return cls(*map(torch.from_numpy, arrays))


def usual(masks: MaskPolicy, layers: Sequence[States]) -> UnitMask | None:
    """Which units are not norm outliers at any of `layers`; None if all are not.

    Source: ours, after reports of states with norms a hundred times the median (METHODS 1.2).
    """
    if masks.outlier_norm is None or not layers or not len(layers[0]):
        return None
    found = torch.ones(len(layers[0]), dtype=torch.bool, device=layers[0].device)
    for states in layers:
        lengths = torch.linalg.vector_norm(states, dim=1, dtype=torch.float32)
        found &= lengths <= masks.outlier_norm * lengths.median()
    return None if bool(found.all()) else found


class TensorOperations:
    """The operations on states as tensors; see `protocol.Operations`."""

    def usual(self, masks: MaskPolicy, layers: Sequence[States]) -> npt.NDArray[np.bool_] | None:
        """Which units are not norm outliers at any of `layers`; None if all are not."""
        found = usual(masks, layers)
        return None if found is None else found.cpu().numpy()

    def kept(self, states: States, keep: npt.NDArray[np.bool_]) -> KeptStates:
        """The states of the units that are kept."""
        return states[torch.from_numpy(keep).to(states.device)]

    def means(self, states: States, starts: npt.NDArray[np.int64]) -> SentenceStates:
        """The mean over each run of units that starts at one of `starts`, in float32.

        `embedding_bag` is by far torch's fastest segmented mean.
        """
        means = torch.empty(len(starts), states.shape[1], device=states.device)
        ends = np.append(starts[1:], len(states))
        at = 0
        while at < len(starts):
            begin = int(starts[at])
            limit = begin + _TOKENS_PER_PIECE
            until = max(at + 1, int(np.searchsorted(ends, limit, side="right")))
            piece = states[begin : int(ends[until - 1])].float()
            offsets = torch.from_numpy(starts[at:until] - begin).to(states.device)
            means[at:until] = torch.nn.functional.embedding_bag(
                torch.arange(len(piece), device=states.device), piece, offsets, mode="mean"
            )
            at = until
        return means
