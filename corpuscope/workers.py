"""Work on pieces side by side, one thread a piece.

On a processor this beats giving all threads to one piece after another: threads that meet after
every small step wait for one another, and far longer as soon as the machine has other work.
"""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    import torch

_Piece = TypeVar("_Piece")
_Result = TypeVar("_Result")


def side_by_side(
    work: Callable[[_Piece], _Result], pieces: Iterable[_Piece], *, device: "torch.device"
) -> list[_Result]:
    """What `work` makes of each piece with torch, in the order of the pieces.

    On a processor every core that torch may use takes pieces; few pieces share the cores. An
    accelerator takes one piece after the other.
    """
    import torch

    each = list(pieces)
    n_threads = torch.get_num_threads() if device.type == "cpu" else 1
    n_workers = min(n_threads, len(each))
    if n_workers <= 1:
        return [work(piece) for piece in each]
    shared = n_threads // n_workers
    with ThreadPoolExecutor(n_workers, "worker", torch.set_num_threads, (shared,)) as pool:
        return list(pool.map(work, each))


class Workers:
    """Threads that wait for pieces of work, from whichever thread they come.

    Args:
        n: How many; with one, whoever asks does the work.
    """

    def __init__(self, n: int) -> None:
        self.n = n
        self._pool = ThreadPoolExecutor(n, "worker") if n > 1 else None

    def each(self, work: Callable[[_Piece], _Result], pieces: Iterable[_Piece]) -> list[_Result]:
        """What `work` makes of each piece, in the order of the pieces."""
        return list(self._pool.map(work, pieces) if self._pool else map(work, pieces))


def in_turn(
    work: Callable[[_Piece], _Result], pieces: Iterable[_Piece], *, n_threads: int
) -> Iterator[_Result]:
    """What `work` makes of each piece, in the order of the pieces, a few pieces ahead.

    Pieces are taken from their source, and results handed out, by the caller's own thread, while
    the others work. Memory is bounded: one more piece is in the making than there are threads.
    """
    if n_threads <= 1:
        yield from map(work, pieces)
        return
    ahead: deque[Future[_Result]] = deque()
    with ThreadPoolExecutor(n_threads, "worker") as pool:
        try:
            for piece in pieces:
                ahead.append(pool.submit(work, piece))
                while len(ahead) > n_threads or (ahead and ahead[0].done()):
                    yield ahead.popleft().result()
            while ahead:
                yield ahead.popleft().result()
        finally:
            # Whoever stops early does not wait for pieces that nobody began.
            for one in ahead:
                one.cancel()
