"""Where a feature lies among all features of the store."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from corpuscope.analyses.describe.described_store import DescribedStore
from corpuscope.analyses.describe.histograms import Histogram, histogram


@dataclass(frozen=True)
class Place:
    """Where a number of a feature lies among those of all features that are present anywhere.

    Attributes:
        value: The feature's own number.
        rank: The share of features with a smaller one, in [0, 1].
        among: The numbers of all.
    """

    value: float
    rank: float
    among: Histogram


def place_of_rate(here: DescribedStore, rate: float) -> Place | None:
    """Where a rate lies among the rates of all dictionary features; None if none is present."""
    return _place(here.n_present[here.n_present > 0] / max(here.n_documents, 1), rate)


def place_of_density(here: DescribedStore, feature: int) -> Place | None:
    """Where a feature's density lies; None if the store does not know it."""
    density = float(here.densities[feature])
    return None if np.isnan(density) else _place(here.densities[here.n_present > 0], density)


def _place(every: npt.NDArray[np.float64], value: float) -> Place | None:
    known = every[np.isfinite(every)]
    among = histogram(known)
    return None if among is None else Place(value, float(np.mean(known < value)), among)
