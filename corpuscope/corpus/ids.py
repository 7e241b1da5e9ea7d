"""Which ids were met before, in a few bytes for each."""

from array import array


class MetIds:
    """A set of ids that keeps 8 bytes of hash for each, in a table at most half full.

    Two ids may share a hash, so "met" means "look again"; "not met" is certain.
    """

    def __init__(self) -> None:
        self._slots = array("Q", bytes(8 * 1024))
        self._n_ids = 0

    def add(self, id: str) -> bool:
        """Whether an id with this hash was met before; from now on it was."""
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
    """Whether the hash was there already; else it is put into the next free slot."""
    last = len(slots) - 1
    at = hashed & last
    while slots[at]:
        if slots[at] == hashed:
            return True
        at = (at + 1) & last
    slots[at] = hashed
    return False
