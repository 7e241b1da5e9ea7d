"""From what a judge said of a pair in both orders, or of a text, to what counts."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from corpuscope.claiming.judging.questions import Verdict

__all__ = ["Decision", "decided", "seen_from_target"]

Reading = Literal["target", "reference", "both", "neither", "yes", "no", "unclear"]
"""A verdict, with `first` and `second` turned into the groups that they were."""


@dataclass(frozen=True, slots=True)
class Decision:
    """What counts.

    Attributes:
        status: `decided`, `unclear` or `unread`; the last two count for nothing.
        has: Whether the statement is true of the target's text and of the reference's, or of the
            one text. Orders that disagree leave the two texts equal.
        is_consistent: Whether all orders agree.
    """

    status: Literal["decided", "unclear", "unread"]
    has: tuple[bool, ...]
    is_consistent: bool


_HAS: dict[str, tuple[bool, ...]] = {
    "target": (True, False),
    "reference": (False, True),
    "both": (True, True),
    "neither": (False, False),
    "yes": (True,),
    "no": (False,),
}


def seen_from_target(verdict: Verdict | None, *, is_turned: bool) -> Reading | None:
    """A verdict with `first` and `second` turned into target and reference.

    Args:
        verdict: The verdict; None if it could not be read.
        is_turned: Whether the reference's text was shown first.
    """
    if verdict == "first":
        return "reference" if is_turned else "target"
    if verdict == "second":
        return "target" if is_turned else "reference"
    return verdict


def decided(readings: Sequence[Reading | None]) -> Decision:
    """What the readings of all orders amount to.

    Example:
        >>> decided(["target", "target"]).has, decided(["target", "reference"]).has
        ((True, False), (False, False))
    """
    size = max((len(_HAS.get(one or "", ())) for one in readings), default=0)
    nothing = (False,) * size
    if any(one is None for one in readings) or not readings:
        return Decision("unread", nothing, False)
    if "unclear" in readings:
        return Decision("unclear", nothing, False)
    marks = [_HAS[str(one)] for one in readings]
    if len(set(marks)) == 1:
        return Decision("decided", marks[0], True)
    # A side is named only where all orders name it; else the texts count as equal.
    is_in_most = sum(map(sum, marks)) > len(marks)
    return Decision("decided", (is_in_most,) * size, False)
