"""The command `corpuscope`; each verb is the Python function of the same name.

Exit codes: 0 done, 1 a fault of corpuscope, 2 something the user can mend.
"""

import errno
import io
import sys
from importlib.metadata import version
from typing import Annotated

import typer

from corpuscope.cli import ask, audit, build, judge, learn, probe, show
from corpuscope.errors import CorpuscopeError, InputError

app = typer.Typer(
    name="corpuscope",
    help="Read text corpora into named sparse features, and ask what is in them.",
    no_args_is_help=True,
    add_completion=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command()(build.demo)
app.command()(build.extract)
app.command()(ask.diff)
app.command()(ask.trend)
app.command()(ask.correlate)
app.command()(ask.cluster)
app.command()(ask.search)
app.command()(audit.audit)
app.command()(probe.probe)
app.command()(learn.train)
app.command()(learn.finetune)
app.command()(learn.sweep)
app.command()(judge.evaluate)
app.command()(judge.label)
app.command()(ask.info)
app.command()(ask.doctor)


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
        show.fault(error)
        raise SystemExit(2) from None
    except BrokenPipeError:
        raise SystemExit(0) from None
    except OSError as error:
        if error.filename is None and error.errno != errno.ENOSPC:
            raise
        show.fault(_of_the_system(error))
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
