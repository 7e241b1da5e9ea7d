"""An SAE as a family's reader found it, on its way to the form that is used here.

Folding is exact algebra, computed in float64. Each fold is recorded in words, since strengths may
be in other units than in the project that trained the SAE.
"""

from dataclasses import dataclass, replace

import torch

from corpuscope.sae.firing import FiringRule, Threshold
from corpuscope.sae.foreign.hooks import Hook
from corpuscope.sae.model import SAE
from corpuscope.sae.token_norm import TokenNorm

LAYER_NORM = TokenNorm(is_centred=True, divisor="deviation", epsilon=1e-5)
"""(x - mean) / (standard deviation + 1e-5): of SAELens, OpenAI and BatchTopK."""
ROOT_MEAN_SQUARE = TokenNorm(is_centred=False, divisor="root-mean-square")
"""x sqrt(d) / |x|: SAELens' `constant_norm_rescale`, Llamascopium's `token-wise`."""
CENTRED = TokenNorm(is_centred=True)
"""x - mean: the residual stream of a TransformerLens model with centred writing weights."""


@dataclass(frozen=True, eq=False)
class Draft:
    """Weights in canonical orientation, one row per feature, and how they are applied.

    Shapes are those that a file has, until the opener has checked them.

    Attributes:
        encoder: One row per feature.
        decoder: One row per feature.
        encoder_bias: Added to the pre-activations.
        decoder_bias: Added to the reconstruction.
        firing: The rule, for pre-activations in the units of training.
        subtracts_bias: Whether the encoder takes states minus the decoder bias.
        input_scale: What states are multiplied by first; decoding undoes it.
        token_norm: How each state is normalised first; decoding undoes it.
        folds: What was folded into the weights so far, in words.
    """

    encoder: torch.Tensor
    decoder: torch.Tensor
    encoder_bias: torch.Tensor
    decoder_bias: torch.Tensor
    firing: FiringRule
    subtracts_bias: bool = True
    input_scale: float = 1.0
    token_norm: TokenNorm | None = None
    folds: tuple[str, ...] = ()

    def with_unit_rows(self) -> "Draft":
        """Decoder rows of length 1; activations, thresholds and encoder grow by the lengths.

        Exact if features are chosen one by one, or by pre-activations times these lengths.
        """
        lengths = self.decoder.double().norm(dim=1).clamp_min(1e-30)
        firing = self.firing
        if isinstance(firing, Threshold):
            firing = Threshold((firing.theta.double() * lengths).float())
        return replace(
            self,
            encoder=(self.encoder.double() * lengths[:, None]).float(),
            decoder=(self.decoder.double() / lengths[:, None]).float(),
            encoder_bias=(self.encoder_bias.double() * lengths).float(),
            firing=firing,
            folds=(*self.folds, "decoder rows have length 1: strengths are |W_dec| times theirs"),
        )

    def sae(self) -> tuple[SAE, tuple[str, ...]]:
        """The SAE, and what was folded into it."""
        bias, folds = self.encoder_bias.float(), self.folds
        if not self.subtracts_bias:
            # x W + b = (x - b_dec) W + (b + b_dec W).
            moved = self.encoder.double() @ self.decoder_bias.double()
            bias = (self.encoder_bias.double() + moved).float()
            folds = (*folds, "b_enc + W_enc b_dec: their encoder does not subtract b_dec")
        made = SAE(
            encoder=self.encoder.float().contiguous(),
            decoder=self.decoder.float().contiguous(),
            encoder_bias=bias,
            decoder_bias=self.decoder_bias.float(),
            firing=self.firing,
            input_scale=self.input_scale,
            token_norm=self.token_norm,
        )
        return made, folds


def jump_relu(theta: torch.Tensor) -> Threshold:
    """The rule of a JumpReLU, which also passes nothing below 0."""
    return Threshold(theta.float().clamp_min(0))


def one_threshold(value: float, n_features: int) -> Threshold:
    """The rule by which every feature has the same threshold."""
    return Threshold(torch.full((n_features,), max(0.0, float(value))))


def gate_by_decoder_norm(theta: torch.Tensor, decoder: torch.Tensor) -> Threshold:
    """The rule `pre |W_dec| > theta`, as thresholds of `pre` itself."""
    lengths = decoder.double().norm(dim=1)
    # Where a row is 0 nothing fires, for 0 > theta is false.
    largest = torch.finfo(torch.float32).max
    found = torch.where(lengths > 0, theta.double() / lengths.clamp_min(1e-30), largest)
    return Threshold(found.clamp(0, largest).float())


def gated(
    encoder: torch.Tensor,
    gate_bias: torch.Tensor,
    magnitude_bias: torch.Tensor,
    log_ratio: torch.Tensor,
) -> tuple[torch.Tensor, torch.Tensor, FiringRule]:
    """Encoder, bias and rule that do what a gated encoder does.

    With g = W x the gate is open where g + b_gate > 0, and the value is
    pre = g exp(r) + b_mag where positive. Since exp(r) > 0 the gate is open where
    pre > b_mag - b_gate exp(r): a threshold.

    Source: Rajamanoharan et al., 2024, arXiv 2404.16014, section 3.2.
    """
    ratio = log_ratio.double().exp()
    theta = magnitude_bias.double() - gate_bias.double() * ratio
    return (
        (encoder.double() * ratio[:, None]).float(),
        magnitude_bias.float(),
        Threshold(theta.clamp_min(0).float()),
    )


@dataclass(frozen=True, eq=False)
class Found:
    """What a family's reader says about a dictionary.

    Attributes:
        draft: Its weights, and how they are applied.
        weights_file: The name of the file that they are from.
        model: The language model, by the name that the layout uses; None if it does not say.
        hook: Where states are taken, if known.
        context_size: How many tokens the model saw at once, if known.
        prepends_bos: Whether each passage began with the token of the beginning of a text.
        expected_l0: How many features should fire at a token, as a range.
        notes: What whoever uses it should know.
        stated_size: Features and width that the configuration states, if it does.
    """

    draft: Draft
    weights_file: str
    model: str | None = None
    hook: Hook | None = None
    context_size: int | None = None
    prepends_bos: bool | None = None
    expected_l0: tuple[float, float] | None = None
    notes: tuple[str, ...] = ()
    stated_size: tuple[int | None, int | None] = (None, None)
