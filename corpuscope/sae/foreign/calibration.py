"""The threshold of a BatchTopK dictionary that was saved without one, from states."""

from collections.abc import Iterable

import torch

from corpuscope.errors import NotEnoughData
from corpuscope.sae.firing import BatchTopK
from corpuscope.sae.model import SAE


def calibrated_threshold(sae: SAE, batches: Iterable[torch.Tensor], *, k: int) -> float:
    """The mean over batches of the smallest activation that batch top-k keeps.

    Args:
        sae: The autoencoder with any firing rule, such as one opened with `k_per_token`.
        batches: States, units x width, of the size of batches in training: some thousand units.
        k: How many features fire per unit on average.

    Raises:
        NotEnoughData: No batch, or none in which a feature fires.

    Source: Bussmann et al., 2024, arXiv 2412.06410, section 3.
    """
    rule, smallest = BatchTopK(k), []
    for states in batches:
        kept = rule(sae.pre_activations(states))
        if bool((kept > 0).any()):
            smallest.append(float(kept[kept > 0].min()))
    if smallest:
        return sum(smallest) / len(smallest)
    raise NotEnoughData(
        "no batch of states in which a feature fires",
        expected="at least one",
        next_step="use more text, and check layer and reader",
    )
