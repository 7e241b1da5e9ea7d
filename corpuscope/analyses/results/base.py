"""The fields common to all results, and the header of their JSON."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from importlib.metadata import version
from typing import Any


@dataclass(frozen=True, kw_only=True)
class Answer:
    """The fields common to all results.

    Attributes:
        parameters: The arguments of the analysis, by name.
        store: The path of the store; several are joined by a plus sign.
        digest: The digest of the store's content.
        n_documents: The number of documents analysed.
        warnings: What was excluded, and caveats.
    """

    parameters: Mapping[str, Any] = field(repr=False)
    store: str
    digest: str
    n_documents: int
    warnings: tuple[str, ...]


def in_order(names: Sequence[str], *given: Mapping[str, Any]) -> dict[str, Any]:
    """The given values by name, in the order of `names`, which must name all of them.

    Raises:
        KeyError: A name has no value.
    """
    every = {name: value for some in given for name, value in some.items()}
    return {name: every[name] for name in names}


def heading(analysis: str, answer: Answer) -> dict[str, Any]:
    """The entries with which the JSON of every result begins."""
    return {
        "analysis": analysis,
        "version": version("corpuscope"),
        "store": {"path": answer.store, "digest": answer.digest},
        "parameters": dict(answer.parameters),
        "n_documents": answer.n_documents,
        "warnings": list(answer.warnings),
    }


def plain(value: Any) -> Any:
    """A JSON-compatible copy: tuples become lists, NaN and infinities None."""
    if isinstance(value, dict):
        return {key: plain(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [plain(inner) for inner in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
