"""Tensors of a foreign file by name and shape: what is missing or misshapen is named."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import torch

from corpuscope.errors import DictionaryError


@dataclass(frozen=True, eq=False)
class TensorTable:
    """The tensors of a file, as float32.

    Attributes:
        state: What the file holds, by name.
        name: The file's name, for messages.
    """

    state: Mapping[str, Any]
    name: str

    def __contains__(self, name: str) -> bool:
        return name in self.state

    def any_case(self) -> "TensorTable":
        """The same with names in lower case."""
        return TensorTable({name.lower(): one for name, one in self.state.items()}, self.name)

    def raw(self, name: str) -> torch.Tensor:
        """A tensor as it is stored.

        Raises:
            DictionaryError: There is none.
        """
        found = self.state.get(name)
        if isinstance(found, torch.Tensor):
            return found
        raise DictionaryError(
            f"{self.name} without the tensor {name!r} (it has {', '.join(sorted(self.state))})",
            expected=f"a tensor {name!r}",
            next_step="download the file again, or choose another dictionary",
        )

    def matrix(self, name: str, *, transposed: bool = False) -> torch.Tensor:
        """A matrix with one row per feature; `transposed` if it is stored the other way round."""
        return self._shaped(name, 2).T.contiguous() if transposed else self._shaped(name, 2)

    def vector(self, name: str) -> torch.Tensor:
        """A vector."""
        return self._shaped(name, 1)

    def vector_or_zeros(self, name: str, n: int) -> torch.Tensor:
        """A vector; zeros where there is none."""
        return self.vector(name) if name in self else torch.zeros(n)

    def number(self, name: str) -> float:
        """A single number, stored as a tensor or plainly."""
        found = self.state.get(name)
        if isinstance(found, int | float) and not isinstance(found, bool):
            return float(found)
        tensor = self.raw(name)
        if tensor.numel() != 1:
            raise self._misshapen(name, tensor, "a single number")
        return float(tensor)

    def _shaped(self, name: str, n_axes: int) -> torch.Tensor:
        found = self.raw(name)
        if found.ndim != n_axes:
            raise self._misshapen(name, found, "a matrix" if n_axes == 2 else "a vector")
        if not torch.isfinite(found).all():
            n_bad = int((~torch.isfinite(found)).sum())
            raise DictionaryError(
                f"{self.name}: {n_bad:,} of {found.numel():,} numbers of {name!r} are not finite",
                expected="finite weights",
                next_step="download the file again; if it stays so, the training that made it "
                "failed: choose another dictionary",
            )
        return found.float()

    def _misshapen(self, name: str, found: torch.Tensor, expected: str) -> DictionaryError:
        return DictionaryError(
            f"{self.name}: {name!r} of shape {tuple(found.shape)}",
            expected=expected,
            next_step="download the file again, or choose another dictionary",
        )


def reject_transcoder(name: str, why: str) -> DictionaryError:
    """The error for what reconstructs another place than it reads."""
    return DictionaryError(
        f"{name} is a transcoder ({why}): it reads one place of the model and predicts another",
        expected="a sparse autoencoder, which reconstructs the states it reads",
        next_step="choose the release for the residual stream, MLP or attention of that model",
    )
