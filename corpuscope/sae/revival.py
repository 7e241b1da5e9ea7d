"""The loss that revives dead features (AuxK)."""

import math
from collections.abc import Mapping

import torch

from corpuscope.tensor_shapes import States


def revival_loss(
    weights: Mapping[str, torch.Tensor], centred: States, left: States, dead: torch.Tensor
) -> torch.Tensor:
    """The unexplained variance of the residual, when reconstructed by dead features alone.

    Per unit the k_aux dead features of largest pre-activation are used, k_aux being the power of
    two nearest to half the width. 0 is a perfect reconstruction, 1 no better than the mean.

    Args:
        weights: Weights of the autoencoder.
        centred: States minus the decoder bias, detached.
        left: The residual of the main reconstruction, detached.
        dead: Which features are dead; at least one.

    Source: Gao et al., 2024, arXiv 2406.04093, appendix A.2.
    """
    which = torch.nonzero(dead).squeeze(1)
    k = min(1 << round(math.log2(max(1.0, centred.shape[1] / 2))), len(which))
    pre = centred @ weights["encoder"][which].T + weights["encoder_bias"][which]
    values, places = torch.relu(pre).topk(k, dim=1)
    # A sparse product: only k rows of the decoder per unit.
    guess = torch.nn.functional.embedding_bag(
        which[places], weights["decoder"], mode="sum", per_sample_weights=values
    )
    error = (left - guess).square().sum()
    return error / (left - left.mean(dim=0)).square().sum().clamp_min(1e-12)
