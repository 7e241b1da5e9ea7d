"""Stability: how far two autoencoders of the same states have the same features."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch

from corpuscope.errors import DictionaryError, NotEnoughData
from corpuscope.sae.model import SAE
from corpuscope.tensor_shapes import FeatureVectors

SAME_DIRECTION = 0.7
"""Above this cosine two decoder rows count as the same direction."""
ENOUGH_UNITS = 50_000
"""Beyond this many units overlaps hardly change."""
_ROWS = 1024


@dataclass(frozen=True, eq=False)
class Agreement:
    """Each live feature of one autoencoder, compared with its nearest neighbour in the other.

    Neighbours are nearest by cosine of decoder rows.

    Attributes:
        cosines: Decoder cosine of each live feature with its nearest neighbour.
        overlaps: Jaccard overlap of the units at which the two fire, 0 to 1.
        densities: Densities of the live features, on the units used.

    Source: after Paulo, Belrose, 2025, arXiv 2501.16615, with overlap of firing added.
    """

    cosines: npt.NDArray[np.float64]
    overlaps: npt.NDArray[np.float64]
    densities: npt.NDArray[np.float64]

    @property
    def cosine(self) -> float:
        """The mean decoder cosine over features."""
        return float(self.cosines.mean())

    @property
    def overlap(self) -> float:
        """The mean overlap over features."""
        return float(self.overlaps.mean())

    @property
    def weighted_overlap(self) -> float:
        """The mean overlap weighted by density, so that every firing counts the same."""
        return float(np.average(self.overlaps, weights=self.densities))

    @property
    def shared(self) -> float:
        """The share of features whose nearest neighbour has the same direction."""
        return float((self.cosines > SAME_DIRECTION).mean())

    def to_json(self) -> dict[str, float]:
        """The four summaries, as JSON values."""
        names = ("cosine", "shared", "overlap", "weighted_overlap")
        return {name: getattr(self, name) for name in names}


def agreement(one: SAE, other: SAE, batches: Iterable[torch.Tensor]) -> Agreement:
    """How far `other` has the features of `one`; not symmetric.

    Args:
        one: The autoencoder whose live features are compared.
        other: The autoencoder in which their nearest neighbours are found.
        batches: States, units x width; read once.

    Raises:
        DictionaryError: The two take states of different widths.
        NotEnoughData: There is no unit, or no feature of `one` fires.
    """
    if one.width != other.width:
        raise DictionaryError(
            f"autoencoders of widths {one.width} and {other.width}",
            expected="two autoencoders of the same states",
            next_step="compare dictionaries of one reader and layer",
        )
    cosines, nearest = _nearest(one.decoder, other.decoder)
    both = torch.zeros(one.n_features, dtype=torch.int64, device=one.encoder.device)
    fired, nearest_fired, n_units = both.clone(), both.clone(), 0
    for states in (some for batch in batches for some in torch.split(batch, _ROWS)):
        first = one.encode(states) > 0
        second = (other.encode(states) > 0)[:, nearest]
        both += (first & second).sum(dim=0)
        fired += first.sum(dim=0)
        nearest_fired += second.sum(dim=0)
        n_units += len(states)
    live = (fired > 0).cpu().numpy()
    if not live.any():
        raise NotEnoughData(
            f"{n_units} units at which no feature fires",
            expected="units at which some features fire",
            next_step="use more text",
        )
    # Jaccard index: intersection over union of the units at which the two fire.
    overlaps = (both / (fired + nearest_fired - both).clamp_min(1)).cpu().double().numpy()
    densities = (fired / n_units).cpu().double().numpy()
    return Agreement(cosines.cpu().double().numpy()[live], overlaps[live], densities[live])


def _nearest(one: FeatureVectors, other: FeatureVectors) -> tuple[torch.Tensor, torch.Tensor]:
    """For each row of `one` the largest cosine with a row of `other`, and which row that is."""
    rows = torch.nn.functional.normalize(other.float(), dim=1)
    found = [
        (torch.nn.functional.normalize(some.float(), dim=1) @ rows.T).max(dim=1)
        for some in torch.split(one, _ROWS)
    ]
    return torch.cat([f.values for f in found]), torch.cat([f.indices for f in found])
