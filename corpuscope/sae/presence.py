"""Densities of features, and the strengths above which they count as present in a document."""

from collections.abc import Iterable

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp
import torch

from corpuscope.sae.model import SAE

LEVELS = {"token": 0.8, "sentence": 0.5}
"""By unit: a feature is present above this share of the 95th percentile of its activations;
`docs/builtin-dictionary.md` has the measurements."""
DEAD = 60_000.0
"""The threshold of a feature that fires too rarely to set one, near the largest float16."""
_FEWEST = 5
_PERCENTILE = 0.95


def densities_and_thresholds(
    sae: SAE, batches: Iterable[torch.Tensor], *, level: float
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """For each feature its density, and its presence threshold.

    Args:
        sae: The autoencoder.
        batches: States, units x width.
        level: A feature is present above this share of the 95th percentile of its activations.
            A feature that fires on fewer than five units gets the threshold `DEAD`.

    Returns:
        Densities (shares of units, 0 to 1) and thresholds (strengths), one per feature.
    """
    kept: list[list[npt.NDArray[np.float32]]] = [[] for _ in range(sae.n_features)]
    n_units = 0
    for states in batches:
        columns = sp.csc_array(sae.encode(states.float()).cpu().numpy())
        n_units += len(states)
        for feature in np.flatnonzero(np.diff(columns.indptr)):
            kept[feature].append(columns.data[slice(*columns.indptr[feature : feature + 2])])
    density, threshold = np.zeros(sae.n_features), np.full(sae.n_features, DEAD)
    for number, pieces in enumerate(kept):
        values = np.concatenate(pieces) if pieces else np.empty(0, np.float32)
        density[number] = len(values) / max(1, n_units)
        if len(values) >= _FEWEST:
            # Over firing units only: the sparse columns do not store zeros.
            threshold[number] = level * np.quantile(values, _PERCENTILE)
    return density, threshold
