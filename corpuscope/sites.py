"""Where in a block of a language model states are taken: names shared by reader and dictionary."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, get_args

Site = Literal[
    "residual", "residual-mid", "attention", "attention-heads", "mlp", "mlp-hidden"
]  # fmt: skip
"""What a state is.

- `residual`: the residual stream after a block.
- `residual-mid`: the residual stream between attention and MLP.
- `attention`, `mlp`: what attention or MLP adds to the residual stream.
- `attention-heads`: the concatenated outputs of the heads, before they are projected.
- `mlp-hidden`: the hidden activations of the MLP, before they are projected.
"""

SITES: tuple[Site, ...] = get_args(Site)


@dataclass(frozen=True, slots=True, order=True)
class Tap:
    """A site of a block other than the residual stream after it.

    Attributes:
        layer: The block, counted from 1.
        site: Which site of it.
    """

    layer: int
    site: Site

    def __str__(self) -> str:
        return f"{self.site} of layer {self.layer}"


Place = int | Tap
"""Where states are taken: a plain number is the residual stream after that layer."""


def places_of(layers: Iterable[int], site: Site) -> tuple[Place, ...]:
    """The places of a site in some layers, in the order given."""
    return tuple(layer if site == "residual" else Tap(layer, site) for layer in layers)


def in_order(places: Iterable[Place]) -> tuple[Place, ...]:
    """Distinct places, the lower layers first."""
    return tuple(sorted(set(places), key=_depth))


def layer_of(place: Place) -> int:
    """The layer of a place."""
    return place if isinstance(place, int) else place.layer


def site_of(place: Place) -> Site:
    """The site of a place."""
    return "residual" if isinstance(place, int) else place.site


def _depth(place: Place) -> tuple[int, int]:
    # The residual stream after a block comes last within it.
    site = site_of(place)
    return layer_of(place), len(SITES) if site == "residual" else SITES.index(site)
