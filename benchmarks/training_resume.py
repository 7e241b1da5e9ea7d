"""Whether training survives kills: `python -m benchmarks.training_resume`.

Every run of the trainer is a fresh Python. Ends with an error if a killed run ended with other
bits than one that was not.
"""

import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory

import torch
from safetensors.torch import load_file

from benchmarks.made_up_states import started, write_states
from benchmarks.results import record, table
from corpuscope.sae.config import Recipe, StepReport
from corpuscope.sae.objectives import BatchTopKObjective, JumpReLUObjective
from corpuscope.training.runs import learn

N_RUNS, N_STEPS, CHECKPOINT_EVERY = 20, 400, 7
SMALL = Recipe(200, BatchTopKObjective(8), n_steps=N_STEPS, batch_size=256, learning_rate=3e-3)
WIDE = replace(SMALL, n_features=1024, n_steps=60, batch_size=2048)
"""Large enough for the number of threads to show in the last bits."""
RECIPES = {
    kind: {"batch-top-k": one, "jump-relu": replace(one, objective=JumpReLUObjective(0.1))}
    for kind, one in {"small": SMALL, "wide": WIDE}.items()
}
_MISSES = 5
"""So many times in a row a kill may come too late before a run gets no more of them."""
_LOOK_AGAIN = 0.001


def resume() -> bool:
    """Kill runs at random moments, start them again, and compare what they come to."""
    with TemporaryDirectory() as folder:
        place = Path(folder)
        cache = place / "states"
        write_states(cache, rows=20_000, width=64, dtype=torch.float32)
        whole = Job(cache, place / "whole")
        seconds = _to_its_end(whole)
        again, other = Job(cache, place / "again"), Job(cache, place / "other", seed=1)
        wide = Job(cache, place / "wide", kind="wide", threads=1)
        for job in (again, other, wide):
            _to_its_end(job)
        between, moved = Job(cache, place / "between"), replace(wide, into=place / "moved")
        one_ended = _killed_when(lambda: between.n_ended > 0, between, between)
        on_two_threads = _killed_when(
            lambda: moved.n_steps_seen > 4 * CHECKPOINT_EVERY, moved, replace(moved, threads=2)
        )
        killed = []
        for number in range(N_RUNS):
            job = Job(cache, place / f"killed-{number}")
            draws = random.Random(number)
            killed.append(_killed(job, job, draws, seconds=seconds, n_kills=1 + number % 3))
        of_killed = sum((_compared(whole, one.job) for one in killed), Compared())
        rows = {
            "killed at random moments": (killed, of_killed),
            "killed when one of the two dictionaries was there": (
                [one_ended],
                _compared(whole, between),
            ),
            "larger, killed on 1 thread, gone on with on 2": (
                [on_two_threads],
                _compared(wide, moved),
            ),
            "not killed, a second time": ([Killed(again)], _compared(whole, again)),
        }
        must_differ = _compared(whole, other)
        _record_resumed(rows, must_differ)
        can_fail = not any((*must_differ.dictionaries, *must_differ.logs))
        return can_fail and all(found.is_same for _, found in rows.values())


@dataclass(frozen=True)
class Job:
    """What a child learns, and where; `threads` 0 leaves their number to the package."""

    cache: Path
    into: Path
    kind: str = "small"
    seed: int = 0
    threads: int = 0

    def start(self) -> "subprocess.Popen[str]":
        """Begin, or go on."""
        return started(
            "training_resume", "_learn", self.cache, self.into, self.kind, self.seed, self.threads
        )

    @property
    def names(self) -> list[str]:
        """Of the recipes."""
        return list(RECIPES[self.kind])

    @property
    def n_steps_seen(self) -> int:
        """How many steps its children have done, of all recipes together."""
        return len(_lines(self.into / "steps"))

    @property
    def n_ended(self) -> int:
        """How many dictionaries are finished."""
        return sum((self.into / name / "dictionary").exists() for name in self.names)


@dataclass(frozen=True)
class Kill:
    """When a job was killed: its last step, and how many recipes had done that."""

    step: int
    n_recipes: int
    n_ended: int


@dataclass(frozen=True)
class Killed:
    """A job that was killed and started again until it ended, or could not be."""

    job: Job
    at: Sequence[Kill] = ()
    problem: str = ""

    @property
    def steps(self) -> Path:
        """A line for each step of each recipe, with the threads and the process."""
        return self.job.into / "steps"


@dataclass(frozen=True)
class Compared:
    """Of each dictionary, tensor, log and file, whether all its bits are the same in two runs."""

    dictionaries: tuple[bool, ...] = ()
    tensors: tuple[bool, ...] = ()
    logs: tuple[bool, ...] = ()
    files: tuple[bool, ...] = ()

    def __add__(self, other: "Compared") -> "Compared":
        return Compared(*(one + two for one, two in zip(self._parts, other._parts, strict=True)))

    @property
    def _parts(self) -> tuple[tuple[bool, ...], ...]:
        return self.dictionaries, self.tensors, self.logs, self.files

    @property
    def is_same(self) -> bool:
        """Whether nothing differs."""
        return all(part and all(part) for part in self._parts)

    def cells(self) -> list[str]:
        """For a table."""
        return [f"{sum(part)} of {len(part)}" for part in self._parts]


def _compared(one: Job, other: Job) -> Compared:
    """What is missing in either is not the same."""
    found = Compared()
    for name in one.names:
        here, there = one.into / name, other.into / name
        files = sorted(
            {path.relative_to(top) for top in (here, there) for path in top.rglob("*.*")}
        )
        tensors = _same_tensors(here, there)
        found += Compared(
            (all(tensors),),
            tensors,
            (_same_file(here / "log.jsonl", there / "log.jsonl"),),
            tuple(_same_file(here / path, there / path) for path in files),
        )
    return found


def _same_tensors(one: Path, other: Path) -> tuple[bool, ...]:
    left, right = _tensors(one), _tensors(other)
    return tuple(
        name in left
        and name in right
        and left[name].dtype == right[name].dtype
        and left[name].shape == right[name].shape
        and left[name].numpy().tobytes() == right[name].numpy().tobytes()
        for name in sorted({*left, *right})
    )


def _tensors(folder: Path) -> dict[str, torch.Tensor]:
    path = folder / "dictionary" / "0-token.safetensors"
    return load_file(path) if path.is_file() else {}


def _same_file(one: Path, other: Path) -> bool:
    return one.is_file() and other.is_file() and one.read_bytes() == other.read_bytes()


def _record_resumed(
    rows: Mapping[str, tuple[Sequence[Killed], Compared]], must_differ: Compared
) -> None:
    random_ones, every = (
        next(iter(rows.values()))[0],
        [run for runs, _ in rows.values() for run in runs],
    )
    kills = [kill for run in random_ones for kill in run.at]
    steps = sorted(kill.step for kill in kills)
    fell = [sum(low <= step < low + 100 for step in steps) for low in range(0, N_STEPS, 100)]
    starts = {tuple(line.split()[2:]) for run in random_ones for line in _lines(run.steps)}
    threads = Counter(n for n, _ in starts)
    problems = [f"Could not be gone on with: {run.problem}." for run in every if run.problem]
    record(
        "Training: killed and resumed",
        [
            f"{' and '.join(RECIPES['small'])} ({SMALL.n_features} features, {N_STEPS} batches of "
            f"{SMALL.batch_size}) from one stream of 20,000 made-up states of width 64, a "
            f"checkpoint every {CHECKPOINT_EVERY} steps, each start a fresh Python. SIGKILL at "
            "moments drawn evenly between the first step and the expected end; one that came "
            "after the end is drawn again. All is compared bit by bit with a run that was not "
            "killed; files are the dictionary's three, the log, the last checkpoint (with Adam's "
            "moments) and the recipe. The larger ones: "
            f"{WIDE.n_features:,} features, {WIDE.n_steps} batches of {WIDE.batch_size:,}.",
            "",
            *table(
                ["", "runs", "kills", "dictionaries the same", "tensors the same",
                 "logs the same", "files the same"],
                [
                    *([name, len(runs), sum(len(run.at) for run in runs), *found.cells()]
                      for name, (runs, found) in rows.items()),
                    ["not killed, another seed (must differ)", 1, 0, *must_differ.cells()],
                ],
            ),
            "",
            f"{sum(len(run.at) > 1 for run in random_ones)} of the {len(random_ones)} runs were "
            f"killed more than once. The last step before a random kill was between {steps[0]} and "
            f"{steps[-1]} of 0 to {N_STEPS - 1}; by hundreds of steps: "
            f"{', '.join(map(str, fell))}. {sum(kill.n_recipes == 1 for kill in kills)} kills came "
            "between the two recipes' turns at one batch, "
            f"{sum(kill.step == N_STEPS - 1 for kill in kills)} after the last step. Their starts "
            "by the number of threads that the package chose: "
            f"{', '.join(f'{n} with {count}' for count, n in sorted(threads.items()))}.",
            *problems,
        ],
    )  # fmt: skip


def _killed(
    first: Job, then: Job, draws: random.Random, *, seconds: float, n_kills: int = 1
) -> Killed:
    """Killed at random moments of its `seconds`, then left to end as `then`."""
    at, n_misses = list[Kill](), 0
    before = first.into.with_name("before")
    while len(at) < n_kills and n_misses < _MISSES:
        shutil.rmtree(before, ignore_errors=True)
        if first.into.exists():
            shutil.copytree(first.into, before)
        left = 1 - at[-1].step / N_STEPS if at else 1.0
        kill = _kill_after(first, draws.uniform(0, seconds * left))
        if kill:
            at.append(kill)
            n_misses = 0
            continue
        n_misses += 1
        shutil.rmtree(first.into)
        if before.exists():
            shutil.copytree(before, first.into)
    return _gone_on_with(then, at)


def _kill_after(job: Job, seconds: float) -> Kill | None:
    """Kill a job so long after its first step; None if it had ended before that."""
    n_before = job.n_steps_seen
    running = job.start()
    while running.poll() is None and job.n_steps_seen == n_before:
        time.sleep(_LOOK_AGAIN)
    time.sleep(seconds)
    return _kill(running, job)


def _killed_when(it_is_time: Callable[[], bool], first: Job, then: Job) -> Killed:
    """Killed as soon as it is time and before its end, then left to end as `then`."""
    while True:
        running = first.start()
        while running.poll() is None and not it_is_time():
            time.sleep(_LOOK_AGAIN)
        if kill := _kill(running, first):
            return _gone_on_with(then, [kill])
        shutil.rmtree(first.into)


def _kill(running: "subprocess.Popen[str]", job: Job) -> Kill | None:
    running.kill()
    _, errors = running.communicate()
    if running.returncode not in (0, -signal.SIGKILL):
        raise RuntimeError(errors)
    if job.n_ended == len(job.names):
        return None
    name, step, *_ = _lines(job.into / "steps")[-1].split()
    return Kill(int(step), job.names.index(name) + 1, job.n_ended)


def _gone_on_with(job: Job, at: Sequence[Kill]) -> Killed:
    running = job.start()
    _, errors = running.communicate()
    problem = errors.strip().splitlines()[-1] if running.returncode else ""
    print(job.into.name, *at, problem, flush=True)
    return Killed(job, at, problem)


def _to_its_end(job: Job) -> float:
    """Seconds from the first step to the end of a job that is not killed."""
    running = job.start()
    while running.poll() is None and not job.n_steps_seen:
        time.sleep(_LOOK_AGAIN)
    begun = time.perf_counter()
    _, errors = running.communicate()
    if running.returncode:
        raise RuntimeError(errors)
    return time.perf_counter() - begun


def _lines(path: Path) -> list[str]:
    """Those that are whole."""
    text = path.read_text(encoding="utf-8") if path.is_file() else ""
    return text[: text.rfind("\n") + 1].splitlines()


def _learn(cache: str, into: str, kind: str, seed: str, threads: str) -> None:
    recipes = {name: replace(recipe, seed=int(seed)) for name, recipe in RECIPES[kind].items()}
    if int(threads):
        # What the machine's other load would do, without that load.
        vars(sys.modules[learn.__module__])["free_cores"] = lambda: int(threads)
    Path(into).mkdir(exist_ok=True)
    with (Path(into) / "steps").open("a", encoding="utf-8", buffering=1) as steps:

        def look(name: str, report: StepReport) -> None:
            steps.write(f"{name} {report.step} {torch.get_num_threads()} {os.getpid()}\n")

        learn(
            cache, recipes, into=into, checkpoint_every=CHECKPOINT_EVERY, device="cpu",
            progress=look,
        )  # fmt: skip


if __name__ == "__main__":
    if sys.argv[1:]:
        _learn(*sys.argv[2:])
    elif not resume():
        sys.exit("a run that was killed ended with other bits")
