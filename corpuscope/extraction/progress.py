"""The progress of an extraction, and its remaining time."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Progress:
    """The progress of an extraction.

    Attributes:
        n_documents: Documents done, including skipped ones and those of an earlier run.
        n_total: The number of documents, if known.
        n_tokens: Counted tokens read in this run.
        tokens_per_second: Speed of this run.
        seconds_left: Estimated remaining time, if known.
    """

    n_documents: int
    n_total: int | None
    n_tokens: int
    tokens_per_second: float
    seconds_left: float | None


Report = Callable[[Progress], None]


class Clock:
    """Counts what is done and calls `report`.

    Args:
        n_total: The number of documents, if known.
        report: Callback after every batch and every shard.
    """

    def __init__(self, n_total: int | None, report: Report | None) -> None:
        self._n_total = n_total
        self._report = report
        self._n_documents = 0
        self._n_read = 0
        self._n_tokens = 0
        self._reading_since: float | None = None

    def reading(self) -> None:
        """Start the clock before the first shard is read; later calls have no effect."""
        if self._reading_since is None:
            self._reading_since = time.perf_counter()

    def read(self, n_of_shard: int, *, n_tokens: int) -> None:
        """Record the documents read of the current shard, and further tokens."""
        self._n_tokens += n_tokens
        self._tell(n_of_shard)

    def committed(self, n_documents: int, *, was_read: bool) -> None:
        """Record a finished shard, read in this run or in an earlier one."""
        self._n_documents += n_documents
        self._n_read += n_documents if was_read else 0
        self._tell(0)

    def _tell(self, n_of_shard: int) -> None:
        if self._report is None:
            return
        begun = self._reading_since
        seconds = time.perf_counter() - begun if begun is not None else 0.0
        # Documents of an earlier run are done, but say nothing about the speed of this one.
        n_done, n_read = self._n_documents + n_of_shard, self._n_read + n_of_shard
        seconds_left = None
        if self._n_total is not None and n_read:
            seconds_left = (self._n_total - n_done) * seconds / n_read
        speed = self._n_tokens / seconds if seconds else 0.0
        self._report(Progress(n_done, self._n_total, self._n_tokens, speed, seconds_left))


@contextmanager
def reporting(progress: Report | bool | None) -> Iterator[Report | None]:
    """A context with the callback for progress: None, the one given, or a progress bar."""
    if callable(progress):
        yield progress
    elif progress:
        with _bar() as report:
            yield report
    else:
        yield None


def _duration(seconds: float) -> str:
    """A duration in readable form: 45 s, 12 min, 3 h 05 min."""
    minutes = round(seconds / 60)
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{minutes} min" if minutes < 90 else f"{minutes // 60} h {minutes % 60:02} min"


@contextmanager
def _bar() -> Iterator[Report]:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn
    from rich.progress import Progress as Bar

    columns = (BarColumn(), MofNCompleteColumn(), TextColumn("{task.fields[speed]}"))
    with Bar(*columns, console=Console(stderr=True)) as bar:
        task = bar.add_task("", total=None, speed="")

        def report(progress: Progress) -> None:
            seconds = progress.seconds_left
            left = "" if seconds is None else f", {_duration(seconds)} left"
            speed = f"{progress.tokens_per_second:,.0f} tokens/s{left}"
            bar.update(task, completed=progress.n_documents, total=progress.n_total, speed=speed)

        yield report
