"""From a corpus to a dictionary of its own, in one call."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path

from corpuscope.corpus import Corpus
from corpuscope.extraction.progress import Report
from corpuscope.ranges import OBJECTIVES, check_training
from corpuscope.reader.language_model import LanguageModel, load_reader
from corpuscope.reader.masks import MaskPolicy
from corpuscope.reader.sections import Context
from corpuscope.sae.dictionary import Unit
from corpuscope.sae.objectives import Objective, objective_named
from corpuscope.sae.recipe import Recipe, StepReport
from corpuscope.training.reading import read_states
from corpuscope.training.runs import Learned, check_converged, learn
from corpuscope.training.state_files import Stream

_DEPTH = 2 / 3
_NAME, _CONTROL = "learned", "control"


def layers_or_usual(layers: Iterable[int] | None, reader: LanguageModel) -> tuple[int, ...]:
    """These layers, or the one two thirds up."""
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
    n_units: int = 3_000_000,
    batch_size: int = 2048,
    learning_rate: float | None = None,
    unit_norm: bool = False,
    control: bool = False,
    seed: int = 0,
    reader: LanguageModel | None = None,
    context: Context = "sentence",
    max_tokens: int | None = None,
    roles: Iterable[str] | None = None,
    max_units: int | None = 10_000_000,
    progress: Report | bool | None = None,
    on_step: Callable[[str, StepReport], None] | None = None,
    device: str = "auto",
) -> Learned:
    """A dictionary learned on the states of these texts.

    The folder gets the states (`states/`), the run (`learned/`) and in it the dictionary
    (`learned/dictionary/`), which `extract` takes. Cut short, the same call goes on where it
    was, and ends with the same weights.

    Args:
        corpus: What is read.
        into: The folder.
        unit: Of what the states are: "token" or "sentence".
        layers: After which layers of the reader; several are put end to end. By default the
            one two thirds up.
        n_features: How many features.
        objective: A name (see `objective_named`), or an objective.
        k: How many features fire at a unit, where the objective takes it; 32 where neither this
            nor a coefficient is given.
        coefficient: Of the sparsity penalty, where the objective has one.
        n_units: How many units are learned from; more than there are means several passes.
        batch_size: Units to a step.
        learning_rate: At its height; None for what the objective suggests for so long a run.
        unit_norm: Whether states are divided by their lengths, layer by layer.
        control: Whether to learn a twin too, whose decoder stays random (`control/`): a figure
            on which it is close says little about what was learned.
        seed: Of all that is drawn.
        reader: The language model; by default the built-in one.
        context: What the reader sees at once: "sentence" or "passage".
        max_tokens: How many tokens it sees at once; by default 256, or fewer where it can see
            no more.
        roles: Only what these roles say counts; None counts all text.
        max_units: Reading stops at so many units; bounds the room on disk, which is twice the
            reader's width in bytes for each.
        progress: Is told how far reading has come; True draws a bar on standard error.
        on_step: Is told what each step saw.
        device: Where to compute.

    Raises:
        NotEnoughData: There is too little text for a batch.
        InputError: An argument is out of its range.
        DictionaryError: The folder holds another run; the run diverged; states teach nothing.
        ReaderError: The reader cannot be loaded, or has no such layer.
        FeatureMismatch: The folder holds states that were read in another way.
        CorpusChanged: The corpus is no longer the one that was begun with.
        StorageFull: There is no room; what was committed is safe.
    """
    check_training(
        objective=objective if isinstance(objective, str) else OBJECTIVES[0], unit=unit,
        layers=layers, n_features=n_features, k=k, learning_rate=learning_rate,
    )  # fmt: skip
    lm = reader or load_reader(device=device)
    stream = Stream(unit, layers_or_usual(layers, lm))
    if isinstance(objective, str):
        if k is None and coefficient is None:
            k = 32
        objective = objective_named(objective, n_features=n_features, k=k, coefficient=coefficient)
    recipe = Recipe(
        n_features=n_features,
        objective=objective,
        n_steps=max(1, n_units // batch_size),
        batch_size=batch_size,
        learning_rate=learning_rate,
        unit_norm=unit_norm,
        bf16=lm.is_bf16,
        seed=seed,
    )
    cache = read_states(
        corpus,
        into=Path(into) / "states",
        streams=[stream],
        reader=lm,
        context=context,
        max_tokens=max_tokens,
        masks=MaskPolicy(roles=None if roles is None else frozenset(roles)),
        max_units=max_units,
        seed=seed,
        progress=progress,
    )
    recipes = {_NAME: recipe}
    if control:
        recipes[_CONTROL] = replace(recipe, frozen_decoder=True)
    found = learn(cache, recipes, into=into, stream=stream, progress=on_step, device=device)
    check_converged(found[_NAME], Path(into) / _NAME)
    twin = found[_CONTROL].evaluation if control else None
    return replace(found[_NAME], control=twin)
