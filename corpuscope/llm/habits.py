"""What an endpoint takes, and what its refusals teach."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from typing import Any

from corpuscope.llm.request import Request

__all__ = ["Habits"]

_FORMS = ("json_schema", "json_object", "plain")
_LIMITS = ("max_completion_tokens", "max_tokens")
_REFUSING = ("unsupported", "not supported", "unrecognized", "unknown", "instead", "unexpected")


@dataclass(frozen=True, slots=True)
class Habits:
    """How an endpoint wants to be asked.

    Attributes:
        form: How the form of the answer is asked for: a step of the ladder of forms.
        limit: Which name the limit of the answer has: 0 for the newer one, 1 for the older.
        refused: Parameters that it refuses.
        thinking: Tokens allowed for thinking, beyond the answer.
    """

    form: int = 0
    limit: int = 0
    refused: tuple[str, ...] = ()
    thinking: int = 0

    @property
    def form_name(self) -> str:
        """The form by its name: by schema, as JSON, or in words only."""
        return _FORMS[self.form]

    def parameters(self, request: Request) -> dict[str, Any]:
        """The parameters of a call, without those that it refuses."""
        found: dict[str, Any] = {
            _LIMITS[self.limit]: request.max_output + self.thinking,
            "temperature": request.temperature,
            "seed": request.repetition,
        }
        if self.form_name == "json_schema":
            found["response_format"] = {"type": "json_schema", "json_schema": {
                "name": request.schema.name, "strict": True, "schema": request.schema.json,
            }}  # fmt: skip
        elif self.form_name == "json_object":
            found["response_format"] = {"type": "json_object"}
        return {name: value for name, value in found.items() if name not in self.refused}

    def simpler(self) -> "Habits | None":
        """The next step down the ladder of forms; None at its end."""
        return replace(self, form=self.form + 1) if self.form + 1 < len(_FORMS) else None

    def after(self, fault: str) -> "Habits | None":
        """Habits after an error 400; None if it names nothing that could be left out."""
        text = fault.lower()
        if any(word in text for word in ("response_format", "json_schema", "json schema")):
            return self.simpler()
        # "Use 'max_completion_tokens' instead" names both; what we sent is what it refuses. A limit
        # that is too large is named, too, but with none of these words.
        is_refused = any(word in text for word in _REFUSING)
        if is_refused and any(name in text for name in _LIMITS) and not self.limit:
            return replace(self, limit=1)
        for name in ("temperature", "seed"):
            if name in text and name not in self.refused:
                return replace(self, refused=(*self.refused, name))
        return None

    def to_json(self) -> dict[str, Any]:
        """The habits as JSON values."""
        return asdict(self)

    @classmethod
    def of(cls, values: Mapping[str, Any], *, thinking: int) -> "Habits":
        """Habits from JSON values; what a newer version wrote beside them is ignored.

        Args:
            values: The result of `to_json`, or nothing.
            thinking: The least number of tokens allowed for thinking.
        """
        known = {one.name for one in fields(cls)}
        found = {name: value for name, value in values.items() if name in known}
        found["refused"] = tuple(found.get("refused", ()))
        found["thinking"] = max(thinking, int(found.get("thinking", 0)))
        return cls(**found)
