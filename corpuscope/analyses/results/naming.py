"""Labels of features in the documents analysed.

A dictionary's label describes a feature on the texts that it was trained on. In other texts it may
be narrower: of all list markers, only the bold ones. So reported features are relabelled from the
documents compared, and the label is scored on held-out ones. Labels given by people or a language
model are kept.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from corpuscope.labels.from_words import Labeller
from corpuscope.labels.named_store import UNNAMED, NamedStore, unnamed
from corpuscope.labels.score import CHANCE
from corpuscope.shapes import DocumentMask
from corpuscope.store.store import Store

_N_CONTEXTS = 50
_N_BACKGROUND = 6000

# With fewer trials the score of a label is not reliable.
_LEAST_TRIALS = 4
# The fallback label, the single strongest word, must score above this.
_BETTER_THAN_CHANCE = 2 * CHANCE


@dataclass(frozen=True, slots=True)
class Name:
    """The label of a feature.

    Attributes:
        label: The label; `feature 123` if there is none.
        score: The share of trials that it wins; NaN if unknown. Labels with source `here` are
            scored on the documents analysed, others on the documents they were made from.
        source: `here` for labels made from the documents analysed, `dictionary` for those made
            from the words of other texts, `number` for none; else its author, as recorded in the
            store.
        low: Lower end of the score's 95 % interval; NaN unless the label was made here.
        high: Upper end of it.
    """

    label: str
    score: float
    source: str
    low: float = np.nan
    high: float = np.nan


@dataclass(frozen=True, eq=False)
class Names:
    """Labels features from some documents; each is computed once, on first request.

    Attributes:
        source: The texts.
        documents: Which of them to label from.
        here: Whether to label from them; else the dictionary's labels are used.
    """

    source: NamedStore
    documents: DocumentMask
    here: bool
    _known: dict[int | str, Name] = field(default_factory=dict)
    _labellers: dict[int, Labeller] = field(default_factory=dict)

    def of(self, features: Iterable[int]) -> Mapping[int | str, Name]:
        """The labels of these dictionary features, and of all requested earlier."""
        fresh = sorted(set(features) - self._known.keys())
        made = [f for f in fresh if self.here and self.source.is_named_from_words(f)]
        self._known.update({f: name_given(self.source, f) for f in set(fresh) - set(made)})
        if made:
            present = [_counts(store, mask, made) for store, mask in self._parts()]
            # A feature is labelled from the store in which most documents have it.
            best = np.argmax(present, axis=0)
            for number, (store, mask) in enumerate(self._parts()):
                own = [feature for feature, at in zip(made, best, strict=True) if at == number]
                if number not in self._labellers:
                    self._labellers[number] = Labeller(store, mask, _N_BACKGROUND, 0)
                self._known.update(_named_by(self._labellers[number], own))
        return self._known

    def _parts(self) -> list[tuple[Store, DocumentMask]]:
        return list(zip(self.source.stores, self.source.split(self.documents), strict=True))


def name_given(source: NamedStore, feature: int) -> Name:
    """The dictionary's label, if it applies to these texts."""
    return Name(source.label(feature), source.score(feature), source.label_source(feature))


def _counts(store: Store, documents: DocumentMask, features: Sequence[int]) -> list[int]:
    """The number of these documents in which each feature is active."""
    strengths = store.strengths()
    return [int(documents[strengths.of_feature(feature).rows].sum()) for feature in features]


def _named_by(labeller: Labeller, features: Sequence[int]) -> dict[int | str, Name]:
    """Labels from distinct sentences; from repeated ones too where these are too few."""
    found = _labelled(labeller, features, copies=False)
    untested = [feature for feature, row in found.items() if not _is_tested(row)]
    again = _labelled(labeller, untested, copies=True)
    # A label from few sentences is kept unless the copies yield a tested one.
    better = {f: row for f, row in again.items() if _is_tested(row) or not _is_name(found[f])}
    return {feature: _named(row) for feature, row in (found | better).items()}


def _labelled(
    labeller: Labeller, features: Sequence[int], *, copies: bool
) -> dict[int, "pd.Series[Any]"]:
    if not features:
        return {}
    table = labeller.labels(features, n_contexts=_N_CONTEXTS, copies=copies)
    return {int(row["feature"]): row for _, row in table.iterrows()}


def _is_name(row: "pd.Series[Any]") -> bool:
    return isinstance(row["label"], str)


def _is_tested(row: "pd.Series[Any]") -> bool:
    return _is_name(row) and row["n_trials"] >= _LEAST_TRIALS


def _named(row: "pd.Series[Any]") -> Name:
    """The label; else the strongest word, if it scores well above chance; else the number."""
    if _is_name(row):
        low, high = float(row["score_low"]), float(row["score_high"])
        return Name(row["label"], float(row["score"]), "here", low, high)
    if isinstance(row["baseline_label"], str) and row["baseline_score"] > _BETTER_THAN_CHANCE:
        return Name(row["baseline_label"], float(row["baseline_score"]), "here")
    return Name(unnamed(int(row["feature"])), np.nan, UNNAMED)
