"""The command `corpuscope`; each verb is the Python function of the same name.

Exit codes: 0 done, 1 a fault of corpuscope, 2 something the user can mend.
"""

import errno
import io
import pkgutil
import sys
from collections.abc import Callable
from importlib import import_module
from importlib.metadata import version
from typing import Annotated

import typer

from corpuscope.cli import commands
from corpuscope.cli.grouped import grouped
from corpuscope.cli.render.text import fault
from corpuscope.errors import CorpuscopeError, InputError

_FIRST = (
    "demo", "extract", "diff", "trend", "correlate", "cluster", "search", "audit", "probe",
    "train", "finetune", "sweep", "evaluate", "label",
)  # fmt: skip
_LAST = ("info", "doctor")

app = typer.Typer(
    name="corpuscope",
    help="Read text corpora into named sparse features, and ask what is in them.",
    no_args_is_help=True,
    add_completion=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _commands() -> list[Callable[..., None]]:
    """The function of each file in `commands/`, in the order in which help lists them."""
    found = [module.name for module in pkgutil.iter_modules(commands.__path__)]
    order = [*_FIRST, *sorted(set(found) - {*_FIRST, *_LAST}), *_LAST]
    modules = [import_module(f"{commands.__name__}.{name}") for name in order]
    return [getattr(module, name) for module, name in zip(modules, order, strict=True)]


for _command in _commands():
    app.command()(grouped(_command))


def _say_version(asked: bool) -> bool:
    if asked:
        print(version("corpuscope"))
        raise typer.Exit
    return asked


@app.callback()
def _corpuscope(
    _: Annotated[
        bool,
        typer.Option(
            "--version", help="Which version it is.", callback=_say_version, is_eager=True
        ),
    ] = False,
) -> None:
    """Read text corpora into named sparse features, and ask what is in them."""


def run() -> None:
    """Run the command line of this process and leave with its exit code."""
    for stream in (sys.stdout, sys.stderr):
        _say_what_can_be_said(stream)
    try:
        app()
    except CorpuscopeError as error:
        fault(error)
        raise SystemExit(2) from None
    except BrokenPipeError:
        raise SystemExit(0) from None
    except OSError as error:
        if error.filename is None and error.errno != errno.ENOSPC:
            raise
        fault(_of_the_system(error))
        raise SystemExit(2) from None


def _say_what_can_be_said(stream: object) -> None:
    """A terminal that lacks a character shows another in its place."""
    if isinstance(stream, io.TextIOWrapper):
        stream.reconfigure(errors="replace")


def _of_the_system(error: OSError) -> CorpuscopeError:
    place = f" ({error.filename})" if error.filename else ""
    return InputError(
        f"{(error.strerror or 'the system says no').lower()}{place}",
        expected="a place that this user may read and write, with room",
        next_step="choose another place, change its permissions or make room",
    )
