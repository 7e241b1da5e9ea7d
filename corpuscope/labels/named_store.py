"""A joined store whose features have names: what every question reads."""

from functools import cached_property

import numpy as np

from corpuscope.labels.meanings import Meanings, meanings
from corpuscope.labels.said import are_said_in
from corpuscope.shapes import FeatureMask, PerFeature
from corpuscope.store.joined import JoinedStore

UNNAMED = "number"
"""The source of a name that is a feature's number alone."""


def unnamed(feature: int) -> str:
    """What a feature is called that has no name."""
    return f"feature {feature}"


class NamedStore(JoinedStore):
    """Documents of one store or of several, and what their features are called.

    Args:
        stores: What to read.

    Raises:
        InputError: There is no store among `stores`.
        FeatureMismatch: The stores were read with different dictionaries.
        StoreDamaged: There is no store at a path, or it cannot be read.
    """

    @cached_property
    def meanings(self) -> Meanings:
        """What each dictionary feature means, as vectors."""
        return meanings(self.stores[0])

    def label(self, feature: int) -> str:
        """The dictionary's name of a feature, if it can be one here; else `feature 123`.

        A name that was made from words of other texts can be one where these texts have all
        the words that it says.
        """
        return self.own_label(feature) if self._is_shown[feature] else unnamed(feature)

    def own_label(self, feature: int) -> str:
        """The dictionary's name of a feature, whatever the texts are; for comparing features."""
        return self._labels[feature] or unnamed(feature)

    def label_source(self, feature: int) -> str:
        """Where `label` is from: `dictionary` for names made from words of other texts."""
        if not self._is_shown[feature]:
            return UNNAMED
        return "dictionary" if self.is_named_from_words(feature) else self._sources[feature]

    @cached_property
    def _labels(self) -> list[str | None]:
        """As they are in the store."""
        table = self.stores[0].features
        given = table["label"] if "label" in table else [None] * len(table)
        return [one if isinstance(one, str) and one.strip() else None for one in given]

    @cached_property
    def _sources(self) -> list[str]:
        """Who gave each name, as the store has it."""
        table = self.stores[0].features
        given = table["label_source"] if "label_source" in table else [None] * len(table)
        return [one if isinstance(one, str) else "unknown" for one in given]

    @cached_property
    def _is_shown(self) -> FeatureMask:
        """Which names can be names of these texts: all that people or a language model gave."""
        is_there = np.array([label is not None for label in self._labels], dtype=bool)
        is_made = is_there & np.array([one == "words" for one in self._sources], dtype=bool)
        made = [label if is_it else None for label, is_it in zip(self._labels, is_made.tolist(),
                                                                 strict=True)]  # fmt: skip
        shown: FeatureMask = np.where(
            is_made, are_said_in(self.stores, made, self.kinds.tolist()), is_there
        )
        return shown

    def score(self, feature: int) -> float:
        """How far to trust `label`, on the texts it was made from; NaN where that is not known."""
        return float(self.scores[feature]) if self._is_shown[feature] else np.nan

    @cached_property
    def scores(self) -> PerFeature:
        """How far to trust the dictionary's names, on the texts that they were made from."""
        table = self.stores[0].features
        if "score" not in table:
            return np.full(len(table), np.nan)
        return table["score"].to_numpy(dtype=np.float64, na_value=np.nan)

    def is_named_from_words(self, feature: int) -> bool:
        """Whether a dictionary feature's name was made from words, or there is none."""
        return self._labels[feature] is None or self._sources[feature] == "words"
