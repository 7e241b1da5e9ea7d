"""A dictionary: SAEs with everything needed to apply them to a reader's states."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from corpuscope.errors import DictionaryError
from corpuscope.sae.weights import Weights
from corpuscope.sites import SITES, Place, Site, places_of

if TYPE_CHECKING:
    from corpuscope.sae.model import SAE

Unit = Literal["token", "sentence"]


@dataclass(frozen=True)
class Part:
    """An SAE over states of tokens or of sentences.

    It is kept as it was given, and becomes the other form when that is first asked for: a
    dictionary from disk needs torch only where it computes with torch.

    Attributes:
        unit: "token" or "sentence".
        layers: After which layers of the reader, or of which; states of several are concatenated.
        autoencoder: Trained on such states; weights as arrays, or an SAE.
        site: Where in these layers the states are taken.
    """

    unit: Unit
    layers: tuple[int, ...]
    autoencoder: "SAE | Weights"
    site: Site = "residual"

    @cached_property
    def sae(self) -> "SAE":
        """The SAE, which computes with torch."""
        if not isinstance(self.autoencoder, Weights):
            return self.autoencoder
        from corpuscope.sae.conversion import sae_of

        return sae_of(self.autoencoder)

    @cached_property
    def weights(self) -> Weights:
        """The weights as arrays; needs no torch if it was loaded from disk."""
        if isinstance(self.autoencoder, Weights):
            return self.autoencoder
        from corpuscope.sae.conversion import weights_of

        return weights_of(self.autoencoder)

    @property
    def n_features(self) -> int:
        """The number of features."""
        return self.autoencoder.n_features

    @property
    def width(self) -> int:
        """The dimension of a state."""
        return self.autoencoder.width

    @property
    def places(self) -> tuple[Place, ...]:
        """Where the reader takes the states."""
        return places_of(self.layers, self.site)


@dataclass(frozen=True, eq=False)
class Dictionary:
    """One or several SAEs, whose features are numbered consecutively, token features first.

    Attributes:
        reader_name: The language model that it was trained on.
        revision: Which version of it.
        context: What the reader sees at once: "sentence" or "passage".
        max_tokens: How many tokens the reader sees at once.
        masks: Which tokens count, as the reader's mask policy writes it.
        parts: Its SAEs, those of tokens first.
        features: A row for each feature: `feature`, `kind`, `threshold` (of presence), and
            `label`, `label_source`, `score`, `density` and others.
        training: How it was trained; free-form.
        about: Licence, presence rule and other remarks; free-form.
        prepends_bos: Whether each passage begins with the token of the beginning of a text; None
            for what the reader's tokenizer does.
    """

    reader_name: str
    revision: str
    context: Literal["sentence", "passage"]
    max_tokens: int
    masks: Mapping[str, Any]
    parts: tuple[Part, ...]
    features: pa.Table
    training: Mapping[str, Any] = field(default_factory=dict)
    about: Mapping[str, Any] = field(default_factory=dict)
    prepends_bos: bool | None = None

    def __post_init__(self) -> None:
        fault = next(_faults(self), None)
        if fault:
            raise DictionaryError(
                fault,
                expected="a dictionary as docs/dictionary-format.md describes it",
                next_step="download or train it again",
            )

    @property
    def n_features(self) -> int:
        """The number of features of all parts."""
        return sum(part.n_features for part in self.parts)

    @cached_property
    def thresholds(self) -> npt.NDArray[np.float32]:
        """The strength above which each feature counts as present; 0 where none is given."""
        if "threshold" not in self.features.column_names:
            return np.zeros(self.n_features, dtype=np.float32)
        column = self.features["threshold"].cast(pa.float32()).fill_null(0.0)
        return np.asarray(column.to_numpy(), dtype=np.float32)

    @cached_property
    def digest(self) -> str:
        """A hash of all that activations depend on (weights, reader, masks, ...), not of labels."""
        running = hashlib.blake2b(digest_size=32)
        running.update(json.dumps(self._settings(), sort_keys=True).encode())
        for part in self.parts:
            part.weights.count_in(running)
        running.update(np.ascontiguousarray(self.thresholds).tobytes())
        return running.hexdigest()

    def describe_parts(self) -> list[dict[str, Any]]:
        """The settings of each part beside its weights, as JSON values."""
        return [
            {
                "unit": part.unit,
                "layers": list(part.layers),
                "n_features": part.n_features,
                "unit_norm": part.weights.unit_norm,
                "input_scale": part.weights.input_scale,
                "firing": dict(part.weights.firing),
                **_newer_settings(part),
            }
            for part in self.parts
        ]

    def _settings(self) -> dict[str, Any]:
        return {
            "reader": {"name": self.reader_name, "revision": self.revision},
            "context": self.context,
            "max_tokens": self.max_tokens,
            "masks": dict(self.masks),
            "parts": self.describe_parts(),
            **({} if self.prepends_bos is None else {"prepends_bos": self.prepends_bos}),
        }


def _newer_settings(part: Part) -> dict[str, Any]:
    """What version 2 of the format added; left out where unused, so digests stay as they were."""
    found: dict[str, Any] = {}
    if part.site != "residual":
        found["site"] = part.site
    if part.weights.token_norm:
        found["token_norm"] = dict(part.weights.token_norm)
    return found


def weights_digest(sae: "SAE | Weights") -> str:
    """A hash of the weights of an SAE."""
    running = hashlib.blake2b(digest_size=16)
    Part("token", (0,), sae).weights.count_in(running)
    return running.hexdigest()


def _faults(dictionary: Dictionary) -> Any:
    units = [part.unit for part in dictionary.parts]
    if not units or not set(units) <= {"token", "sentence"}:
        yield f"parts for {units}"
    if units != sorted(units, reverse=True):
        yield "parts for sentences before parts for tokens"
    if dictionary.context not in ("sentence", "passage"):
        yield f"the context {dictionary.context!r}"
    if any(not part.layers or min(part.layers) < 0 for part in dictionary.parts):
        yield f"the layers {[list(part.layers) for part in dictionary.parts]}"
    if any(part.site not in SITES for part in dictionary.parts):
        yield f"the sites {[part.site for part in dictionary.parts]}"
    if any(part.site != "residual" and min(part.layers) < 1 for part in dictionary.parts):
        yield "a site of layer 0, which is no block"
    for part in dictionary.parts:
        yield from _weight_faults(part.weights)
    yield from _table_faults(dictionary)


def _weight_faults(weights: Weights) -> Any:
    n_features, width = weights.n_features, weights.width
    if weights.firing["rule"] == "group-max" and n_features % weights.firing["n_groups"]:
        yield f"{n_features} features in {weights.firing['n_groups']} groups"
    if weights.unit_norm and weights.token_norm:
        yield "two normalisations of states"
    shapes = {
        "decoder": (n_features, width),
        "encoder_bias": (n_features,),
        "decoder_bias": (width,),
        "theta": (n_features,),
    }
    for name, values in weights.arrays.items():
        if values.shape != shapes.get(name, (n_features, width)):
            yield f"{name} of shape {values.shape} beside encoder {n_features} x {width}"
        if not np.isfinite(values).all():
            yield f"{name} with non-finite values"


def _table_faults(dictionary: Dictionary) -> Any:
    table = dictionary.features
    missing = {"feature", "kind"} - set(table.column_names)
    if missing:
        yield f"a table of features without {sorted(missing)}"
        return
    if table["feature"].to_pylist() != list(range(dictionary.n_features)):
        yield f"{table.num_rows} rows of features that are not 0 to {dictionary.n_features - 1}"
    kinds = [part.unit for part in dictionary.parts for _ in range(part.n_features)]
    if table["kind"].to_pylist() != kinds:
        yield "a table of features whose kinds are not those of the parts"
    if not np.isfinite(dictionary.thresholds).all():
        yield "non-finite thresholds"
