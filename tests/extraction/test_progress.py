"""What is told of an extraction's progress is counted from what was done, by a clock."""

import pytest

from corpuscope.extraction import progress
from corpuscope.extraction.progress import Clock, Progress, reporting


class Seconds:
    """A clock that tells what it is told to."""

    now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def seconds(monkeypatch: pytest.MonkeyPatch) -> Seconds:
    found = Seconds()
    monkeypatch.setattr(progress.time, "perf_counter", found)
    return found


def test_what_is_read_is_counted_and_the_rest_reckoned_from_it(seconds: Seconds) -> None:
    told: list[Progress] = []
    clock = Clock(20, told.append)
    seconds.now = 110.0
    clock.reading()
    seconds.now = 112.0
    clock.read(4, n_tokens=100)
    assert told[-1] == Progress(4, 20, 100, 50.0, 8.0)
    seconds.now = 114.0
    clock.read(5, n_tokens=20)
    assert told[-1] == Progress(5, 20, 120, 30.0, 12.0)
    clock.committed(5, was_read=True)
    assert told[-1] == Progress(5, 20, 120, 30.0, 12.0)


def test_the_time_before_the_first_shard_does_not_count_and_that_between_shards_does(
    seconds: Seconds,
) -> None:
    told: list[Progress] = []
    clock = Clock(None, told.append)
    for at in (150.0, 155.0):
        seconds.now = at
        clock.reading()
    seconds.now = 160.0
    clock.read(1, n_tokens=50)
    assert told[-1] == Progress(1, None, 50, 5.0, None)


def test_shards_of_an_earlier_run_are_done_but_say_nothing_of_the_speed(seconds: Seconds) -> None:
    told: list[Progress] = []
    clock = Clock(10, told.append)
    clock.committed(6, was_read=False)
    assert told[-1] == Progress(6, 10, 0, 0.0, None)
    clock.reading()
    seconds.now += 2
    clock.committed(1, was_read=True)
    assert told[-1] == Progress(7, 10, 0, 0.0, 6.0)


def test_without_anyone_to_tell_it_counts_in_silence(seconds: Seconds) -> None:
    clock = Clock(10, None)
    clock.reading()
    clock.read(1, n_tokens=5)
    clock.committed(1, was_read=True)


def test_who_is_told_is_told() -> None:
    told: list[Progress] = []
    with reporting(told.append) as report:
        assert report == told.append
    for nobody in (None, False):
        with reporting(nobody) as report:
            assert report is None


@pytest.mark.parametrize(
    ("left", "says"),
    [
        (None, "1,234 tokens/s"),
        (0.4, "0 s"),
        (89.4, "89 s"),
        (90.0, "2 min"),
        (45 * 60, "45 min"),
        (89 * 60, "89 min"),
        (90 * 60, "1 h 30 min"),
        (3 * 3600 + 5 * 60, "3 h 05 min"),
        (49 * 3600, "49 h 00 min"),
    ],
)
def test_a_bar_tells_the_speed_and_the_time_that_is_left(
    capsys: pytest.CaptureFixture[str], left: float | None, says: str
) -> None:
    with reporting(True) as report:
        assert report is not None
        report(Progress(3, 8, 10, 1234.4, left))
    captured = capsys.readouterr()
    assert captured.out == ""
    assert "3/8" in captured.err
    assert says in captured.err
    assert ("left" in captured.err) == (left is not None)
