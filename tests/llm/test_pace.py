"""The pace follows the server."""

import email.utils

import pytest

from corpuscope.llm.pace import Pace, wait_after


def test_it_grows_slowly_and_halves_at_once() -> None:
    pace = Pace(6)
    assert pace.allowed == 4
    for _ in range(10):
        pace.clean()
    assert pace.allowed == 5
    for _ in range(100):
        pace.clean()
    assert pace.allowed == 6
    pace.crowded()
    assert pace.allowed == 3
    for _ in range(3):
        pace.crowded()
    assert pace.allowed == 1


def test_a_server_of_one_is_asked_one_at_a_time() -> None:
    assert Pace(1).allowed == Pace(0).allowed == 1


@pytest.mark.parametrize("n_faults", range(1, 12))
def test_waits_grow_to_a_minute(n_faults: int) -> None:
    assert all(0 <= wait_after(n_faults, {}) <= min(60, 2 ** (n_faults - 1)) for _ in range(50))


def test_the_server_is_waited_for() -> None:
    assert wait_after(1, {"Retry-After": "7.5"}) == 7.5
    date = email.utils.formatdate(1_000_030, usegmt=True)
    assert wait_after(1, {"retry-after": date}, now=1_000_000.0) == pytest.approx(30)
    assert wait_after(1, {"retry-after": "soon"}) <= 1
