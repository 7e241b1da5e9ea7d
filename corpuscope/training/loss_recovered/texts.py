"""Texts for measuring a language model's loss: what it reads, and what it has to predict."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice

import numpy as np
import torch
from torch.nn.functional import pad

from corpuscope.corpus.corpus import Corpus
from corpuscope.corpus.document import Document
from corpuscope.errors import ReaderError
from corpuscope.extraction.memory import give_back
from corpuscope.extraction.progress import Clock, Report
from corpuscope.reader.language_model import LanguageModel
from corpuscope.reader.passages import IntArray, Load, batches, tokenized
from corpuscope.reader.read import ReadingPlan, loads
from corpuscope.reader.tensors import TensorBatch, usual
from corpuscope.sites import Place
from corpuscope.tensor_shapes import States, UnitMask
from corpuscope.training.loss_recovered.lm_head import PredictingModel

MASKED_SHARE = 0.15
"""Share of the counted tokens that a masked language model has to predict."""
_DOCUMENTS = 256


@dataclass(frozen=True, slots=True, eq=False)
class JudgedStretch:
    """A batch of texts that is read together.

    Attributes:
        load: The tokens as read, with mask tokens for a masked model.
        states: The state of each counted token after the layer.
        usual: Which counted tokens are not outliers.
        masked: Which counted tokens are masked; none for a causal model.
        ids: The original id of each counted token.
        roles: The number of the role of each counted token, or -1.
    """

    load: Load
    states: States
    usual: UnitMask
    masked: UnitMask
    ids: torch.Tensor
    roles: IntArray


class JudgedTexts:
    """Iterates over the corpus, with the same masks on each pass.

    Args:
        corpus: The texts.
        lm: The model that reads and predicts.
        plan: How it reads.
        layer: The layer after which states are replaced.
        n_enough: Reading stops after this many predicted tokens.
        seed: Random seed of the masks.

    Raises:
        ReaderError: The plan exceeds the model's context, or there is no mask token.
    """

    def __init__(
        self,
        corpus: Corpus,
        lm: PredictingModel,
        plan: ReadingPlan,
        *,
        layer: int,
        n_enough: int,
        seed: int,
    ) -> None:
        self.lm, self.layer = lm, layer
        self._corpus, self._plan = corpus, plan
        self._n_enough, self._seed = n_enough, seed
        self.n_refused = 0
        self.role_names: list[str] = []
        self._mask_id = None if lm.is_causal else _mask_id(lm.reader)
        if plan.max_tokens > lm.reader.max_tokens:
            raise ReaderError(
                f"a context of {plan.max_tokens} tokens for {lm.reader.name}",
                expected=f"at most {lm.reader.max_tokens} tokens",
                next_step="choose another reader, or a dictionary with another max_tokens",
            )

    def stretches(self, report: Report | None = None) -> Iterator[JudgedStretch]:
        """Batches until enough tokens are predicted; the last one is complete."""
        clock = Clock(self._corpus.n_documents, report)
        self.n_refused = 0
        # One generator for all texts, so masks depend only on token order, not on batching.
        generator = np.random.default_rng(self._seed)
        documents, n_predicted = iter(self._corpus), 0
        while some := list(islice(documents, _DOCUMENTS)):
            clock.reading()
            for sections, refused, n_finished in loads(some, self.lm.reader, self._plan):
                self.n_refused += len(refused)
                load = tokenized(
                    sections,
                    self.lm.reader,
                    context=self._plan.context,
                    max_tokens=self._plan.max_tokens,
                    frame=self.lm.reader.framed(prepends_bos=self._plan.prepends_bos),
                )
                stretch = self._stretch(load, generator, some)
                yield stretch
                clock.read(n_finished, n_tokens=len(stretch.states))
                n_predicted += self._n_predicted(stretch)
                if n_predicted >= self._n_enough:
                    return
            clock.committed(len(some), was_read=True)
            give_back()

    def batches(self, load: Load) -> Iterator[TensorBatch]:
        """The passages of a load in padded batches."""
        return map(
            TensorBatch.of, batches(load, self.lm.reader, batch_tokens=self._plan.batch_tokens)
        )

    def predicted(
        self, stretch: JudgedStretch, batch: TensorBatch
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Positions in the flattened batch at which tokens are predicted, and their ids."""
        if self.lm.is_causal:
            # A position predicts its next token; padding has none.
            has_next = pad(batch.mask[:, 1:], (0, 1))
            following = pad(batch.ids[:, 1:], (0, 1))
            return has_next.flatten().nonzero()[:, 0], following[has_next]
        masked = stretch.masked[batch.tokens]
        return batch.places[masked], stretch.ids[batch.tokens[masked]]

    def roles_of(self, stretch: JudgedStretch, batch: TensorBatch) -> IntArray:
        """The number of the role of each token that `predicted` returns; -1 outside of roles."""
        at, _ = self.predicted(stretch, batch)
        found = np.full(batch.ids.numel() + 1, -1, dtype=np.int64)
        found[batch.places.numpy()] = stretch.roles[batch.tokens.numpy()]
        # A causal model predicts the token that follows.
        following: IntArray = found[at.numpy() + int(self.lm.is_causal)]
        return following

    def _stretch(
        self, load: Load, generator: np.random.Generator, documents: Sequence[Document]
    ) -> JudgedStretch:
        n, ids = len(load.documents), load.ids[load.counts]
        masked = np.zeros(n, dtype=bool)
        if self._mask_id is not None:
            masked = generator.random(n) < MASKED_SHARE
            with_masks = load.ids.copy()
            with_masks[np.flatnonzero(load.counts)[masked]] = self._mask_id
            load = replace(load, ids=with_masks)
        states = self._states(load)
        kept = usual(self._plan.masks, list(states.values()))
        if kept is None:
            kept = torch.ones(n, dtype=torch.bool, device=self.lm.reader.device)
        return JudgedStretch(
            load, states[self.layer], kept, torch.from_numpy(masked), torch.from_numpy(ids),
            self._roles(load, documents),
        )  # fmt: skip

    def _roles(self, load: Load, documents: Sequence[Document]) -> IntArray:
        """The number of the role that each counted token begins in."""
        found = np.full(len(load.documents), -1, dtype=np.int64)
        for number in np.unique(load.documents):
            roles = documents[number].roles
            if not roles:
                continue
            rows = np.flatnonzero(load.documents == number)
            at = np.searchsorted([role.start for role in roles], load.spans[rows, 0], "right") - 1
            found[rows] = np.array([self._number(role.role) for role in roles])[np.maximum(at, 0)]
        return found

    def _number(self, role: str) -> int:
        if role not in self.role_names:
            self.role_names.append(role)
        return self.role_names.index(role)

    def _states(self, load: Load) -> dict[Place, States]:
        """States of the counted tokens, at every layer that outlier detection uses."""
        reader, layers = self.lm.reader, self._plan.layers
        found = {
            layer: torch.empty(
                len(load.documents), reader.width, dtype=reader.dtype, device=reader.device
            )
            for layer in layers
        }
        for batch in self.batches(load):
            places, tokens = batch.places.to(reader.device), batch.tokens.to(reader.device)
            for layer, states in reader.states(batch.ids, batch.mask, layers=layers).items():
                found[layer][tokens] = states.flatten(0, 1)[places]
        return found

    def _n_predicted(self, stretch: JudgedStretch) -> int:
        if not self.lm.is_causal:
            return int(stretch.masked.sum())
        # Each passage, with its special tokens, predicts all of its tokens but the first.
        lengths = np.diff(stretch.load.passages, axis=1)
        return int((lengths + sum(map(len, stretch.load.frame)) - 1).sum())


def _mask_id(reader: LanguageModel) -> int:
    if reader.tokenizer.mask_token_id is None:
        raise ReaderError(
            f"the tokenizer of {reader.name} has no mask token",
            expected="a masked language model with its mask token",
            next_step="add it to the tokenizer, or choose another reader",
        )
    return int(reader.tokenizer.mask_token_id)
