"""Optional packages: whether they are installed, and what to install where they are missing."""

from collections.abc import Sequence
from importlib.util import find_spec
from typing import Any

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


def explained(error: ModuleNotFoundError, what: str) -> Exception:
    """The error that says which extra brings a module that is missing; else the error itself.

    Args:
        error: Raised by an import.
        what: What needs the module, for the message.
    """
    if error.name in TO_READ:
        try:
            check_torch(what)
        except ReaderError as said:
            return said
    return error


def pyplot() -> Any:
    """The module that draws, `matplotlib.pyplot`.

    Raises:
        ReaderError: matplotlib is not installed.
    """
    check_extra("plot", ("matplotlib",), what="a plot")
    from matplotlib import pyplot

    return pyplot
