"""Valid ranges and names of arguments, and checks of them; imports nothing that is slow to load.

The analyses check their arguments with these, and so does the command line before it loads
anything, so that mistakes are reported at once.
"""

from collections.abc import Collection, Iterable, Sequence
from typing import Literal, get_args

from corpuscope.errors import ColumnNotFound, InputError

LEAST_SUPPORT = 5
"""With fewer documents no test can be significant."""

LEAST_GROUPS = 3
"""Two groups can show a difference, but not a trend."""

Check = Literal[
    "shortcuts", "suspect_labels", "duplicates", "leaks", "templates", "oddities", "small_groups"
]
CHECKS: tuple[Check, ...] = get_args(Check)
"""The checks of `audit`."""

Method = Literal["features", "dense", "words"]
METHODS: tuple[Method, ...] = get_args(Method)
"""The ranking methods of `search`."""

TimeUnit = Literal["day", "week", "month", "quarter", "year"]
UNITS: tuple[TimeUnit, ...] = get_args(TimeUnit)
"""The units by which times are binned."""

OBJECTIVES = (
    "batch-top-k", "matryoshka", "top-k", "relu", "gated", "jump-relu", "quadratic-frequency",
    "quadratic-frequency-0.01", "tanh", "target-l0",
)  # fmt: skip
"""The training objectives of dictionaries; the first three take `k`."""

BUILTIN_LAYERS = 6
"""How many layers the built-in reader has."""


def check_q(q: float) -> None:
    """Raise InputError unless `q` is a false discovery rate."""
    if not 0 < q < 1:
        raise InputError(
            f"q is {q}",
            expected="a number between 0 and 1",
            next_step="give the tolerated share of false findings, such as 0.05",
        )


def check_numbers(*, q: float, evidence: int, min_support: int, holdout: float = 0.5) -> None:
    """Raise InputError unless each number is in its range."""
    check_q(q)
    if not 0 < holdout < 1:
        raise InputError(
            f"holdout is {holdout}",
            expected="a number between 0 and 1",
            next_step="give the share of documents to hold out for confirmation, such as 0.5",
        )
    if evidence < 0:
        raise InputError(
            f"evidence is {evidence}",
            expected="a number of documents, 0 or more",
            next_step="leave it out for the default",
        )
    if min_support < LEAST_SUPPORT:
        raise InputError(
            f"min_support is {min_support}",
            expected=f"{LEAST_SUPPORT} documents or more: fewer cannot show a difference",
            next_step="leave it out for the default",
        )


def check_at_least(least: float, next_step: str = "leave it out for the default",
                   **numbers: float | None) -> None:  # fmt: skip
    """Raise InputError if one of the given numbers is smaller."""
    for name, number in numbers.items():
        if number is not None and number < least:
            raise InputError(f"{name} is {number}", expected=f"{least:g} or more",
                             next_step=next_step)  # fmt: skip


def check_share(**numbers: float) -> None:
    """Raise InputError unless each number is between 0 and 1."""
    for name, number in numbers.items():
        if not 0 < number < 1:
            raise InputError(
                f"{name} is {number}",
                expected="a number between 0 and 1",
                next_step="leave it out for the default",
            )


def check_pair_ranges(*, min_npmi: float, unexpected_below: float) -> None:
    """Raise InputError unless each number is in its range."""
    if not 0 <= min_npmi < 1:
        raise InputError(
            f"min_npmi is {min_npmi}",
            expected="at least 0 and below 1",
            next_step="leave it out for the default of 0.3",
        )
    if not 0 <= unexpected_below <= 1:
        raise InputError(
            f"unexpected_below is {unexpected_below}",
            expected="a share of random pairs, from 0 to 1",
            next_step="leave it out for the default of 0.8",
        )


def check_among(known: Sequence[str], **names: str | Sequence[str] | None) -> None:
    """Raise InputError if one of the given names is unknown."""
    for argument, given in names.items():
        for name in [given] if isinstance(given, str) else given or []:
            if name not in known:
                raise InputError(
                    f"{argument} is {name!r}",
                    expected=f"one of {', '.join(known)}",
                    next_step="choose one of these, or leave it out",
                )


def check_query(
    phrase: str | None, *, like: Collection[str], unlike: Collection[str], n_weights: int
) -> None:
    """Raise InputError unless there is something to search for."""
    if phrase is not None and not phrase.strip():
        raise InputError(
            "an empty phrase",
            expected="some words that describe the texts to find",
            next_step="describe what you are looking for, or give ids of example texts",
        )
    if phrase is None and not like and not n_weights:
        raise InputError(
            "nothing to search for",
            expected="a phrase, ids of example texts, or weights of features",
            next_step='try, for example, search(store, "hedges instead of answering")',
        )
    both = sorted(set(like) & set(unlike))
    if both:
        raise InputError(
            f"{both[0]!r} is both a positive and a negative example",
            expected="each id in one of `like` and `unlike`",
            next_step="remove it from one of the two",
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
    """Raise InputError for invalid training arguments, as far as that is known before reading."""
    check_among(OBJECTIVES, objective=objective)
    check_among(("token", "sentence"), unit=unit)
    for layer in layers or ():
        if layer < 0 or (n_layers is not None and layer > n_layers):
            raise InputError(
                f"layer is {layer}",
                expected="0 or more" if n_layers is None else f"a layer from 0 to {n_layers}",
                next_step="leave it out for the layer at two thirds of the depth",
            )
    if learning_rate is not None and not 0 < learning_rate <= 1:
        raise InputError(
            f"learning_rate is {learning_rate}",
            expected="a number above 0 and at most 1, usually some thousandths",
            next_step="leave it out for the objective's default",
        )
    # TopK SAEs keep the same whole number in each unit.
    is_whole = k is None or objective != "top-k" or k == int(k)
    if k is not None and (k <= 0 or not is_whole or (n_features is not None and k > n_features)):
        of = "" if n_features is None else f" of {n_features} features"
        raise InputError(
            f"k is {k:g}{of}",
            expected="the number of active features per unit, above 0 and at most that of features"
            + ("" if is_whole else "; of top-k a whole number"),
            next_step="give a smaller k, such as 32, or more features",
        )


def no_such_column(where: object, name: str, columns: Sequence[str]) -> ColumnNotFound:
    """The error for a metadata column that does not exist."""
    return ColumnNotFound(
        f"{where} has no metadata column {name!r}",
        expected=f"one of {list(columns)}",
        next_step="name one of these, or extract again with that column",
    )
