"""Labels with scores for the features of a store."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from corpuscope.labels.context import FeatureContexts, UnitKind
from corpuscope.labels.contexts import collect_contexts, kinds_of_features, present_rows
from corpuscope.labels.distinct import made_distinct
from corpuscope.labels.label import WEIGHTS, Label
from corpuscope.labels.proposals import Proposal, propose, worded
from corpuscope.labels.score import credits, interval_of, top_token_label
from corpuscope.labels.traits.kept_background import kept_background
from corpuscope.labels.traits.trait_table import Background, traits_of
from corpuscope.labels.trials import TraitContrast, quantile_weights
from corpuscope.store.store import Store

__all__ = ["Labeller", "label_features"]

_N_BACKGROUND = 20_000
_SENTENCES_TO_TOKENS = 0.4
_N_EXAMPLES = 5
_FEATURES_AT_ONCE = 8192


def label_features(
    store: Store,
    *,
    features: Sequence[int] | None = None,
    n_contexts: int = 60,
    among: npt.NDArray[np.bool_] | None = None,
    copies: bool = False,
    n_background: int = _N_BACKGROUND,
    seed: int = 0,
    with_examples: bool = False,
    progress: Callable[[int, int], None] | None = None,
) -> pd.DataFrame:
    """A label from words for each feature, with its score.

    Args:
        store: The store.
        features: Feature numbers; by default all.
        n_contexts: Maximum number of contexts per feature, for training and scoring together.
        among: Mask of the documents to use; by default all.
        copies: Whether all copies of a sentence count, which suits corpora of few distinct
            sentences; otherwise one of each.
        n_background: Number of random tokens to compare with, and two fifths as many sentences.
        seed: Random seed.
        with_examples: Whether to return example texts.
        progress: Callback (n_done, n_total) over features.

    Returns:
        A row per feature: feature, kind, label (missing if it could not be labelled, with a
        `reason`), label_source ("words"), score and its 95 % interval score_low and score_high
        (NaN without trials), n_trials, baseline_label and baseline_score (the word with the
        largest mean strength), n_documents; optionally `examples`, each a text with start and
        end of the unit.

    Cost: about 10 ms per feature, and one pass over the documents for every 8,192. What features
    are compared with is drawn once for each store and mask, which takes seconds.
    """
    wanted = list(range(store.n_features)) if features is None else [int(f) for f in features]
    labeller = Labeller(store, among, n_background, seed)
    return labeller.labels(
        wanted, n_contexts=n_contexts, copies=copies, with_examples=with_examples,
        progress=progress,
    )  # fmt: skip


@dataclass(frozen=True, slots=True, eq=False)
class Labeller:
    """Labels features from some documents; what they are compared with is drawn once and kept.

    Attributes:
        store: The store.
        among: Mask of the documents to use; None for all.
        n_background: Number of random tokens to compare with, and two fifths as many sentences.
        seed: Random seed.
    """

    store: Store
    among: npt.NDArray[np.bool_] | None
    n_background: int
    seed: int

    def labels(
        self,
        features: Sequence[int],
        *,
        n_contexts: int,
        copies: bool,
        with_examples: bool = False,
        progress: Callable[[int, int], None] | None = None,
    ) -> pd.DataFrame:
        """A row for each feature; arguments and columns are those of `label_features`."""
        store, seed = self.store, self.seed
        # Copies, so that labels do not depend on what was labelled before.
        others = {kind: self._background(kind).copy() for kind in self._kinds(features)}
        work = []
        for first in range(0, len(features), _FEATURES_AT_ONCE):
            batch = features[first : first + _FEATURES_AT_ONCE]
            found = collect_contexts(
                store, batch, n=n_contexts, among=self.among, copies=copies, seed=seed
            )
            for position, feature in enumerate(batch):
                contexts = found[feature]
                work.append(_proposed(store, contexts, others[contexts.kind]))
                if progress is not None:
                    progress(first + position + 1, len(features))
        labels = made_distinct(
            [w.label for w in work],
            [w.proposal.further for w in work],
            [w.contexts.training for w in work],
        )
        rows = [
            _row(w, label, seed=seed, with_examples=with_examples)
            for w, label in zip(work, labels, strict=True)
        ]
        return pd.DataFrame(rows)

    def _kinds(self, features: Sequence[int]) -> set[UnitKind]:
        kinds = kinds_of_features(self.store)
        return {"sentence" if kinds[feature] == "sentence" else "token" for feature in features}

    def _background(self, kind: UnitKind) -> Background:
        share = 1.0 if kind == "token" else _SENTENCES_TO_TOKENS
        n = round(share * self.n_background)
        return kept_background(self.store, kind, n=n, among=self.among, seed=self.seed)


@dataclass(frozen=True, slots=True, eq=False)
class _Work:
    contexts: FeatureContexts
    others: Background
    is_without: npt.NDArray[np.bool_]
    proposal: Proposal
    label: Label


def _proposed(store: Store, contexts: FeatureContexts, others: Background) -> _Work:
    present = np.zeros(store.n_documents, dtype=np.bool_)
    present[present_rows(store, contexts.feature)] = True
    is_without = others.without(present)
    training = contexts.training
    contrast = TraitContrast(
        others.traits.table(training),
        quantile_weights(np.array([context.strength for context in training])),
        others,
        is_without,
    )
    proposal = propose(contrast, contexts.kind)
    if not contexts.n_documents:
        proposal = Proposal((), reason="present in no document")
    return _Work(contexts, others, is_without, proposal, worded(proposal, training, contexts.kind))


def _row(work: _Work, label: Label, *, seed: int, with_examples: bool) -> dict[str, Any]:
    contexts = work.contexts
    baseline = top_token_label(contexts.training, contexts.kind)
    held_out = [frozenset(traits_of(c, contexts.kind)) for c in contexts.held_out]
    score = interval_of(_won(work, label, held_out), seed=seed)
    row: dict[str, Any] = {
        "feature": contexts.feature,
        "kind": contexts.kind,
        "label": label.text,
        "label_source": "words",
        "score": score.score,
        "score_low": score.low,
        "score_high": score.high,
        "n_trials": score.n_trials,
        "baseline_label": baseline.text,
        "baseline_score": interval_of(_won(work, baseline, held_out), seed=seed).score,
        "n_documents": contexts.n_documents,
        "reason": label.reason,
    }
    if with_examples:
        shown = sorted(contexts.training, key=lambda c: -c.strength)[:_N_EXAMPLES]
        row["examples"] = [(c.text, c.start, c.end) for c in shown]
    return row


def _won(work: _Work, label: Label, held_out: Sequence[frozenset[str]]) -> npt.NDArray[np.float64]:
    """Credit of the label for each held-out context; a vectorised `score_label`."""
    if label.text is None:
        return np.empty(0)
    weights = WEIGHTS[: len(label.criteria)]
    fits = np.zeros(len(work.others.rows))
    for weight, clause in zip(weights, label.criteria, strict=True):
        has = np.zeros(len(fits), dtype=np.bool_)
        for trait in clause.traits:
            has[work.others.has(trait)] = True
        fits += weight * has
    # Rounded to integer weights, so that ties with the background compare exactly.
    own = np.array([label.fit(traits) for traits in held_out])
    return credits(np.round(own * sum(weights)), fits[work.is_without])
