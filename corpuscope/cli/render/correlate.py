"""Prints the result of `correlate`."""

import math
from functools import partial
from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table
from rich.text import Text

from corpuscope.cli.terminal.findings import N_WITH_TEXTS, explain_marks, name_cell
from corpuscope.cli.terminal.text import (
    AROUND,
    add_numbers,
    new_table,
    print_indented,
    print_result,
    print_table,
    quoted,
    visible,
    window,
)

if TYPE_CHECKING:
    from corpuscope.analyses.correlate.finding import PairFinding
    from corpuscope.analyses.correlate.result import CorrelateResult
    from corpuscope.store.evidence import Evidence

_WHAT_ODD_MEANS = (
    "odd: how much higher the pair's lift ranks than a language model, told the names alone, would "
    "rank it; from -1 to 1."
)
_WHAT_VERIFIED_MEANS = (
    "judged: share of all documents with each property and both, and NPMI with its 95 % interval, "
    "from texts drawn by the features and read for one property at a time."
)
_WHAT_STARS_MEAN = (
    "*  Unexpected: not a fixed phrase, and no more similar than most random pairs, in labels, "
    "texts and co-occurring features."
)


def show(found: "CorrelateResult", *, as_json: bool, n_evidence: int) -> None:
    """Print a table of pairs, then texts of the first ones.

    Args:
        found: The result.
        as_json: Whether to print one JSON object instead.
        n_evidence: Example texts per pair.
    """
    print_result(found, as_json=as_json, body=partial(_print, found, n_evidence))


def _print(found: "CorrelateResult", n_evidence: int, console: Console) -> None:
    console.print(_headline(found))
    if len(found):
        print_table(console, _table(found))
    else:
        console.print(_nothing(found))
    if any(one.unexpected for one in found.findings):
        console.print(Text(_WHAT_STARS_MEAN, style="dim"))
    if found.oddities:
        console.print(Text(_WHAT_ODD_MEANS, style="dim"))
    if found.verifications:
        console.print()
        print_table(console, _verified_table(found))
        console.print(Text(_WHAT_VERIFIED_MEANS, style="dim"))
    explain_marks(console, (name for one in found.findings for name in _names(one)))
    for i in range(min(len(found), N_WITH_TEXTS) if n_evidence else 0):
        _print_evidence(console, found, i, n_evidence)


def _nothing(found: "CorrelateResult") -> str:
    if found.n_divided:
        return (
            f"No finding. {found.n_divided:,} significant pairs are explained by the "
            f"{found.n_parts} parts of the corpus."
        )
    if found.n_explained:
        return (
            f"No finding. {found.n_explained:,} pairs co-occur, but no more often than document "
            "lengths (and covariates) explain."
        )
    return "No pair co-occurs significantly more often than by chance."


def _headline(found: "CorrelateResult") -> Text:
    n = len(found)
    line = Text(f"{n} finding{'' if n == 1 else 's'}", style="bold")
    line.append(
        f": {found.n_documents:,} documents; {found.n_reaching:,} of {found.n_possible:,} testable "
        f"pairs reach an NPMI of {found.parameters['min_npmi']:g}",
        style="not bold",
    )
    return line


def _table(found: "CorrelateResult") -> Table:
    table = new_table()
    table.add_column("", no_wrap=True)
    table.add_column("", no_wrap=True)
    table.add_column("first", max_width=40)
    table.add_column("second", max_width=40)
    lifts = ("lift", "in parts") if found.n_parts > 1 else ("lift",)
    is_judged = bool(found.oddities)
    odd = ("odd",) if is_judged else ()
    add_numbers(table, "1st", "2nd", "both", "NPMI", *lifts, "q", *odd)
    for number, one in enumerate(found.findings, 1):
        table.add_row(
            Text(str(number), style="dim"),
            "*" if one.unexpected else "",
            name_cell(one.label_a, one.label_score_a, one.label_source_a),
            name_cell(one.label_b, one.label_score_b, one.label_source_b),
            _percent(one.rate_a),
            _percent(one.rate_b),
            _percent(one.rate_both),
            f"{one.npmi:.2f}",
            *(f"{lift:.3g}" for lift in (one.lift, one.lift_within)[: len(lifts)]),
            f"{one.q_value:.1g}",
            *([_oddity(found, one)] if is_judged else []),
        )
    return table


def _oddity(found: "CorrelateResult", one: "PairFinding") -> str:
    judged = found.oddities.get((one.feature_a, one.feature_b))
    return "-" if judged is None or math.isnan(judged.oddity) else f"{judged.oddity:+.2f}"


def _verified_table(found: "CorrelateResult") -> Table:
    """The pairs that were verified, under the numbers of their findings."""
    table = new_table()
    table.add_column("", no_wrap=True)
    table.add_column("verified", no_wrap=True)
    add_numbers(table, "1st", "2nd", "both", "NPMI", "interval", "read", "unclear", "unread")
    for number, one in enumerate(found.findings, 1):
        read = found.verifications.get((one.feature_a, one.feature_b))
        if read is None:
            continue
        lower, upper = read.interval
        rates = (read.rate_a, read.rate_b, read.rate_both)
        table.add_row(
            Text(str(number), style="dim"),
            read.word.replace("_", " "),
            *("-" if math.isnan(rate) else _percent(rate) for rate in rates),
            "-" if math.isnan(read.npmi) else f"{read.npmi:.2f}",
            f"{lower:.2f} to {upper:.2f}",
            *(str(n) for n in (sum(c.n_judged for c in read.cells), read.n_unclear, read.n_unread)),
        )
    return table


def _percent(rate: float) -> str:
    return f"{100 * rate:.0f}%" if rate >= 0.095 else f"{100 * rate:.1f}%"


def _names(one: "PairFinding") -> tuple[tuple[float, str], tuple[float, str]]:
    return (one.label_score_a, one.label_source_a), (one.label_score_b, one.label_source_b)


def _print_evidence(console: Console, found: "CorrelateResult", i: int, n: int) -> None:
    one = found.findings[i]
    console.print(Text(f"\n{i + 1}  {visible(one.label_a)} × {visible(one.label_b)}", style="bold"))
    for name, value in one.groups.items():
        print_indented(console, Text(f"{visible(name)}: NPMI {value:.2f}", style="dim"))
    is_marked = not console.is_terminal
    shown = found.evidence(i)
    of_each = 1 if shown and shown[0].side is None else 2
    for entry in shown[: of_each * n]:
        if entry.side is None:
            print_indented(console, _both_quoted(entry, marked=is_marked))
        else:
            print_indented(console, quoted(entry, entry.side, marked=is_marked))


def _both_quoted(entry: "Evidence", *, marked: bool) -> Text:
    """The text around both spans, in order, with an ellipsis between distant ones."""
    opening, closing = ("[[", "]]") if marked else ("", "")
    line = Text()
    line.append(f"{visible(entry.id)}: ", style="dim")
    spans, end_before = _merged(entry.spans), 0
    next_starts = [start for start, _ in spans[1:]] + [len(entry.text)]
    for (start, end), next_start in zip(spans, next_starts, strict=True):
        first, last = window(entry.text, start, min(end, start + AROUND))
        end = min(end, last)
        first, last = max(first, end_before), min(last, next_start)
        line.append("…" if first > end_before else "")
        line.append(visible(entry.text[first:start]) + opening)
        line.append(visible(entry.text[start:end]), style="reverse")
        line.append(closing + visible(entry.text[end:last]))
        end_before = last
    line.append("…" if end_before < len(entry.text) else "")
    return line


def _merged(spans: tuple[tuple[int, int], ...]) -> list[tuple[int, int]]:
    """Spans in order; of overlapping ones only the shortest is kept."""
    found: list[tuple[int, int]] = []
    for span in sorted(set(spans), key=lambda span: span[1] - span[0]):
        if all(span[1] <= start or span[0] >= end for start, end in found):
            found.append(span)
    return sorted(found)
