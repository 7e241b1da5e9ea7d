"""How many requests are in the air at once, and how long to wait after a fault.

The number grows slowly while answers are clean and halves where the server asks for less.
"""

import email.utils
import random
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

__all__ = ["Pace", "wait_after"]

_FIRST, _CLEAN_PER_SLOT = 4, 10
_LONGEST_WAIT = 60.0


class Pace:
    """The adaptive number of requests in the air; safe for threads.

    Args:
        most: The largest number.
    """

    def __init__(self, most: int) -> None:
        self._most = max(1, most)
        self._allowed = min(_FIRST, self._most)
        self._in_air = self._n_clean = 0
        self._changed = threading.Condition()

    @property
    def allowed(self) -> int:
        """The number of requests that may be in the air now."""
        return self._allowed

    @contextmanager
    def slot(self) -> Iterator[None]:
        """Wait for a free place, and hold it."""
        with self._changed:
            self._changed.wait_for(lambda: self._in_air < self._allowed)
            self._in_air += 1
        try:
            yield
        finally:
            with self._changed:
                self._in_air -= 1
                self._changed.notify_all()

    def clean(self) -> None:
        """An answer came without fault."""
        with self._changed:
            self._n_clean += 1
            if self._n_clean >= _CLEAN_PER_SLOT and self._allowed < self._most:
                self._allowed, self._n_clean = self._allowed + 1, 0
                self._changed.notify_all()

    def crowded(self) -> None:
        """The server is too busy, or too slow."""
        with self._changed:
            self._allowed, self._n_clean = max(1, self._allowed // 2), 0


def wait_after(n_faults: int, headers: Mapping[str, str], *, now: float | None = None) -> float:
    """Seconds to wait after the fault number `n_faults` (from 1).

    The larger of what the server asks for and an exponential back-off with full jitter, so that
    waiting clients do not return all at once.

    Source: Brooker 2015, "Exponential Backoff And Jitter".
    """
    backoff = random.uniform(0, min(_LONGEST_WAIT, 2.0 ** (n_faults - 1)))
    return max(backoff, _asked_for(headers, time.time() if now is None else now))


def _asked_for(headers: Mapping[str, str], now: float) -> float:
    """Seconds named in `Retry-After`, as a number or as a date; 0 if it has none."""
    value = next((one for name, one in headers.items() if name.lower() == "retry-after"), "")
    try:
        return max(0.0, float(value))
    except ValueError:
        pass
    try:
        return max(0.0, email.utils.parsedate_to_datetime(value).timestamp() - now)
    except (TypeError, ValueError):
        return 0.0
