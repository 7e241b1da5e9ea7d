"""The command `corpuscope`; each verb is the Python function of the same name.

Exit codes: 0 done, 1 a fault of corpuscope, 2 something the user can mend.
"""

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


def run() -> None:
    """Run the command line of this process and leave with its exit code."""
    try:
        app()
    except CorpuscopeError as error:
        show.fault(error)
        raise SystemExit(2) from None
    except BrokenPipeError:
        raise SystemExit(0) from None
    except PermissionError as error:
        show.fault(_not_permitted(error))
        raise SystemExit(2) from None


def _not_permitted(error: PermissionError) -> CorpuscopeError:
    return InputError(
        f"no permission for {error.filename}",
        expected="a place that this user may read and write",
        next_step="choose another place, or change its permissions",
    )
