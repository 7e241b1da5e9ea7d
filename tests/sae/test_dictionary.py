"""What makes a dictionary, what its digests depend on, and what is wrong with others."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pyarrow as pa
import pytest
import torch

from corpuscope.errors import DictionaryError
from corpuscope.sae.conversion import firing_config, tensors_of
from corpuscope.sae.dictionary import Dictionary, Part, weights_digest
from corpuscope.sae.firing import BatchTopK, FiringRule, Relu, Threshold, TopK
from corpuscope.sae.model import SAE
from tests.sae.worlds import feature_table, random_dictionary, random_sae

NAMES = ["encoder", "decoder", "encoder_bias", "decoder_bias"]


def with_sae(**changed: object) -> Dictionary:
    """A dictionary of one part, whose SAE is changed."""
    sae = replace(random_sae(), **changed)  # type: ignore[arg-type]
    part = Part("token", (2,), sae)
    table = feature_table(sae.n_features, 0, 0.5)
    return replace(random_dictionary(), parts=(part,), features=table)


def misshapen(name: str, *shape: int) -> Dictionary:
    """A dictionary with an array of another shape, which the checks of tests would refuse."""
    sae = random_sae()
    object.__setattr__(sae, name, torch.ones(shape))
    part = Part("token", (2,), sae)
    return replace(random_dictionary(), parts=(part,), features=feature_table(24, 0, 0.5))


def without(name: str) -> pa.Table:
    return random_dictionary().features.drop_columns([name])


def with_column(name: str, values: list[object]) -> pa.Table:
    table = random_dictionary().features
    return table.set_column(table.column_names.index(name), name, [values])


def nudged(tensor: torch.Tensor) -> torch.Tensor:
    """The same with its last number a little larger."""
    found = tensor.clone()
    found.view(-1)[-1] += 1e-3
    return found


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        (Relu(), {"rule": "relu"}),
        (TopK(7), {"rule": "top-k", "k": 7}),
        (Threshold(torch.ones(3)), {"rule": "threshold"}),
    ],
)
def test_rules_are_described_without_their_thresholds(
    rule: FiringRule, expected: dict[str, object]
) -> None:
    assert firing_config(rule) == expected


def test_a_rule_that_needs_a_batch_cannot_be_kept() -> None:
    with pytest.raises(DictionaryError) as caught:
        firing_config(BatchTopK(4))
    assert "each unit on its own" in caught.value.expected
    assert "thresholds" in caught.value.next_step


def test_thresholds_are_tensors_of_the_rule_that_has_them() -> None:
    assert list(tensors_of(random_sae())) == [*NAMES, "theta"]
    assert list(tensors_of(random_sae(firing=TopK(2)))) == NAMES


@pytest.mark.parametrize("name", [*NAMES, "theta"])
def test_every_weight_is_in_both_digests(name: str) -> None:
    sae = random_sae()
    assert isinstance(sae.firing, Threshold)
    changed: SAE = (
        replace(sae, firing=Threshold(nudged(sae.firing.theta)))
        if name == "theta"
        else replace(sae, **{name: nudged(getattr(sae, name))})  # type: ignore[arg-type]
    )
    assert weights_digest(changed) != weights_digest(sae)
    assert with_sae(**vars(changed)).digest != with_sae().digest


def test_equal_weights_have_equal_digests_wherever_they_lie() -> None:
    sae = random_sae()
    turned = replace(sae, encoder=sae.encoder.T.contiguous().T)
    assert not turned.encoder.is_contiguous()
    assert weights_digest(turned) == weights_digest(random_sae())
    # An exchange of two matrices of one shape is seen.
    mixed = replace(random_sae(seed=1), decoder=random_sae(seed=2).decoder)
    exchanged = replace(mixed, encoder=mixed.decoder, decoder=mixed.encoder)
    assert weights_digest(mixed) != weights_digest(exchanged)


@pytest.mark.parametrize(
    "change",
    [
        lambda one: replace(one, reader_name="other"),
        lambda one: replace(one, revision="2"),
        lambda one: replace(one, max_tokens=33),
        lambda one: replace(one, features=feature_table(24, 12, 0.25)),
        lambda one: with_sae(input_scale=2.0),
        lambda one: with_sae(unit_norm=True),
        lambda one: with_sae(firing=TopK(2)),
        lambda one: with_sae(firing=TopK(3)),
    ],
)
def test_all_that_activations_depend_on_is_in_the_digest(
    change: Callable[[Dictionary], Dictionary],
) -> None:
    one = random_dictionary()
    known = {one.digest, with_sae().digest}
    assert change(one).digest not in known
    assert change(random_dictionary()).digest == change(one).digest


def test_masks_of_another_order_are_the_same() -> None:
    one = random_dictionary()
    assert replace(one, masks=dict(reversed(list(one.masks.items())))).digest == one.digest


@pytest.mark.parametrize(
    ("values", "expected"), [([0.5, None, 2.0], [0.5, 0.0, 2.0]), ([None] * 3, [0.0] * 3)]
)
def test_features_without_a_threshold_have_0(
    values: list[float | None], expected: list[float]
) -> None:
    table = with_column("threshold", [*values, *[1.0] * 33])
    found = replace(random_dictionary(), features=table).thresholds
    assert found.dtype == np.float32
    assert found[:3].tolist() == expected
    bare = replace(random_dictionary(), features=without("threshold")).thresholds
    assert bare.tolist() == [0.0] * 36


def test_parts_are_described_without_their_weights() -> None:
    first, second = random_dictionary().describe_parts()
    assert (first["unit"], first["layers"], first["n_features"]) == ("token", [2], 24)
    assert (second["unit"], second["layers"], second["n_features"]) == ("sentence", [3, 4], 12)
    (part,) = with_sae(firing=TopK(5), input_scale=0.25, unit_norm=True).describe_parts()
    assert part["firing"] == {"rule": "top-k", "k": 5}
    assert (part["input_scale"], part["unit_norm"]) == (0.25, True)


FAULTS: list[tuple[str, Callable[[], object]]] = [
    ("parts for []", lambda: replace(random_dictionary(), parts=())),
    ("the layers [[]]", lambda: replace(
        with_sae(), parts=(Part("token", (), random_sae()),))),
    ("the layers [[3, -1]]", lambda: replace(
        with_sae(), parts=(Part("token", (3, -1), random_sae()),))),
    ("decoder of shape (23, 16) beside encoder 24 x 16",
     lambda: misshapen("decoder", 23, 16)),
    ("encoder_bias of shape (25,) beside", lambda: misshapen("encoder_bias", 25)),
    ("decoder_bias of shape (24,) beside", lambda: misshapen("decoder_bias", 24)),
    ("theta of shape (1,) beside", lambda: with_sae(firing=Threshold(torch.ones(1)))),
    ("encoder with non-finite values",
     lambda: with_sae(encoder=torch.full((24, 16), float("nan")))),
    ("theta with non-finite values",
     lambda: with_sae(firing=Threshold(torch.full((24,), float("inf"))))),
    ("a table of features without ['kind']",
     lambda: replace(random_dictionary(), features=without("kind"))),
    ("a table of features without ['feature']",
     lambda: replace(random_dictionary(), features=without("feature"))),
    ("36 rows of features that are not 0 to 35", lambda: replace(
        random_dictionary(), features=with_column("feature", list(range(1, 37))))),
    ("non-finite thresholds", lambda: replace(
        random_dictionary(), features=with_column("threshold", [float("nan")] * 36))),
]  # fmt: skip


@pytest.mark.parametrize(("found", "made"), FAULTS, ids=[found for found, _ in FAULTS])
def test_what_is_wrong_is_said(found: str, made: Callable[[], object]) -> None:
    with pytest.raises(DictionaryError) as caught:
        made()
    assert caught.value.found.startswith(found)
    assert "docs/dictionary-format.md" in caught.value.expected
