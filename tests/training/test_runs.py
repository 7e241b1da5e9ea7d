import contextlib
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from corpuscope.errors import DictionaryError
from corpuscope.sae.config import Recipe, StepReport
from corpuscope.sae.formats import load_dictionary
from corpuscope.sae.objectives import BatchTopKObjective, JumpReLUObjective, TopKObjective
from corpuscope.training.runs import check_converged, learn
from corpuscope.training.states.cache import StateCache
from corpuscope.training.states.files import Stream
from corpuscope.training.states.writer import StateWriter
from corpuscope.training.warnings import Watch
from tests.sae.test_train import planted_states

STREAM = Stream("token", (2,))
RECIPE = Recipe(
    n_features=48, objective=BatchTopKObjective(2), n_steps=60, batch_size=64, learning_rate=3e-3
)
SETTINGS = {
    "corpus": {"source": "made up"},
    "reader": {"name": "tiny/bert", "revision": "1"},
    "context": "sentence",
    "max_tokens": 32,
    "masks": {"special_tokens": "out", "template": "out", "roles": None, "outlier_norm": 10.0},
}


@pytest.fixture
def cache(tmp_path: Path) -> StateCache:
    states, _ = planted_states(3000)
    writer = StateWriter(tmp_path / "states", settings=SETTINGS)
    writer.add(STREAM, states[:2500], held_out=False)
    writer.add(STREAM, states[2500:], held_out=True)
    writer.commit({}, is_complete=True)
    return StateCache(tmp_path / "states")


class _StopError(Exception):
    pass


def stop_at(step: int) -> Callable[[str, StepReport], None]:
    def look(_name: str, report: StepReport) -> None:
        if report.step == step:
            raise _StopError

    return look


def test_a_dictionary_is_learned_judged_and_saved(cache: StateCache, tmp_path: Path) -> None:
    recipe = replace(RECIPE, n_steps=300)
    learned = learn(cache, {"mine": recipe}, into=tmp_path / "out")["mine"]
    assert learned.evaluation is not None
    assert learned.evaluation.n_units == 500
    assert learned.evaluation.unexplained_variance < 0.5
    found = load_dictionary(tmp_path / "out" / "mine" / "dictionary")
    assert found.digest == learned.dictionary.digest
    assert (found.reader_name, found.max_tokens) == ("tiny/bert", 32)
    assert (found.parts[0].unit, found.parts[0].layers) == ("token", (2,))
    density = found.features["density"].to_numpy()
    assert 1 < density.sum() < 4
    lines = (tmp_path / "out" / "mine" / "log.jsonl").read_text().splitlines()
    steps = [json.loads(line)["step"] for line in lines]
    assert steps == [*range(0, 300, 10), 299]


@pytest.mark.parametrize("stop", [3, 19, 20, 41, 58])
def test_a_run_that_was_cut_short_ends_with_the_same_weights(
    cache: StateCache, tmp_path: Path, stop: int
) -> None:
    learn(cache, {"a": RECIPE}, into=tmp_path / "whole", checkpoint_every=20)
    with pytest.raises(_StopError):
        learn(
            cache, {"a": RECIPE}, into=tmp_path / "cut", checkpoint_every=20,
            progress=stop_at(stop),
        )  # fmt: skip
    learn(cache, {"a": RECIPE}, into=tmp_path / "cut", checkpoint_every=20)
    for name in ("dictionary/0-token.safetensors", "log.jsonl", "dictionary/features.parquet"):
        one, other = (tmp_path / folder / "a" / name for folder in ("whole", "cut"))
        assert one.read_bytes() == other.read_bytes(), name


def test_several_recipes_learn_from_one_stream_as_they_would_alone(
    cache: StateCache, tmp_path: Path
) -> None:
    recipes = {
        "few": RECIPE,
        "top-k": replace(RECIPE, objective=TopKObjective(3), n_steps=30),
        "jump": replace(RECIPE, objective=JumpReLUObjective(0.1), unit_norm=True),
    }
    together = learn(cache, recipes, into=tmp_path / "together")
    for name, recipe in recipes.items():
        alone = learn(cache, {name: recipe}, into=tmp_path / "alone")[name]
        assert alone.dictionary.digest == together[name].dictionary.digest


def test_what_does_not_fit_is_refused(cache: StateCache, tmp_path: Path) -> None:
    with pytest.raises(DictionaryError, match=r"batch sizes \[32, 64\]"):
        learn(cache, {"a": RECIPE, "b": replace(RECIPE, batch_size=32)}, into=tmp_path / "x")
    learn(cache, {"a": RECIPE}, into=tmp_path / "out")
    again = learn(cache, {"a": RECIPE}, into=tmp_path / "out", progress=stop_at(0))
    assert again["a"].dictionary.digest == load_dictionary(tmp_path / "out/a/dictionary").digest
    with pytest.raises(DictionaryError, match="holds a run with"):
        learn(cache, {"a": replace(RECIPE, n_steps=70)}, into=tmp_path / "out")
    with pytest.raises(_StopError):
        learn(cache, {"a": RECIPE}, into=tmp_path / "cut", progress=stop_at(5))
    with pytest.raises(DictionaryError, match="holds a run with"):
        learn(cache, {"a": replace(RECIPE, seed=5)}, into=tmp_path / "cut")
    with pytest.raises(DictionaryError, match="no states token-3"):
        learn(cache, {"a": RECIPE}, into=tmp_path / "y", stream=Stream("token", (3,)))


def test_a_batch_larger_than_all_states_is_refused(cache: StateCache, tmp_path: Path) -> None:
    from corpuscope.errors import NotEnoughData

    with pytest.raises(NotEnoughData, match="2,500 states token-2"):
        learn(cache, {"a": replace(RECIPE, batch_size=4096)}, into=tmp_path / "x")


@pytest.mark.parametrize("value", [1.0, float("nan"), float("inf")])
def test_states_that_teach_nothing_are_refused(tmp_path: Path, value: float) -> None:
    writer = StateWriter(tmp_path / "states", settings=SETTINGS)
    writer.add(STREAM, torch.full((500, 16), value), held_out=False)
    writer.commit({}, is_complete=True)
    with pytest.raises(DictionaryError, match=r"all equal|non-finite"):
        learn(tmp_path / "states", {"a": RECIPE}, into=tmp_path / "x")


def report(step: int, **changes: float) -> StepReport:
    usual = {"loss": 1.0, "unexplained": 0.5, "l0": 10.0, "n_dead": 0, "learning_rate": 1e-3}
    return StepReport(step=step, n_steps=1000, **(usual | changes))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"n_dead": 900}, "90% of the features are dead"),
        ({"l0": 0.2}, "only 0.2 features fire"),
        ({"l0": 400.0}, "400 of 1000 features fire"),
        ({"unexplained": 1.3}, "130% of the variance"),
    ],
)
def test_a_collapse_is_warned_of_once(changes: dict[str, float], message: str) -> None:
    watch = Watch(replace(RECIPE, n_features=1000, n_steps=100))
    for step in (2, 5, 8):
        assert watch.look(report(step, **changes)) is None  # It is early.
    looked = [watch.look(report(step, **changes)) for step in range(10, 60, 10)]
    assert [text is not None for text in looked] == [False, False, True, False, False]
    (warning,) = watch.warnings
    assert message in warning


def test_a_run_that_goes_well_is_not_warned_of() -> None:
    watch = Watch(replace(RECIPE, n_features=1000, n_steps=100))
    for step in range(0, 100, 10):
        watch.look(report(step))
    watch.look(report(99, unexplained=2.0))  # Once is an accident.
    assert watch.warnings == ()


def test_a_run_keeps_to_the_threads_it_began_with(
    cache: StateCache, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[int] = []

    def look(_name: str, report: StepReport) -> None:
        seen.append(torch.get_num_threads())
        if report.step == 25 and len(seen) == 26:
            raise _StopError

    before = torch.get_num_threads()
    for n_free in (1, 2):
        monkeypatch.setattr("corpuscope.training.runs.free_cores", lambda n=n_free: n)
        with contextlib.suppress(_StopError):
            learn(cache, {"a": RECIPE}, into=tmp_path / "out", checkpoint_every=20, progress=look)
    torch.set_num_threads(before)
    assert len(seen) == 26 + 40
    assert set(seen) == {1}


def test_a_run_that_diverged_is_no_dictionary(cache: StateCache, tmp_path: Path) -> None:
    found = learn(cache, {"one": RECIPE}, into=tmp_path / "run", device="cpu")["one"]
    assert found.evaluation is not None
    check_converged(found, tmp_path)
    for unexplained in (1.5e17, float("nan")):
        worse = replace(found.evaluation, unexplained_variance=unexplained)
        with pytest.raises(DictionaryError, match="diverged"):
            check_converged(replace(found, evaluation=worse), tmp_path)
    wild = replace(RECIPE, learning_rate=50.0)
    told = learn(cache, {"wild": wild}, into=tmp_path / "wild", device="cpu")["wild"]
    assert told.evaluation is not None
    assert told.evaluation.unexplained_variance > 2
    assert not (tmp_path / "wild" / "wild" / "dictionary").exists()
    assert "the run diverged; its dictionary was not saved" in told.warnings


def test_many_passes_over_few_texts_are_told(cache: StateCache, tmp_path: Path) -> None:
    long = replace(RECIPE, n_steps=52, batch_size=2_500, n_features=8)
    found = learn(cache, {"long": long}, into=tmp_path / "run", device="cpu")["long"]
    assert any("passes over 2,500 units" in warning for warning in found.warnings)
