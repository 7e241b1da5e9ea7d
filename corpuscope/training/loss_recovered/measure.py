"""Loss recovered: the language model's loss with states replaced by their reconstructions.

The states of counted tokens after one layer are replaced by the dictionary's reconstructions, and
the forward pass continues; all other states are unchanged. Errors are thus weighted by what they
do to the model's predictions, not by their norm.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

import torch
from torch import nn

from corpuscope.corpus.corpus import Corpus
from corpuscope.errors import DictionaryError, NotEnoughData
from corpuscope.extraction.compatibility import check_fits, plan_for
from corpuscope.extraction.memory import keep_few_shapes
from corpuscope.extraction.progress import Report, reporting
from corpuscope.reader.language_model import LanguageModel
from corpuscope.reader.tensors import TensorBatch
from corpuscope.reader.threads import take_free_cores
from corpuscope.sae.dictionary import Dictionary, Part
from corpuscope.sae.formats import load_dictionary
from corpuscope.sae.model import SAE
from corpuscope.tensor_shapes import States, Vector
from corpuscope.training.loss_recovered.lm_head import PredictingModel, Splice, predicting_model
from corpuscope.training.loss_recovered.texts import JudgedStretch, JudgedTexts

_UNITS = 2048
_LOGIT_BYTES = 64 * 2**20

Ablation = Literal["mean", "zero"]
"""What ablation replaces states by: their mean over all counted tokens, or 0."""


@dataclass(frozen=True, slots=True)
class LossRecovered:
    """The loss of a language model: original, with states reconstructed, with states ablated.

    Losses are mean cross entropies in nats per predicted token.

    Attributes:
        predicted: Whether next tokens or masked tokens are predicted.
        ablation: What ablation replaces states by: their mean over all counted tokens, or 0.
        layer: After which layer states are replaced.
        n_tokens: How many tokens are predicted.
        n_replaced: How many states are replaced in one forward pass over the texts.
        ce_original: Loss of the unmodified model.
        ce_reconstructed: Loss with states reconstructed.
        ce_ablated: Loss with states ablated.
        kl: Mean KL(original || reconstructed) of the predicted distributions.
        kl_ablated: Mean KL(original || ablated).
        n_refused: How many documents the reader's chat template refused; they are left out.
    """

    predicted: Literal["next", "masked"]
    ablation: Ablation
    layer: int
    n_tokens: int
    n_replaced: int
    ce_original: float
    ce_reconstructed: float
    ce_ablated: float
    kl: float
    kl_ablated: float
    n_refused: int = 0

    @property
    def delta(self) -> float:
        """The increase of the loss by reconstruction."""
        return self.ce_reconstructed - self.ce_original

    @property
    def loss_recovered(self) -> float:
        """The share of the ablation's loss increase that is recovered: 1 is perfect, 0 no better.

        Under zero ablation it is near 1 for nearly every dictionary: look at `delta` and `kl`
        first. NaN if ablation costs nothing.
        """
        cost = self.ce_ablated - self.ce_original
        return (self.ce_ablated - self.ce_reconstructed) / cost if cost else float("nan")

    @property
    def kl_recovered(self) -> float:
        """The share of the ablation's KL divergence that is recovered."""
        return 1 - self.kl / self.kl_ablated if self.kl_ablated else float("nan")

    def to_json(self) -> dict[str, Any]:
        """All fields and derived metrics as JSON values."""
        names = (*self.__dataclass_fields__, "delta", "loss_recovered", "kl_recovered")
        found = {name: getattr(self, name) for name in names}
        return {name: None if value != value else value for name, value in found.items()}


def loss_recovered(
    dictionary: str | Path | Dictionary,
    corpus: Corpus,
    *,
    ablation: Ablation = "mean",
    reader: LanguageModel | None = None,
    model: nn.Module | None = None,
    roles: Iterable[str] | None = None,
    max_tokens_judged: int = 100_000,
    seed: int = 0,
    progress: Report | bool | None = None,
    device: str = "auto",
) -> LossRecovered:
    """How much a dictionary's token part degrades its reader's predictions on these texts.

    Texts are read as for the dictionary. A causal model predicts every next token of a passage.
    A masked one predicts 15 % of the counted tokens, drawn once for all passes; its states,
    including those at masks, are of the masked text. Cost: about three and a half forward passes,
    and half a pass more for the mean.

    Args:
        dictionary: The dictionary, or its folder; its token part has one layer.
        corpus: Texts that it was not trained on, in mixed order: reading stops at
            `max_tokens_judged`.
        ablation: "mean" replaces states by their mean, "zero" by zeros.
        reader: Gives name, tokenizer, dtype and device; the model is loaded again, with its
            head. By default the one that the dictionary names.
        model: The model with its head, if already loaded; it stays on its device.
        roles: Count only text of these roles; by default as in the dictionary's masks.
        max_tokens_judged: Reading stops after this many predicted tokens; the batch being read
            is completed.
        seed: Random seed of the masked tokens.
        progress: Callback for progress, first of the mean and then of the passes; True draws a
            bar on standard error.
        device: Where to compute, if `reader` is not given.

    Raises:
        NotEnoughData: No token is predicted, or none counts.
        DictionaryError: There is no such dictionary, it was made for another reader, or it has
            no token part on exactly one layer.
        ReaderError: The reader cannot be loaded, or has no LM head or no mask token.

    Source: Rajamanoharan et al., 2024, arXiv 2404.16014, on loss recovered; METHODS 9.1.
    """
    found = dictionary if isinstance(dictionary, Dictionary) else load_dictionary(dictionary)
    part = _spliced_part(found)
    keep_few_shapes()
    lm = predicting_model(found.reader_name, reader=reader, model=model, device=device)
    check_fits(found, lm.reader)
    place = lm.reader.device
    take_free_cores(place)
    plan = plan_for(found, roles, lm.reader.good_batch_tokens)
    texts = JudgedTexts(
        corpus, lm, plan, layer=part.layers[0], n_enough=max_tokens_judged, seed=seed
    )
    with reporting(progress) as report:
        ablated = torch.zeros(lm.reader.width, device=place)
        if ablation == "mean":
            ablated = _mean(texts, report)
        runs = _Runs(texts, part.sae.to(place), ablated)
        for stretch in texts.stretches(report):
            runs.add(stretch)
    return replace(runs.result(ablation), n_refused=texts.n_refused)


def _spliced_part(dictionary: Dictionary) -> Part:
    parts = [part for part in dictionary.parts if part.unit == "token"]
    if len(parts) == 1 and len(parts[0].layers) == 1 and parts[0].site == "residual":
        return parts[0]
    about = [
        f"{part.unit}s at the places {', '.join(map(str, part.places))}"
        for part in dictionary.parts
    ]
    raise DictionaryError(
        f"a dictionary of {' and '.join(about)}",
        expected="a single part for tokens, after exactly one layer",
        next_step="train a dictionary of tokens after one layer, or use `evaluate` for this one",
    )


def _mean(texts: JudgedTexts, report: Report | None) -> Vector:
    """The mean of all states that will be replaced."""
    total = torch.zeros(texts.lm.reader.width, dtype=torch.float64)
    n = 0
    for stretch in texts.stretches(report):
        counted = stretch.states[stretch.usual]
        total += counted.sum(dim=0, dtype=torch.float64).cpu()
        n += len(counted)
    if not n:
        raise _too_little(texts.lm)
    return (total / n).float().to(texts.lm.reader.device)


class _Runs:
    """Forward passes of the model (original, reconstructed, ablated), batch after batch.

    Sums over predicted tokens are in float64. Logits are computed in chunks of some megabytes.
    """

    def __init__(self, texts: JudgedTexts, sae: SAE, ablated: Vector) -> None:
        self._texts, self._lm, self._sae, self._ablated = texts, texts.lm, sae, ablated
        self._n_tokens = self._n_replaced = 0
        self._losses, self._divergences = [0.0, 0.0, 0.0], [0.0, 0.0, 0.0]
        # Four bytes per logit.
        self._n_at_once = max(1, _LOGIT_BYTES // (4 * self._lm.n_tokens))

    def add(self, stretch: JudgedStretch) -> None:
        """Add a batch of texts."""
        rebuilt, usual = _rebuilt(self._sae, stretch.states), stretch.usual.cpu()
        for batch in self._texts.batches(stretch.load):
            at, ids = (each.to(rebuilt.device) for each in self._texts.predicted(stretch, batch))
            if not len(ids):
                continue
            keep = usual[batch.tokens]
            places = batch.places[keep].to(rebuilt.device)
            states = rebuilt[batch.tokens[keep].to(rebuilt.device)]
            # The unmodified model, reconstruction, ablation; `_compare` relies on this order.
            splices = (
                None,
                Splice(self._texts.layer, places, states),
                Splice(self._texts.layer, places, self._ablated.expand_as(states)),
            )
            self._n_replaced += len(places)
            self._compare([self._last_states(batch, splice)[at] for splice in splices], ids)

    def _last_states(self, batch: TensorBatch, splice: Splice | None) -> torch.Tensor:
        return self._lm.last_states(batch.ids, batch.mask, splice).flatten(0, 1)

    def _compare(self, runs: list[torch.Tensor], ids: torch.Tensor) -> None:
        """Add each pass's loss on the tokens `ids`, and its KL divergence from the original."""
        self._n_tokens += len(ids)
        for rows in torch.split(torch.arange(len(ids), device=ids.device), self._n_at_once):
            original = self._lm.log_probabilities(runs[0][rows])
            for run, states in enumerate(runs):
                found = self._lm.log_probabilities(states[rows]) if run else original
                losses = -found.gather(1, ids[rows, None])
                self._losses[run] += float(losses.sum(dtype=torch.float64))
                # KL(original || run) = sum p (log p - log q), over the vocabulary.
                gaps = original.exp() * (original - found)
                self._divergences[run] += float(gaps.sum(dtype=torch.float64))

    def result(self, ablation: Ablation) -> LossRecovered:
        """The means over all predicted tokens."""
        if not self._n_tokens or not self._n_replaced:
            raise _too_little(self._lm)
        losses = [total / self._n_tokens for total in self._losses]
        return LossRecovered(
            predicted="next" if self._lm.is_causal else "masked",
            ablation=ablation,
            layer=self._texts.layer,
            n_tokens=self._n_tokens,
            n_replaced=self._n_replaced,
            ce_original=losses[0],
            ce_reconstructed=losses[1],
            ce_ablated=losses[2],
            kl=self._divergences[1] / self._n_tokens,
            kl_ablated=self._divergences[2] / self._n_tokens,
        )


def _rebuilt(sae: SAE, states: States) -> States:
    """Reconstructions, in the units of the states."""
    found = torch.empty_like(states, dtype=torch.float32)
    for rows, into in zip(torch.split(states, _UNITS), torch.split(found, _UNITS), strict=True):
        into[:] = sae.reconstructed(rows)
    return found


def _too_little(lm: PredictingModel) -> NotEnoughData:
    return NotEnoughData(
        f"texts in which no {'next' if lm.is_causal else 'masked'} token is predicted from "
        "states that count",
        expected="at least one such token, better a hundred thousand",
        next_step="use more text, or check the text column and the masks",
    )
