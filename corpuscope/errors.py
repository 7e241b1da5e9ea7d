"""All errors that the caller can act on.

    CorpuscopeError
    ├── InputError          fix the file, text or argument named
    ├── ColumnNotFound      name one of the columns listed
    ├── GroupNotFound       name one of the groups listed
    ├── PairingError        choose another pair column, or drop the rows named
    ├── NotEnoughData       add documents, or ask a coarser question
    ├── FeatureMismatch     read both corpora with one dictionary
    ├── DictionaryError     choose another dictionary, or repair its folder
    ├── ReaderError         choose another reader or layer, or install the extra
    ├── StoreDamaged        run the command that the message names
    ├── CorpusChanged       extract into a new folder
    ├── StorageFull         free disk space, then run the same command again
    └── LLMError            see which of these:
        ├── EndpointRefused   correct the key, model or address; answers so far are kept
        ├── BudgetTooSmall    raise the budget to what the message names
        └── AnswersMissing    have the file answered, then run the same command again

A message says what was found, what was expected and what to do next. Any other exception raised
from corpuscope is a bug in corpuscope.
"""

_LONGEST = 1_200


def _shortened(text: str) -> str:
    """The text, with the middle of a very long one replaced by its number of characters."""
    if len(text) <= _LONGEST:
        return text
    half = _LONGEST // 2
    return f"{text[:half]} ... ({len(text) - 2 * half:,} characters) ... {text[-half:]}"


class CorpuscopeError(Exception):
    """An error that the caller can fix.

    Args:
        found: What was found, with values and paths, without a final full stop.
        expected: What would be valid, likewise.
        next_step: What to do about it, likewise.
    """

    def __init__(self, found: str, *, expected: str, next_step: str) -> None:
        found, expected, next_step = map(_shortened, (found, expected, next_step))
        super().__init__(f"{found}. Expected: {expected}. Next: {next_step}.")
        self.found = found
        self.expected = expected
        self.next_step = next_step


class InputError(CorpuscopeError):
    """A file, a text or an argument that is invalid."""


class ColumnNotFound(CorpuscopeError):
    """A column that the corpus or the store does not have."""


class GroupNotFound(CorpuscopeError):
    """A group that is not among the values of the column."""


class PairingError(CorpuscopeError):
    """Pair keys that do not pair documents one to one."""


class NotEnoughData(CorpuscopeError):
    """Too few documents for the question."""


class FeatureMismatch(CorpuscopeError):
    """Stores that were read with different dictionaries."""


class DictionaryError(CorpuscopeError):
    """A dictionary that is missing, damaged or made for another reader."""


class ReaderError(CorpuscopeError):
    """A language model that cannot be loaded, or cannot read as requested."""


class StoreDamaged(CorpuscopeError):
    """A store with a part that is missing, incomplete or altered."""


class CorpusChanged(CorpuscopeError):
    """A corpus that is not the one an interrupted extraction started with."""


class StorageFull(CorpuscopeError):
    """A full disk; what was committed before is safe."""


class LLMError(CorpuscopeError):
    """A language model that does not answer."""


class EndpointRefused(LLMError):
    """An endpoint that answers no request: a wrong key, an unknown model, no credit."""


class BudgetTooSmall(LLMError):
    """A budget that does not suffice for the least useful run."""


class AnswersMissing(LLMError):
    """Requests that were written to a file and are not answered yet."""


def reason_of(error: BaseException) -> str:
    """The first line of an error's message; the name of its class if it has none.

    Example:
        >>> reason_of(ValueError("no such model")), reason_of(NotImplementedError())
        ('no such model', 'NotImplementedError')
    """
    lines = str(error).strip().splitlines()
    return lines[0] if lines else type(error).__name__
