"""Which probes exist, and their names: kind, unit, pooling and size."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from corpuscope.errors import InputError
from corpuscope.probing.matrices.pooling import ALWAYS, position_of

ProbeKind = Literal["dense", "sae", "reconstruction", "error", "words", "embedding", "length"]
Choice = Literal["difference", "l1"]

BASELINES = ("length", "words", "embedding")
_UNITS = ("token", "sentence")
_ATTENTIVE = ("dense token attention", "sae token attention all")
_EXPECTED = (
    "length, words, embedding, or one of dense, sae, reconstruction and error with a unit (token, "
    "sentence) and a pooling (mean, max, last, position=N); sae also needs k=N or all, and takes "
    "l1 for selection by an L1 penalty; or dense token attention, sae token attention all"
)

DEFAULT_PROBES = (
    "length",
    "words",
    "embedding",
    "dense token mean",
    "dense token max",
    "dense token last",
    "dense token attention",
    "dense sentence mean",
    "dense sentence max",
    "reconstruction token mean",
    "error token mean",
    "reconstruction sentence mean",
    "error sentence mean",
    "sae token mean k=16",
    "sae token mean all",
    "sae token max k=1",
    "sae token max k=16",
    "sae token max k=16 l1",
    "sae token max k=128",
    "sae token max all",
    "sae token attention all",
    "sae sentence max k=1",
    "sae sentence max k=16",
    "sae sentence max k=128",
    "sae sentence max all",
    "sae sentence mean all",
)
"""The probes that are fitted by default."""


@dataclass(frozen=True, slots=True)
class Spec:
    """A probe, as specified by its name.

    Attributes:
        name: As written.
        kind: What it is trained on.
        unit: Token or sentence; empty for baselines.
        pooling: How units are pooled to a document; empty for baselines.
        k: How many features; None for all, and for probes without features.
        choice: How these are selected.
    """

    name: str
    kind: ProbeKind
    unit: str = ""
    pooling: str = ""
    k: int | None = None
    choice: Choice = "difference"

    @property
    def uses_sae(self) -> bool:
        """Whether it needs the dictionary."""
        return self.kind in ("sae", "reconstruction")


def specs_of(names: Iterable[str] | None, units: Sequence[str]) -> tuple[Spec, ...]:
    """The probes of these names; by default all default ones whose unit the dictionary has.

    Raises:
        InputError: A name is invalid, repeated, or of a unit that the dictionary lacks.
    """
    if names is None:
        usual = [parsed(name) for name in DEFAULT_PROBES]
        return tuple(one for one in usual if one.unit in ("", *units))
    found = tuple(parsed(name) for name in names)
    for one in found:
        if one.unit not in ("", *units):
            raise InputError(
                f"the probe {one.name!r}, but a dictionary of {' and '.join(units)} features",
                expected=f"probes of {' or '.join(units)} states",
                next_step="leave it out",
            )
    if len({one.name for one in found}) < len(found) or not found:
        raise InputError(
            f"the probes {[one.name for one in found]}",
            expected="at least one probe, without repetition",
            next_step="remove repeated names, or leave out probes to use the defaults",
        )
    return found


def parsed(name: str) -> Spec:
    """The probe that a name specifies.

    Raises:
        InputError: There is no such probe.

    Example:
        >>> parsed("sae token max k=16").k
        16
    """
    words = name.split()
    spec = _baseline(words) or _of_states(words)
    if spec is None:
        raise InputError(
            f"the probe {name!r}", expected=_EXPECTED, next_step="write its name in this form"
        )
    return spec


def _baseline(words: list[str]) -> Spec | None:
    if len(words) == 1 and words[0] in BASELINES:
        return Spec(words[0], words[0])  # type: ignore[arg-type]
    return None


def _of_states(words: list[str]) -> Spec | None:
    if len(words) < 3 or words[1] not in _UNITS:
        return None
    (kind, unit, pooling), rest = words[:3], words[3:]
    name = " ".join(words)
    if pooling == "attention":
        return Spec(name, kind, unit, pooling) if name in _ATTENTIVE else None  # type: ignore[arg-type]
    position_of(pooling)
    if kind == "sae":
        return _of_features(name, unit, pooling, rest)
    if kind in ("dense", "reconstruction", "error") and not rest:
        return Spec(name, kind, unit, pooling)  # type: ignore[arg-type]
    return None


def _of_features(name: str, unit: str, pooling: str, rest: list[str]) -> Spec | None:
    if rest == ["all"]:
        return Spec(name, "sae", unit, pooling)
    number = re.fullmatch(r"k=([1-9]\d*)", rest[0]) if rest else None
    if number is None or rest[1:] not in ([], ["l1"]):
        return None
    choice: Choice = "l1" if rest[1:] else "difference"
    return Spec(name, "sae", unit, pooling, int(number[1]), choice)


def positions_in(specs: Iterable[Spec]) -> list[str]:
    """The poolings beyond those that are cached for every store."""
    return sorted({one.pooling for one in specs} - {"", "attention", *ALWAYS})
