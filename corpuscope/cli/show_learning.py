"""How learning goes, and how good a dictionary is, as people see it on a terminal."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table
from rich.text import Text

from corpuscope.cli.show import note, print_json, warn

if TYPE_CHECKING:
    from corpuscope.sae.evaluate import Evaluation
    from corpuscope.sae.train import StepReport

_BLOCKS = " ▁▂▃▄▅▆▇█"
_ROWS = (
    ("unexplained variance", "unexplained_variance", "{:.4f}"),
    ("features that fire (L0)", "l0", "{:.1f}"),
    ("dead", "dead_share", "{:.1%}"),
    ("dense (above 10 %)", "dense_share", "{:.2%}"),
    ("share of L0 that is dense", "l0_of_dense", "{:.1%}"),
    ("relative bias", "relative_bias", "{:.3f}"),
    ("cosine", "cosine", "{:.3f}"),
    ("decoder cosine (c_dec)", "decoder_cosine", "{:.4f}"),
    ("units", "n_units", "{:,}"),
)


@contextmanager
def steps(n_steps: int) -> Iterator[Callable[[str, "StepReport"], None]]:
    """A bar on standard error that starts with the first step, and what to tell it."""
    columns = (
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[seen]}"),
        TimeRemainingColumn(),
    )
    bar = Progress(*columns, console=Console(stderr=True))
    task = bar.add_task("", total=n_steps, seen="")

    def on_step(_name: str, report: "StepReport") -> None:
        bar.start()
        seen = f"unexplained {report.unexplained:.3f}, L0 {report.l0:.1f}, dead {report.n_dead}"
        bar.update(task, completed=report.step + 1, seen=seen)

    try:
        yield on_step
    finally:
        bar.stop()


def evaluations(
    found: Mapping[str, "Evaluation"],
    *,
    dictionary: str,
    command: str,
    parameters: Mapping[str, object],
    warnings: Sequence[str],
    as_json: bool,
) -> None:
    """How good each part of a dictionary is."""
    if as_json:
        parts = {unit: evaluation.to_json() for unit, evaluation in found.items()}
        print_json(
            {
                "analysis": command,
                "version": version("corpuscope"),
                "dictionary": dictionary,
                "parameters": dict(parameters),
                "parts": parts,
                "warnings": list(warnings),
            }
        )
        return
    console = Console(highlight=False)
    console.print(Text(dictionary, style="bold"))
    table = Table(box=None, pad_edge=False, header_style="dim")
    table.add_column("")
    for unit in found:
        table.add_column(f"{unit}s", justify="right")
    for name, attribute, pattern in _ROWS:
        cells = [pattern.format(getattr(evaluation, attribute)) for evaluation in found.values()]
        table.add_row(Text(name, style="dim"), *cells)
    table.add_row(Text("log10 density", style="dim"), *map(_density, found.values()))
    console.print(table)
    warn(warnings)


def _density(evaluation: "Evaluation") -> str:
    """The histogram of densities as a row of blocks between its ends."""
    bounds, counts = evaluation.histogram()
    highest = max(1, int(counts.max(initial=1)))
    blocks = "".join(_BLOCKS[-(-8 * int(n) // highest)] for n in counts)
    return f"{bounds[0]:.0f} {blocks} 0"


def save_run(log: Path, path: Path) -> None:
    """How the run went, as a picture."""
    from corpuscope.training.plots import plot_run

    figure = plot_run(log)
    figure.savefig(path, dpi=160, bbox_inches="tight")
    note(f"drawn: {path}")
