"""What a dictionary's errors cost the language model: its loss with states reconstructed.

The states of counted tokens after one layer are replaced by what the dictionary makes of them,
and the model goes on to its prediction; all other states stay as they are. So a dictionary is
judged by what the model needs of a state, not by how long the part is that was lost.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

import torch
from torch import nn

from corpuscope.corpus.corpus import Corpus
from corpuscope.errors import DictionaryError, NotEnoughData
from corpuscope.extraction.compatibility import check_fits, good_batch_tokens, plan_for
from corpuscope.extraction.memory import keep_few_shapes
from corpuscope.extraction.progress import Report, reporting
from corpuscope.reader.language_model import LanguageModel
from corpuscope.reader.passages import PassageBatch
from corpuscope.reader.threads import take_free_cores
from corpuscope.sae.dictionary import Dictionary, Part
from corpuscope.sae.files import load_dictionary
from corpuscope.sae.model import SAE
from corpuscope.tensor_shapes import States, Vector
from corpuscope.training.loss_recovered.lm_head import PredictingModel, Splice, predicting_model
from corpuscope.training.loss_recovered.texts import JudgedStretch, JudgedTexts

_UNITS = 2048
_LOGIT_BYTES = 64 * 2**20

Ablation = Literal["mean", "zero"]
"""What ablated states are: the mean over all counted tokens, or 0."""


@dataclass(frozen=True, slots=True)
class LossRecovered:
    """The loss of a language model as it is, with states reconstructed, and with them ablated.

    Losses are mean cross entropies in nats for each predicted token.

    Attributes:
        predicted: Whether the tokens are those that come next, or those that were masked.
        ablation: What ablated states are: their mean over all counted tokens, or 0.
        layer: After which layer states are replaced.
        n_tokens: How many tokens are predicted.
        n_replaced: How many states are replaced in a run.
        ce_original: The loss of the model as it is.
        ce_reconstructed: That with states reconstructed.
        ce_ablated: That with states ablated.
        kl: The mean KL(original || reconstructed) of what is predicted for a token.
        kl_ablated: The mean KL(original || ablated).
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
        """By how much reconstructing raises the loss."""
        return self.ce_reconstructed - self.ce_original

    @property
    def loss_recovered(self) -> float:
        """Which share of what ablating costs is won back: 1 is perfect, 0 no better than that.

        Near 1 for nearly every dictionary where zeros ruin the model: look at `delta` and `kl`
        first. Not a number where ablating costs nothing.
        """
        cost = self.ce_ablated - self.ce_original
        return (self.ce_ablated - self.ce_reconstructed) / cost if cost else float("nan")

    @property
    def kl_recovered(self) -> float:
        """Which share of the divergence is won back, likewise."""
        return 1 - self.kl / self.kl_ablated if self.kl_ablated else float("nan")

    def to_json(self) -> dict[str, Any]:
        """All of it as JSON values."""
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
    """What the token part of a dictionary costs its reader's predictions on these texts.

    Texts are read as they are for the dictionary. A causal model predicts every next token of
    a passage. A masked one predicts 15 % of the counted tokens, drawn once for all runs; its
    states, those at the masks among them, are of the text with masks in it. Takes about three
    and a half runs of the model, and half a run more for the mean.

    Args:
        dictionary: The dictionary, or its folder; its token part has one layer.
        corpus: Texts that it has not learned from, in an order that is not by kind: reading
            stops at `max_tokens_judged`.
        ablation: What to compare with: "mean" puts the mean of the states, "zero" zeros.
        reader: Its name, tokenizer, number type and device are taken; the model is loaded
            again, with its head. By default the one that the dictionary names.
        model: The model with its head, if it is at hand; it computes where it is.
        roles: Only what these roles say counts; by default what the dictionary's masks say.
        max_tokens_judged: How many predicted tokens are enough; what is read together is read
            to its end.
        seed: Of the tokens that are masked.
        progress: Is told how far it has come, first with the mean and then with the runs; True
            draws a bar on standard error.
        device: Where to compute, if `reader` is not given.

    Raises:
        NotEnoughData: No token is predicted, or none counts.
        DictionaryError: There is no such dictionary, it was made for another reader, or it has
            no token part on exactly one layer.
        ReaderError: The reader cannot be loaded, has no language-model head, or no token to
            mask with.

    Source: Rajamanoharan et al., 2024, arXiv 2404.16014, on loss recovered; METHODS 9.1.
    """
    found = dictionary if isinstance(dictionary, Dictionary) else load_dictionary(dictionary)
    part = _spliced_part(found)
    keep_few_shapes()
    lm = predicting_model(found.reader_name, reader=reader, model=model, device=device)
    check_fits(found, lm.reader)
    place = lm.reader.device
    take_free_cores(place)
    plan = plan_for(found, roles, good_batch_tokens(lm.reader))
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
    if len(parts) == 1 and len(parts[0].layers) == 1:
        return parts[0]
    about = [f"{part.unit}s after the layers {list(part.layers)}" for part in dictionary.parts]
    raise DictionaryError(
        f"a dictionary of {' and '.join(about)}",
        expected="one part for tokens, after exactly one layer, whose states can be put back",
        next_step="learn a dictionary of tokens after one layer, or judge this one with `evaluate`",
    )


def _mean(texts: JudgedTexts, report: Report | None) -> Vector:
    """Of all states that will be replaced."""
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
    """The model as it is, with states reconstructed and with them ablated, batch after batch.

    Sums over predicted tokens are in float64. Of the logits of a batch no more than some
    megabytes are there at once.
    """

    def __init__(self, texts: JudgedTexts, sae: SAE, ablated: Vector) -> None:
        self._texts, self._lm, self._sae, self._ablated = texts, texts.lm, sae, ablated
        self._n_tokens = self._n_replaced = 0
        self._losses, self._divergences = [0.0, 0.0, 0.0], [0.0, 0.0, 0.0]
        self._n_at_once = max(1, _LOGIT_BYTES // (4 * self._lm.n_tokens))

    def add(self, stretch: JudgedStretch) -> None:
        """What is read together."""
        rebuilt, usual = _rebuilt(self._sae, stretch.states), stretch.usual.cpu()
        for batch in self._texts.batches(stretch.load):
            at, ids = (each.to(rebuilt.device) for each in self._texts.predicted(stretch, batch))
            if not len(ids):
                continue
            keep = usual[batch.tokens]
            places = batch.places[keep].to(rebuilt.device)
            states = rebuilt[batch.tokens[keep].to(rebuilt.device)]
            splices = (
                None,
                Splice(self._texts.layer, places, states),
                Splice(self._texts.layer, places, self._ablated.expand_as(states)),
            )
            self._n_replaced += len(places)
            self._compare([self._last_states(batch, splice)[at] for splice in splices], ids)

    def _last_states(self, batch: PassageBatch, splice: Splice | None) -> torch.Tensor:
        return self._lm.last_states(batch.ids, batch.mask, splice).flatten(0, 1)

    def _compare(self, runs: list[torch.Tensor], ids: torch.Tensor) -> None:
        """Add what each run predicts for the tokens `ids`, and how far that is from the first."""
        self._n_tokens += len(ids)
        for rows in torch.split(torch.arange(len(ids), device=ids.device), self._n_at_once):
            original = self._lm.log_probabilities(runs[0][rows])
            for run, states in enumerate(runs):
                found = self._lm.log_probabilities(states[rows]) if run else original
                losses = -found.gather(1, ids[rows, None])
                self._losses[run] += float(losses.sum(dtype=torch.float64))
                gaps = original.exp() * (original - found)
                self._divergences[run] += float(gaps.sum(dtype=torch.float64))

    def result(self, ablation: Ablation) -> LossRecovered:
        """The means."""
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
    """What the dictionary makes of the states, as long as they are where it takes directions."""
    found = torch.empty_like(states, dtype=torch.float32)
    for rows, into in zip(torch.split(states, _UNITS), torch.split(found, _UNITS), strict=True):
        into[:] = sae.decode(sae.encode(rows))
        if sae.unit_norm:
            into *= torch.linalg.vector_norm(rows.float(), dim=1, keepdim=True)
    return found


def _too_little(lm: PredictingModel) -> NotEnoughData:
    return NotEnoughData(
        f"texts in which no {'next' if lm.is_causal else 'masked'} token is predicted from "
        "states that count",
        expected="at least one, and better a hundred thousand",
        next_step="give it more text, or check the column of texts and the masks",
    )
