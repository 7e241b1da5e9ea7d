"""Trains any number of dictionaries on one stream of cached states, each resumable."""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import torch

from corpuscope.durable import write_durably
from corpuscope.errors import DictionaryError
from corpuscope.reader.threads import free_cores
from corpuscope.sae.config import Recipe, StepReport
from corpuscope.sae.dictionary import Dictionary, Part, weights_digest
from corpuscope.sae.evaluate import Evaluation, evaluated
from corpuscope.sae.files import save_dictionary
from corpuscope.sae.model import SAE
from corpuscope.sae.presence import LEVELS, densities_and_thresholds
from corpuscope.sae.train import Trainer
from corpuscope.training.states.cache import StateCache, StateStream
from corpuscope.training.states.files import Stream
from corpuscope.training.states.mixture import Mixture
from corpuscope.training.warnings import Watch, left_out_warnings

_UNITS_FOR_PRESENCE = 200_000
UNITS_FOR_JUDGING = 200_000
"""How many held-out units are enough for evaluation."""
_LOGGED_EVERY = 10

_DIVERGED, _MANY_PASSES = 2.0, 50
"""Unexplained variance at which a run counts as diverged; epochs above which a warning is given."""


@dataclass(frozen=True, eq=False)
class Trained:
    """A trained dictionary, and its evaluation on held-out states.

    Attributes:
        dictionary: As saved in the folder.
        evaluation: On the held-out states; None if there are none.
        warnings: Problems seen during training.
        control: Evaluation of the control with a random decoder, if there is one.
    """

    dictionary: Dictionary
    evaluation: Evaluation | None
    warnings: tuple[str, ...]
    control: Evaluation | None = None


@dataclass(frozen=True, eq=False)
class Also:
    """States to mix in.

    Attributes:
        cache: Holds the same stream, of another corpus.
        share: Share of each batch, between 0 and 1.
    """

    cache: StateCache
    share: float


StepCallback = Callable[[str, StepReport], None]


def learn(
    cache: StateCache | str | Path,
    recipes: Mapping[str, Recipe],
    *,
    into: str | Path,
    stream: Stream | None = None,
    starts: Mapping[str, SAE] | None = None,
    also: Also | None = None,
    checkpoint_every: int = 250,
    device: str = "auto",
    progress: StepCallback | None = None,
) -> dict[str, Trained]:
    """Dictionaries trained on the same batches of one stream, one per recipe.

    Each gets a folder under `into`, by its name: the dictionary in `dictionary/`, a line for every
    tenth step in `log.jsonl`, and `checkpoint.safetensors`. An interrupted call resumes from the
    last checkpoint when repeated; on a CPU it ends with bit-identical weights (it uses the number
    of threads that it was started with, on which the last bits depend). A finished run is only
    evaluated again.

    Args:
        cache: The states, or their folder.
        recipes: By name; all with the same batch size, so that all see the same batches.
        into: A folder.
        stream: Which states, if the cache holds several kinds.
        starts: By name of a recipe, the SAE to initialise it from; the others start from random
            weights.
        also: States to mix into every batch.
        checkpoint_every: Steps between checkpoints.
        device: Where to compute; "auto" takes a GPU where there is one.
        progress: Callback after each step, with the name of the run and the step's report.

    Raises:
        NotEnoughData: There are fewer states than a batch takes.
        DictionaryError: There is no such stream; recipes differ in batch size; the folder
            holds a run by other recipes; states or a loss are not finite.
        StorageFull: The disk is full.
    """
    opened = cache if isinstance(cache, StateCache) else StateCache(cache)
    chosen = stream or _only(opened)
    states: StateStream | Mixture = opened.stream(chosen)
    if also:
        states = Mixture(opened.stream(chosen), also.cache.stream(chosen), also.share)
    size = _shared_size(recipes)
    place = _place(device, Path(into))
    runs = [
        _Run(
            name,
            replace(recipe, n_layers=len(chosen.layers)),
            Path(into) / name,
            states,
            place,
            start=(starts or {}).get(name),
        )
        for name, recipe in recipes.items()
    ]
    first = min(run.step for run in runs)
    # Runs share the batches; one that is ahead after a resume skips those it has seen.
    for number, batch in enumerate(states.batches(size, first=first), start=first):
        waiting = [run for run in runs if number < run.recipe.n_steps]
        if not waiting:
            break
        on_device = batch.to(place)
        for run in waiting:
            if number >= run.step:
                run.learn(on_device, checkpoint_every, progress)
    return {run.name: run.finish(opened, chosen, states) for run in runs}


def check_converged(learned: Trained, folder: Path) -> None:
    """Check that a run did not diverge.

    Raises:
        DictionaryError: It leaves at least twice the variance unexplained.
    """
    found = learned.evaluation
    if found is not None and not found.unexplained_variance < _DIVERGED:
        raise DictionaryError(
            f"the run in {folder} diverged: unexplained variance (FVU) is "
            f"{found.unexplained_variance:.3g}",
            expected="a value below 1",
            next_step="use a smaller learning rate or the default one, and another folder",
        )


class _Run:
    """One training run and its folder."""

    def __init__(
        self,
        name: str,
        recipe: Recipe,
        folder: Path,
        states: StateStream | Mixture,
        place: torch.device,
        *,
        start: SAE | None,
    ) -> None:
        self.name, self.recipe, self._folder, self._place = name, recipe, folder, place
        folder.mkdir(parents=True, exist_ok=True)
        self._watch = Watch(recipe)
        settings = _settings(recipe, start, states)
        state = _checkpoint(folder, settings, place)
        if state is None:
            moments = states.moments(unit_norm=recipe.unit_norm)
            self._trainer = Trainer(recipe, replace(moments, mean=moments.mean.to(place)), start)
            # Written before the first step, so that a resumed run can be checked against it.
            content = json.dumps(settings, indent=1).encode()
            write_durably(folder / "recipe.json", memoryview(content))
        else:
            self._trainer = Trainer.resumed(recipe, state)
        self._log = folder / "log.jsonl"
        _cut_log(self._log, self.step, self._watch)

    @property
    def step(self) -> int:
        """How many steps are done."""
        return self._trainer.step

    def learn(
        self, batch: torch.Tensor, checkpoint_every: int, progress: StepCallback | None
    ) -> None:
        """One step."""
        report = self._trainer.learn(batch)
        if report.step % _LOGGED_EVERY == 0 or self.step == self.recipe.n_steps:
            with self._log.open("a", encoding="utf-8") as log:
                log.write(json.dumps(asdict(report)) + "\n")
            self._watch.look(report)
        if progress:
            progress(self.name, report)
        if self.step % checkpoint_every == 0 or self.step == self.recipe.n_steps:
            _write_checkpoint(self._folder, self._trainer)

    def finish(self, cache: StateCache, stream: Stream, states: StateStream | Mixture) -> Trained:
        """Compute presence thresholds, evaluate on held-out states, and save the dictionary."""
        sae = self._trainer.finished()
        sample = _first_units(states, self._place, self.recipe)
        level = LEVELS[stream.unit]
        density, threshold = densities_and_thresholds(sae, sample, level=level)
        table = pa.table(
            {
                "feature": pa.array(range(sae.n_features), pa.int32()),
                "kind": [stream.unit] * sae.n_features,
                "density": density,
                "threshold": threshold,
            }
        )
        evaluation = None
        if states.n_held_out > 1:
            held_out = states.held_out(at_most=UNITS_FOR_JUDGING)
            evaluation = evaluated(sae, (part.to(self._place) for part in held_out))
        dictionary = _dictionary(sae.to(torch.device("cpu")), cache, stream, table, self, level)
        diverged = evaluation is not None and not evaluation.unexplained_variance < _DIVERGED
        if not diverged and not (self._folder / "dictionary").exists():
            save_dictionary(dictionary, self._folder / "dictionary")
        warnings = [*self._watch.warnings, *left_out_warnings(**cache.left_out)]
        if diverged:
            warnings.append("the run diverged; its dictionary was not saved")
        passes = self.recipe.n_steps * self.recipe.batch_size / states.n_units
        if passes > _MANY_PASSES:
            warnings.append(
                f"{passes:,.0f} passes over {states.n_units:,} units: the dictionary may overfit; "
                "use more text, or train on fewer units"
            )
        if not evaluation:
            warnings.append("no document was held out, so there is no evaluation")
        return Trained(dictionary, evaluation, tuple(warnings))


def _dictionary(
    sae: SAE, cache: StateCache, stream: Stream, table: pa.Table, run: _Run, level: float
) -> Dictionary:
    settings = cache.settings
    return Dictionary(
        reader_name=settings["reader"]["name"],
        revision=settings["reader"]["revision"],
        context=settings["context"],
        max_tokens=settings["max_tokens"],
        masks=settings["masks"],
        parts=(Part(stream.unit, stream.layers, sae),),
        features=table,
        training={"recipe": repr(run.recipe), "corpus": settings["corpus"]},
        about={
            "presence": f"strength above {level} of the 95th percentile of the feature's "
            "activations on the training states"
        },
    )


def _first_units(
    states: StateStream | Mixture, place: torch.device, recipe: Recipe
) -> Iterator[torch.Tensor]:
    size = min(recipe.batch_size, states.n_units)
    n_batches = min(states.n_units, _UNITS_FOR_PRESENCE) // size
    # Another seed than in training: a random sample of the states.
    batches = states.batches(size, seed=1)
    for _, batch in zip(range(n_batches), batches, strict=False):
        yield batch.to(place)


def _only(cache: StateCache) -> Stream:
    if len(cache.streams) == 1:
        return cache.streams[0]
    raise DictionaryError(
        f"a cache of {[stream.name for stream in cache.streams]}",
        expected="one of these by name",
        next_step="say which stream to train on",
    )


def _shared_size(recipes: Mapping[str, Recipe]) -> int:
    sizes = {recipe.batch_size for recipe in recipes.values()}
    if len(sizes) != 1:
        raise DictionaryError(
            f"{len(recipes)} recipes with batch sizes {sorted(sizes)}",
            expected="at least one recipe, and one batch size for all",
            next_step="give all recipes the same batch size",
        )
    return sizes.pop()


def _place(device: str, into: Path) -> torch.device:
    """Where to compute; on a CPU, also sets the number of threads that the folder records.

    Sums split over another number of threads are rounded differently, so a resumed run would not
    end with identical weights.
    """
    if device == "auto":
        device = "cuda" if torch.cuda.is_available() else "cpu"
    if device == "cpu":
        path = into / "threads.json"
        if not path.is_file():
            into.mkdir(parents=True, exist_ok=True)
            write_durably(path, memoryview(json.dumps(free_cores()).encode()))
        torch.set_num_threads(int(json.loads(path.read_text(encoding="utf-8"))))
    return torch.device(device)


def _settings(recipe: Recipe, start: SAE | None, states: StateStream | Mixture) -> dict[str, Any]:
    """The settings that must match for a run to be resumed."""
    found: dict[str, Any] = {"recipe": repr(recipe)}
    if start is not None:
        found["start"] = weights_digest(start)
    if isinstance(states, Mixture):
        found["mixed_in"] = states.share
    return found


def _checkpoint(
    folder: Path, settings: Mapping[str, Any], place: torch.device
) -> dict[str, torch.Tensor] | None:
    from safetensors.torch import load_file

    path = folder / "recipe.json"
    if path.is_file():
        found = json.loads(path.read_text(encoding="utf-8"))
        if found != settings:
            raise DictionaryError(
                f"{folder} holds a run with the settings {found}",
                expected=str(settings),
                next_step="choose another folder, or the settings that it was started with",
            )
    file = folder / "checkpoint.safetensors"
    return load_file(file, device=str(place)) if file.is_file() else None


def _write_checkpoint(folder: Path, trainer: Trainer) -> None:
    from safetensors.torch import save

    tensors = {key: value.detach().cpu().contiguous() for key, value in trainer.state().items()}
    write_durably(folder / "checkpoint.safetensors", memoryview(save(tensors)))


def _cut_log(log: Path, n_steps: int, watch: Watch) -> None:
    """Drop what was logged after the checkpoint, and replay the rest to the watch."""
    if not log.is_file():
        return
    reports: list[dict[str, Any]] = []
    for line in log.read_text(encoding="utf-8").splitlines():
        try:
            report = json.loads(line)
        except ValueError:  # A partial line, of a killed process.
            break
        if report["step"] >= n_steps:
            break
        reports.append(report)
    content = "".join(json.dumps(report) + "\n" for report in reports)
    temporary = log.with_name(".log.tmp")
    temporary.write_text(content, encoding="utf-8")
    temporary.replace(log)
    for report in reports:
        watch.look(StepReport(**report))
