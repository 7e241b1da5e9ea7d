"""What every answer carries, and how it begins as JSON."""

import math
from collections.abc import Mapping, Sequence
from importlib.metadata import version
from typing import Any, Protocol, runtime_checkable


@runtime_checkable
class Answer(Protocol):
    """What every answer carries of the question."""

    @property
    def store(self) -> str:
        """The folder that was read; several are joined by a plus."""

    @property
    def digest(self) -> str:
        """Names the content of the store."""

    @property
    def parameters(self) -> Mapping[str, Any]:
        """What was asked, by name."""

    @property
    def n_documents(self) -> int:
        """Documents that took part."""

    @property
    def warnings(self) -> tuple[str, ...]:
        """What was left out, and what to be careful about."""


def in_order(names: Sequence[str], *given: Mapping[str, Any]) -> dict[str, Any]:
    """What was given, in the order of `names`; all of it is named there.

    Raises:
        KeyError: A name was not given.
    """
    every = {name: value for some in given for name, value in some.items()}
    return {name: every[name] for name in names}


def heading(analysis: str, answer: Answer) -> dict[str, Any]:
    """The names with which the JSON of every answer begins."""
    return {
        "analysis": analysis,
        "version": version("corpuscope"),
        "store": {"path": answer.store, "digest": answer.digest},
        "parameters": dict(answer.parameters),
        "n_documents": answer.n_documents,
        "warnings": list(answer.warnings),
    }


def plain(value: Any) -> Any:
    """Tuples as lists, and None for what is not a number."""
    if isinstance(value, dict):
        return {key: plain(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [plain(inner) for inner in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
