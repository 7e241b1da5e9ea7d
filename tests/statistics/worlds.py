"""Worlds whose truth is known: documents of random length in which features fire by chance."""

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp

from corpuscope.statistics.rates.counts import StratumCounts

Numbers = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]


def lognormal_lengths(n: int, *, seed: int, spread: float = 0.6) -> Integers:
    drawn = np.exp(np.random.default_rng(seed).normal(np.log(150), spread, n))
    return np.maximum(drawn.astype(np.int64), 2)


def fires(lengths: Integers, densities: Numbers, *, seed: int) -> Flags:
    """Presence when each token fires each feature independently."""
    chance = -np.expm1(-np.outer(lengths, densities))
    present: Flags = np.random.default_rng(seed).random(chance.shape) < chance
    return present


def densities(n: int) -> Numbers:
    return np.exp(np.linspace(np.log(0.0005), np.log(0.05), n))


def one_stratum(x1: Integers, n1: int, x2: Integers, n2: int) -> StratumCounts:
    return StratumCounts(x1[None], x2[None], np.array([n1]), np.array([n2]))


def sparse(rows: object) -> sp.csr_array:
    return sp.csr_array(np.asarray(rows))
