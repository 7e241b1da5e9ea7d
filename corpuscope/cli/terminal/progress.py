"""Progress bars on standard error."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

if TYPE_CHECKING:
    from corpuscope.sae.config import StepReport


@contextmanager
def steps() -> Iterator[Callable[[str, "StepReport"], None]]:
    """A context with a progress bar for each training run; yields its callback."""
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[seen]}"),
        TimeRemainingColumn(),
    )
    bar = Progress(*columns, console=Console(stderr=True))
    tasks: dict[str, Any] = {}

    def on_step(name: str, report: "StepReport") -> None:
        if name not in tasks:
            bar.start()
            tasks[name] = bar.add_task(name, total=report.n_steps, seen="")
        seen = f"unexplained {report.unexplained:.3f}, L0 {report.l0:.1f}, dead {report.n_dead}"
        bar.update(tasks[name], completed=report.step + 1, seen=seen)

    try:
        yield on_step
    finally:
        bar.stop()


@contextmanager
def counting(what: str) -> Iterator[Callable[[int, int], None]]:
    """A context with a progress bar that counts; yields its callback (done, total)."""
    bar = Progress(BarColumn(), MofNCompleteColumn(), TextColumn(what), TimeRemainingColumn(),
                   console=Console(stderr=True))  # fmt: skip
    task = bar.add_task("", total=None)

    def on_one(done: int, of: int) -> None:
        bar.start()
        bar.update(task, completed=done, total=of)

    try:
        yield on_one
    finally:
        # One that never began would print an empty line.
        if bar.live.is_started:
            bar.stop()


@contextmanager
def answers_progress() -> Iterator[Callable[[str, int, int], None]]:
    """A context with a progress bar for each purpose; yields its callback."""
    columns = (
        TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn()
    )  # fmt: skip
    bar = Progress(*columns, console=Console(stderr=True))
    tasks: dict[str, Any] = {}

    def on_answer(purpose: str, done: int, total: int) -> None:
        if purpose not in tasks:
            bar.start()
            tasks[purpose] = bar.add_task(purpose, total=total)
        bar.update(tasks[purpose], completed=done)

    try:
        yield on_answer
    finally:
        bar.stop()
