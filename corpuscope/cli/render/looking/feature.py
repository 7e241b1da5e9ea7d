"""Prints the result of `feature`."""

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

from rich.console import Console
from rich.text import Text

from corpuscope.cli.terminal.excerpts import highlighted
from corpuscope.cli.terminal.findings import explain_marks, name_cell
from corpuscope.cli.terminal.histogram import in_line, number
from corpuscope.cli.terminal.text import (
    add_numbers,
    called,
    new_table,
    print_indented,
    print_result,
    print_table,
    visible,
)

if TYPE_CHECKING:
    from corpuscope.analyses.describe.features.bands import Band
    from corpuscope.analyses.describe.features.companions import Companion
    from corpuscope.analyses.describe.features.contexts import Context
    from corpuscope.analyses.describe.features.feature_description import FeatureDescription
    from corpuscope.analyses.describe.features.group_rates import GroupRate
    from corpuscope.analyses.describe.features.names import FeatureName

_COMPANIONS_SHOWN = 12


def show(found: "FeatureDescription", *, as_json: bool) -> None:
    """Print a feature's names and figures, its rate in groups, companions, then contexts."""
    print_result(found, as_json=as_json, body=partial(_print, found))


def _print(found: "FeatureDescription", console: Console) -> None:
    console.print(_headline(found))
    for line in _figures(found):
        console.print(Text(f"  {line}"))
    if found.groups:
        _print_groups(console, found.groups, by=str(found.parameters["by"]), n=found.n_groups)
    companions = found.companions[:_COMPANIONS_SHOWN]
    if companions:
        _print_companions(console, companions)
    names = [(found.name.score, found.name.source)]
    names += [(one.label_score, one.label_source) for one in companions]
    explain_marks(console, names)
    for band in found.bands:
        _print_band(console, band, is_word=found.kind == "word")


def _headline(found: "FeatureDescription") -> Text:
    head = name_cell(found.name.label, found.name.score, found.name.source)
    head.stylize("bold", 0, len(visible(found.name.label)))
    what = "word feature" if found.kind == "word" else f"{found.kind} feature {found.feature}"
    return head + Text(f"   {what}{_score(found.name)}", style="dim")


def _score(name: "FeatureName") -> str:
    if name.score != name.score:
        return ""
    is_known = name.low == name.low and name.high == name.high
    ends = f" ({name.low:.2f} to {name.high:.2f})" if is_known else ""
    return f", label score {name.score:.2f}{ends}"


def _figures(found: "FeatureDescription") -> list[str]:
    low, high = found.rate_interval
    lines = [
        f"in {found.n_present:,} of {found.n_documents:,} documents: {_percent(found.rate)} "
        f"({_percent(low)} to {_percent(high)})"
    ]
    if found.n_near:
        lines.append(f"just below its threshold in {found.n_near:,} more")
    if found.rate_among is not None:
        lines.append(f"in more documents than {found.rate_among.rank:.0%} of features")
    if found.density == found.density:
        lines.append(f"on {_percent(found.density)} of the dictionary's training {found.kind}s")
    if found.strengths is not None and found.kind == "word":
        lines.append(f"occurrences  {in_line(found.strengths)}")
    elif found.strengths is not None:
        lines.append(f"strengths  {in_line(found.strengths, edge_at=found.threshold)}")
    lines += [
        f"also called {visible(one.label)} ({visible(one.source)}{_score(one)})"
        for one in found.other_names
    ]
    return lines


def _percent(share: float) -> str:
    return f"{share:.0%}" if share >= 0.1 or not share else f"{100 * share:.2g}%"


def _print_groups(console: Console, groups: "Sequence[GroupRate]", *, by: str, n: int) -> None:
    table = new_table()
    table.add_column(Text(called(by)), max_width=40)
    add_numbers(table, "rate", "95 %", "with it", "of")
    for one in groups:
        table.add_row(
            Text(called(one.group)), _percent(one.rate),
            f"{_percent(one.low)} to {_percent(one.high)}", f"{one.n_present:,}",
            f"{one.n_documents:,}",
        )  # fmt: skip
    console.print()
    print_table(console, table)
    if n > len(groups):
        console.print(Text(f"the {len(groups)} largest of {n:,} groups", style="dim"))


def _print_companions(console: Console, companions: "Sequence[Companion]") -> None:
    table = new_table()
    table.add_column("comes with", max_width=46)
    add_numbers(table, "number", "NPMI", "95 %", "both", "in")
    for one in companions:
        table.add_row(
            name_cell(one.label, one.label_score, one.label_source),
            Text(str(one.feature), style="dim"), f"{one.npmi:.2f}",
            f"{one.low:.2f} to {one.high:.2f}", f"{one.n_both:,}", f"{one.n_present:,}",
        )  # fmt: skip
    console.print()
    print_table(console, table)


def _print_band(console: Console, band: "Band", *, is_word: bool) -> None:
    if not band.n_documents:
        return
    texts = "" if band.n_texts == band.n_documents else f", {band.n_texts:,} different texts"
    counted = ", not counted as present" if band.name == "just below" else ""
    ends = f"{number(band.least)} to {number(band.most)}"
    line = Text(f"\n{band.name}", style="bold")
    line.append(f"  {band.n_documents:,} documents{texts}{counted}, {ends}", style="not bold dim")
    console.print(line)
    for one in band.contexts:
        _print_context(console, one, is_word=is_word)


def _print_context(console: Console, one: "Context", *, is_word: bool) -> None:
    strength = f"{one.strength:.0f} ×" if is_word else number(one.strength)
    copies = f", {one.n_copies:,} copies" if one.n_copies > 1 else ""
    line = Text(f"{strength}  {visible(one.id)}{copies}  ", style="dim")
    line.append("…" if one.offset else "", style="not dim")
    shown = highlighted(one.excerpt, [(one.start, one.end)], marked=not console.is_terminal)
    print_indented(console, line + shown)
