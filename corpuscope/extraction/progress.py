"""How far an extraction has come, and how long the rest will take."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Progress:
    """How far an extraction has come.

    Attributes:
        n_documents: Documents done; skipped ones and those of an earlier run count.
        n_total: How many there are, where the corpus can tell.
        n_tokens: Counted tokens that this run has read.
        tokens_per_second: How fast this run reads.
        seconds_left: How long the rest takes at this speed, where it can be told.
    """

    n_documents: int
    n_total: int | None
    n_tokens: int
    tokens_per_second: float
    seconds_left: float | None


Report = Callable[[Progress], None]


class Clock:
    """Counts what is done and tells `report`.

    Args:
        n_total: How many documents there are, if known.
        report: Is called after every stretch that was read and every shard.
    """

    def __init__(self, n_total: int | None, report: Report | None) -> None:
        self._n_total = n_total
        self._report = report
        self._n_documents = 0
        self._n_read = 0
        self._n_tokens = 0
        self._reading_since: float | None = None

    def reading(self) -> None:
        """A shard is about to be read; the time before the first one does not count."""
        if self._reading_since is None:
            self._reading_since = time.perf_counter()

    def read(self, n_of_shard: int, *, n_tokens: int) -> None:
        """So many documents of the shard in hand are read, with so many more tokens."""
        self._n_tokens += n_tokens
        self._tell(n_of_shard)

    def committed(self, n_documents: int, *, was_read: bool) -> None:
        """A shard of so many documents is done, by this run or by an earlier one."""
        self._n_documents += n_documents
        self._n_read += n_documents if was_read else 0
        self._tell(0)

    def _tell(self, n_of_shard: int) -> None:
        if self._report is None:
            return
        begun = self._reading_since
        seconds = time.perf_counter() - begun if begun is not None else 0.0
        n_done, n_read = self._n_documents + n_of_shard, self._n_read + n_of_shard
        seconds_left = None
        if self._n_total is not None and n_read:
            seconds_left = (self._n_total - n_done) * seconds / n_read
        speed = self._n_tokens / seconds if seconds else 0.0
        self._report(Progress(n_done, self._n_total, self._n_tokens, speed, seconds_left))


@contextmanager
def reporting(progress: Report | bool | None) -> Iterator[Report | None]:
    """Whom to tell: nobody, the function given, or a bar on standard error."""
    if callable(progress):
        yield progress
    elif progress:
        with _bar() as report:
            yield report
    else:
        yield None


def _told(seconds: float) -> str:
    """A time as people say it: 45 s, 12 min, 3 h 05 min."""
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
            left = "" if progress.seconds_left is None else f", {_told(progress.seconds_left)} left"
            speed = f"{progress.tokens_per_second:,.0f} tokens/s{left}"
            bar.update(task, completed=progress.n_documents, total=progress.n_total, speed=speed)

        yield report
