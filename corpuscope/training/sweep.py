"""Trains a grid of dictionaries on one stream: objectives x sparsities x seeds, and controls."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from corpuscope.corpus.corpus import Corpus
from corpuscope.corpus.document import Document
from corpuscope.corpus.read import read_corpus
from corpuscope.errors import DictionaryError
from corpuscope.reader.language_model import LanguageModel, load_reader
from corpuscope.sae.config import Recipe
from corpuscope.sae.dictionary import Dictionary, Unit
from corpuscope.sae.evaluate import Evaluation
from corpuscope.sae.files import save_features
from corpuscope.sae.formats import load_dictionary
from corpuscope.sae.objectives import objective_named
from corpuscope.sae.objectives.named import sparsity_of
from corpuscope.sae.stability import ENOUGH_UNITS, Agreement, agreement
from corpuscope.training.cells import GridRun, Swept
from corpuscope.training.label import name_scores, with_names
from corpuscope.training.runs import Trained, learn
from corpuscope.training.settings import ReadingSettings, TrainingSettings
from corpuscope.training.states.cache import StateCache, StateStream
from corpuscope.training.states.files import Stream
from corpuscope.training.states.reading import read_states
from corpuscope.training.train import layers_or_default

_MEMORY_BYTES = 4 * 2**30
"""Memory for weights that are trained in parallel, with gradients and Adam moments."""


@dataclass(frozen=True, eq=False)
class Sweep:
    """The runs of a grid, evaluated."""

    cells: tuple[Swept, ...]

    @property
    def table(self) -> pd.DataFrame:
        """A row for each run, in the order of the grid."""
        return pd.DataFrame([_row(one) for one in self.cells])

    def to_json(self) -> list[dict[str, Any]]:
        """A JSON object for each run, with its density histogram."""
        return [
            {name: None if value != value else value for name, value in _row(one).items()}
            | {"density_histogram": one.evaluation.to_json()["density_histogram"]}
            | {"warnings": list(one.warnings)}
            for one in self.cells
        ]


def sweep(
    corpus: Corpus,
    objectives: Mapping[str, Sequence[float]],
    *,
    into: str | Path,
    seeds: Iterable[int] = (0,),
    control: bool = False,
    named_documents: int = 0,
    states: StateCache | None = None,
    unit: Unit = "token",
    layers: Iterable[int] | None = None,
    n_features: int = 4096,
    settings: TrainingSettings | None = None,
    reading: ReadingSettings | None = None,
) -> Sweep:
    """A dictionary for each objective, sparsity and seed, all trained on the same batches.

    Each is saved under its name in the folder. An interrupted call resumes when repeated, and
    runs can be added to the grid later.

    Args:
        corpus: The texts; read once.
        objectives: For each objective (see `objective_named`) its sparsities: values of `k`, or
            coefficients of its penalty. Compare at equal L0, never at equal coefficients.
        into: The folder.
        seeds: Seeds of the initial weights. With two or more, each run is compared with that of
            the next seed.
        control: Whether each run gets a control with the decoder frozen at random: a metric on
            which the control comes close is no evidence of learned features.
        named_documents: Documents, drawn at random, from which features are labelled and labels
            scored; 0 skips this.
        states: States of this corpus, if read before; None reads them into `states/`.
        unit: "token" or "sentence".
        layers: After which layers of the reader; by default the one at two thirds of the depth.
        n_features: How many features each has.
        settings: How long and how fast each is trained.
        reading: How texts are read.

    Raises:
        NotEnoughData: There is too little text for a batch, or nothing is held out.
        DictionaryError: An objective is unknown; the folder holds a run of another grid under
            the name of one of these.
        And what `read_states` raises.
    """
    settings, reading = settings or TrainingSettings(), reading or ReadingSettings()
    lm = reading.reader or load_reader(device=reading.device)
    cells = _cells(objectives, tuple(seeds), control=control)
    stream = Stream(unit, layers_or_default(layers, lm))
    cache = states or read_states(
        corpus,
        into=Path(into) / "states",
        streams=[stream],
        reading=replace(reading, reader=lm),
    )
    recipes = {
        cell: Recipe(
            n_features=n_features,
            objective=objective_named(
                cell.objective, n_features=n_features, **sparsity_of(cell.objective, cell.sparsity)
            ),
            n_steps=settings.n_steps(),
            batch_size=settings.batch_size,
            learning_rate=settings.learning_rate,
            unit_norm=settings.unit_norm,
            frozen_decoder=cell.is_control,
            bf16=lm.is_bf16,
            seed=cell.seed,
        )
        for cell in cells
    }
    found_states = cache.stream(stream)
    learned: dict[GridRun, Trained] = {}
    # 16 bytes per parameter: float32 weight, gradient and two Adam moments.
    for group in _groups(cells, 16 * n_features * (2 * found_states.width + 4)):
        found = learn(
            cache, {cell.name: recipes[cell] for cell in group}, into=into, stream=stream,
            progress=settings.on_step, device=reading.device,
        )  # fmt: skip
        learned |= {cell: found[cell.name] for cell in group}
    named = _all_named(learned, Path(into), corpus, named_documents, lm)
    return Sweep(
        tuple(
            Swept(
                cell,
                _evaluation(one, found_states),
                name_scores(named[cell])[unit] if cell in named else None,
                _agreement(cell, learned, found_states),
                named.get(cell, one.dictionary),
                one.warnings,
            )
            for cell, one in learned.items()
        )
    )


def _cells(
    objectives: Mapping[str, Sequence[float]], seeds: tuple[int, ...], *, control: bool
) -> list[GridRun]:
    cells = [
        GridRun(objective, float(sparsity), seed, is_control)
        for objective, sparsities in objectives.items()
        for sparsity in sparsities
        for seed in seeds
        for is_control in ((False, True) if control else (False,))
    ]
    if not cells:
        raise DictionaryError(
            f"{len(objectives)} objectives with sparsities, {len(seeds)} seeds",
            expected="at least one of each",
            next_step="name an objective with its sparsities, such as batch-top-k: 16, 32, 64",
        )
    return cells


def _groups(cells: Sequence[GridRun], n_bytes: int) -> Iterator[list[GridRun]]:
    """Batches of runs that fit in memory together."""
    size = max(1, _MEMORY_BYTES // n_bytes)
    rest = iter(cells)
    while group := list(islice(rest, size)):
        yield group


def _all_named(
    learned: Mapping[GridRun, Trained], into: Path, corpus: Corpus, n: int, reader: LanguageModel
) -> dict[GridRun, Dictionary]:
    """Each dictionary with labels from `n` documents; empty if `n` is 0."""
    if not n:
        return {}
    texts = drawn(corpus, n)
    return {
        cell: _named(one.dictionary, into / cell.name / "dictionary", texts, reader)
        for cell, one in learned.items()
    }


def _named(
    dictionary: Dictionary, folder: Path, texts: Corpus, reader: LanguageModel
) -> Dictionary:
    """The dictionary in the folder if its labels are scored; else with new labels, saved."""
    saved = load_dictionary(folder)
    if "score" in saved.features.column_names:
        return saved
    named = with_names(dictionary, texts, reader=reader)
    save_features(named, folder)
    return named


def _evaluation(learned: Trained, states: StateStream) -> Evaluation:
    if learned.evaluation is None:
        raise DictionaryError(
            f"{states.n_held_out} states in held-out documents",
            expected="at least two, for evaluation",
            next_step="use more documents",
        )
    return learned.evaluation


def _agreement(
    cell: GridRun, learned: Mapping[GridRun, Trained], states: StateStream
) -> Agreement | None:
    seeds = [one.seed for one in learned if replace(one, seed=cell.seed) == cell]
    if len(seeds) < 2:
        return None
    # Cyclic: the last seed is compared with the first.
    following = seeds[(seeds.index(cell.seed) + 1) % len(seeds)]
    one, other = (
        learned[each].dictionary.parts[0].sae for each in (cell, replace(cell, seed=following))
    )
    return agreement(one, other, states.held_out(at_most=ENOUGH_UNITS))


def _row(one: Swept) -> dict[str, Any]:
    cell, found, names, same = one.cell, one.evaluation, one.names, one.agreement
    row: dict[str, Any] = {
        "objective": cell.objective,
        "sparsity": cell.sparsity,
        "seed": cell.seed,
        "control": cell.is_control,
        "l0": found.l0,
        "unexplained_variance": found.unexplained_variance,
        "dead_share": found.dead_share,
        "dense_share": found.dense_share,
        "relative_bias": found.relative_bias,
        "decoder_cosine": found.decoder_cosine,
        "label_score": names.uniform if names else np.nan,
        "label_score_weighted": names.weighted if names else np.nan,
        "label_score_left_out": names.left_out if names else np.nan,
        "stability": same.overlap if same else np.nan,
        "shared": same.shared if same else np.nan,
    }
    return row


def drawn(corpus: Corpus, n: int, *, seed: int = 0) -> Corpus:
    """A random sample of `n` documents, in corpus order; all if there are fewer."""
    # Reservoir sampling: one pass, and no need to know the corpus's size.
    generator = np.random.default_rng(seed)
    kept: list[tuple[int, Document]] = []
    for number, document in enumerate(corpus):
        if len(kept) < n:
            kept.append((number, document))
        elif (at := int(generator.integers(number + 1))) < n:
            kept[at] = number, document
    return read_corpus([_as_row(document) for _, document in sorted(kept, key=lambda one: one[0])])


def _as_row(document: Document) -> dict[str, object]:
    if not document.roles:
        return {"id": document.id, "text": document.text}
    messages = [
        {"role": role.role, "content": document.text[role.start : role.end]}
        for role in document.roles
    ]
    return {"id": document.id, "messages": messages}
