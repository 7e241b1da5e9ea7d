"""The query of a search, and its validation."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from corpuscope.analyses.search.expansion import Expansion
from corpuscope.errors import InputError, NotEnoughData
from corpuscope.ranges import METHODS, check_among, check_query
from corpuscope.shapes import DocumentMask
from corpuscope.store.store import Store


@dataclass(frozen=True)
class Request:
    """A query.

    Attributes:
        phrase: The property in words; None if only examples or weights are given.
        like: Ids of positive examples.
        unlike: Ids of negative examples.
        weights: Weights by feature number; 0 excludes a feature.
        using: Ranking methods.
        n_features: Maximum number of features taken from texts.
        temperature: Temperature of the rank weights; smaller values favour the top features.
        seed: Random seed for ties.
        expansion: The phrase in other words; None if nobody was asked.
    """

    phrase: str | None = None
    like: tuple[str, ...] = ()
    unlike: tuple[str, ...] = ()
    weights: Mapping[int, float] = field(default_factory=dict)
    using: tuple[str, ...] = METHODS
    n_features: int = 100
    temperature: float = 0.5
    seed: int = 0
    expansion: Expansion | None = None

    @property
    def has_texts(self) -> bool:
        """Whether there is a phrase or an example, not only weights."""
        return bool(self.phrase or self.like)

    def in_words(self) -> str:
        """The query as a title."""
        if self.phrase:
            return self.phrase
        return f"like {', '.join(self.like)}" if self.like else "features with weights"


def check_request(request: Request, store: Store) -> None:
    """Validate a query against a store.

    Raises:
        InputError: The query is empty, a feature or a method does not exist, or a number is out
            of range.
    """
    check_query(
        request.phrase, like=request.like, unlike=request.unlike, n_weights=len(request.weights)
    )
    check_among(METHODS, using=request.using or ("",))
    _check_numbers(request)
    _check_weights(request.weights, store.n_features)


def allowed_rows(among: object, store: Store) -> DocumentMask | None:
    """Mask of the documents to search; None for all.

    Raises:
        InputError: The mask does not have one value per document.
        NotEnoughData: The mask selects no document.
    """
    if among is None:
        return None
    mask = np.asarray(among, dtype=bool)
    if mask.shape != (store.n_documents,):
        raise InputError(
            f"{mask.size} values in among for {store.n_documents} documents",
            expected="one value per document of the store",
            next_step="pass True or False for each document, in order",
        )
    if not mask.any():
        raise NotEnoughData(
            "among selects no document",
            expected="at least one",
            next_step="select some documents, or omit among",
        )
    return mask


def _check_numbers(request: Request) -> None:
    if request.n_features < 1:
        raise InputError(
            f"n_features is {request.n_features}",
            expected="at least 1",
            next_step="omit it for the default of 100",
        )
    if not (request.temperature > 0 and math.isfinite(request.temperature)):
        raise InputError(
            f"temperature is {request.temperature}",
            expected="a number above 0",
            next_step="omit it for the default of 0.5",
        )


def _check_weights(weights: Mapping[int, float], n_features: int) -> None:
    unknown = [f for f in weights if not isinstance(f, int | np.integer) or isinstance(f, bool)
                 or not 0 <= f < n_features]  # fmt: skip
    if unknown:
        raise InputError(
            f"weights for features that do not exist, such as {unknown[0]!r}",
            expected=f"feature numbers from 0 to {n_features - 1}",
            next_step="take them from the `features` of a search result",
        )
    invalid = [feature for feature, weight in weights.items() if not math.isfinite(weight)]
    if invalid:
        raise InputError(
            f"the weight of feature {invalid[0]} is {weights[invalid[0]]}",
            expected="a finite number",
            next_step="use numbers from -1 to 1; 0 excludes a feature",
        )
