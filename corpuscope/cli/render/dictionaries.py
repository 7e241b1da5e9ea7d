"""Tables of dictionary metrics, which several commands print."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table
from rich.text import Text

from corpuscope.cli.terminal.text import installed_version, new_table, print_json, warn

if TYPE_CHECKING:
    from corpuscope.sae.evaluate import Evaluation


_BLOCKS = " ▁▂▃▄▅▆▇█"


MEASURES = (
    ("unexplained variance", "unexplained_variance", "{:.4f}"),
    ("active features (L0)", "l0", "{:.1f}"),
    ("dead", "dead_share", "{:.1%}"),
    ("dense (above 10 %)", "dense_share", "{:.2%}"),
    ("share of L0 from dense", "l0_of_dense", "{:.1%}"),
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
    """Print the metrics of a new dictionary and of its baselines."""
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
    """The common keys of the JSON of commands on dictionaries."""
    return {
        "analysis": command,
        "version": installed_version(),
        "dictionary": dictionary,
        "parameters": dict(parameters),
        "warnings": list(warnings),
    }


def columns_of(names: Mapping[str, object]) -> Table:
    """A table with a column for each dictionary."""
    table = new_table()
    table.add_column("", no_wrap=True)
    for name in names:
        table.add_column(name, justify="right")
    return table


def fill(
    table: Table, rows: Sequence[tuple[str, str, str]], found: Mapping[str, object | None]
) -> None:
    """Add a row for each metric."""
    for name, attribute, pattern in rows:
        cells = [
            "" if one is None else pattern.format(getattr(one, attribute))
            for one in found.values()
        ]  # fmt: skip
        table.add_row(Text(name, style="dim"), *cells)


def _density(evaluation: "Evaluation") -> str:
    """The histogram of log10 density as a sparkline, between the ends of its range."""
    bounds, counts = evaluation.histogram()
    highest = max(1, int(counts.max(initial=1)))
    blocks = "".join(_BLOCKS[-(-8 * int(n) // highest)] for n in counts)
    return f"{bounds[0]:.0f} {blocks} 0"
