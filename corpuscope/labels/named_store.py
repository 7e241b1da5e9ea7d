"""A joined store with labelled features, which every analysis reads."""

from functools import cached_property

import numpy as np

from corpuscope.labels.meanings import Meanings, meanings
from corpuscope.labels.said import are_said_in
from corpuscope.shapes import FeatureMask, PerFeature
from corpuscope.store.joined import JoinedStore

UNNAMED = "number"
"""Label source of features without a label."""


def unnamed(feature: int) -> str:
    """Placeholder label of a feature without a label."""
    return f"feature {feature}"


class NamedStore(JoinedStore):
    """Documents of one or several stores, with the labels of their features.

    Args:
        stores: The store or stores to read.

    Raises:
        InputError: `stores` is empty.
        FeatureMismatch: The stores were read with different dictionaries.
        StoreDamaged: There is no store at a path, or it cannot be read.
    """

    @cached_property
    def meanings(self) -> Meanings:
        """Embeddings of the dictionary features."""
        return meanings(self.as_one)

    def label(self, feature: int) -> str:
        """The dictionary's label of a feature, if it applies to these texts; else `feature 123`.

        A label made from words of other texts applies if all its words occur in these texts.
        """
        return self.own_label(feature) if self._is_shown[feature] else unnamed(feature)

    def own_label(self, feature: int) -> str:
        """The dictionary's label of a feature, whether or not it applies to these texts."""
        return self._labels[feature] or unnamed(feature)

    def label_source(self, feature: int) -> str:
        """Origin of `label`: `dictionary` for labels made from words of other texts."""
        if not self._is_shown[feature]:
            return UNNAMED
        return "dictionary" if self.is_named_from_words(feature) else self._sources[feature]

    @cached_property
    def _labels(self) -> list[str | None]:
        """Labels as stored."""
        table = self.stores[0].features
        given = table["label"] if "label" in table else [None] * len(table)
        return [one if isinstance(one, str) and one.strip() else None for one in given]

    @cached_property
    def _sources(self) -> list[str]:
        """Label sources as stored."""
        table = self.stores[0].features
        given = table["label_source"] if "label_source" in table else [None] * len(table)
        return [one if isinstance(one, str) else "unknown" for one in given]

    @cached_property
    def _is_shown(self) -> FeatureMask:
        """Mask of the labels that apply: not from words, or their words occur in these texts."""
        is_there = np.array([label is not None for label in self._labels], dtype=bool)
        is_made = is_there & np.array([one == "words" for one in self._sources], dtype=bool)
        made = [label if is_it else None for label, is_it in zip(self._labels, is_made.tolist(),
                                                                 strict=True)]  # fmt: skip
        shown: FeatureMask = np.where(
            is_made, are_said_in(self.stores, made, self.kinds.tolist()), is_there
        )
        return shown

    def score(self, feature: int) -> float:
        """Score of `label`, on the texts it was made from; NaN if unknown."""
        return float(self.scores[feature]) if self._is_shown[feature] else np.nan

    @cached_property
    def scores(self) -> PerFeature:
        """Scores of the dictionary's labels, on the texts they were made from."""
        table = self.stores[0].features
        if "score" not in table:
            return np.full(len(table), np.nan)
        return table["score"].to_numpy(dtype=np.float64, na_value=np.nan)

    def is_named_from_words(self, feature: int) -> bool:
        """Whether a feature's label was made from words, or is missing."""
        return self._labels[feature] is None or self._sources[feature] == "words"
