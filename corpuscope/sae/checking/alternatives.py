"""The usual mistakes in loading a dictionary, each undone: one autoencoder for each."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import torch

from corpuscope.sae.firing import FiringRule, Relu, Threshold, TopK
from corpuscope.sae.model import SAE
from corpuscope.sae.token_norm import TokenNorm
from corpuscope.tensor_shapes import States

_FEWEST_FOR_SCALE = 2
_NORMS = {
    "centring": (TokenNorm(is_centred=True),
                 "each state should have its mean over the width subtracted first"),
    "layer norm": (TokenNorm(is_centred=True, divisor="deviation", epsilon=1e-5),
                   "each state should be normalised to mean 0 and deviation 1 first"),
    "root mean square": (TokenNorm(is_centred=False, divisor="root-mean-square"),
                         "each state should be divided by its root mean square first"),
}  # fmt: skip


@dataclass(frozen=True, slots=True, eq=False)
class Alternative:
    """A dictionary without one mistake.

    Attributes:
        mistake: What was wrong if this one fits, in a few words.
        meaning: The same in a sentence.
        sae: The autoencoder without that mistake.
    """

    mistake: str
    meaning: str
    sae: SAE


def alternatives(
    sae: SAE, states: States, *, expected_l0: tuple[float, float] | None
) -> Iterator[Alternative]:
    """Autoencoders with one thing changed, for states of the place that it was loaded for.

    Args:
        sae: As it was loaded.
        states: What the scale of states is measured on.
        expected_l0: How many features should fire at a unit, if known.
    """
    yield from _biases(sae, states)
    yield from _scales(sae, states)
    yield from _norms(sae)
    yield from _rules(sae, expected_l0)
    yield from _orientations(sae)


def _biases(sae: SAE, states: States) -> Iterator[Alternative]:
    moved = (sae.encoder.double() @ sae.decoder_bias.double()).float()
    yield Alternative(
        "decoder bias subtracted", "the encoder should not subtract the decoder bias",
        replace(sae, encoder_bias=sae.encoder_bias + moved),
    )  # fmt: skip
    yield Alternative(
        "decoder bias not subtracted", "the encoder should subtract the decoder bias",
        replace(sae, encoder_bias=sae.encoder_bias - moved),
    )  # fmt: skip
    centre = sae.scaled(states.float()).mean(dim=0)
    yield Alternative(
        "decoder bias missing", "the decoder bias is not that of these states",
        replace(sae, decoder_bias=centre),
    )  # fmt: skip


def _scales(sae: SAE, states: States) -> Iterator[Alternative]:
    if sae.unit_norm or sae.token_norm:
        return
    lengths = torch.linalg.vector_norm(states.float(), dim=1)
    usual = float(sae.width**0.5 / lengths.mean().clamp_min(1e-12))
    given = sae.input_scale
    tried = {
        "input scale missing": (
            usual, f"states should be multiplied by about {usual:.4g} first (sqrt(width) / mean "
            "norm)",
        ),
        "input scale inverted": (1 / given, "states should be divided by the factor"),
        "input scale not wanted": (1.0, "states should not be multiplied by a factor"),
    }  # fmt: skip
    for mistake, (scale, meaning) in tried.items():
        if abs(scale / given - 1) > 0.02:
            yield Alternative(mistake, meaning, replace(sae, input_scale=scale))
    yield Alternative(
        "output scale", "reconstructions have another length than the states",
        _with_fitted_output(sae, states),
    )  # fmt: skip


def _with_fitted_output(sae: SAE, states: States) -> SAE:
    """The autoencoder with its decoder scaled by the one number that fits best."""
    some = states[: 4 * _rows_at_once(sae)]
    x = sae.scaled(some.float()).double() - sae.decoder_bias.double()
    y = (sae.encode(some).to(sae.decoder.dtype) @ sae.decoder).double()
    factor = float((x * y).sum() / y.square().sum().clamp_min(1e-300))
    return replace(sae, decoder=sae.decoder * factor)


def _rows_at_once(sae: SAE) -> int:
    return max(_FEWEST_FOR_SCALE, 2**22 // sae.n_features)


def _norms(sae: SAE) -> Iterator[Alternative]:
    if sae.unit_norm:
        return
    for mistake, (norm, meaning) in _NORMS.items():
        if norm != sae.token_norm:
            yield Alternative(f"{mistake} missing", meaning, replace(sae, token_norm=norm))
    if sae.token_norm:
        yield Alternative(
            "normalisation not wanted", "states should not be normalised one by one",
            replace(sae, token_norm=None),
        )  # fmt: skip


def _rules(sae: SAE, expected_l0: tuple[float, float] | None) -> Iterator[Alternative]:
    lengths = sae.decoder.float().norm(dim=1).clamp_min(1e-12)
    rule = sae.firing
    if isinstance(rule, Threshold) and float((lengths - 1).abs().max()) > 0.02:
        for factor, what in ((1 / lengths, "divided"), (lengths, "multiplied")):
            yield Alternative(
                "decoder norms in thresholds",
                f"thresholds should be {what} by the lengths of decoder rows",
                replace(sae, firing=Threshold(rule.theta * factor)),
            )
    if expected_l0 is not None and isinstance(rule, Relu | Threshold):
        k = max(1, min(round(sum(expected_l0) / 2), sae.n_features))
        yield Alternative(
            "firing rule", f"only the {k} largest features of each unit should fire (TopK)",
            replace(sae, firing=TopK(k)),
        )  # fmt: skip
    if isinstance(rule, TopK):
        other: FiringRule = Relu()
        yield Alternative(
            "firing rule", "every positive feature should fire (ReLU)", replace(sae, firing=other)
        )


def _orientations(sae: SAE) -> Iterator[Alternative]:
    if sae.n_features != sae.width:
        return
    turned = (
        ("encoder transposed", "the encoder matrix should be transposed", True, False),
        ("decoder transposed", "the decoder matrix should be transposed", False, True),
        ("both matrices transposed", "both matrices should be transposed", True, True),
    )
    for mistake, meaning, encoder, decoder in turned:
        yield Alternative(
            mistake, meaning,
            replace(
                sae,
                encoder=sae.encoder.T.contiguous() if encoder else sae.encoder,
                decoder=sae.decoder.T.contiguous() if decoder else sae.decoder,
            ),
        )  # fmt: skip
