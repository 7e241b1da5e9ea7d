"""What is asked of a search, and whether it can be asked."""

import difflib
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from corpuscope.errors import InputError, NotEnoughData
from corpuscope.ranges import METHODS, check_among, check_query
from corpuscope.shapes import DocumentMask, Rows
from corpuscope.store.store import Store

_TOLD = 3


@dataclass(frozen=True)
class Request:
    """What is searched for.

    Attributes:
        phrase: In words; None where examples or weights alone are given.
        like: Ids of texts that have it.
        unlike: Ids of texts that have it not.
        weights: Features by number, and how much each counts; 0 leaves one out.
        using: By what texts are ranked.
        n_features: How many features are taken from texts at most.
        temperature: The smaller, the more the first of them count.
        seed: Tells equals apart.
    """

    phrase: str | None = None
    like: tuple[str, ...] = ()
    unlike: tuple[str, ...] = ()
    weights: Mapping[int, float] = field(default_factory=dict)
    using: tuple[str, ...] = METHODS
    n_features: int = 100
    temperature: float = 0.5
    seed: int = 0

    @property
    def has_texts(self) -> bool:
        """Whether there is a phrase or an example to go by, not weights alone."""
        return bool(self.phrase or self.like)

    def in_words(self) -> str:
        """What is searched for, for a title."""
        if self.phrase:
            return self.phrase
        return f"like {', '.join(self.like)}" if self.like else "features with weights"


def check_request(request: Request, store: Store) -> None:
    """Make sure that a store can be searched so.

    Raises:
        InputError: There is nothing to search for, an id or a feature is not there, or a number
            is out of its range.
    """
    check_query(
        request.phrase, like=request.like, unlike=request.unlike, n_weights=len(request.weights)
    )
    check_among(METHODS, using=request.using or ("",))
    _check_numbers(request)
    _check_weights(request.weights, store.n_features)


def rows_of_ids(store: Store, ids: Sequence[str]) -> Rows:
    """The rows of some documents; all rows of an id that is there several times.

    Raises:
        InputError: An id is not in the store.
    """
    if not ids:
        return np.empty(0, dtype=np.int64)
    unknown = sorted(set(ids) - set(store.ids.tolist()))
    if unknown:
        raise InputError(
            f"{len(unknown)} of the ids are not in {store.path}, such as "
            f"{', '.join(map(repr, unknown[:_TOLD]))}",
            expected=f"ids of its documents, such as {_nearest(unknown[0], store)}",
            next_step="take ids from the hits of a search, or from store.ids",
        )
    rows: Rows = np.flatnonzero(np.isin(store.ids, np.array(ids, dtype=object)))
    return rows


def allowed_rows(among: object, store: Store) -> DocumentMask | None:
    """Which documents may be found; None for all.

    Raises:
        InputError: There is not one value for each document.
        NotEnoughData: None of them is chosen.
    """
    if among is None:
        return None
    mask = np.asarray(among, dtype=bool)
    if mask.shape != (store.n_documents,):
        raise InputError(
            f"{mask.size} values in among for {store.n_documents} documents",
            expected="one for each document of the store",
            next_step="give True or False for each document, in order",
        )
    if not mask.any():
        raise NotEnoughData(
            "no document is chosen by among",
            expected="at least one",
            next_step="choose some documents, or leave among out",
        )
    return mask


def _check_numbers(request: Request) -> None:
    if request.n_features < 1:
        raise InputError(
            f"n_features is {request.n_features}",
            expected="1 or more",
            next_step="leave it out for the usual 100",
        )
    if not (request.temperature > 0 and math.isfinite(request.temperature)):
        raise InputError(
            f"temperature is {request.temperature}",
            expected="a number above 0",
            next_step="leave it out for the usual 0.5",
        )


def _check_weights(weights: Mapping[int, float], n_features: int) -> None:
    strangers = [f for f in weights if not isinstance(f, int | np.integer) or isinstance(f, bool)
                 or not 0 <= f < n_features]  # fmt: skip
    if strangers:
        raise InputError(
            f"weights for features that are not there, such as {strangers[0]!r}",
            expected=f"numbers of features, from 0 to {n_features - 1}",
            next_step="take them from the `features` of a search's answer",
        )
    odd = [feature for feature, weight in weights.items() if not math.isfinite(weight)]
    if odd:
        raise InputError(
            f"the weight of feature {odd[0]} is {weights[odd[0]]}",
            expected="a number",
            next_step="give numbers from -1 to 1, 0 to leave a feature out",
        )


def _nearest(unknown: str, store: Store) -> str:
    first = store.ids[: 1 << 14].tolist()
    alike = difflib.get_close_matches(str(unknown), first, n=_TOLD) or first[:_TOLD]
    return ", ".join(map(repr, alike))
