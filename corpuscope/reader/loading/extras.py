"""Optional packages for loading language models, and what to install where they are missing."""

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
            next_step=f"in a checkout of corpuscope, run: pip install '.[{extra}]'",
        )


def check_torch(what: str) -> None:
    """Check that torch and transformers are installed.

    Args:
        what: What needs them, for the message.

    Raises:
        ReaderError: One is missing.
    """
    check_extra("read", TO_READ, what=what)
