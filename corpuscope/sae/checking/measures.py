"""What an autoencoder does to states, in a few numbers."""

from dataclasses import asdict, dataclass

import torch

from corpuscope.errors import NotEnoughData
from corpuscope.sae.evaluate import DENSE
from corpuscope.sae.model import SAE
from corpuscope.tensor_shapes import States

# Activations of so many units are in memory at once.
_NUMBERS = 2**24


@dataclass(frozen=True, slots=True)
class Measures:
    """Metrics of an autoencoder on states x, with reconstructions x^ in their units.

    Attributes:
        n_units: On how many states.
        l0: Mean number of active features per unit.
        unexplained_variance: sum |x - x^|^2 / sum |x - mean x|^2 (FVU): 0 is perfect, 1 is no
            better than the mean.
        cosine: Mean cosine of x and x^.
        length_ratio: Mean of |x^| / |x|.
        dead_share: Share of features that fired at no unit here.
        dense_share: Share of features that fired at more than a tenth of the units.
        silent_share: Share of units at which no feature fired.
    """

    n_units: int
    l0: float
    unexplained_variance: float
    cosine: float
    length_ratio: float
    dead_share: float
    dense_share: float
    silent_share: float

    def to_json(self) -> dict[str, float | None]:
        """All metrics as JSON values."""
        return {name: None if value != value else value for name, value in asdict(self).items()}


def measured(sae: SAE, states: States) -> Measures:
    """The metrics of an autoencoder on states; sums are in float64.

    With `unit_norm` reconstructions are put back to the lengths of the states.

    Raises:
        NotEnoughData: Fewer than two states.
    """
    if len(states) < 2:
        raise NotEnoughData(
            f"{len(states)} units to check a dictionary on",
            expected="at least two, better some thousand",
            next_step="use more text",
        )
    mean = states.double().mean(dim=0)
    fired = torch.zeros(sae.n_features, dtype=torch.float64, device=states.device)
    error = total = cosines = ratios = silent = 0.0
    for part in torch.split(states, max(1, _NUMBERS // sae.n_features)):
        activations = sae.encode(part)
        active = activations > 0
        x, y = part.double(), sae.restored(sae.decode(activations), part).double()
        lengths = x.norm(dim=1).clamp_min(1e-300), y.norm(dim=1).clamp_min(1e-300)
        error += float((x - y).square().sum())
        total += float((x - mean).square().sum())
        cosines += float(((x * y).sum(dim=1) / (lengths[0] * lengths[1])).sum())
        ratios += float((lengths[1] / lengths[0]).sum())
        silent += float((~active.any(dim=1)).sum())
        fired += active.sum(dim=0)
    n = len(states)
    densities = fired / n
    return Measures(
        n_units=n,
        l0=float(densities.sum()),
        unexplained_variance=error / total if total else float("nan"),
        cosine=cosines / n,
        length_ratio=ratios / n,
        dead_share=float((densities == 0).double().mean()),
        dense_share=float((densities > DENSE).double().mean()),
        silent_share=silent / n,
    )
