"""The form of an answer: a small JSON schema that every endpoint understands, checked here."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

__all__ = ["Schema", "choice", "listing", "number", "record_of", "text"]


@dataclass(frozen=True)
class Schema:
    """A named schema of one JSON object.

    Attributes:
        name: At most 64 letters, digits, `_` and `-`, as endpoints require.
        fields: The schema of each field; all are required and no others allowed.
    """

    name: str
    fields: Mapping[str, Mapping[str, Any]]

    @cached_property
    def json(self) -> dict[str, Any]:
        """The JSON schema."""
        return record_of(**self.fields)

    def faults(self, value: object) -> list[str]:
        """What is wrong with a value, in words; empty if it is valid."""
        from jsonschema import Draft202012Validator

        found = Draft202012Validator(self.json).iter_errors(value)
        return [f"{'/'.join(map(str, one.absolute_path)) or 'answer'}: {one.message}"
                for one in found]  # fmt: skip

    @cached_property
    def in_words(self) -> str:
        """The form as it is shown to whoever answers: fields, and what may stand in each.

        Example:
            >>> Schema("verdict", {"why": text(), "verdict": choice(["yes", "no"])}).in_words
            '{"why": string, "verdict": "yes" | "no"}'
        """
        return _in_words(self.json)

    def tidied(self, value: object) -> object:
        """The value with choices matched after trimming and without regard to case."""
        return _tidied(value, self.json)


def record_of(**fields: Mapping[str, Any]) -> dict[str, Any]:
    """An object with exactly these fields."""
    return {
        "type": "object",
        "properties": dict(fields),
        "required": list(fields),
        "additionalProperties": False,
    }


def text() -> dict[str, Any]:
    """A string."""
    return {"type": "string"}


def number(*, least: int, most: int) -> dict[str, Any]:
    """A whole number within bounds; listed, since not all endpoints know bounds."""
    return {"type": "integer", "enum": list(range(least, most + 1))}


def choice(values: Sequence[str]) -> dict[str, Any]:
    """One of some strings."""
    return {"type": "string", "enum": list(values)}


def listing(of: Mapping[str, Any]) -> dict[str, Any]:
    """A list; lengths are for the caller to check, since not all endpoints know bounds."""
    return {"type": "array", "items": dict(of)}


def _in_words(schema: Mapping[str, Any]) -> str:
    if schema.get("type") == "object":
        fields = ", ".join(
            f"{json.dumps(name)}: {_in_words(one)}" for name, one in schema["properties"].items()
        )
        return f"{{{fields}}}"
    if schema.get("type") == "array":
        return f"[{_in_words(schema['items'])}, ...]"
    if "enum" in schema:
        return " | ".join(json.dumps(one, ensure_ascii=False) for one in schema["enum"])
    return str(schema["type"])


def _tidied(value: object, schema: Mapping[str, Any]) -> object:
    if isinstance(value, dict) and schema.get("type") == "object":
        inner = schema["properties"]
        return {key: _tidied(one, inner.get(key, {})) for key, one in value.items()}
    if isinstance(value, list) and schema.get("type") == "array":
        return [_tidied(one, schema["items"]) for one in value]
    if isinstance(value, str) and schema.get("type") == "string" and "enum" in schema:
        folded = {one.casefold(): one for one in schema["enum"]}
        return folded.get(value.strip().casefold(), value)
    return value
