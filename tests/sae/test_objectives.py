"""Every loss and every gradient against a reference in float64, written in another way."""

from collections.abc import Callable, Mapping

import pytest
import torch

from corpuscope.sae.firing import BatchTopK, TopK
from corpuscope.sae.model import SAE
from corpuscope.sae.objectives import (
    L0,
    BatchTopKObjective,
    GatedObjective,
    JumpReLUObjective,
    Objective,
    QuadraticFrequency,
    ReluL1Objective,
    Tanh,
    TargetL0,
    TopKObjective,
    TrainingBatch,
    Weights,
    objective_named,
)
from corpuscope.sae.objectives.base import StepResult

N_UNITS, WIDTH, N_FEATURES = 96, 12, 40
BANDWIDTH = 0.4
Reference = Callable[[Mapping[str, torch.Tensor], torch.Tensor], torch.Tensor]


def weights_of(objective: Objective, seed: int = 0) -> Weights:
    generator = torch.Generator().manual_seed(seed)

    def some(*shape: int, scale: float = 1.0) -> torch.Tensor:
        return torch.randn(*shape, generator=generator) * scale

    weights = {
        "encoder": some(N_FEATURES, WIDTH, scale=0.5),
        "decoder": torch.nn.functional.normalize(some(N_FEATURES, WIDTH), dim=1),
        "encoder_bias": some(N_FEATURES, scale=0.2),
        "decoder_bias": some(WIDTH, scale=0.3),
    }
    weights |= objective.begin(weights, None)
    for name in ("gate_bias", "log_scale"):
        if name in weights:
            weights[name] = some(N_FEATURES, scale=0.3)
    if "theta" in weights:
        weights["theta"] = some(N_FEATURES).abs() * 0.5
    return {name: weight.requires_grad_() for name, weight in weights.items()}


def inputs_of(seed: int = 1) -> torch.Tensor:
    return torch.randn(N_UNITS, WIDTH, generator=torch.Generator().manual_seed(seed))


def lesson_of(objective: Objective, weights: Weights, warmth: float = 1.0) -> StepResult:
    return objective.learn(weights, TrainingBatch(inputs_of(), 0, warmth, torch.float32), {})


def product(w: Mapping[str, torch.Tensor], x: torch.Tensor) -> torch.Tensor:
    return (x - w["decoder_bias"]) @ w["encoder"].T


def error(w: Mapping[str, torch.Tensor], x: torch.Tensor, f: torch.Tensor) -> torch.Tensor:
    left = x - f @ w["decoder"] - w["decoder_bias"]
    return (left * left).sum() / len(x)


def nested(w: Mapping[str, torch.Tensor], x: torch.Tensor) -> torch.Tensor:
    f = BatchTopK(3)(product(w, x) + w["encoder_bias"])
    levels = []
    for end in (5, 16, N_FEATURES):
        first = torch.where(torch.arange(N_FEATURES) < end, f, 0)
        levels.append(error(w, x, first))
    return sum(levels) / 3  # type: ignore[return-value]


def gated(w: Mapping[str, torch.Tensor], x: torch.Tensor) -> torch.Tensor:
    u = product(w, x)
    gate = u + w["gate_bias"]
    f = torch.relu(torch.exp(w["log_scale"]) * u + w["encoder_bias"])
    f = torch.where(gate > 0, f, 0)
    frozen = {"decoder": w["decoder"].detach(), "decoder_bias": w["decoder_bias"].detach()}
    opened = torch.relu(gate)
    return error(w, x, f) + 0.3 * opened.sum() / len(x) + error(frozen, x, opened)


def relu(w: Mapping[str, torch.Tensor], x: torch.Tensor) -> torch.Tensor:
    f = torch.relu(product(w, x) + w["encoder_bias"])
    return error(w, x, f) + 0.3 * f.sum() / len(x)


def straight_through(z: torch.Tensor, theta: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """f and H as sums whose plain derivatives are the ones that are asked for."""
    above = (z > theta).double().detach()
    window = ((z - theta).abs() < BANDWIDTH / 2).double().detach()
    moved = theta - theta.detach()  # 0, with derivative 1
    f = z * above - theta.detach() / BANDWIDTH * window * moved
    return f, above - window / BANDWIDTH * moved


def jump_relu(penalty: Callable[[torch.Tensor, torch.Tensor], torch.Tensor]) -> Reference:
    def loss(w: Mapping[str, torch.Tensor], x: torch.Tensor) -> torch.Tensor:
        z = product(w, x) + w["encoder_bias"]
        f, h = straight_through(z, w["theta"])
        below = torch.relu(w["theta"] - z).sum() / len(x)
        return error(w, x, f) + 0.3 * penalty(f, h) + 0.01 * below

    return loss


def jump(penalty: object) -> JumpReLUObjective:
    return JumpReLUObjective(0.3, penalty, BANDWIDTH, silent_coefficient=0.01)  # type: ignore[arg-type]


def densities(h: torch.Tensor) -> torch.Tensor:
    return h.sum(dim=0) / len(h)


CASES: dict[str, tuple[Objective, Reference]] = {
    "relu": (ReluL1Objective(0.3), relu),
    "top-k": (
        TopKObjective(3),
        lambda w, x: error(w, x, TopK(3)(product(w, x) + w["encoder_bias"])),
    ),
    "batch-top-k": (
        BatchTopKObjective(2.5),
        lambda w, x: error(w, x, _half(w, x)),
    ),
    "nested": (BatchTopKObjective(3, prefixes=(5, 16)), nested),
    "gated": (GatedObjective(0.3), gated),
    "l0": (jump(L0()), jump_relu(lambda f, h: h.sum() / len(h))),
    "target-l0": (
        jump(TargetL0(7)),
        jump_relu(lambda f, h: (2 / 7 * (h.sum(dim=1) - 7) ** 2).mean()),
    ),
    "quadratic-frequency": (
        jump(QuadraticFrequency(0.05)),
        jump_relu(lambda f, h: (densities(h) + densities(h) ** 2 / 0.05).sum()),
    ),
    "tanh": (jump(Tanh(3.0)), jump_relu(lambda f, h: torch.tanh(3 * f).sum() / len(f))),
}


def _half(w: Mapping[str, torch.Tensor], x: torch.Tensor) -> torch.Tensor:
    """2.5 for each unit: the 240 largest of the batch."""
    z = torch.relu(product(w, x) + w["encoder_bias"])
    least = z.flatten().sort(descending=True).values[240 - 1]
    return torch.where(z >= least, z, 0)


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("seed", [0, 1])
def test_loss_and_gradients_equal_a_float64_reference(name: str, seed: int) -> None:
    objective, reference = CASES[name]
    weights = weights_of(objective, seed)
    lesson = lesson_of(objective, weights)
    lesson.loss.backward()
    exact = {key: weight.detach().double().requires_grad_() for key, weight in weights.items()}
    expected = reference(exact, inputs_of().double())
    expected.backward()
    torch.testing.assert_close(lesson.loss.double(), expected, rtol=1e-5, atol=1e-6)
    for key, weight in exact.items():
        assert weights[key].grad is not None, key
        torch.testing.assert_close(weights[key].grad.double(), weight.grad, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("name", [name for name in CASES if "l0" in name or name == "relu"])
def test_the_penalty_grows_with_warmth(name: str) -> None:
    objective, _ = CASES[name]
    weights = weights_of(objective)
    cold, mild, hot = (lesson_of(objective, weights, warmth).loss for warmth in (0.0, 0.5, 1.0))
    torch.testing.assert_close(mild - cold, hot - mild)
    assert hot > cold


@pytest.mark.parametrize("name", CASES)
def test_the_end_fires_as_it_learned(name: str) -> None:
    objective, _ = CASES[name]
    weights = weights_of(objective)
    memory: dict[str, torch.Tensor] = {}
    lesson = objective.learn(weights, TrainingBatch(inputs_of(), 0, 1.0, torch.float32), memory)
    plain = {key: weight.detach() for key, weight in weights.items()}
    if "threshold" in memory:  # A threshold is passed by what is strictly above it.
        memory["threshold"] -= 1e-6
    fired = objective.end(plain, memory)
    sae = SAE(
        fired.encoder, plain["decoder"], fired.encoder_bias, plain["decoder_bias"], fired.firing
    )
    activations = sae.encode(inputs_of())
    torch.testing.assert_close((activations > 0).sum(dim=0), lesson.n_firing)
    left = inputs_of() - sae.decode(activations)
    torch.testing.assert_close(left, lesson.left, rtol=1e-4, atol=1e-5)


def test_the_three_penalties_that_are_called_quadratic_differ() -> None:
    found = {}
    for penalty in (L0(), TargetL0(7), QuadraticFrequency(0.05)):
        weights = weights_of(jump(penalty))
        lesson_of(jump(penalty), weights).loss.backward()
        found[type(penalty).__name__] = weights["theta"].grad
    names = list(found)
    for i, one in enumerate(names):
        for other in names[i + 1 :]:
            assert not torch.allclose(found[one], found[other], rtol=1e-2)


def test_quadratic_frequency_is_l0_where_omega_is_large() -> None:
    grads = []
    for penalty in (L0(), QuadraticFrequency(1e9)):
        weights = weights_of(jump(penalty))
        lesson_of(jump(penalty), weights).loss.backward()
        grads.append(weights["theta"].grad)
    torch.testing.assert_close(grads[0], grads[1])


def test_both_values_of_omega_have_a_name() -> None:
    for name, omega in (("quadratic-frequency", 0.1), ("quadratic-frequency-0.01", 0.01)):
        found = objective_named(name, n_features=8, coefficient=0.3)
        assert found == JumpReLUObjective(0.3, QuadraticFrequency(omega=omega))


def test_quadratic_frequency_is_l0_with_a_coefficient_for_each_feature() -> None:
    """lambda_i = lambda (1 + 2 w_i / omega), w_i as a constant."""
    theta = weights_of(jump(L0()))["theta"].detach()
    pre = torch.randn(N_UNITS, N_FEATURES, generator=torch.Generator().manual_seed(3))

    def slope(penalty: Callable[..., torch.Tensor]) -> torch.Tensor:
        mine = theta.clone().requires_grad_()
        penalty(pre, mine, pre, BANDWIDTH).backward()
        assert mine.grad is not None
        return mine.grad

    share = (pre > theta).float().mean(dim=0)
    expected = slope(L0()) * (1 + 2 * share / 0.1)
    torch.testing.assert_close(slope(QuadraticFrequency(0.1)), expected)


def test_target_l0_leaves_thresholds_alone_at_its_target() -> None:
    pre = torch.tensor([[1.0, 1.0, 0.0, 0.0]])
    theta = torch.full((4,), 0.9, requires_grad=True)
    TargetL0(2)(pre, theta, pre, BANDWIDTH).backward()
    assert theta.grad is not None
    assert not theta.grad.any()


def test_a_cut_from_the_last_batch_changes_nothing() -> None:
    objective = BatchTopKObjective(3)
    weights = weights_of(objective)
    expected = lesson_of(objective, weights)
    for cut in (0.0, 1e-3, 0.5, 2.0, 50.0):
        memory = {"cut": torch.tensor(cut, dtype=torch.float64)}
        found = objective.learn(weights, TrainingBatch(inputs_of(), 0, 1.0, torch.float32), memory)
        torch.testing.assert_close(found.n_firing, expected.n_firing)
        torch.testing.assert_close(found.loss, expected.loss)


def test_fewer_positive_values_than_wanted_are_all_kept() -> None:
    objective = BatchTopKObjective(30)
    weights = weights_of(objective)
    with torch.no_grad():
        weights["encoder_bias"] -= 4
    lesson = lesson_of(objective, weights)
    assert 0 < int(lesson.n_firing.sum()) < 30 * N_UNITS


def test_products_in_bfloat16_differ_by_rounding_only() -> None:
    for objective, _ in CASES.values():
        weights = weights_of(objective)
        exact = lesson_of(objective, weights).loss
        half = objective.learn(weights, TrainingBatch(inputs_of(), 0, 1.0, torch.bfloat16), {}).loss
        torch.testing.assert_close(half, exact, rtol=0.03, atol=0.03)
