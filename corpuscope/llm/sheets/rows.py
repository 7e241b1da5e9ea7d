"""Which fields of an answer are rows of a sheet, and what may stand in each."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from corpuscope.llm.schema import Schema

__all__ = ["Decision", "allowed_in", "decisions_in", "listed", "value_of"]

_BETWEEN = " | "
_REASONS = ("reason", "why")


@dataclass(frozen=True, slots=True)
class Decision:
    """A field that a person fills in.

    Attributes:
        field: The name of the field.
        reason: The name of the field with its reason; None if it has none.
        allowed: The values that it may have; empty for any text.
    """

    field: str
    reason: str | None
    allowed: tuple[Any, ...]

    def value(self, cell: str) -> Any | None:
        """The value that a cell means; None if it is none of those allowed."""
        if not self.allowed:
            return cell
        return allowed_in(cell, self.allowed)


def decisions_in(schema: Schema) -> list[Decision]:
    """The fields to be decided, in order; none if the form has lists, objects or free numbers.

    A text called "reason" or "why" is the reason of the next field.
    """
    if not all(map(_is_flat, schema.fields.values())):
        return []
    found: list[Decision] = []
    reason = None
    for name, form in schema.fields.items():
        if _is_reason(name, form):
            reason = name
            continue
        found.append(Decision(name, reason, tuple(form.get("enum", ()))))
        reason = None
    return found


def value_of(schema: Schema, given: Mapping[str, Any]) -> dict[str, Any]:
    """An answer with its fields in order; reasons that were not given are empty."""
    return {name: given.get(name, "") for name in schema.fields}


def listed(allowed: Sequence[Any]) -> str:
    """The values that are allowed, as a cell."""
    return _BETWEEN.join(map(str, allowed))


def allowed_in(cell: str, allowed: Sequence[Any] | str) -> Any | None:
    """The one that a cell means, whatever its case; None if it means none.

    Args:
        cell: The cell, without blanks around.
        allowed: The values, or the cell that lists them.
    """
    values = allowed.split(_BETWEEN) if isinstance(allowed, str) else allowed
    return {str(one).casefold(): one for one in values}.get(cell.casefold())


def _is_flat(form: Mapping[str, Any]) -> bool:
    return form.get("type") == "string" or "enum" in form


def _is_reason(name: str, form: Mapping[str, Any]) -> bool:
    return "enum" not in form and name.startswith(_REASONS)
