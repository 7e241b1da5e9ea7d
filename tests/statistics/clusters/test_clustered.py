"""Tests that count clusters hold their promise, and find what is there."""

import numpy as np
import numpy.typing as npt
import pytest
import scipy.sparse as sp
from scipy.special import expit, logit

from corpuscope.statistics.clusters.clustered import (
    calibrated,
    clustered_p,
    design_effect,
    variance_inflation,
)
from corpuscope.statistics.rates.rate_tests import two_rates_p
from corpuscope.statistics.slopes.trends import trend_p

Numbers = npt.NDArray[np.int64]

ALIKE = ([20] * 20, [20] * 20)
FEW = ([80] * 5, [80] * 5)
UNLIKE = ([80] * 5, [4] * 100)


def authors(
    sizes: tuple[list[int], list[int]], seed: int, *, n_features: int = 800, spread: float = 0.8
) -> tuple[sp.csr_array, npt.NDArray[np.float64], Numbers]:
    """Presence, groups and authors; each author has a rate of his own in each feature."""
    rng = np.random.default_rng(seed)
    every = sizes[0] + sizes[1]
    author = np.repeat(np.arange(len(every)), every)
    is_target = (author < len(sizes[0])).astype(float)
    rate = np.exp(rng.uniform(np.log(0.02), np.log(0.5), n_features))
    own = logit(rate) + rng.normal(0, spread, (len(every), n_features))
    return (
        sp.csr_array(rng.random((len(author), n_features)) < expit(own)[author]),
        is_target,
        author,
    )


def p_of(presence: sp.csr_array, is_target: npt.NDArray[np.float64], author: Numbers) -> Numbers:
    strata = np.zeros(len(author), dtype=np.int64)
    known = calibrated(presence, is_target, strata=strata, clusters=author)
    found: Numbers = clustered_p(
        presence, is_target, strata=strata, clusters=author, calibration=known
    )
    return found


@pytest.mark.parametrize("sizes", [ALIKE, FEW, UNLIKE], ids=["20 x 20", "5 x 80", "unlike"])
def test_authors_of_one_world_do_not_differ(sizes: tuple[list[int], list[int]]) -> None:
    shares = np.array(
        [
            [(p < 0.05).mean(), (p < 0.001).mean(), p.min() * p.shape[0] < 0.05]
            for p in (p_of(*authors(sizes, seed)) for seed in range(12))
        ]
    ).mean(axis=0)
    assert shares[0] < 0.065
    assert shares[1] < 0.003
    assert shares[2] <= 2 / 12


def test_documents_taken_as_independent_differ_in_the_same_worlds() -> None:
    presence, is_target, _ = authors(ALIKE, 0)
    counts = [np.asarray(presence[is_target == side].sum(axis=0)) for side in (1, 0)]
    assert (two_rates_p(counts[0], 400, counts[1], 400) < 0.001).mean() > 0.01


def test_without_likeness_it_says_nearly_what_the_usual_test_says() -> None:
    presence, is_target, author = authors(([4] * 100, [4] * 100), 1, spread=0.0)
    counts = [np.asarray(presence[is_target == side].sum(axis=0)) for side in (1, 0)]
    usual = two_rates_p(counts[0], 400, counts[1], 400)
    found = p_of(presence, is_target, author)
    assert np.corrcoef(np.log(usual), np.log(found))[0, 1] > 0.9
    assert np.median(found / usual) == pytest.approx(1, abs=0.15)


@pytest.mark.parametrize("sizes", [ALIKE, FEW], ids=["20 x 20", "5 x 80"])
def test_what_all_authors_of_a_side_do_is_found(sizes: tuple[list[int], list[int]]) -> None:
    presence, is_target, author = authors(sizes, 2)
    rng = np.random.default_rng(0)
    dense = presence.toarray()
    dense[:, 0] = rng.random(len(author)) < np.where(is_target == 1, 0.7, 0.05)
    p = p_of(sp.csr_array(dense), is_target, author)
    assert p.argmin() == 0
    assert p[0] < 1e-4


def test_what_one_author_does_in_all_his_texts_is_no_difference() -> None:
    presence, is_target, author = authors(ALIKE, 3)
    dense = presence.toarray()
    dense[:, 0] = author == 0
    assert p_of(sp.csr_array(dense), is_target, author)[0] > 0.1


def test_order_of_documents_and_names_of_clusters_do_not_matter() -> None:
    presence, is_target, author = authors(UNLIKE, 4, n_features=50)
    order = np.random.default_rng(1).permutation(len(author))
    there = p_of(presence, is_target, author)
    back = p_of(sp.csr_array(presence[order]), is_target[order], (1000 - author)[order])
    assert there == pytest.approx(back, rel=1e-3)


def test_of_prompts_with_several_answers_the_prompts_count() -> None:
    """Answers of one group to one prompt are alike; to shuffle them alone is no test."""
    rng = np.random.default_rng(5)
    prompt, is_target = np.repeat(np.arange(40), 20), np.tile(np.repeat([1.0, 0.0], 10), 40)
    both = 2 * prompt + is_target.astype(int)
    own = rng.normal(0, 0.8, (40, 600))[prompt] + rng.normal(0, 0.6, (80, 600))[both]
    presence = sp.csr_array(rng.random((800, 600)) < expit(own - 1))
    known = calibrated(presence, is_target, strata=prompt, clusters=prompt)
    p = clustered_p(presence, is_target, strata=prompt, clusters=prompt, calibration=known)
    shuffled = trend_p(presence, is_target.astype(int), strata=prompt)
    assert (shuffled < 0.05).mean() > 0.08
    assert (p < 0.05).mean() == pytest.approx(0.05, abs=0.02)


def test_the_variance_is_inflated_as_the_sizes_say() -> None:
    """Where all documents of a cluster say one thing, by the size of the clusters."""
    rng = np.random.default_rng(6)
    author = np.repeat(np.arange(60), 5)
    is_target = (author < 30).astype(float)
    same = sp.csr_array((rng.random((60, 400)) < 0.3)[author])
    strata = np.zeros(300, dtype=np.int64)
    told = {"strata": strata, "clusters": author}
    assert variance_inflation(same, is_target, **told) == pytest.approx(5, abs=0.4)
    known = calibrated(same, is_target, **told)
    effect = design_effect(same, is_target, **told, calibration=known)
    assert np.median(effect) == pytest.approx(5, abs=0.5)
    apart = sp.csr_array(rng.random((300, 400)) < 0.3)
    assert variance_inflation(apart, is_target, **told) == pytest.approx(1, abs=0.1)


def test_no_feature_and_features_of_all_or_none_are_no_trouble() -> None:
    author = np.repeat(np.arange(12), 3)
    is_target = (author < 6).astype(float)
    presence = sp.csr_array(np.column_stack([np.ones(36), np.zeros(36)]))
    assert p_of(presence, is_target, author).tolist() == [1.0, 1.0]
    nothing = sp.csr_array((36, 0))
    strata = np.zeros(36, dtype=np.int64)
    assert calibrated(nothing, is_target, strata=strata, clusters=author).drawn is None
    assert len(p_of(nothing, is_target, author)) == 0


@pytest.mark.parametrize("alike", [0.0, 0.5, 0.95])
def test_what_is_compared_within_clusters_does_not_hang_on_a_few_others(alike: float) -> None:
    """Texts in all of four groups, and two in one group alone, of other sizes."""
    rng = np.random.default_rng(0)
    position = np.concatenate([np.tile(np.arange(4.0), 200), [2, 2, 2, 0]])
    text = np.concatenate([np.repeat(np.arange(200), 4), [200, 200, 200, 201]])
    strata = np.zeros(len(text), dtype=np.int64)
    of_text, own = rng.random((202, 400)) < 0.3, rng.random((len(text), 400)) < 0.3
    has = np.where(rng.random(own.shape) < alike, of_text[text], own)
    has[:, 0] = rng.random(len(text)) < 0.1 + 0.2 * position
    design = {"strata": strata, "clusters": text}
    p = clustered_p(sp.csr_array(has), position, **design)
    assert p[0] < 1e-6
    assert 0.02 < (p[1:] < 0.05).mean() < 0.09
