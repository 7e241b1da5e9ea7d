"""How a search is made, beside what is asked."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class SearchSettings:
    """What `search` takes beside the question.

    Attributes:
        n_features: How many features are taken from the nearest texts at most.
        temperature: The smaller, the more the first of these count; 0.01 is about one feature.
        rename: Whether features are named from this store's documents; else by the dictionary.
        seed: Tells equals apart.
    """

    n_features: int = 100
    temperature: float = 0.5
    rename: bool = True
    seed: int = 0
