"""Objectives by name: each takes its own sparsity parameter and no other."""

from dataclasses import replace

import pytest

from corpuscope.errors import DictionaryError
from corpuscope.ranges import OBJECTIVES
from corpuscope.sae.objectives import (
    L0,
    NAMES,
    BatchTopKObjective,
    GatedObjective,
    JumpReLUObjective,
    Objective,
    QuadraticFrequency,
    ReluL1Objective,
    Tanh,
    TargetL0,
    TopKObjective,
    objective_named,
)
from corpuscope.sae.objectives.named import sparsity_of

EXPECTED: dict[str, Objective] = {
    "batch-top-k": BatchTopKObjective(8),
    "matryoshka": BatchTopKObjective(8, (2, 6, 14, 30)),
    "top-k": TopKObjective(8),
    "relu": ReluL1Objective(8),
    "gated": GatedObjective(8),
    "jump-relu": JumpReLUObjective(8, L0()),
    "quadratic-frequency": JumpReLUObjective(8, QuadraticFrequency(0.1)),
    "quadratic-frequency-0.01": JumpReLUObjective(8, QuadraticFrequency(0.01)),
    "tanh": JumpReLUObjective(8, Tanh(4.0), silent_coefficient=1e-5),
    "target-l0": JumpReLUObjective(0.01, TargetL0(8)),
}
NEEDS = {"batch-top-k": "k", "matryoshka": "k", "top-k": "k", "target-l0": "k and a coefficient"}
WORDS: dict[str, dict[str, float]] = {
    "k": {"k": 8},
    "a coefficient": {"coefficient": 0.5},
    "k and a coefficient": {"k": 8, "coefficient": 0.5},
    "nothing": {},
}


def needs(name: str) -> str:
    return NEEDS.get(name, "a coefficient")


def test_names_are_those_that_the_command_line_knows() -> None:
    assert sorted(NAMES) == sorted(OBJECTIVES) == sorted(EXPECTED)
    assert NAMES[:3] == OBJECTIVES[:3]


@pytest.mark.parametrize("name", NAMES)
def test_a_name_and_a_number_make_an_objective(name: str) -> None:
    given = sparsity_of(name, 8.0)
    assert given.keys() == WORDS[needs(name)].keys()
    assert objective_named(name, n_features=64, **given) == EXPECTED[name]


@pytest.mark.parametrize("given", WORDS)
@pytest.mark.parametrize("name", NAMES)
def test_other_parameters_are_refused_with_those_wanted(name: str, given: str) -> None:
    if given == needs(name):
        assert objective_named(name, n_features=64, **WORDS[given])
        return
    with pytest.raises(DictionaryError) as caught:
        objective_named(name, n_features=64, **WORDS[given])
    assert repr(name) in caught.value.found
    assert caught.value.expected == f"{name} with {needs(name)} only"


@pytest.mark.parametrize("name", ["", "topk", "Relu", "batch-top-k ", "größe"])
def test_unknown_names_are_refused_with_those_known(name: str) -> None:
    for ask in (
        lambda: objective_named(name, n_features=64, k=3),
        lambda: sparsity_of(name, 3),
    ):
        with pytest.raises(DictionaryError) as caught:
            ask()
        assert repr(name) in caught.value.found
        assert all(repr(known) in caught.value.expected for known in NAMES)


@pytest.mark.parametrize("n_features", [1, 2, 5, 16, 31, 64, 1000, 4096, 16384])
def test_levels_of_a_nested_dictionary_double_and_end_below_the_whole(n_features: int) -> None:
    found = objective_named("matryoshka", n_features=n_features, k=4)
    assert isinstance(found, BatchTopKObjective)
    ends = found.prefixes
    assert list(ends) == sorted(set(ends))
    assert all(0 < end < n_features for end in ends)
    if n_features >= 64:
        sizes = [end - start for start, end in zip((0, *ends), (*ends, n_features), strict=True)]
        shares = [size / n_features for size in sizes]
        expected = [1 / 32, 1 / 16, 1 / 8, 1 / 4, 1 - 15 / 32]
        assert shares == pytest.approx(expected, abs=1 / n_features)
    assert replace(found, prefixes=()) == objective_named("batch-top-k", n_features=1, k=4)


@pytest.mark.parametrize(("k", "expected"), [(3, 3), (3.4, 3), (3.6, 4)])
def test_top_k_keeps_a_whole_number_of_each_unit(k: float, expected: int) -> None:
    assert objective_named("top-k", n_features=64, k=k) == TopKObjective(expected)
    assert objective_named("batch-top-k", n_features=64, k=k) == BatchTopKObjective(k)
