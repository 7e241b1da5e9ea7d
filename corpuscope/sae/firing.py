"""Firing rules (activation functions): which pre-activations become activations.

A rule is a frozen value that is passed to the SAE. `BatchTopK` is for training only, since its
result depends on the rest of the batch; a trained dictionary uses `Threshold` instead.
"""

from dataclasses import dataclass

import torch

from corpuscope.tensor_shapes import Activations, PerFeatureTensor


@dataclass(frozen=True, slots=True)
class Relu:
    """Every positive pre-activation fires."""

    def __call__(self, pre: Activations) -> Activations:
        """The activations, as a dense tensor."""
        return torch.relu(pre)


@dataclass(frozen=True, slots=True)
class TopK:
    """The `k` largest positive pre-activations of each unit fire.

    Source: Gao et al., 2024, arXiv 2406.04093, section 2.3.
    """

    k: int

    def __call__(self, pre: Activations) -> Activations:
        """The activations; at most `k` of each row are above 0."""
        values, features = pre.relu().topk(min(self.k, pre.shape[1]), dim=1)
        return torch.zeros_like(pre).scatter_(1, features, values)


@dataclass(frozen=True, slots=True)
class BatchTopK:
    """The largest positive pre-activations of the whole batch fire, `k` per unit on average.

    Source: Bussmann, Leask, Nanda, 2024, arXiv 2412.06410, section 3.
    """

    k: int

    def __call__(self, pre: Activations) -> Activations:
        """The activations; at most `k` times the number of units are above 0."""
        positive = pre.relu()
        n_kept = min(self.k * len(pre), positive.numel())
        values, places = positive.flatten().topk(n_kept, sorted=False)
        return torch.zeros_like(positive).flatten().scatter_(0, places, values).view_as(pre)


@dataclass(frozen=True, slots=True)
class Threshold:
    """A pre-activation strictly above its feature's threshold fires unchanged (JumpReLU).

    Source: Rajamanoharan et al., 2024, arXiv 2407.14435, equation 3.
    """

    theta: PerFeatureTensor

    def __call__(self, pre: Activations) -> Activations:
        """The activations; 0 or above the feature's threshold."""
        return pre * (pre > self.theta.to(pre.dtype))


@dataclass(frozen=True, slots=True)
class GroupMax:
    """The largest positive pre-activation of each group of consecutive features fires.

    Attributes:
        n_groups: How many groups of equal size.

    Source: EleutherAI sparsify, `fused_encoder`, activation "groupmax".
    """

    n_groups: int

    def __call__(self, pre: Activations) -> Activations:
        """The activations; at most one of each group is above 0."""
        grouped: torch.Tensor = pre.relu().reshape(len(pre), self.n_groups, -1)
        values, places = grouped.max(dim=2, keepdim=True)
        return torch.zeros_like(grouped).scatter_(2, places, values).flatten(1)


FiringRule = Relu | TopK | BatchTopK | Threshold | GroupMax
