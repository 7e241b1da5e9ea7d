"""What a feature means in the documents that were asked about.

A dictionary's own label says what the feature was on the texts it was learned from. In other
texts it may stand for less: of all list signs, only the bold ones. So what is shown is named
again, from the documents compared, and the name is tested on others of them. Names that did not
come from words, but from people or a language model, stay.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from corpuscope.labels.from_words import label_features
from corpuscope.labels.named_store import UNNAMED, NamedStore, unnamed
from corpuscope.labels.score import CHANCE
from corpuscope.shapes import DocumentMask
from corpuscope.store.store import Store

_N_CONTEXTS = 50
_N_BACKGROUND = 6000

# Tested on fewer places a name is not known to hold.
_LEAST_TRIALS = 4
# The strongest word wins so much more than a word at random, or it is no name.
_BETTER_THAN_CHANCE = 2 * CHANCE


@dataclass(frozen=True, slots=True)
class Name:
    """What a feature is called.

    Attributes:
        label: The name; `feature 123` where there is none.
        score: The share of trials that it wins; NaN where that is not known. Of names from here
            among the documents asked about, of others where they were made.
        source: `here` for names made from the documents asked about, `dictionary` for those made
            from the words of other texts, `number` for none; else who gave it, as the store has
            it.
    """

    label: str
    score: float
    source: str


@dataclass(frozen=True, eq=False)
class Names:
    """Names features from some documents, each once, when it is first asked for.

    Attributes:
        source: The texts.
        documents: Which of them count.
        here: Whether to name from them; else the dictionary's own labels are used.
    """

    source: NamedStore
    documents: DocumentMask
    here: bool
    _known: dict[int | str, Name] = field(default_factory=dict)

    def of(self, features: Iterable[int]) -> Mapping[int | str, Name]:
        """A name for each of these dictionary features, and for all asked for before."""
        fresh = sorted(set(features) - self._known.keys())
        made = [f for f in fresh if self.here and self.source.is_named_from_words(f)]
        self._known.update({f: name_given(self.source, f) for f in set(fresh) - set(made)})
        if made:
            present = [_counts(store, mask, made) for store, mask in self._parts()]
            # Of several stores the one in which most of the documents have it.
            best = np.argmax(present, axis=0)
            for number, (store, mask) in enumerate(self._parts()):
                own = [feature for feature, at in zip(made, best, strict=True) if at == number]
                self._known.update(_named_in(store, mask, own))
        return self._known

    def _parts(self) -> list[tuple[Store, DocumentMask]]:
        return list(zip(self.source.stores, self.source.split(self.documents), strict=True))


def name_given(source: NamedStore, feature: int) -> Name:
    """The dictionary's own name, if it can be one of these texts."""
    return Name(source.label(feature), source.score(feature), source.label_source(feature))


def _counts(store: Store, documents: DocumentMask, features: Sequence[int]) -> list[int]:
    """In how many of these documents each feature has a strength."""
    strengths = store.strengths()
    return [int(documents[strengths.of_feature(feature).rows].sum()) for feature in features]


def _named_in(
    store: Store, documents: DocumentMask, features: Sequence[int]
) -> dict[int | str, Name]:
    """Names from these documents; where their sentences repeat, from every copy."""
    found = _labelled(store, documents, features, copies=False)
    doubted = [feature for feature, row in found.items() if not _is_tested(row)]
    again = _labelled(store, documents, doubted, copies=True)
    # A name of few sentences stays if the copies tell nothing better.
    better = {f: row for f, row in again.items() if _is_tested(row) or not _is_name(found[f])}
    return {feature: _named(row) for feature, row in (found | better).items()}


def _labelled(
    store: Store, documents: DocumentMask, features: Sequence[int], *, copies: bool
) -> dict[int, "pd.Series[Any]"]:
    if not features:
        return {}
    table = label_features(
        store,
        features=features,
        n_contexts=_N_CONTEXTS,
        n_background=_N_BACKGROUND,
        among=documents,
        copies=copies,
    )
    return {int(row["feature"]): row for _, row in table.iterrows()}


def _is_name(row: "pd.Series[Any]") -> bool:
    return isinstance(row["label"], str)


def _is_tested(row: "pd.Series[Any]") -> bool:
    return _is_name(row) and row["n_trials"] >= _LEAST_TRIALS


def _named(row: "pd.Series[Any]") -> Name:
    """The label; else the strongest word, if it finds the feature; else the number."""
    if _is_name(row):
        return Name(row["label"], float(row["score"]), "here")
    if isinstance(row["baseline_label"], str) and row["baseline_score"] > _BETTER_THAN_CHANCE:
        return Name(row["baseline_label"], float(row["baseline_score"]), "here")
    return Name(unnamed(int(row["feature"])), np.nan, UNNAMED)
