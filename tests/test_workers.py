import threading
import time

import pytest
import torch

from corpuscope.workers import side_by_side

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


@pytest.fixture(autouse=True)
def threads_as_before():  # type: ignore[no-untyped-def]
    before = torch.get_num_threads()
    yield
    torch.set_num_threads(before)
