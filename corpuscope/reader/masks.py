"""Which tokens count. A mask affects what is counted, never the model's input.

Special tokens never count, wherever they occur; the unknown token is not one of them. Text that a
chat template adds around messages never counts either.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from corpuscope.errors import ReaderError

_ALWAYS_OUT = {"special_tokens": "out", "template": "out"}


@dataclass(frozen=True, slots=True)
class MaskPolicy:
    """Which tokens count; recorded in dictionaries and stores.

    Attributes:
        roles: Count only text of these roles; None counts all text.
        outlier_norm: A token is excluded if the norm of its state exceeds this multiple of the
            median norm in its batch; None excludes none.
    """

    roles: frozenset[str] | None = None
    outlier_norm: float | None = 10.0

    def counts_role(self, role: str | None) -> bool:
        """Whether text of this role counts; None is text without a role."""
        return self.roles is None or role in self.roles

    def to_config(self) -> dict[str, Any]:
        """The policy as JSON values."""
        roles = None if self.roles is None else sorted(self.roles)
        return {**_ALWAYS_OUT, "roles": roles, "outlier_norm": self.outlier_norm}

    @classmethod
    def from_config(
        cls, config: Mapping[str, Any], *, roles: Iterable[str] | None = None
    ) -> "MaskPolicy":
        """The policy of a `to_config` result; `roles` overrides its roles.

        Raises:
            ReaderError: The masks are unknown.
        """
        unknown = {
            key: value
            for key, value in config.items()
            if key not in ("roles", "outlier_norm") and _ALWAYS_OUT.get(key) != value
        }
        if unknown:
            raise ReaderError(
                f"the masks {unknown}",
                expected=f"only {_ALWAYS_OUT}, roles and outlier_norm",
                next_step="choose another dictionary, or a newer corpuscope",
            )
        chosen = config.get("roles") if roles is None else roles
        if isinstance(chosen, str):
            chosen = (chosen,)
        outlier_norm = config.get("outlier_norm")
        return cls(
            roles=None if chosen is None else frozenset(chosen),
            outlier_norm=None if outlier_norm is None else float(outlier_norm),
        )
