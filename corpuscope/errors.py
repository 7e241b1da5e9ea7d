"""Everything that can go wrong and that the caller can act on.

    CorpuscopeError
    ├── InputError          mend the file or the text that is named
    ├── ColumnNotFound      name one of the columns that are listed
    ├── GroupNotFound       name one of the groups that are listed
    ├── PairingError        choose another pair column, or drop the rows named
    ├── NotEnoughData       bring more documents, or ask a coarser question
    ├── FeatureMismatch     read both corpora with one dictionary
    ├── DictionaryError     choose another dictionary, or mend its folder
    ├── ReaderError         choose another reader or layer, or install its extra
    ├── StoreDamaged        run the command that the message names
    ├── CorpusChanged       extract into a fresh folder
    └── StorageFull         make room, then run the same command again

A message says what was found, what was expected and what to do next. Any other exception
that escapes from corpuscope is a fault of corpuscope.
"""

_LONGEST = 1_200


def _shortened(text: str) -> str:
    """What a person still reads: the middle of what is longer is counted, not said."""
    if len(text) <= _LONGEST:
        return text
    half = _LONGEST // 2
    return f"{text[:half]} ... ({len(text) - 2 * half:,} characters) ... {text[-half:]}"


class CorpuscopeError(Exception):
    """Something the caller can mend.

    Args:
        found: What was met, with values and paths, without a full stop at the end.
        expected: What would have been right, likewise.
        next_step: What to do about it, likewise.
    """

    def __init__(self, found: str, *, expected: str, next_step: str) -> None:
        found, expected, next_step = map(_shortened, (found, expected, next_step))
        super().__init__(f"{found}. Expected: {expected}. Next: {next_step}.")
        self.found = found
        self.expected = expected
        self.next_step = next_step


class InputError(CorpuscopeError):
    """A file or a text that cannot be read as it stands."""


class ColumnNotFound(CorpuscopeError):
    """A column that the corpus or the store does not have."""


class GroupNotFound(CorpuscopeError):
    """A group, or a target group, that the column does not hold."""


class PairingError(CorpuscopeError):
    """Pair keys that do not pair documents one to one."""


class NotEnoughData(CorpuscopeError):
    """Too few documents for the question."""


class FeatureMismatch(CorpuscopeError):
    """Stores that were read with different dictionaries."""


class DictionaryError(CorpuscopeError):
    """A dictionary that is missing, damaged or made for another reader."""


class ReaderError(CorpuscopeError):
    """A language model that cannot be loaded or read as asked."""


class StoreDamaged(CorpuscopeError):
    """A store with a part that is missing, half-written or altered."""


class CorpusChanged(CorpuscopeError):
    """A corpus that is no longer the one an interrupted extraction began with."""


class StorageFull(CorpuscopeError):
    """No room left on the disk; what was committed before is safe."""
