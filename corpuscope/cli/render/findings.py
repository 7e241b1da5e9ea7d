"""Findings that are features: names, marks beside them and what these mean."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from rich.console import Console
from rich.text import Text

from corpuscope.cli.render.text import print_indented, visible

if TYPE_CHECKING:
    from corpuscope.analyses.results.feature_findings import FeatureFinding


WIDE = 110
"""From so many columns on a table of findings has room for intervals and long bars."""


N_WITH_TEXTS = 5
"""How many findings are shown with texts."""


N_BESIDE = 8
"""How many findings are told that lengths explain."""


WHAT_IS_BESIDE = "\nThese {differ} as well, but not surely at equal lengths (all: --no-adjust):"


_SURE = 0.5


_ELSEWHERE = "dictionary"


_WHAT_ELSEWHERE_MEANS = (
    "°  The dictionary's own name, made from other texts and not tested on these."
)


_ADDS_LENGTH = " ↔"


_WHAT_ADDING_LENGTH_MEANS = (
    "↔  Makes its texts longer itself: it holds by how often it is a token, not at equal lengths."
)


_WHAT_UNSURE_MEANS = "?  The name finds the feature less than half the time: read the texts."


_WITH = 6


def name_cell(label: str, score: float, source: str, more: str = "") -> Text:
    """A name, with marks where it is from other texts or finds its feature too seldom."""
    marks = (" °" if source == _ELSEWHERE else "") + (" ?" if score < _SURE else "")
    return Text(visible(label)) + Text(marks + more, style="dim")


def name_of(finding: "FeatureFinding") -> Text:
    """The name of a finding, and how many others it stands for."""
    more = f"  (+{len(finding.members)})" if finding.members else ""
    adds = _ADDS_LENGTH if finding.adds_length else ""
    return name_cell(finding.label, finding.label_score, finding.label_source, adds + more)


def explain_findings(console: Console, shown: "Iterable[FeatureFinding]") -> None:
    """What the signs beside the names of findings mean, those that are there."""
    findings = list(shown)
    if any(one.adds_length for one in findings):
        console.print(Text(_WHAT_ADDING_LENGTH_MEANS, style="dim"))
    explain_marks(console, ((one.label_score, one.label_source) for one in findings))


def explain_marks(console: Console, names: Iterable[tuple[float, str]]) -> None:
    """What the marks beside names mean, if one of these, a score and a source, got them."""
    known = list(names)
    if any(source == _ELSEWHERE for _, source in known):
        console.print(Text(_WHAT_ELSEWHERE_MEANS, style="dim"))
    if any(score < _SURE for score, _ in known):
        console.print(Text(_WHAT_UNSURE_MEANS, style="dim"))


def print_title(console: Console, i: int, finding: "FeatureFinding") -> None:
    """The number and the name, and what else it stands for under other names."""
    console.print(Text(f"\n{i + 1}  {visible(finding.label)}", style="bold"))
    names = dict.fromkeys(member.label for member in finding.members[:_WITH])
    names.pop(finding.label, None)
    if names:
        print_indented(console, Text(f"with: {', '.join(map(visible, names))}", style="dim"))


def detectable_in_words(bar: float, *, none: str, some: str) -> str:
    """What could have been found; `some` takes `points`."""
    return none if bar != bar else some.format(points=100 * bar)
