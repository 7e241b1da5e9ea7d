"""A planted world: states that a known dictionary made, and that dictionary with mistakes."""

from collections.abc import Callable
from dataclasses import replace

import pytest
import torch

from corpuscope.errors import NotEnoughData
from corpuscope.sae.checking.alternatives import alternatives
from corpuscope.sae.checking.diagnosis import Diagnosis, Tried, diagnosed
from corpuscope.sae.checking.measures import Measures, measured
from corpuscope.sae.firing import FiringRule, Relu, Threshold, TopK
from corpuscope.sae.foreign.draft import LAYER_NORM
from corpuscope.sae.model import SAE

WIDTH, K = 32, 4
# Four to eight features fire.
EXPECTED = (4.0, 8.0)


def world(seed: int = 0, *, bias: float = 1.0) -> tuple[SAE, torch.Tensor]:
    """A dictionary of orthogonal directions, and states that it made, with some noise."""
    g = torch.Generator().manual_seed(seed)
    atoms = torch.linalg.qr(torch.randn(WIDTH, WIDTH, generator=g)).Q.contiguous()
    mean = bias * torch.randn(WIDTH, generator=g)
    active = torch.rand(600, WIDTH, generator=g) < 5 / WIDTH
    strengths = active * (1 + 2 * torch.rand(600, WIDTH, generator=g))
    states = strengths @ atoms + mean + 0.1 * torch.randn(600, WIDTH, generator=g)
    zeros = torch.zeros(WIDTH)
    return SAE(atoms, atoms.clone(), zeros, mean, Threshold(torch.full((WIDTH,), 0.6))), states


def diagnosis(
    sae: SAE, states: torch.Tensor, expected: tuple[float, float] | None = EXPECTED
) -> Diagnosis:
    tried = [
        Tried(one.mistake, one.meaning, measured(one.sae, states))
        for one in alternatives(sae, states, expected_l0=expected)
    ]
    loaded = measured(sae, states)
    return diagnosed(loaded, tried, n_features=sae.n_features, expected_l0=expected)


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("rule", [Threshold(torch.full((WIDTH,), 0.6)), TopK(5)])
@pytest.mark.parametrize("scale", [1.0, 0.3])
def test_what_is_right_is_fine(seed: int, rule: FiringRule, scale: float) -> None:
    sae, states = world(seed)
    found = diagnosis(replace(sae, firing=rule).in_scale(scale), states)
    assert (found.status, found.likely, found.reasons) == ("fine", None, ())


def moved(sae: SAE) -> torch.Tensor:
    return sae.encoder @ sae.decoder_bias


def longer(sae: SAE) -> SAE:
    """The same with decoder rows of other lengths."""
    lengths = torch.linspace(0.3, 3, WIDTH)
    assert isinstance(sae.firing, Threshold)
    return replace(
        sae, encoder=sae.encoder / lengths[:, None], decoder=sae.decoder * lengths[:, None],
        encoder_bias=sae.encoder_bias / lengths, firing=Threshold(sae.firing.theta / lengths),
    )  # fmt: skip


MISTAKES: dict[str, tuple[Callable[[SAE], SAE], str]] = {
    "subtracted": (lambda s: replace(s, encoder_bias=-moved(s)), "decoder bias subtracted"),
    "not subtracted": (lambda s: replace(s, encoder_bias=moved(s)), "decoder bias not subtracted"),
    "bias lost": (lambda s: replace(s, decoder_bias=torch.zeros(WIDTH)), "decoder bias"),
    "output": (lambda s: replace(s, decoder=3 * s.decoder), "output scale"),
    "no scale": (lambda s: replace(s.in_scale(0.5), input_scale=1.0), "input scale"),
    "inverted": (lambda s: replace(s.in_scale(0.5), input_scale=2.0), "input scale inverted"),
    "norms": (lambda s: replace(longer(s), firing=s.firing), "decoder norms in thresholds"),
    "encoder": (lambda s: replace(s, encoder=s.encoder.T.contiguous()), "encoder transposed"),
    "decoder": (lambda s: replace(s, decoder=s.decoder.T.contiguous()), "decoder transposed"),
    "relu": (lambda s: replace(s, firing=Relu()), "firing rule"),
}


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_is_named(name: str, seed: int) -> None:
    change, mistake = MISTAKES[name]
    sae, states = world(seed)
    found = diagnosis(change(sae), states)
    assert found.likely is not None
    assert found.likely.mistake.startswith(mistake), found.likely
    assert found.status == "wrong"
    assert found.likely.measures.unexplained_variance < 0.5


@pytest.mark.parametrize("seed", range(3))
def test_a_normalisation_left_out_is_named(seed: int) -> None:
    sae, states = world(seed, bias=0.1)
    # Of states of other lengths, whose directions the dictionary knows.
    sae = replace(sae, token_norm=LAYER_NORM, decoder_bias=torch.zeros(WIDTH))
    states = LAYER_NORM.applied(states) * torch.linspace(0.5, 20, 600)[:, None] + 3
    sae = replace(sae, firing=Threshold(torch.full((WIDTH,), 0.9)))
    expected = (measured(sae, states).l0,) * 2
    assert diagnosis(sae, states, expected).likely is None
    found = diagnosis(replace(sae, token_norm=None), states, expected)
    assert found.likely is not None
    assert found.likely.mistake == "layer norm missing"


def test_nonsense_is_wrong_without_a_name() -> None:
    sae, states = world()
    other = replace(sae, encoder=torch.randn(WIDTH, WIDTH), decoder=torch.randn(WIDTH, WIDTH))
    found = diagnosis(other, states)
    assert (found.status, found.likely) == ("wrong", None)
    assert any("unexplained variance is" in reason for reason in found.reasons)


def measures(l0: float, fvu: float) -> Measures:
    return Measures(100, l0, fvu, 0.9, 1.0, 0.0, 0.0, 0.0)


@pytest.mark.parametrize(("l0", "fvu", "expected", "status"), [
    (50.0, 0.2, (50.0, 50.0), "fine"), (26.0, 0.2, (50.0, 50.0), "fine"),
    (20.0, 0.2, (50.0, 50.0), "doubtful"), (50.0, 0.6, (50.0, 50.0), "doubtful"),
    (4.0, 0.2, (50.0, 50.0), "wrong"), (50.0, 0.95, (50.0, 50.0), "wrong"),
    (9.0, 0.2, (10.0, 20.0), "fine"), (80.0, 0.2, None, "fine"), (200.0, 0.2, None, "doubtful"),
    (50.0, float("nan"), (50.0, 50.0), "wrong"),
])  # fmt: skip
def test_bands(l0: float, fvu: float, expected: tuple[float, float] | None, status: str) -> None:
    found = diagnosed(measures(l0, fvu), [], n_features=1000, expected_l0=expected)
    assert found.status == status
    assert bool(found.reasons) == (status != "fine")


@pytest.mark.parametrize(("l0", "fvu", "is_named"), [
    (48.0, 0.17, True), (48.0, 0.19, False), (30.0, 0.17, False), (30.0, 0.14, True),
    (70.0, 0.14, False),
])  # fmt: skip
def test_what_is_fine_is_doubted_only_if_both_numbers_are_better(
    l0: float, fvu: float, is_named: bool
) -> None:
    one = Tried("m", "m", measures(l0, fvu))
    found = diagnosed(measures(40.0, 0.2), [one], n_features=1000, expected_l0=(50.0, 50.0))
    assert (found.likely is one) == is_named


def test_a_worked_example_of_measures() -> None:
    eye = torch.eye(2)
    sae = SAE(eye, eye, torch.zeros(2), torch.zeros(2), Relu())
    found = measured(sae, torch.tensor([[3.0, 4.0], [-1.0, 0.0], [1.0, 0.0]]))
    assert found.l0 == pytest.approx(1.0)
    # The reconstruction of (-1, 0) is 0: an error of 1, of a variance of 56/3.
    assert found.unexplained_variance == pytest.approx(3 / 56)
    assert (found.silent_share, found.dead_share) == (pytest.approx(1 / 3), 0.0)
    with pytest.raises(NotEnoughData):
        measured(sae, torch.ones(1, 2))


@pytest.mark.parametrize(
    ("unexplained", "l0", "enough", "is_named"),
    [(0.19, 16, 0.98, True), (0.199, 16, 0.98, False), (0.19, 20, 0.98, False),
     (0.19, 16, 0.75, False)],
)  # fmt: skip
def test_a_mistake_that_changes_little_makes_a_dictionary_doubtful(
    unexplained: float, l0: float, enough: float, *, is_named: bool
) -> None:
    loaded = Measures(3000, 16.0, 0.2, 0.9, 0.9, 0.0, 0.0, 0.0)
    without = replace(loaded, l0=l0, unexplained_variance=unexplained)
    tried = Tried("first token missing", "passages begin with it", without, enough)
    found = diagnosed(loaded, [tried], n_features=768, expected_l0=(16.0, 16.0))
    assert found.status == ("doubtful" if is_named else "fine")
    assert found.likely == (tried if is_named else None)
    assert len(found.reasons) == is_named
