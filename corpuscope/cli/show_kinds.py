"""Whether anything differs at all, as people see it on a terminal: in a line, and by sentences."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from rich.console import Console
from rich.text import Text

from corpuscope.cli.show import points, visible

if TYPE_CHECKING:
    from corpuscope.analyses import SentenceKind

SURE, UNSURE = 0.01, 0.05
"""Below the first p-value something differs; between both something may."""

_MOST_CHARACTERS = 160


def print_kinds(
    console: Console, kinds: "Sequence[SentenceKind]", p: float, *, target: str, n: int
) -> None:
    """One line for each side that has sentences of a kind of its own, with `n` of them.

    Args:
        console: Where to print.
        kinds: Of both sides; nothing is printed where there are none.
        p: The chance of so much in either direction if nothing differed.
        target: What the target is called.
        n: How many sentences are shown of each side.
    """
    if not kinds:
        return
    surest = min(kinds, key=lambda one: one.p_value)
    answer = "yes" if p <= SURE else "perhaps" if p <= UNSURE else "nothing that was seen"
    line = Text("Does anything differ? ", style="bold").append(answer, style="not bold")
    console.print(line.append(f" (p = {p:.1g}). ", style="not bold").append(_told(surest, target)))
    for one in kinds:
        if one is not surest and one.p_value <= SURE:
            console.print(Text(_told(one, target)))
        if one.p_value <= SURE:
            _print_sentences(console, one, n)


def _told(one: "SentenceKind", target: str) -> str:
    own = target if one.side == "target" else one.against
    low, high = one.interval
    return (
        f"Sentences of the kind that sets {visible(own)} apart, learned from other documents, are "
        f"in {one.rate_target:.0%} of {visible(target)} and {one.rate_reference:.0%} of "
        f"{visible(one.against)}: {points(one.difference)} points, 95 % {points(low)} to "
        f"{points(high)}."
    )


def _print_sentences(console: Console, one: "SentenceKind", n: int) -> None:
    for shown in one.evidence[:n]:
        ((start, end),) = shown.spans
        sentence = " ".join(visible(shown.text[start:end]).split())
        short = sentence[:_MOST_CHARACTERS] + ("…" if len(sentence) > _MOST_CHARACTERS else "")
        console.print(Text(f"  • {short}", style="dim"))
