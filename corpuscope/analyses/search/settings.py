"""Options of `search`."""

from dataclasses import dataclass

from corpuscope.analyses.search.expansion import Expansion


@dataclass(frozen=True, kw_only=True)
class SearchSettings:
    """Options of `search`.

    Attributes:
        n_features: Maximum number of features taken from the nearest texts.
        temperature: Temperature of the rank weights; 0.01 uses about one feature.
        rename: Whether features are named from these documents; otherwise by the dictionary.
        seed: Random seed for ties.
        expansion: The phrase in other words, from `expanded`; None for the phrase alone.
    """

    n_features: int = 100
    temperature: float = 0.5
    rename: bool = True
    seed: int = 0
    expansion: Expansion | None = None
