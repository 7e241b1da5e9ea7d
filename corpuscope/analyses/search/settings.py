"""Options of `search`."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class SearchSettings:
    """Options of `search`.

    Attributes:
        n_features: Maximum number of features taken from the nearest texts.
        temperature: Temperature of the rank weights; 0.01 uses about one feature.
        rename: Whether features are named from these documents; otherwise by the dictionary.
        seed: Random seed for ties.
    """

    n_features: int = 100
    temperature: float = 0.5
    rename: bool = True
    seed: int = 0
