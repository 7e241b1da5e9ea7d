"""Finetunes a dictionary on other texts, and compares it with baselines."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import torch

from corpuscope.corpus.corpus import Corpus
from corpuscope.errors import DictionaryError, NotEnoughData
from corpuscope.extraction.compatibility import check_fits
from corpuscope.reader.language_model import load_reader
from corpuscope.reader.masks import MaskPolicy
from corpuscope.sae.config import Recipe
from corpuscope.sae.dictionary import Dictionary, Part, Unit
from corpuscope.sae.evaluate import Evaluation, evaluated
from corpuscope.sae.files import save_dictionary
from corpuscope.sae.firing import Threshold
from corpuscope.sae.formats import load_dictionary
from corpuscope.sae.model import SAE
from corpuscope.sae.objectives import Objective, objective_named
from corpuscope.training.runs import UNITS_FOR_JUDGING, Also, Trained, learn
from corpuscope.training.settings import FinetuneSettings, ReadingSettings
from corpuscope.training.states.cache import StateCache, StateStream
from corpuscope.training.states.files import Stream
from corpuscope.training.states.reading import read_states

UNCHANGED, FINETUNED, FROM_SCRATCH = "unchanged", "finetuned", "from scratch"
_SLOWER = 0.1
"""The finetuning learning rate, as a multiple of that of a new dictionary."""
_SAMPLE = 50_000
_AT_ONCE = 2048


@dataclass(frozen=True, eq=False)
class Finetuned:
    """A finetuned dictionary, and the baselines it is compared with.

    Attributes:
        dictionary: The whole dictionary with the finetuned part; saved in the folder.
        evaluations: On held-out documents of the new corpus, by name: "unchanged", "finetuned",
            and "from scratch" if requested.
        kept: The same on held-out documents of the corpus mixed in; empty if there is none.
        cosines: For each feature the cosine of its decoder row before and after; NaN for
            reinitialised ones.
        warnings: Problems seen during training.
    """

    dictionary: Dictionary
    evaluations: Mapping[str, Evaluation]
    kept: Mapping[str, Evaluation]
    cosines: npt.NDArray[np.float64]
    warnings: tuple[str, ...]


def finetune(
    dictionary: str | Path | Dictionary,
    corpus: Corpus,
    *,
    into: str | Path,
    unit: Unit = "token",
    objective: str | Objective = "batch-top-k",
    k: float | None = None,
    coefficient: float | None = None,
    also: Corpus | None = None,
    from_scratch: bool = False,
    seed: int = 0,
    settings: FinetuneSettings | None = None,
    reading: ReadingSettings | None = None,
) -> Finetuned:
    """Finetune one part of a dictionary on the reader's states of these texts.

    The folder gets the states (`states/`, `also/`), the runs (`finetuned/`, `from-scratch/`) and
    the whole dictionary (`dictionary/`), whose other parts are unchanged. An interrupted call
    resumes when repeated.

    Args:
        dictionary: The dictionary, its folder, or "builtin". It is not modified.
        corpus: The texts.
        into: The folder.
        unit: Which part is finetuned: that of tokens or that of sentences.
        objective: A name (see `objective_named`), or an objective.
        k: Active features per unit (L0), for objectives that take it; by default that of the
            unchanged dictionary on the new states.
        coefficient: Coefficient of the sparsity penalty, for objectives that have one.
        also: A corpus to mix in, against forgetting.
        from_scratch: Whether to train a baseline of the same size from random weights as well,
            on the same batches.
        seed: Random seed.
        settings: How long and how fast, such as `FinetuneSettings(renewed=0.1)`.
        reading: How texts are read; context and masks follow the dictionary.

    Raises:
        NotEnoughData: There is too little text for a batch, or nothing is held out.
        DictionaryError: There is no such dictionary or part; the folder holds another run; a
            share is out of its range.
        And what `read_states` raises.
    """
    base = dictionary if isinstance(dictionary, Dictionary) else load_dictionary(dictionary)
    place = Path(into)
    part = _part(base, unit)
    settings, reading = settings or FinetuneSettings(), reading or ReadingSettings()
    _check_share(settings.renewed)
    lm = reading.reader or load_reader(base.reader_name, device=reading.device)
    check_fits(base, lm)
    _check_learnable(base, part)
    stream = Stream(unit, part.layers)

    def read(texts: Corpus, folder: str) -> StateCache:
        return read_states(
            texts,
            into=place / folder,
            streams=[stream],
            masks=MaskPolicy.from_config(base.masks, roles=reading.roles),
            seed=seed,
            reading=replace(reading, reader=lm, context=base.context, max_tokens=base.max_tokens),
        )

    cache = read(corpus, "states")
    others = None if also is None else read(also, "also")
    density, l0 = _densities(part.sae, _sample(cache.stream(stream)))
    recipe = Recipe(
        n_features=part.sae.n_features,
        objective=_objective(objective, part.sae, k=k, coefficient=coefficient, l0=l0),
        n_steps=settings.n_steps(),
        batch_size=settings.batch_size,
        unit_norm=part.sae.unit_norm,
        bf16=lm.is_bf16,
        seed=seed,
    )
    reinitialised = _rarest(density, settings.renewed)
    # Trained weights need smaller steps than random ones.
    slower = settings.learning_rate or _SLOWER * recipe.height
    recipes = {"finetuned": replace(recipe, learning_rate=slower)}
    if from_scratch:
        recipes["from-scratch"] = recipe
    learned = learn(
        cache,
        recipes,
        into=place,
        starts={"finetuned": _with_new_features(part.sae, reinitialised, seed)},
        also=None if others is None else Also(others, settings.also_share),
        progress=settings.on_step,
        device=reading.device,
    )
    whole = _in_its_place(base, part, learned["finetuned"].dictionary)
    if not (place / "dictionary").exists():
        save_dictionary(whole, place / "dictionary")
    saes = _arms(part.sae, learned)
    return Finetuned(
        whole,
        _judged(saes, cache.stream(stream)),
        {} if others is None else _judged(saes, others.stream(stream)),
        _drift(part.sae, saes[FINETUNED], reinitialised),
        _warnings(learned),
    )


def _objective(
    given: str | Objective, sae: SAE, *, k: float | None, coefficient: float | None, l0: float
) -> Objective:
    """The objective; by default with the L0 that the SAE has on the new states."""
    if not isinstance(given, str):
        return given
    if k is None and coefficient is None:
        k = max(1.0, round(l0, 1))
    return objective_named(given, n_features=sae.n_features, k=k, coefficient=coefficient)


def _arms(unchanged: SAE, learned: Mapping[str, Trained]) -> dict[str, SAE]:
    """The autoencoders to compare, by name."""
    return {UNCHANGED: unchanged} | {
        arm: learned[folder].dictionary.parts[0].sae
        for arm, folder in ((FINETUNED, "finetuned"), (FROM_SCRATCH, "from-scratch"))
        if folder in learned
    }


def _part(base: Dictionary, unit: Unit) -> Part:
    for part in base.parts:
        if part.unit == unit:
            return part
    raise DictionaryError(
        f"a dictionary of {' and '.join(part.unit for part in base.parts)} features",
        expected=f"one with {unit} features",
        next_step="choose the other unit",
    )


def _check_share(renewed: float) -> None:
    if not 0 <= renewed < 1:
        raise DictionaryError(
            f"{renewed} of the features to reinitialise",
            expected="a share of at least 0 and below 1",
            next_step="choose a share in that range",
        )


def _sample(stream: StateStream) -> torch.Tensor:
    """A sample of the training states; the same on every call."""
    if stream.n_held_out < 2:
        raise NotEnoughData(
            f"{stream.n_held_out} states in held-out documents",
            expected="at least two, for evaluation",
            next_step="use more documents",
        )
    size = min(stream.n_units, _SAMPLE)
    return next(stream.batches(size, seed=1))


def _densities(sae: SAE, states: torch.Tensor) -> tuple[torch.Tensor, float]:
    fired = torch.zeros(sae.n_features, dtype=torch.float64)
    for some in torch.split(states, _AT_ONCE):
        fired += (sae.encode(some) > 0).sum(dim=0)
    density = fired / len(states)
    return density, float(density.sum())


def _rarest(density: torch.Tensor, share: float) -> torch.Tensor:
    """A mask of the given share of features that fires least often."""
    # Stable, so that ties are broken by index and a repeated call chooses the same features.
    order = torch.argsort(density, stable=True)
    chosen = torch.zeros(len(density), dtype=torch.bool)
    chosen[order[: round(share * len(density))]] = True
    return chosen


def _with_new_features(sae: SAE, which: torch.Tensor, seed: int) -> SAE:
    """The SAE with some features in random directions, of its median norms, bias and threshold."""
    n = int(which.sum())
    if not n:
        return sae
    generator = torch.Generator().manual_seed(seed)
    rows = torch.nn.functional.normalize(torch.randn(n, sae.width, generator=generator), dim=1)
    stay = sae if n == sae.n_features else _rows_of(sae, ~which)
    encoder, decoder, bias = sae.encoder.clone(), sae.decoder.clone(), sae.encoder_bias.clone()
    encoder[which] = rows * stay.encoder.norm(dim=1).median()
    decoder[which] = rows * stay.decoder.norm(dim=1).median()
    bias[which] = stay.encoder_bias.median()
    firing = sae.firing
    if isinstance(firing, Threshold):
        theta = firing.theta.clone()
        theta[which] = firing.theta[~which].median() if n < len(theta) else theta.median()
        firing = Threshold(theta)
    return replace(sae, encoder=encoder, decoder=decoder, encoder_bias=bias, firing=firing)


def _rows_of(sae: SAE, which: torch.Tensor) -> SAE:
    return replace(
        sae,
        encoder=sae.encoder[which],
        decoder=sae.decoder[which],
        encoder_bias=sae.encoder_bias[which],
    )


def _in_its_place(base: Dictionary, part: Part, learned: Dictionary) -> Dictionary:
    """The base with one part replaced; labels of that part's features are dropped."""
    parts, rows = [], []
    table = base.features.to_pandas()
    for own in base.parts:
        of_part = table[table["kind"] == own.unit]
        if own.unit == part.unit:
            own = learned.parts[0]
            of_part = learned.features.to_pandas()
        parts.append(own)
        rows.append(of_part)
    features = pd.concat(rows, ignore_index=True)
    features["feature"] = range(len(features))
    return replace(
        base,
        parts=tuple(parts),
        features=pa.Table.from_pandas(features, preserve_index=False),
        training={**base.training, "finetuned": {part.unit: dict(learned.training)}},
    )


def _check_learnable(base: Dictionary, part: Part) -> None:
    """Check that states can be kept and normalised in training as this dictionary takes them."""
    if part.site != "residual" or part.sae.token_norm or base.prepends_bos is not None:
        raise DictionaryError(
            f"a dictionary of the site {part.site}, token_norm {part.sae.token_norm}, "
            f"prepends_bos {base.prepends_bos}",
            expected="one of the residual stream, without a normalisation of each token and with "
            "the tokenizer's own special tokens: training knows no other",
            next_step="finetune another dictionary, or train one",
        )


def _judged(saes: Mapping[str, SAE], states: StateStream) -> dict[str, Evaluation]:
    if states.n_held_out < 2:
        return {}
    return {
        name: evaluated(sae, states.held_out(at_most=UNITS_FOR_JUDGING))
        for name, sae in saes.items()
    }


def _drift(before: SAE, after: SAE, anew: torch.Tensor) -> npt.NDArray[np.float64]:
    cosines = torch.nn.functional.cosine_similarity(before.decoder, after.decoder, dim=1).double()
    cosines[anew] = torch.nan
    return cosines.numpy()


def _warnings(learned: Mapping[str, Trained]) -> tuple[str, ...]:
    return tuple(f"{name}, {warning}" for name, one in learned.items() for warning in one.warnings)
