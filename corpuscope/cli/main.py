"""The command `corpuscope`; each subcommand is the Python function of the same name.

A file in `commands/` is a command, and a package there a group of commands; those in `looking/`
are no group, but stand beside the others.

Exit codes: 0 success, 1 a bug in corpuscope, 2 an error that the user can fix.
"""

import errno
import io
import pkgutil
import sys
from collections.abc import Iterable
from importlib import import_module
from types import ModuleType
from typing import Annotated

import typer

from corpuscope.cli import commands
from corpuscope.cli.commands import looking
from corpuscope.cli.grouped import grouped
from corpuscope.cli.terminal.text import fault, installed_version
from corpuscope.errors import AnswersMissing, CorpuscopeError, InputError
from corpuscope.extras import explained

_FIRST = (
    "demo", "extract", "diff", "claims", "trend", "correlate", "cluster", "search", "audit",
    "probe", "train", "finetune", "sweep", "evaluate", "check", "label",
)  # fmt: skip
_LOOKING = ("info", "feature", "document", "pair")
_LAST = ("export", *_LOOKING, "doctor", "llm")
_HELP = {"help_option_names": ["-h", "--help"]}

app = typer.Typer(
    name="corpuscope",
    help="Read text corpora into labelled sparse features, and analyse them.",
    no_args_is_help=True,
    add_completion=True,
    pretty_exceptions_enable=False,
    context_settings=_HELP,
)


def _fill(group: typer.Typer, package: ModuleType, names: Iterable[str]) -> None:
    """Add the commands and groups in a package, in the order of their names."""
    for name in names:
        home = looking if name in _LOOKING and package is commands else package
        module = import_module(f"{home.__name__}.{name}")
        if hasattr(module, "__path__"):
            inner = typer.Typer(
                name=name, help=module.__doc__, no_args_is_help=True, context_settings=_HELP
            )
            _fill(inner, module, _names_in(module))
            group.add_typer(inner)
        else:
            group.command()(grouped(getattr(module, name)))


def _names_in(package: ModuleType) -> list[str]:
    return sorted(module.name for module in pkgutil.iter_modules(package.__path__))


_others = set(_names_in(commands)) - {*_FIRST, *_LAST, "looking"}
_fill(app, commands, [*_FIRST, *sorted(_others), *_LAST])


def _say_version(asked: bool) -> bool:
    if asked:
        print(installed_version())
        raise typer.Exit
    return asked


@app.callback()
def _corpuscope(
    _: Annotated[
        bool,
        typer.Option(
            "--version", help="Show the version and exit.", callback=_say_version, is_eager=True
        ),
    ] = False,
) -> None:
    """Read text corpora into labelled sparse features, and analyse them."""


def run() -> None:
    """Run the command line and exit with its exit code."""
    for stream in (sys.stdout, sys.stderr):
        _replace_unencodable(stream)
    try:
        app()
    except AnswersMissing as error:
        # Nothing is wrong: the command goes on when somebody has answered.
        fault(error)
        raise SystemExit(0) from None
    except CorpuscopeError as error:
        fault(error)
        raise SystemExit(2) from None
    except ModuleNotFoundError as error:
        said = explained(error, "this command")
        if said is None:
            raise
        fault(said)
        raise SystemExit(2) from None
    except BrokenPipeError:
        raise SystemExit(0) from None
    except OSError as error:
        if error.filename is None and error.errno != errno.ENOSPC:
            raise
        fault(_of_the_system(error))
        raise SystemExit(2) from None


def _replace_unencodable(stream: object) -> None:
    """Print a substitute for characters that the terminal cannot encode."""
    if isinstance(stream, io.TextIOWrapper):
        stream.reconfigure(errors="replace")


def _of_the_system(error: OSError) -> CorpuscopeError:
    place = f" ({error.filename})" if error.filename else ""
    return InputError(
        f"{(error.strerror or 'the operating system reports an error').lower()}{place}",
        expected="a readable and writable path, with free disk space",
        next_step="choose another path, change its permissions or free disk space",
    )
