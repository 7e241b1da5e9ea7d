"""Sentences of a planted kind are found in documents that nothing was learned from."""

import numpy as np
import pytest
import scipy.sparse as sp

from corpuscope.statistics.clusters.crossfit import CrossFitted, crossfitted

N, PER_DOCUMENT, N_FEATURES = 400, 4, 300


def world(seed: int, planted: float = 0.0) -> tuple[sp.csr_array, np.ndarray]:
    """Sentences with features by chance; a share of the target's first sentences is of a kind.

    The kind has twelve features, each in half of its sentences: no one tells it.
    """
    rng = np.random.default_rng(seed)
    has = rng.random((N * PER_DOCUMENT, N_FEATURES)) < 0.02
    firsts = np.arange(round(planted * N / 2)) * PER_DOCUMENT
    has[firsts[:, None], np.arange(12)] |= rng.random((len(firsts), 12)) < 0.5
    return sp.csr_array(has), (np.arange(N) < N / 2).astype(float)


def fitted(seed: int, planted: float = 0.0, **options: np.ndarray) -> CrossFitted:
    units, target = world(seed, planted)
    parts = np.random.default_rng(seed).permutation(N) % 5
    given = {"strata": np.zeros(N, dtype=int), "clusters": np.arange(N), "parts": parts}
    starts = np.arange(0, N * PER_DOCUMENT + 1, PER_DOCUMENT)
    return crossfitted(units, starts, target, **(given | options))


def counts(found: CrossFitted) -> tuple[int, int]:
    return int(found.has[: N // 2].sum()), int(found.has[N // 2 :].sum())


@pytest.mark.parametrize("seed", range(3))
def test_a_kind_that_is_spread_over_features_is_found(seed: int) -> None:
    found = fitted(seed, planted=0.2)
    target, reference = counts(found)
    assert target > reference + 12
    assert np.isin(np.argsort(-found.weights)[:8], np.arange(12)).sum() >= 5
    firsts = found.margins.reshape(N, PER_DOCUMENT)[: round(0.1 * N), 0] > 0
    assert firsts.mean() > 0.4


def test_where_nothing_differs_few_runs_are_sure() -> None:
    sure = []
    for seed in range(40):
        found = fitted(seed)
        target, reference = counts(found)
        rate = max((target + reference) / N, 1 / N)
        z = (target - reference) / (N / 2) / np.sqrt(rate * (1 - rate) * 4 / N) / found.inflation
        sure.append(z > 2.33)
    assert sum(sure) <= 2


def test_what_a_document_has_is_told_by_the_other_parts_alone() -> None:
    found = fitted(1, planted=0.2)
    units, _ = world(1, 0.2)
    for part, (weights, bar) in enumerate(found.models):
        here = found.parts == part
        best = np.asarray(units @ weights).reshape(N, PER_DOCUMENT).max(axis=1)[here]
        is_clear = np.abs(best - bar) > 1e-4 * bar
        assert np.array_equal(found.has[here][is_clear], best[is_clear] > bar)


def test_copies_in_one_part_are_told_the_same_whatever_belongs_together() -> None:
    units, target = world(2)
    chosen = np.repeat(np.arange(0, N, 5), 5)
    rows = (chosen[:, None] * PER_DOCUMENT + np.arange(PER_DOCUMENT)).ravel()
    options = {"strata": np.zeros(N, dtype=int), "parts": chosen // 5 % 5}
    starts = np.arange(0, N * PER_DOCUMENT + 1, PER_DOCUMENT)
    found = crossfitted(units[rows], starts, target[chosen], clusters=chosen, **options)
    alone = crossfitted(units[rows], starts, target[chosen], clusters=np.arange(N), **options)
    assert np.array_equal(found.has, alone.has)
    assert np.array_equal(found.has, np.repeat(found.has[::5], 5))


def test_documents_without_features_are_of_no_kind() -> None:
    found = crossfitted(
        sp.csr_array((6, 3), dtype=bool),
        np.arange(7),
        np.array([1.0, 1, 1, 0, 0, 0]),
        strata=np.zeros(6, dtype=int),
        clusters=np.arange(6),
        parts=np.arange(6) % 3,
    )
    assert not found.has.any()
    assert found.inflation >= 1
