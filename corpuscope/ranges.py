"""Which numbers and names a question takes; knows nothing that is slow to load.

The questions check with these what they were asked, and the command line does before it loads
anything, so that a slip is said at once.
"""

from collections.abc import Collection, Iterable, Sequence
from typing import Literal, get_args

from corpuscope.errors import ColumnNotFound, InputError

LEAST_SUPPORT = 5
"""Of fewer documents no question tells a difference."""

LEAST_GROUPS = 3
"""Between two groups a difference can be told, but no trend."""

Check = Literal[
    "shortcuts", "suspect_labels", "duplicates", "leaks", "templates", "oddities", "small_groups"
]
CHECKS: tuple[Check, ...] = get_args(Check)
"""What is checked of labelled texts."""

Method = Literal["features", "dense", "words"]
METHODS: tuple[Method, ...] = get_args(Method)
"""How texts are searched for."""

TimeUnit = Literal["day", "week", "month", "quarter", "year"]
UNITS: tuple[TimeUnit, ...] = get_args(TimeUnit)
"""By what times are put together."""

OBJECTIVES = (
    "batch-top-k", "matryoshka", "top-k", "relu", "gated", "jump-relu", "quadratic-frequency",
    "quadratic-frequency-0.01", "tanh", "target-l0",
)  # fmt: skip
"""By which dictionaries are learned; the first three take `k`."""


BUILTIN_LAYERS = 6
"""How many layers the built-in reader has."""


def check_q(q: float) -> None:
    """Raise InputError unless `q` is a share of findings that may be false."""
    if not 0 < q < 1:
        raise InputError(
            f"q is {q}",
            expected="a number between 0 and 1",
            next_step="give the share of findings that may be false, such as 0.05",
        )


def check_numbers(*, q: float, evidence: int, min_support: int, holdout: float = 0.5) -> None:
    """Raise InputError unless each is in its range."""
    check_q(q)
    if not 0 < holdout < 1:
        raise InputError(
            f"holdout is {holdout}",
            expected="a number between 0 and 1",
            next_step="give the share of the documents to look again on, such as 0.5",
        )
    if evidence < 0:
        raise InputError(
            f"evidence is {evidence}",
            expected="a number of documents, 0 or more",
            next_step="leave it out for the usual one",
        )
    if min_support < LEAST_SUPPORT:
        raise InputError(
            f"min_support is {min_support}",
            expected=f"{LEAST_SUPPORT} documents or more: what fewer have can show no difference",
            next_step="leave it out for the usual one",
        )


def check_at_least(least: float, next_step: str = "leave it out for the usual one",
                   **numbers: float | None) -> None:  # fmt: skip
    """Raise InputError where one of the numbers that are given is smaller."""
    for name, number in numbers.items():
        if number is not None and number < least:
            raise InputError(f"{name} is {number}", expected=f"{least:g} or more",
                             next_step=next_step)  # fmt: skip


def check_share(**numbers: float) -> None:
    """Raise InputError unless each lies between 0 and 1."""
    for name, number in numbers.items():
        if not 0 < number < 1:
            raise InputError(
                f"{name} is {number}",
                expected="a number between 0 and 1",
                next_step="leave it out for the usual one",
            )


def check_pair_ranges(*, min_npmi: float, unexpected_below: float) -> None:
    """Raise InputError unless each is in its range."""
    if not 0 <= min_npmi < 1:
        raise InputError(
            f"min_npmi is {min_npmi}",
            expected="a number from 0 to below 1",
            next_step="leave it out for the usual 0.3",
        )
    if not 0 <= unexpected_below <= 1:
        raise InputError(
            f"unexpected_below is {unexpected_below}",
            expected="a share of random pairs, from 0 to 1",
            next_step="leave it out for the usual 0.8",
        )


def check_among(known: Sequence[str], **names: str | Sequence[str] | None) -> None:
    """Raise InputError where one of the names that are given is unknown."""
    for argument, given in names.items():
        for name in [given] if isinstance(given, str) else given or []:
            if name not in known:
                raise InputError(
                    f"{argument} is {name!r}",
                    expected=f"one of {', '.join(known)}",
                    next_step="name one of these, or leave it out",
                )


def check_query(
    phrase: str | None, *, like: Collection[str], unlike: Collection[str], n_weights: int
) -> None:
    """Raise InputError unless there is something to search for."""
    if phrase is not None and not phrase.strip():
        raise InputError(
            "an empty phrase",
            expected="some words that say what the texts should be like",
            next_step="write what you are looking for, or give ids of texts that have it",
        )
    if phrase is None and not like and not n_weights:
        raise InputError(
            "nothing to search for",
            expected="a phrase, ids of texts that have the property, or weights of features",
            next_step='search(store, "hedges instead of answering"), for example',
        )
    both = sorted(set(like) & set(unlike))
    if both:
        raise InputError(
            f"{both[0]!r} is among the texts to be like and among those to be unlike",
            expected="each id on one side",
            next_step="take it from one of the two",
        )


def check_training(
    *,
    objective: str,
    unit: str,
    layers: Iterable[int] | None,
    n_layers: int | None = None,
    n_features: int | None = None,
    k: float | None = None,
    learning_rate: float | None = None,
) -> None:
    """Raise InputError unless a dictionary can be learned so, as far as that can be told early."""
    check_among(OBJECTIVES, objective=objective)
    check_among(("token", "sentence"), unit=unit)
    for layer in layers or ():
        if layer < 0 or (n_layers is not None and layer > n_layers):
            raise InputError(
                f"layer is {layer}",
                expected="0 or more" if n_layers is None else f"a layer from 0 to {n_layers}",
                next_step="leave it out for the one two thirds up",
            )
    if learning_rate is not None and not 0 < learning_rate <= 1:
        raise InputError(
            f"learning_rate is {learning_rate}",
            expected="a number above 0, 1 at most; usual are some thousandths",
            next_step="leave it out for what the objective suggests",
        )
    if k is not None and (k <= 0 or (n_features is not None and k > n_features)):
        of = "" if n_features is None else f" of {n_features} features"
        raise InputError(
            f"k is {k:g}{of}",
            expected="how many features fire at a unit, above 0 and no more than there are",
            next_step="give a smaller k, such as 32, or more features",
        )


def no_such_column(where: object, name: str, columns: Sequence[str]) -> ColumnNotFound:
    """The error of a store that lacks a column."""
    return ColumnNotFound(
        f"{where} has no metadata column {name!r}",
        expected=f"one of {list(columns)}",
        next_step="name one of these, or extract again with that column",
    )
