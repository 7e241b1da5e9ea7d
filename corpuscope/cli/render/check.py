"""Prints the result of `check`."""

from functools import partial
from typing import TYPE_CHECKING

from rich.console import Console
from rich.text import Text

from corpuscope.cli.terminal.text import add_numbers, new_table, print_result, visible

if TYPE_CHECKING:
    from corpuscope.training.check import CheckResult

_MEASURES = (
    ("active features (L0)", "l0", "{:.1f}"),
    ("unexplained variance", "unexplained_variance", "{:.3f}"),
    ("cosine", "cosine", "{:.3f}"),
    ("length of reconstructions", "length_ratio", "{:.2f}"),
    ("features that never fire", "dead_share", "{:.1%}"),
    ("features above 10 % of tokens", "dense_share", "{:.2%}"),
    ("tokens without a feature", "silent_share", "{:.1%}"),
    ("tokens", "n_units", "{:,}"),
)
_SHOULD = {
    "unexplained_variance": "below 0.5",
    "cosine": "near 1",
    "length_ratio": "near 1",
    "silent_share": "near 0",
}
_VERDICTS = {
    "fine": "It does what it should.",
    "doubtful": "It is doubtful, and none of the usual mistakes explains it.",
    "wrong": "It is wrong, and none of the usual mistakes explains it.",
}


def show(found: "CheckResult", *, as_json: bool) -> None:
    """Print what a dictionary does beside what it should, and the likely mistake."""
    print_result(found, as_json=as_json, body=partial(_print, found))


def _print(found: "CheckResult", console: Console) -> None:
    console.print(Text(f"{visible(found.dictionary)}: {found.place}", style="bold"))
    likely = found.diagnosis.likely
    if found.loaded is not None:
        table = new_table()
        table.add_column("", no_wrap=True)
        add_numbers(table, "as loaded", "should be", *(["corrected"] if likely else []))
        columns = [found.loaded, *([likely.measures] if likely else [])]
        for name, key, form in _MEASURES:
            values = [form.format(getattr(one, key)) for one in columns]
            table.add_row(Text(name, style="dim"), values[0], _should(found, key), *values[1:])
        console.print(table)
    for reason in found.diagnosis.reasons:
        console.print(Text(reason[0].upper() + reason[1:] + "."))
    if found.loaded is None:
        # Numbers that are not finite are reason enough.
        return
    if likely is None:
        console.print(Text(_VERDICTS[found.diagnosis.status], style="bold"))
    else:
        console.print(Text(f"Likely: {likely.mistake}; {likely.meaning}.", style="bold"))


def _should(found: "CheckResult", key: str) -> str:
    if key != "l0" or found.expected_l0 is None:
        return _SHOULD.get(key, "")
    low, high = (f"{one:g}" for one in found.expected_l0)
    return low if low == high else f"{low} to {high}"
