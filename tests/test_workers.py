import threading
import time
from collections.abc import Iterator

import pytest
import torch

from corpuscope.workers import Workers, in_turn, side_by_side

CPU = torch.device("cpu")


def test_results_come_in_the_order_of_the_pieces_whoever_is_done_first() -> None:
    torch.set_num_threads(3)

    def work(seconds: float) -> float:
        time.sleep(seconds)
        return seconds

    assert side_by_side(work, [0.03, 0.0, 0.02, 0.01], device=CPU) == [0.03, 0.0, 0.02, 0.01]


def test_workers_share_the_threads() -> None:
    torch.set_num_threads(4)
    both = threading.Barrier(2)

    def work(_: int) -> int:
        both.wait(timeout=10)  # Passes only if two pieces are worked on at once.
        return torch.get_num_threads()

    assert side_by_side(work, range(2), device=CPU) == [2, 2]
    assert torch.get_num_threads() == 4


def test_an_accelerator_takes_one_piece_after_the_other() -> None:
    torch.set_num_threads(4)
    seen = side_by_side(lambda _: threading.get_ident(), range(5), device=torch.device("meta"))
    assert set(seen) == {threading.get_ident()}


def test_an_error_in_a_worker_is_raised() -> None:
    torch.set_num_threads(2)
    with pytest.raises(ZeroDivisionError):
        side_by_side(lambda n: 1 / n, [1, 0, 2], device=CPU)


@pytest.mark.parametrize("n", [1, 2, 5])
def test_workers_give_results_in_the_order_of_the_pieces(n: int) -> None:
    def work(seconds: float) -> float:
        time.sleep(seconds)
        return seconds

    workers = Workers(n)
    for _ in range(2):
        assert workers.each(work, [0.02, 0.0, 0.01]) == [0.02, 0.0, 0.01]


@pytest.mark.parametrize("n_threads", [1, 3])
def test_pieces_are_taken_in_turn_and_few_ahead(n_threads: int) -> None:
    taken = []

    def pieces() -> Iterator[int]:
        for number in range(12):
            taken.append(number)
            yield number

    for n_given, result in enumerate(in_turn(lambda n: 2 * n, pieces(), n_threads=n_threads)):
        assert result == 2 * n_given
        assert len(taken) <= n_given + n_threads + 2
    assert len(taken) == 12


def test_an_error_in_its_turn_is_raised_and_the_rest_is_not_begun() -> None:
    begun = []

    def work(number: int) -> float:
        begun.append(number)
        return 1 / number

    with pytest.raises(ZeroDivisionError):
        list(in_turn(work, [1, 0, *range(1, 50)], n_threads=2))
    assert len(begun) < 10


@pytest.fixture(autouse=True)
def threads_as_before():  # type: ignore[no-untyped-def]
    before = torch.get_num_threads()
    yield
    torch.set_num_threads(before)
