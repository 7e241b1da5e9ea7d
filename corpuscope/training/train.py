"""Trains a dictionary on a corpus, in one call."""

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from corpuscope.corpus.corpus import Corpus
from corpuscope.ranges import OBJECTIVES, check_training
from corpuscope.reader.language_model import LanguageModel, load_reader
from corpuscope.sae.config import Recipe
from corpuscope.sae.dictionary import Unit
from corpuscope.sae.objectives import Objective, objective_named
from corpuscope.training.runs import Trained, check_converged, learn
from corpuscope.training.settings import ReadingSettings, TrainingSettings
from corpuscope.training.states.files import Stream
from corpuscope.training.states.reading import read_states

_DEPTH = 2 / 3
_DEFAULT_UNITS = 3_000_000
_NAME, _CONTROL = "learned", "control"


def layers_or_default(layers: Iterable[int] | None, reader: LanguageModel) -> tuple[int, ...]:
    """These layers, or by default the one at two thirds of the depth."""
    if layers is None:
        return (max(1, round(_DEPTH * reader.n_layers)),)
    return tuple(layers)


def train(
    corpus: Corpus,
    *,
    into: str | Path,
    unit: Unit = "token",
    layers: Iterable[int] | None = None,
    n_features: int = 8192,
    objective: str | Objective = "batch-top-k",
    k: float | None = None,
    coefficient: float | None = None,
    control: bool = False,
    seed: int = 0,
    settings: TrainingSettings | None = None,
    reading: ReadingSettings | None = None,
) -> Trained:
    """A dictionary trained on the reader's states of these texts.

    The folder gets the states (`states/`), the run (`learned/`) and in it the dictionary
    (`learned/dictionary/`), ready for `extract`. An interrupted call resumes when repeated, and
    ends with the same weights.

    Args:
        corpus: The texts.
        into: The folder.
        unit: "token" or "sentence".
        layers: After which layers of the reader; several are concatenated. By default the one
            at two thirds of the depth.
        n_features: How many features.
        objective: A name (see `objective_named`), or an objective.
        k: Active features per unit (L0), for objectives that take it; 32 if neither this nor a
            coefficient is given.
        coefficient: Coefficient of the sparsity penalty, for objectives that have one.
        control: Whether to train a control as well, with the decoder frozen at random
            (`control/`): a metric on which it comes close is no evidence of learned features.
        seed: Random seed.
        settings: How long and how fast, such as `TrainingSettings(n_units=500_000)`.
        reading: How texts are read, such as `ReadingSettings(roles=["assistant"])`.

    Raises:
        NotEnoughData: There is too little text for a batch.
        InputError: An argument is out of its range.
        DictionaryError: The folder holds another run; the run diverged; states do not vary.
        ReaderError: The reader cannot be loaded, or has no such layer.
        FeatureMismatch: The folder holds states that were read with other settings.
        CorpusChanged: The corpus is not the one that the folder was started with.
        StorageFull: The disk is full; what was committed is safe.
    """
    settings, reading = settings or TrainingSettings(), reading or ReadingSettings()
    check_training(
        objective=objective if isinstance(objective, str) else OBJECTIVES[0], unit=unit,
        layers=layers, n_features=n_features, k=k, learning_rate=settings.learning_rate,
    )  # fmt: skip
    lm = reading.reader or load_reader(device=reading.device)
    stream = Stream(unit, layers_or_default(layers, lm))
    if isinstance(objective, str):
        if k is None and coefficient is None:
            k = 32
        objective = objective_named(objective, n_features=n_features, k=k, coefficient=coefficient)
    recipe = Recipe(
        n_features=n_features,
        objective=objective,
        n_steps=settings.n_steps(_DEFAULT_UNITS),
        batch_size=settings.batch_size,
        learning_rate=settings.learning_rate,
        unit_norm=settings.unit_norm,
        bf16=lm.is_bf16,
        seed=seed,
    )
    cache = read_states(
        corpus,
        into=Path(into) / "states",
        streams=[stream],
        seed=seed,
        reading=replace(reading, reader=lm),
    )
    recipes = {_NAME: recipe}
    if control:
        recipes[_CONTROL] = replace(recipe, frozen_decoder=True)
    found = learn(
        cache, recipes, into=into, stream=stream, progress=settings.on_step, device=reading.device
    )
    check_converged(found[_NAME], Path(into) / _NAME)
    twin = found[_CONTROL].evaluation if control else None
    return replace(found[_NAME], control=twin)
