"""Whether anything differs at all, as people see it on a terminal: in a line, and by sentences."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.text import Text

from corpuscope.cli.render.text import called, points, visible

if TYPE_CHECKING:
    from corpuscope.analyses.diff.kinds import KindDifference
    from corpuscope.analyses.trend.kinds import KindTrend

# Below the first p-value something differs; between both something may.
_SURE, _UNSURE = 0.01, 0.05

# So many sentences of a side are shown, as much of each as stands in a line.
_SENTENCES = 3


def print_kinds_of_groups(
    console: Console, kinds: "Sequence[KindDifference]", p: float, *, target: str
) -> None:
    """Whether groups differ, and by which sentences; nothing where that was not asked."""

    def told(one: "KindDifference") -> str:
        own = target if one.side == "target" else one.against
        return (
            f"Sentences of the kind that sets {called(own)} apart, learned from other documents, "
            f"are in {one.rate_target:.0%} of {called(target)} and {one.rate_reference:.0%} of "
            f"{called(one.against)}: {_in_points(one.difference, one.interval, 'points')}."
        )

    _print(console, "Does anything differ?", kinds, p, told)


def print_kinds_over_groups(console: Console, kinds: "Sequence[KindTrend]", p: float) -> None:
    """Whether anything changes, and by which sentences; nothing where that was not asked."""

    def told(one: "KindTrend") -> str:
        (first, of_first), *_, (last, of_last) = one.rates.items()
        way = "rises" if one.side == "later" else "falls"
        return (
            f"Sentences of the kind that {way}, learned from other documents, are in "
            f"{of_first:.0%} of {called(first)} and {of_last:.0%} of {called(last)}: "
            f"{_in_points(one.slope, one.interval, 'points a step')}."
        )

    _print(console, "Does anything change?", kinds, p, told)


def _print(
    console: Console,
    question: str,
    kinds: Sequence[Any],
    p: float,
    told: Callable[[Any], str],
) -> None:
    """The answer with the surest side, then every side that is sure, by its sentences."""
    if not kinds:
        return
    surest = min(kinds, key=lambda one: one.p_value)
    answer = "yes" if p <= _SURE else "perhaps" if p <= _UNSURE else "nothing that can be told"
    line = Text(question, style="bold")
    console.print(line.append(f" {answer} (p = {p:.1g}). {told(surest)}", style="not bold"))
    for one in kinds:
        if one.p_value > _SURE:
            continue
        if one is not surest:
            console.print(Text(told(one)))
        for shown in one.evidence[:_SENTENCES]:
            ((start, end),) = shown.spans
            sentence = " ".join(visible(shown.text[start:end]).split())
            bullet = Text(f"  • {sentence}", style="dim")
            console.print(bullet, no_wrap=True, overflow="ellipsis")


def _in_points(value: float, interval: tuple[float, float], unit: str) -> str:
    low, high = (points(end, digits=1) for end in interval)
    return f"{points(value, digits=1)} {unit}, 95 % {low} to {high}"
