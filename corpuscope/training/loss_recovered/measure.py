"""Loss recovered: the language model's loss with states replaced by their reconstructions.

The states of counted tokens after one layer are replaced by the dictionary's reconstructions, and
the forward pass continues; all other states are unchanged. Errors are thus weighted by what they
do to the model's predictions, not by their norm.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import torch
from torch import nn

from corpuscope.corpus.corpus import Corpus
from corpuscope.errors import DictionaryError, NotEnoughData
from corpuscope.extraction.compatibility import check_fits, plan_for
from corpuscope.extraction.memory import keep_few_shapes
from corpuscope.extraction.progress import Report, reporting
from corpuscope.reader.language_model import LanguageModel
from corpuscope.reader.passages import IntArray
from corpuscope.reader.read import ReadingPlan
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
        by_role: The same for the predicted tokens of each role, in texts that have roles; states
            of all roles are replaced at once.
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
    by_role: Mapping[str, "LossRecovered"] = field(default_factory=dict)

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
        found = {name: getattr(self, name) for name in names if name != "by_role"}
        plain = {name: None if value != value else value for name, value in found.items()}
        roles = {role: one.to_json() for role, one in self.by_role.items()}
        return plain | ({"by_role": roles} if roles else {})


@dataclass(frozen=True, kw_only=True)
class LossSettings:
    """How losses are measured.

    Attributes:
        ablation: "mean" replaces states by their mean, "zero" by zeros.
        roles: Count only text of these roles; by default as in the dictionary's masks.
        max_tokens_judged: Reading stops after this many predicted tokens; the batch being read
            is completed.
        seed: Random seed of the masked tokens.
        progress: Callback for progress, first of the mean and then of the passes; True draws a
            bar on standard error.
        device: Where to compute, if no reader is given.
    """

    ablation: Ablation = "mean"
    roles: Iterable[str] | None = None
    max_tokens_judged: int = 100_000
    seed: int = 0
    progress: Report | bool | None = None
    device: str = "auto"


def loss_recovered(
    dictionary: str | Path | Dictionary,
    corpus: Corpus,
    *,
    reader: LanguageModel | None = None,
    model: nn.Module | None = None,
    settings: LossSettings | None = None,
) -> LossRecovered:
    """How much a dictionary's token part degrades its reader's predictions on these texts.

    Texts are read as for the dictionary. A causal model predicts every next token of a passage.
    A masked one predicts 15 % of the counted tokens, drawn once for all passes; its states,
    including those at masks, are of the masked text. Cost: about three and a half forward passes,
    and half a pass more for the mean.

    Args:
        dictionary: The dictionary, or its folder; its token part has one layer.
        corpus: Texts that it was not trained on, in mixed order, for reading may stop early.
        reader: Gives name, tokenizer, dtype and device; the model is loaded again, with its
            head. By default the one that the dictionary names.
        model: The model with its head, if already loaded; it stays on its device.
        settings: How it is measured, such as `LossSettings(ablation="zero")`.

    Raises:
        NotEnoughData: No token is predicted, or none counts.
        DictionaryError: There is no such dictionary, it was made for another reader, or it has
            no token part on exactly one layer.
        ReaderError: The reader cannot be loaded, or has no LM head or no mask token.

    Source: Rajamanoharan et al., 2024, arXiv 2404.16014, on loss recovered; METHODS 9.1.
    """
    several = {"": dictionary}
    return losses_recovered(several, corpus, reader=reader, model=model, settings=settings)[""]


def losses_recovered(
    dictionaries: Mapping[str, str | Path | Dictionary],
    corpus: Corpus,
    *,
    reader: LanguageModel | None = None,
    model: nn.Module | None = None,
    settings: LossSettings | None = None,
) -> dict[str, LossRecovered]:
    """The same for several dictionaries of one reader, by name.

    Those of one layer that read in one way share the passes of the unmodified and of the ablated
    model: each costs a forward pass. Arguments and errors are those of `loss_recovered`.
    """
    settings = settings or LossSettings()
    opened = {
        name: one if isinstance(one, Dictionary) else load_dictionary(one)
        for name, one in dictionaries.items()
    }
    parts = {name: _spliced_part(one) for name, one in opened.items()}
    keep_few_shapes()
    first = next(iter(opened.values()))
    lm = predicting_model(first.reader_name, reader=reader, model=model, device=settings.device)
    roles = None if settings.roles is None else frozenset(settings.roles)
    take_free_cores(lm.reader.device)
    found: dict[str, LossRecovered] = {}
    for plan, names in _read_alike(opened, lm.reader, roles):
        texts = JudgedTexts(
            corpus, lm, plan, layer=parts[names[0]].layers[0],
            n_enough=settings.max_tokens_judged, seed=settings.seed,
        )  # fmt: skip
        saes = [parts[name].sae.to(lm.reader.device) for name in names]
        judged = _judged(texts, saes, settings.ablation, settings.progress)
        found |= zip(names, judged, strict=True)
    return {name: found[name] for name in opened}


def _read_alike(
    dictionaries: Mapping[str, Dictionary], reader: LanguageModel, roles: Iterable[str] | None
) -> list[tuple[ReadingPlan, list[str]]]:
    """The ways in which texts are read, with the names of the dictionaries read for so."""
    found: dict[str, tuple[ReadingPlan, list[str]]] = {}
    for name, dictionary in dictionaries.items():
        check_fits(dictionary, reader)
        plan = plan_for(dictionary, roles, reader.good_batch_tokens)
        found.setdefault(repr(plan), (plan, []))[1].append(name)
    return list(found.values())


def _judged(
    texts: JudgedTexts, saes: Sequence[SAE], ablation: Ablation, progress: Report | bool | None
) -> list[LossRecovered]:
    with reporting(progress) as report:
        ablated = torch.zeros(texts.lm.reader.width, device=texts.lm.reader.device)
        if ablation == "mean":
            ablated = _mean(texts, report)
        runs = _Runs(texts, saes, ablated, ablation)
        for stretch in texts.stretches(report):
            runs.add(stretch)
    return runs.results()


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
    """Forward passes of the model (original, ablated, each reconstruction), batch after batch.

    Sums over predicted tokens are in float64. Logits are computed in chunks of some megabytes.
    """

    def __init__(
        self, texts: JudgedTexts, saes: Sequence[SAE], ablated: Vector, ablation: Ablation
    ) -> None:
        self._texts, self._lm, self._saes = texts, texts.lm, saes
        self._ablated, self._ablation = ablated, ablation
        self._n_replaced = 0
        self._sums: dict[int, _Sums] = {}
        # Four bytes per logit.
        self._n_at_once = max(1, _LOGIT_BYTES // (4 * self._lm.n_tokens))

    def add(self, stretch: JudgedStretch) -> None:
        """Add a batch of texts."""
        rebuilt = [_rebuilt(sae, stretch.states) for sae in self._saes]
        device, usual = stretch.states.device, stretch.usual.cpu()
        for batch in self._texts.batches(stretch.load):
            predicted = self._texts.predicted(stretch, batch)
            at, ids = (each.to(device) for each in predicted)
            if not len(ids):
                continue
            keep = usual[batch.tokens]
            places, tokens = batch.places[keep].to(device), batch.tokens[keep].to(device)
            layer, ablated = self._texts.layer, self._ablated.expand(len(places), -1)
            # The unmodified model, ablation, reconstructions; `_Sums` relies on this order.
            splices = (
                None,
                Splice(layer, places, ablated),
                *(Splice(layer, places, states[tokens]) for states in rebuilt),
            )
            self._n_replaced += len(places)
            runs = [self._last_states(batch, splice)[at] for splice in splices]
            self._compare(runs, ids, self._texts.roles_of(stretch, batch))

    def _last_states(self, batch: TensorBatch, splice: Splice | None) -> torch.Tensor:
        return self._lm.last_states(batch.ids, batch.mask, splice).flatten(0, 1)

    def _compare(self, runs: list[torch.Tensor], ids: torch.Tensor, roles: IntArray) -> None:
        """Add each pass's loss on the tokens `ids`, and its KL divergence from the original."""
        for rows in torch.split(torch.arange(len(ids), device=ids.device), self._n_at_once):
            original = self._lm.log_probabilities(runs[0][rows])
            figures = []
            for run, states in enumerate(runs):
                found = self._lm.log_probabilities(states[rows]) if run else original
                # KL(original || run) = sum p (log p - log q), over the vocabulary.
                gaps = (original.exp() * (original - found)).sum(dim=1, dtype=torch.float64)
                losses = -found.gather(1, ids[rows, None])[:, 0].double()
                figures.append(torch.stack([losses, gaps]).cpu().numpy())
            of_role, of_rows = np.stack(figures), roles[rows.cpu().numpy()]
            for role in np.unique(of_rows):
                own = of_role[:, :, of_rows == role]
                self._sums.setdefault(int(role), _Sums(len(runs))).add(own)

    def results(self) -> list[LossRecovered]:
        """For each dictionary the means over all predicted tokens, and over those of each role."""
        if not self._sums or not self._n_replaced:
            raise _too_little(self._lm)
        whole = _Sums.of_all(self._sums.values())
        names = self._texts.role_names
        roles = {names[n]: sums for n, sums in sorted(self._sums.items()) if n >= 0}
        found = []
        for number in range(len(self._saes)):
            by_role = {role: self._result(sums, number) for role, sums in roles.items()}
            found.append(replace(self._result(whole, number), by_role=by_role))
        return found

    def _result(self, sums: "_Sums", number: int) -> LossRecovered:
        (ce, _), (ce_ablated, kl_ablated), *reconstructed = (sums.totals / sums.n).tolist()
        ce_reconstructed, kl = reconstructed[number]
        return LossRecovered(
            predicted="next" if self._lm.is_causal else "masked",
            ablation=self._ablation,
            layer=self._texts.layer,
            n_tokens=sums.n,
            n_replaced=self._n_replaced,
            ce_original=ce,
            ce_reconstructed=ce_reconstructed,
            ce_ablated=ce_ablated,
            kl=kl,
            kl_ablated=kl_ablated,
            n_refused=self._texts.n_refused,
        )


class _Sums:
    """Loss and KL divergence of each pass, summed over some of the predicted tokens."""

    def __init__(self, n_runs: int) -> None:
        self.n, self.totals = 0, np.zeros((n_runs, 2))

    def add(self, figures: npt.NDArray[np.float64]) -> None:
        """Add those of some tokens: passes x (loss, divergence) x tokens."""
        self.n += figures.shape[2]
        self.totals += figures.sum(axis=2)

    @classmethod
    def of_all(cls, each: Iterable["_Sums"]) -> "_Sums":
        """The sum of sums."""
        parts = list(each)
        found = cls(len(parts[0].totals))
        found.n = sum(one.n for one in parts)
        found.totals = np.sum([one.totals for one in parts], axis=0)
        return found


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
