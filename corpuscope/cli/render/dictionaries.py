"""Tables of how good dictionaries are, which several commands print."""

from collections.abc import Mapping, Sequence
from importlib.metadata import version
from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table
from rich.text import Text

from corpuscope.cli.render.text import print_json, warn

if TYPE_CHECKING:
    from corpuscope.sae.evaluate import Evaluation


_BLOCKS = " ▁▂▃▄▅▆▇█"


MEASURES = (
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


# An objective's name may wrap between words, not within them.
WIDEST_WORD = 9


def show_evaluations(
    found: Mapping[str, "Evaluation"],
    *,
    dictionary: str,
    command: str,
    parameters: Mapping[str, object],
    warnings: Sequence[str],
    as_json: bool,
) -> None:
    """How good a new dictionary is, and what it is measured against."""
    if as_json:
        arms = {name: evaluation.to_json() for name, evaluation in found.items()}
        print_json(head_of(command, dictionary, parameters, warnings) | {"arms": arms})
        return
    console = Console(highlight=False)
    console.print(Text(dictionary, style="bold"))
    table = columns_of(found)
    fill(table, MEASURES, found)
    table.add_row(Text("log10 density", style="dim"), *map(_density, found.values()))
    console.print(table)
    warn(warnings)


def head_of(
    command: str, dictionary: str, parameters: Mapping[str, object], warnings: Sequence[str]
) -> dict[str, object]:
    """With what the JSON of a command on dictionaries begins."""
    return {
        "analysis": command,
        "version": version("corpuscope"),
        "dictionary": dictionary,
        "parameters": dict(parameters),
        "warnings": list(warnings),
    }


def columns_of(names: Mapping[str, object]) -> Table:
    """A table with a column for each dictionary."""
    table = Table(box=None, pad_edge=False, header_style="dim")
    table.add_column("", no_wrap=True)
    for name in names:
        table.add_column(name, justify="right")
    return table


def fill(
    table: Table, rows: Sequence[tuple[str, str, str]], found: Mapping[str, object | None]
) -> None:
    """Add a row for each measure."""
    for name, attribute, pattern in rows:
        cells = [
            "" if one is None else pattern.format(getattr(one, attribute))
            for one in found.values()
        ]  # fmt: skip
        table.add_row(Text(name, style="dim"), *cells)


def _density(evaluation: "Evaluation") -> str:
    """The histogram of densities as a row of blocks between its ends."""
    bounds, counts = evaluation.histogram()
    highest = max(1, int(counts.max(initial=1)))
    blocks = "".join(_BLOCKS[-(-8 * int(n) // highest)] for n in counts)
    return f"{bounds[0]:.0f} {blocks} 0"
