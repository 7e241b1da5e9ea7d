"""What a feature means in the documents that were asked about.

A dictionary's own label says what the feature was on the texts it was learned from. In other
texts it may stand for less: of all list signs, only the bold ones. So what is shown is named
again, from the documents compared, and the name is tested on others of them. Names that did not
come from words, but from people or a language model, stay.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from corpuscope.analyses.source import Source
from corpuscope.labels import label_features
from corpuscope.shapes import DocumentMask
from corpuscope.store import Store

_N_CONTEXTS = 50
_N_BACKGROUND = 6000


@dataclass(frozen=True, slots=True)
class Name:
    """A feature's label, and the share of trials that it wins; NaN where that is not known."""

    label: str
    score: float


@dataclass(frozen=True, eq=False)
class Names:
    """Names features from some documents, each once, when it is first asked for.

    Attributes:
        source: The texts.
        documents: Which of them count.
        here: Whether to name from them; else the dictionary's own labels are used.
    """

    source: Source
    documents: DocumentMask
    here: bool
    _known: dict[int | str, Name] = field(default_factory=dict)

    def of(self, features: Iterable[int]) -> Mapping[int | str, Name]:
        """A name for each of these dictionary features, and for all asked for before."""
        fresh = sorted(set(features) - self._known.keys())
        self._known.update({feature: self._given(feature) for feature in fresh})
        fresh = [feature for feature in fresh if self.source.is_named_from_words(feature)]
        if self.here and fresh:
            present = [_counts(store, mask, fresh) for store, mask in self._parts()]
            # Of several stores the one in which most of the documents have it.
            best = np.argmax(present, axis=0)
            for number, (store, mask) in enumerate(self._parts()):
                own = [feature for feature, at in zip(fresh, best, strict=True) if at == number]
                self._known.update(_named_in(store, mask, own))
        return self._known

    def _parts(self) -> list[tuple[Store, DocumentMask]]:
        return list(zip(self.source.stores, self.source.split(self.documents), strict=True))

    def _given(self, feature: int) -> Name:
        """The dictionary's own label, with its score."""
        return Name(self.source.label(feature), self.source.score(feature))


def _counts(store: Store, documents: DocumentMask, features: Sequence[int]) -> list[int]:
    """In how many of these documents each feature has a strength."""
    strengths = store.strengths()
    return [int(documents[strengths.of_feature(feature).rows].sum()) for feature in features]


def _named_in(
    store: Store, documents: DocumentMask, features: Sequence[int]
) -> dict[int | str, Name]:
    """Names from these documents, for those features that can be named there."""
    if not features:
        return {}
    table = label_features(
        store,
        features=features,
        n_contexts=_N_CONTEXTS,
        n_background=_N_BACKGROUND,
        among=documents,
    )
    found = zip(table["feature"], table["label"], table["score"], strict=True)
    return {
        int(f): Name(label, float(score)) for f, label, score in found if isinstance(label, str)
    }
