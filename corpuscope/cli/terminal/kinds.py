"""Prints the omnibus test of `diff` and `trend`: one line, and typical sentences."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.text import Text

from corpuscope.cli.terminal.text import called, points, visible

if TYPE_CHECKING:
    from corpuscope.analyses.diff.kinds import KindDifference
    from corpuscope.analyses.trend.kinds import KindTrend

# Up to the first p-value the answer is yes, up to the second perhaps.
_SURE, _UNSURE = 0.01, 0.05

# Sentences shown per side, each truncated to a line.
_SENTENCES = 3


def print_kinds_of_groups(
    console: Console, kinds: "Sequence[KindDifference]", p: float, *, target: str
) -> None:
    """Print whether groups differ, and in which sentences; nothing if this was not tested."""

    def described(one: "KindDifference") -> str:
        own = target if one.side == "target" else one.against
        return (
            f"Sentences typical of {called(own)} (trained on other documents) are in "
            f"{one.rate_target:.0%} of {called(target)} and {one.rate_reference:.0%} of "
            f"{called(one.against)}: {_in_points(one.difference, one.interval, 'points')}."
        )

    _print(console, "Does anything differ?", kinds, p, described)


def print_kinds_over_groups(console: Console, kinds: "Sequence[KindTrend]", p: float) -> None:
    """Print whether anything changes, and in which sentences; nothing if this was not tested."""

    def described(one: "KindTrend") -> str:
        (first, of_first), *_, (last, of_last) = one.rates.items()
        direction = "rising" if one.side == "later" else "falling"
        return (
            f"Sentences of the {direction} kind (trained on other documents) are in "
            f"{of_first:.0%} of {called(first)} and {of_last:.0%} of {called(last)}: "
            f"{_in_points(one.slope, one.interval, 'points per group')}."
        )

    _print(console, "Does anything change?", kinds, p, described)


def _print(
    console: Console,
    question: str,
    kinds: Sequence[Any],
    p: float,
    described: Callable[[Any], str],
) -> None:
    """Print the answer with the most significant side, then the sentences of significant sides."""
    if not kinds:
        return
    first = min(kinds, key=lambda one: one.p_value)
    answer = "yes" if p <= _SURE else "perhaps" if p <= _UNSURE else "no evidence that it does"
    line = Text(question, style="bold")
    console.print(line.append(f" {answer} (p = {p:.1g}). {described(first)}", style="not bold"))
    for one in kinds:
        if one.p_value > _SURE:
            continue
        if one is not first:
            console.print(Text(described(one)))
        for shown in one.evidence[:_SENTENCES]:
            ((start, end),) = shown.spans
            sentence = " ".join(visible(shown.text[start:end]).split())
            bullet = Text(f"  • {sentence}", style="dim")
            console.print(bullet, no_wrap=True, overflow="ellipsis")


def _in_points(value: float, interval: tuple[float, float], unit: str) -> str:
    low, high = (points(end, digits=1) for end in interval)
    return f"{points(value, digits=1)} {unit} (95 % CI {low} to {high})"
