"""The loss that revives dead features (AuxK)."""

import math
from collections.abc import Mapping

import torch

from corpuscope.tensor_shapes import States


def revival_loss(
    weights: Mapping[str, torch.Tensor], centred: States, left: States, dead: torch.Tensor
) -> torch.Tensor:
    """How badly the dead features, taken alone, explain what the living leave over.

    Of the dead the largest pre-activations count, as many for each unit as a power of two near
    half of the width. 0 explains it all, 1 is no better than its mean.

    Args:
        weights: Of the dictionary.
        centred: The states less the decoder's bias, without gradient.
        left: What the reconstruction leaves over, without gradient.
        dead: Which features are dead; at least one.

    Source: Gao et al., 2024, arXiv 2406.04093, appendix A.2.
    """
    which = torch.nonzero(dead).squeeze(1)
    k = min(1 << round(math.log2(max(1.0, centred.shape[1] / 2))), len(which))
    pre = centred @ weights["encoder"][which].T + weights["encoder_bias"][which]
    values, places = torch.relu(pre).topk(k, dim=1)
    guess = torch.nn.functional.embedding_bag(
        which[places], weights["decoder"], mode="sum", per_sample_weights=values
    )
    error = (left - guess).square().sum()
    return error / (left - left.mean(dim=0)).square().sum().clamp_min(1e-12)
