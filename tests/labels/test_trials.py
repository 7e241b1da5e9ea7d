"""Traits of a feature's contexts against those elsewhere: shares, credit and z, by hand."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from corpuscope.labels.label import Clause, Label
from corpuscope.labels.score import score_label
from corpuscope.labels.traits.trait_table import Background
from corpuscope.labels.trials import TraitContrast, binary_credit, quantile_weights
from tests.labels.worlds import sentence

HERE = ("The river?", "A river.", "The zebra?")
THERE = ("The bridge.", "The river.", "A market?", "The garden.", "No way.", "A river?")
IS_WITHOUT = np.array([True, True, True, True, False, False])


@pytest.fixture
def contrast() -> TraitContrast:
    background = Background.of(
        [replace(sentence(text), row=row) for row, text in enumerate(THERE)], "sentence"
    )
    table = background.traits.table([sentence(text) for text in HERE])
    return TraitContrast(table, np.array([0.5, 0.3, 0.2]), background, IS_WITHOUT)


def at(contrast: TraitContrast, trait: str) -> int:
    names = [contrast.name(index) for index in range(len(contrast.columns))]
    return names.index(trait)


@pytest.mark.parametrize(
    ("trait", "p", "q", "n"),
    [("word=river", 0.8, 1 / 4, 2), ("form=question", 0.7, 1 / 4, 2), ("word=the", 0.7, 3 / 4, 2),
     ("word=zebra", 0.2, 0.0, 1), ("phrase=the zebra", 0.2, 0.0, 1)],
)  # fmt: skip
def test_shares_are_weighted_here_and_without_the_feature_there(
    contrast: TraitContrast, trait: str, p: float, q: float, n: int
) -> None:
    index = at(contrast, trait)
    assert contrast.p[index] == pytest.approx(p)
    assert contrast.q[index] == pytest.approx(q)
    assert contrast.n_contexts[index] == n
    assert contrast.slots[index] == trait.partition("=")[0]


def test_only_traits_of_these_contexts_are_told_apart(contrast: TraitContrast) -> None:
    names = {contrast.name(index) for index in range(len(contrast.columns))}
    assert "word=bridge" not in names
    assert len(names) == len(contrast.columns) == contrast.inside.shape[1]


def test_z_is_the_log_odds_ratio_with_a_prior_over_its_deviation(contrast: TraitContrast) -> None:
    here, there, n_here, n_there = 0.8 * 3, 1.0, 3, 4
    prior = 10 * (here + there + 0.5) / (n_here + n_there + 1)
    odds = [
        np.log((y + prior) / (n - y + 10 - prior)) for y, n in ((here, n_here), (there, n_there))
    ]
    expected = (odds[0] - odds[1]) / np.sqrt(1 / (here + prior) + 1 / (there + prior))
    assert contrast.z[at(contrast, "word=river")] == pytest.approx(expected)
    assert contrast.z[at(contrast, "word=the")] < 0 < expected


def test_credit_is_what_a_label_of_the_trait_wins(contrast: TraitContrast) -> None:
    index = at(contrast, "word=river")
    label = Label("sentence", "river", (Clause(("word=river",)),))
    others = [sentence(text) for text, is_one in zip(THERE, IS_WITHOUT, strict=True) if is_one]
    by_context = [score_label(label, [sentence(text)], others).score for text in HERE]
    assert contrast.credit[index] == pytest.approx(np.average(by_context, weights=[0.5, 0.3, 0.2]))


def test_a_test_that_is_always_true_or_never_says_nothing() -> None:
    found = binary_credit(np.array([1.0, 0.0, 1.0]), np.array([1.0, 0.0, 0.0]))
    assert found == pytest.approx([1 / 11, 1 / 11, 1])


def test_two_contexts_are_support_and_of_many_one_in_twelve() -> None:
    def supported(n: int, n_with: int) -> bool:
        background = Background.of([replace(sentence("A way."), row=0)], "sentence")
        texts = ["The river."] * n_with + [f"So {chr(97 + i)}." for i in range(n - n_with)]
        table = background.traits.table([sentence(text) for text in texts])
        found = TraitContrast(table, np.full(n, 1 / n), background, np.array([True]))
        return bool(found.is_supported[at(found, "word=river")])

    assert [supported(5, n) for n in (1, 2)] == [False, True]
    # A share of .08 of fifty.
    assert [supported(50, n) for n in (3, 4)] == [False, True]


def test_any_of_several_traits_is_enough(contrast: TraitContrast) -> None:
    traits = [at(contrast, "word=river"), at(contrast, "form=question")]
    assert contrast.here(traits).tolist() == [True, True, True]
    assert contrast.here(traits[:1]).tolist() == [True, True, False]
    assert contrast.there(traits).tolist() == [False, True, True, False, False, True]
    assert contrast.here([]).tolist() == [False] * 3
    assert not contrast.there([]).any()


def test_without_a_background_nothing_is_common_there() -> None:
    background = Background.of([replace(sentence("A way."), row=0)], "sentence")
    table = background.traits.table([sentence("A way.")])
    found = TraitContrast(table, np.ones(1), background, np.array([False]))
    assert found.q.tolist() == [0] * len(found.columns)


def test_weights_run_from_one_half_to_one_by_rank() -> None:
    found = quantile_weights(np.array([3.0, 1.0, 9.0]))
    assert found == pytest.approx(np.array([0.75, 0.5, 1]) / 2.25)
    assert quantile_weights(np.array([2.0, 2.0, 5.0])) == pytest.approx(
        np.array([0.625, 0.625, 1]) / 2.25
    )
    assert quantile_weights(np.array([7.0])).tolist() == [1]
    assert quantile_weights(np.empty(0)).tolist() == []


@settings(max_examples=30)
@given(arrays(np.float64, st.integers(2, 12), elements=st.integers(0, 5)))
def test_weights_sum_to_one_rise_with_strength_and_know_no_order(strengths: np.ndarray) -> None:
    found = quantile_weights(strengths)
    assert found.sum() == pytest.approx(1)
    assert found.max() <= 2 * found.min() + 1e-9
    order = np.argsort(strengths, kind="stable")
    assert np.all(np.diff(found[order]) >= -1e-12)
    assert quantile_weights(strengths[::-1])[::-1] == pytest.approx(found)
