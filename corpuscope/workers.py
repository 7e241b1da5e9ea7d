"""Work on pieces side by side, one thread a piece.

On a processor this beats giving all threads to one piece after another: threads that meet after
every small step wait for one another, and far longer as soon as the machine has other work.
"""

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

import torch

_Piece = TypeVar("_Piece")
_Result = TypeVar("_Result")


def side_by_side(
    work: Callable[[_Piece], _Result], pieces: Iterable[_Piece], *, device: torch.device
) -> list[_Result]:
    """What `work` makes of each piece, in the order of the pieces.

    On a processor every core that torch may use takes pieces; few pieces share the cores. An
    accelerator takes one piece after the other.
    """
    each = list(pieces)
    n_threads = torch.get_num_threads() if device.type == "cpu" else 1
    n_workers = min(n_threads, len(each))
    if n_workers <= 1:
        return [work(piece) for piece in each]
    shared = n_threads // n_workers
    with ThreadPoolExecutor(n_workers, "worker", torch.set_num_threads, (shared,)) as pool:
        return list(pool.map(work, each))
