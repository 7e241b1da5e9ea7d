"""Detects repeated ids, with a few bytes of memory per id."""

from array import array


class MetIds:
    """A set of ids, stored as 64-bit hashes in a table that is at most half full.

    Hashes may collide, so "seen before" must be verified; "not seen" is certain.
    """

    def __init__(self) -> None:
        self._slots = array("Q", bytes(8 * 1024))
        self._n_ids = 0

    def add(self, id: str) -> bool:
        """Add an id; returns whether an id with this hash was added before."""
        if 2 * self._n_ids >= len(self._slots):
            self._grow()
        # Zero marks a free slot.
        was_met = _place_hash(self._slots, hash(id) & (2**64 - 1) or 1)
        self._n_ids += not was_met
        return was_met

    def _grow(self) -> None:
        larger = array("Q", bytes(8 * 4 * len(self._slots)))
        for hashed in self._slots:
            if hashed:
                _place_hash(larger, hashed)
        self._slots = larger


def _place_hash(slots: "array[int]", hashed: int) -> bool:
    """Whether the hash is in the table; otherwise it is put in the next free slot."""
    last = len(slots) - 1
    at = hashed & last  # Linear probing; the size is a power of two.
    while slots[at]:
        if slots[at] == hashed:
            return True
        at = (at + 1) & last
    slots[at] = hashed
    return False
