"""Which tokens count. A mask edits what is counted, never what the model is fed.

Special tokens never count, wherever they stand; the unknown token is not one of them. What a
chat template puts around the messages never counts either.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import torch

from corpuscope.errors import ReaderError
from corpuscope.tensor_shapes import States, UnitMask

_ALWAYS_OUT = {"special_tokens": "out", "template": "out"}


@dataclass(frozen=True, slots=True)
class MaskPolicy:
    """Which tokens count, as recorded beside whatever was counted.

    Attributes:
        roles: Only tokens that one of these roles speaks count; None counts all text.
        outlier_norm: A token whose state is longer than this many times the median length of
            the counted tokens read with it does not count; None counts it.
    """

    roles: frozenset[str] | None = None
    outlier_norm: float | None = 10.0

    def counts_role(self, role: str | None) -> bool:
        """Whether text counts that this role speaks; None for text that nobody speaks."""
        return self.roles is None or role in self.roles

    def to_config(self) -> dict[str, Any]:
        """The policy as JSON values."""
        roles = None if self.roles is None else sorted(self.roles)
        return {**_ALWAYS_OUT, "roles": roles, "outlier_norm": self.outlier_norm}

    @classmethod
    def from_config(
        cls, config: Mapping[str, Any], *, roles: Iterable[str] | None = None
    ) -> "MaskPolicy":
        """The policy that `to_config` wrote, with other roles where `roles` names some.

        Raises:
            ReaderError: The masks are not ones that corpuscope knows.
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

    def usual(self, layers: Sequence[States]) -> UnitMask | None:
        """Which tokens have a state of usual length at every one of `layers`; None for all.

        Source: ours, after reports of states a hundred times longer than the median
        (METHODS 1.2).
        """
        if self.outlier_norm is None or not layers or not len(layers[0]):
            return None
        usual = torch.ones(len(layers[0]), dtype=torch.bool, device=layers[0].device)
        for states in layers:
            lengths = torch.linalg.vector_norm(states, dim=1, dtype=torch.float32)
            usual &= lengths <= self.outlier_norm * lengths.median()
        return None if bool(usual.all()) else usual
