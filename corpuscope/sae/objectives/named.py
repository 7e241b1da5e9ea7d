"""Objectives by their usual names."""

from collections.abc import Callable

from corpuscope.errors import DictionaryError
from corpuscope.sae.objectives.base import Objective
from corpuscope.sae.objectives.batch_top_k import BatchTopKObjective
from corpuscope.sae.objectives.gated import GatedObjective
from corpuscope.sae.objectives.jump_relu import JumpReLUObjective
from corpuscope.sae.objectives.penalties import QuadraticFrequency, Tanh, TargetL0
from corpuscope.sae.objectives.relu import ReluL1Objective
from corpuscope.sae.objectives.top_k import TopKObjective

_LEVELS = (1 / 32, 1 / 16, 1 / 8, 1 / 4)
"""The share of features that each level of a nested dictionary adds, except the last.

Source: Bussmann et al., 2025, arXiv 2503.17547, code."""


def _nested(n_features: int, k: float) -> Objective:
    ends, end = [], 0.0
    for share in _LEVELS:
        end += share * n_features
        ends.append(round(end))
    return BatchTopKObjective(k, tuple(sorted({end for end in ends if end})))


_BY_COUNT: dict[str, Callable[[int, float], Objective]] = {
    "batch-top-k": lambda _n, k: BatchTopKObjective(k),
    "matryoshka": _nested,
    "top-k": lambda _n, k: TopKObjective(round(k)),
}
_BY_PENALTY: dict[str, Callable[[float], Objective]] = {
    "relu": ReluL1Objective,
    "gated": GatedObjective,
    "jump-relu": JumpReLUObjective,
    "quadratic-frequency": lambda c: JumpReLUObjective(c, QuadraticFrequency()),
    "quadratic-frequency-0.01": lambda c: JumpReLUObjective(c, QuadraticFrequency(omega=0.01)),
    "tanh": lambda c: JumpReLUObjective(c, Tanh(), silent_coefficient=1e-5),
}
NAMES = (*_BY_COUNT, *_BY_PENALTY, "target-l0")
"""All names: those that take `k`, then those that take a coefficient, then the one that takes
both."""


_TARGET_COEFFICIENT = 1e-2
"""The coefficient of "target-l0" where only `k` is given: at .001 short runs end with an L0 about
1.5 times the target, at .03 they explain less and end little nearer (`benchmarks/target_l0.py`)."""


def sparsity_of(name: str, number: float) -> dict[str, float]:
    """The sparsity argument of the objective of that name: `k`, or a coefficient.

    Raises:
        DictionaryError: There is no such objective.
    """
    if name in _BY_COUNT:
        return {"k": number}
    if name == "target-l0":
        return {"k": number, "coefficient": _TARGET_COEFFICIENT}
    if name in _BY_PENALTY:
        return {"coefficient": number}
    raise DictionaryError(
        f"the objective {name!r}",
        expected=f"one of {list(NAMES)}",
        next_step="choose one of these",
    )


def objective_named(
    name: str, *, n_features: int, k: float | None = None, coefficient: float | None = None
) -> Objective:
    """The objective of that name, with its sparsity parameter.

    Args:
        name: One of `NAMES`.
        n_features: The number of features; sets the levels of "matryoshka".
        k: Active features per unit (L0), for "batch-top-k", "matryoshka" and "top-k"; the
            target L0 for "target-l0".
        coefficient: Coefficient of the penalty, for all others and for "target-l0".

    Raises:
        DictionaryError: There is no such objective, or it takes the other parameter.
    """
    if name in _BY_COUNT and k is not None and coefficient is None:
        return _BY_COUNT[name](n_features, k)
    if name in _BY_PENALTY and coefficient is not None and k is None:
        return _BY_PENALTY[name](coefficient)
    if name == "target-l0" and k is not None and coefficient is not None:
        return JumpReLUObjective(coefficient, TargetL0(k))
    needs = {**dict.fromkeys(_BY_COUNT, "k"), **dict.fromkeys(_BY_PENALTY, "a coefficient")}
    needs["target-l0"] = "k and a coefficient"
    raise DictionaryError(
        f"the objective {name!r} with k = {k} and coefficient = {coefficient}",
        expected=f"{name} with {needs[name]} only" if name in needs else f"one of {list(NAMES)}",
        next_step="give what it needs" if name in needs else "choose one of these",
    )
