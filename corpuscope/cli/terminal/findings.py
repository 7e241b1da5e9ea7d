"""Prints findings that are features, for `diff` and `trend`, and labels with marks and legends."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from rich.console import Console
from rich.table import Table
from rich.text import Text

from corpuscope.cli.terminal.text import (
    add_numbers,
    new_table,
    print_indented,
    print_table,
    visible,
)

if TYPE_CHECKING:
    from corpuscope.analyses.results.feature_findings import FeatureAnswer, FeatureFinding

_Result = TypeVar("_Result", bound="FeatureAnswer[Any, Any]")


WIDE = 110
"""From this terminal width on, a table of findings shows intervals and long bars."""


N_WITH_TEXTS = 5
"""How many findings are shown with texts."""


N_BESIDE = 8
"""How many findings that lose significance by length adjustment are shown."""


WHAT_IS_BESIDE = "\nAlso {differ}, but not significant after length adjustment (all: --no-adjust):"


_SURE = 0.5


_ELSEWHERE = "dictionary"


_WHAT_ELSEWHERE_MEANS = (
    "°  The dictionary's own label, made from other texts and not scored on these."
)


_ADDS_LENGTH = " ↔"


_WHAT_ADDING_LENGTH_MEANS = (
    "↔  Adds length itself: significant by its rate per token, not after length adjustment."
)


_OWN_SOURCES = ("", "here", _ELSEWHERE, "word", "words", "number", "unknown", "people")


_WHAT_OTHERS_MEANS = "†  A label of others, a claim that was made from other texts: {sources}."


_WHAT_UNSURE_MEANS = "?  Label score below 0.5: do not trust the label, read the texts."


_WITH = 6


def name_cell(label: str, score: float, source: str, more: str = "") -> Text:
    """A label, marked if it is from other texts or has a low score."""
    marks = (" °" if source == _ELSEWHERE else "") + (" †" if _is_of_others(source) else "")
    marks += " ?" if score < _SURE else ""
    return Text(visible(label)) + Text(marks + more, style="dim")


def _is_of_others(source: str) -> bool:
    """Whether a label came with others' labels, not from here, from people or by reading."""
    return source not in _OWN_SOURCES and not source.startswith("llm")


def name_of(finding: "FeatureFinding") -> Text:
    """The label of a finding, with the number of features folded into it."""
    more = f"  (+{len(finding.members)})" if finding.members else ""
    adds = _ADDS_LENGTH if finding.adds_length else ""
    return name_cell(finding.label, finding.label_score, finding.label_source, adds + more)


def explain_findings(console: Console, shown: "Iterable[FeatureFinding]") -> None:
    """Print a legend of the marks that occur beside the labels of findings."""
    findings = list(shown)
    if any(one.adds_length for one in findings):
        console.print(Text(_WHAT_ADDING_LENGTH_MEANS, style="dim"))
    explain_marks(console, ((one.label_score, one.label_source) for one in findings))


def explain_marks(console: Console, names: Iterable[tuple[float, str]]) -> None:
    """Print a legend of the marks that labels with these scores and sources get."""
    known = list(names)
    if any(source == _ELSEWHERE for _, source in known):
        console.print(Text(_WHAT_ELSEWHERE_MEANS, style="dim"))
    if others := dict.fromkeys(source for _, source in known if _is_of_others(source)):
        line = _WHAT_OTHERS_MEANS.format(sources=", ".join(map(visible, others)))
        console.print(Text(line, style="dim"))
    if any(score < _SURE for score, _ in known):
        console.print(Text(_WHAT_UNSURE_MEANS, style="dim"))


def print_title(console: Console, i: int, finding: "FeatureFinding") -> None:
    """Print the number and label of a finding, and labels of features folded into it."""
    console.print(Text(f"\n{i + 1}  {visible(finding.label)}", style="bold"))
    names = dict.fromkeys(member.label for member in finding.members[:_WITH])
    names.pop(finding.label, None)
    if names:
        print_indented(console, Text(f"with: {', '.join(map(visible, names))}", style="dim"))


def detectable_in_words(bar: float, *, none: str, some: str) -> str:
    """The smallest detectable effect as a sentence; `some` is a format with `points`."""
    return none if bar != bar else some.format(points=100 * bar)


@dataclass(frozen=True)
class FindingsView(Generic[_Result]):
    """How a command prints findings that are features.

    Attributes:
        kinds: Prints the omnibus test.
        headline: Returns a line on what was compared.
        columns: Adds the table columns between the feature's label and its q-value.
        cells: Returns the cells of these columns for finding number `i`.
        nothing: Returns the text to print if there is no finding.
        different: An adjective for findings that are not significant after length adjustment.
        legend: Prints a legend of the marks that occur.
        evidence: Prints finding number `i` with example texts.
    """

    kinds: Callable[[Console, _Result], None]
    headline: Callable[[_Result], Text]
    columns: Callable[[Table, _Result, bool], None]
    cells: Callable[[_Result, int, bool], list[Text | str]]
    nothing: Callable[[_Result], str]
    different: str
    legend: Callable[[Console, Sequence[Any]], None]
    evidence: Callable[[Console, _Result, int, int], None]

    def print(self, found: _Result, n_evidence: int, console: Console) -> None:
        """Print the findings, those that length explains, and texts of the first ones."""
        self.kinds(console, found)
        console.print(self.headline(found))
        if len(found):
            print_table(console, self._table(console, found))
        else:
            console.print(self.nothing(found))
        beside = None
        if found.parameters["adjust"]:
            beside = found.unadjusted.without(found, n=N_BESIDE)
        if beside is not None and len(beside):
            console.print(Text(WHAT_IS_BESIDE.format(differ=self.different), style="dim"))
            print_table(console, self._table(console, beside))
        self.legend(console, (*found.findings, *(beside.findings if beside else ())))
        for i in range(min(len(found), N_WITH_TEXTS) if n_evidence else 0):
            self.evidence(console, found, i, n_evidence)

    def _table(self, console: Console, found: _Result) -> Table:
        """A table in which only labels may wrap, so that numbers stay in their columns."""
        is_wide = console.width >= WIDE
        table = new_table()
        table.add_column("", no_wrap=True)
        table.add_column("feature", max_width=46)
        self.columns(table, found, is_wide)
        add_numbers(table, "q")
        for i, finding in enumerate(found.findings):
            cells = self.cells(found, i, is_wide)
            number = Text(str(i + 1), style="dim")
            table.add_row(number, name_of(finding), *cells, f"{finding.q_value:.1g}")
        return table


def headline_of(found: "FeatureAnswer[Any, Any]", what: str, *, is_paired: bool) -> Text:
    """A line with the number of findings, what was compared, and the size of the data."""
    n = len(found)
    line = Text(f"{n} finding{'' if n == 1 else 's'}", style="bold")
    return line.append(
        f": {what}; {found.n_documents:,} documents{', paired' if is_paired else ''}; "
        f"{found.n_tested:,} features tested",
        style="not bold",
    )
