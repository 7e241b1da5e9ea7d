"""Metrics of an autoencoder on held-out states.

Sums run over all units, in float64, before anything is divided: the mean of per-batch ratios is
another number, and a flattering one.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import torch

from corpuscope.errors import DictionaryError, NotEnoughData
from corpuscope.sae.model import SAE
from corpuscope.tensor_shapes import Activations, FeatureVectors, States

DENSE = 0.1
"""Above this density a feature is dense."""
_UNITS = 2048
_ROWS = 2048


@dataclass(frozen=True, eq=False)
class Evaluation:
    """Metrics of an autoencoder on held-out states x, with reconstructions x^.

    Attributes:
        n_units: How many states it was evaluated on.
        unexplained_variance: sum |x - x^|^2 / sum |x - mean x|^2 (FVU): 0 is perfect, 1 is no
            better than the mean.
        l0: Mean number of active features per unit.
        densities: For each feature the share of units at which it fires.
        dead_share: Share of features that fired at no unit.
        dense_share: Share of features with a density above `DENSE`.
        l0_of_dense: Share of all firings that are of dense features.
        relative_bias: E|x^|^2 / E[x . x^], both centred at the mean of x, which the bias can
            carry: below 1 reconstructions are too short (shrinkage).
        length_ratio: Mean of |x^| / |x|, not centred.
        cosine: Mean cosine of x and x^, not centred: near 1 wherever the mean is long.
        decoder_cosine: Mean absolute cosine of two decoder rows (c_dec); above 2,048 rows, of
            that many drawn at random with all others.

    Source: relative bias: Rajamanoharan et al., 2024, arXiv 2404.16014; decoder cosine:
    Chanin, Garriga-Alonso, 2025, arXiv 2508.16560.
    """

    n_units: int
    unexplained_variance: float
    l0: float
    densities: npt.NDArray[np.float64]
    dead_share: float
    dense_share: float
    l0_of_dense: float
    relative_bias: float
    length_ratio: float
    cosine: float
    decoder_cosine: float

    def histogram(self) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.int64]]:
        """Histogram of log10(density) of live features: edges (five bins per decade) and counts."""
        lowest = int(np.floor(np.log10(1 / self.n_units)))
        bounds = np.linspace(lowest, 0, 5 * -lowest + 1)
        live = self.densities[self.densities > 0]
        counts, _ = np.histogram(np.log10(live), bounds)
        return bounds, counts

    def to_json(self) -> dict[str, Any]:
        """All metrics as JSON values, with the histogram instead of densities."""
        bounds, counts = self.histogram()
        found = {name: getattr(self, name) for name in self.__dataclass_fields__}
        del found["densities"]
        found = {name: None if value != value else value for name, value in found.items()}
        histogram = {"log10_bounds": bounds.tolist(), "counts": counts.tolist()}
        return found | {"density_histogram": histogram}


def evaluated(sae: SAE, batches: Iterable[torch.Tensor]) -> Evaluation:
    """Metrics of `sae` on held-out states; see `Evaluation`.

    With `unit_norm` the states are normalised to unit length first: the autoencoder is meant to
    reconstruct their direction only. With `token_norm` reconstructions are put back into the
    units of the states.

    Args:
        sae: On the device of the states.
        batches: Units x width; read once.

    Raises:
        NotEnoughData: Fewer than two units.
        DictionaryError: The states are all equal, or not finite.
    """
    judge = Judge(sae)
    for batch in batches:
        judge.add(batch)
    return judge.result()


class Judge:
    """Running sums of an autoencoder's metrics over batches, in float64; see `evaluated`."""

    def __init__(self, sae: SAE) -> None:
        self._sae = sae
        self._n = 0
        self._fired = torch.zeros_like(sae.encoder_bias, dtype=torch.float64)
        # Centre at the decoder bias, which is near the mean: sums of squares about 0 lose digits.
        self._centre = sae.decoder_bias.double()
        self._x = torch.zeros_like(self._centre)
        self._y = torch.zeros_like(self._x)
        self._xx = self._yy = self._xy = self._error = 0.0
        self._ratios = self._cosines = 0.0

    def add(self, batch: States) -> None:
        """Add a batch of states."""
        for states in torch.split(batch, _UNITS):
            sae, activations = self._sae, self._sae.encode(states)
            if sae.token_norm:
                decoded = sae.restored(sae.decode(activations), states)
                self._add(states.float(), decoded, activations)
            else:
                reconstruction = activations @ sae.decoder + sae.decoder_bias
                self._add(sae.scaled(states.float()), reconstruction, activations)

    def _add(self, states: States, reconstruction: States, activations: Activations) -> None:
        x, y = states.double(), reconstruction.double()
        self._n += len(x)
        lengths = x.norm(dim=1).clamp_min(1e-300), y.norm(dim=1).clamp_min(1e-300)
        self._ratios += float((lengths[1] / lengths[0]).sum())
        self._cosines += float(((x * y).sum(dim=1) / (lengths[0] * lengths[1])).sum())
        x, y = x - self._centre, y - self._centre
        self._fired += (activations > 0).sum(dim=0)
        self._x += x.sum(dim=0)
        self._y += y.sum(dim=0)
        self._xx += float(x.square().sum())
        self._yy += float(y.square().sum())
        self._xy += float((x * y).sum())
        self._error += float((x - y).square().sum())

    def result(self) -> Evaluation:
        """The metrics over all batches; raises what `evaluated` does."""
        if self._n < 2:
            raise NotEnoughData(
                f"{self._n} units to evaluate a dictionary on",
                expected="at least two, better a hundred thousand",
                next_step="use more text",
            )
        # Shift the sums from the centre to the mean of x.
        mean = self._x / self._n
        about_mean = float(mean.square().sum()) * self._n
        xx = self._xx - about_mean
        yy = self._yy - 2 * float(self._y @ mean) + about_mean
        xy = self._xy - float(self._x @ mean) - float(self._y @ mean) + about_mean
        if not np.isfinite(xx) or xx <= 1e-12 * max(self._xx, about_mean, 1e-300):
            raise DictionaryError(
                "states that are all equal, or not finite",
                expected="finite states that vary",
                next_step="check the corpus, the layer and the masks",
            )
        densities = (self._fired / self._n).cpu().numpy()
        dense = densities > DENSE
        total = float(densities.sum())
        return Evaluation(
            n_units=self._n,
            unexplained_variance=self._error / xx,
            l0=total,
            densities=densities,
            dead_share=float((densities == 0).mean()),
            dense_share=float(dense.mean()),
            l0_of_dense=float(densities[dense].sum()) / total if total else 0.0,
            relative_bias=yy / xy if xy else float("nan"),
            length_ratio=self._ratios / self._n,
            cosine=self._cosines / self._n,
            decoder_cosine=_decoder_cosine(self._sae.decoder),
        )


def _decoder_cosine(decoder: FeatureVectors) -> float:
    rows = torch.nn.functional.normalize(decoder.float(), dim=1)
    n = len(rows)
    if n < 2:
        return float("nan")
    # A fixed random sample of rows bounds the cost for large dictionaries.
    chosen = torch.randperm(n, generator=torch.Generator().manual_seed(0))[:_ROWS]
    cosines = torch.stack(
        [(rows[some] @ rows.T).abs().double().sum() for some in torch.split(chosen, 256)]
    )
    n_chosen = len(chosen)  # Subtract each row's cosine of 1 with itself.
    return float((cosines.sum() - n_chosen) / (n_chosen * (n - 1)))
