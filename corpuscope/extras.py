"""Optional packages: whether they are installed, and what to install where they are missing."""

from collections.abc import Sequence
from importlib.util import find_spec

from corpuscope.errors import ReaderError

TO_READ = ("torch", "transformers", "huggingface_hub")
"""What other readers than the built-in one, training and GPUs need: the extra [read]."""


def check_extra(extra: str, packages: Sequence[str], *, what: str) -> None:
    """Check that the packages of an extra are installed.

    Raises:
        ReaderError: One is missing.
    """
    missing = [name for name in packages if find_spec(name) is None]
    if missing:
        raise ReaderError(
            f"{what} needs {' and '.join(missing)}",
            expected=f"the extra [{extra}] of corpuscope",
            next_step=f"run: pip install 'corpuscope[{extra}]' (in a checkout of corpuscope: "
            f"pip install '.[{extra}]')",
        )


def check_torch(what: str) -> None:
    """Check that torch and what loads its models are installed.

    Args:
        what: What needs them, for the message.

    Raises:
        ReaderError: One is missing.
    """
    check_extra("read", TO_READ, what=what)


def check_plot() -> None:
    """Check that what draws plots is installed.

    Raises:
        ReaderError: It is not.
    """
    check_extra("plot", ("matplotlib",), what="a plot")


def explained(error: ModuleNotFoundError, what: str) -> ReaderError | None:
    """The error that says which extra brings a module that is missing; None if none does.

    Args:
        error: Raised by an import.
        what: What needs the module, for the message.
    """
    if error.name not in TO_READ:
        return None
    try:
        check_torch(what)
    except ReaderError as said:
        return said
    return None
