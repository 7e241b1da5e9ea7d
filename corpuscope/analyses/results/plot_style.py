"""Colours, shapes and labels of plots. Colour never stands alone: shape says the same."""

import textwrap
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from corpuscope.analyses.results.feature_findings import FeatureFinding


class Look(NamedTuple):
    """How a kind of feature is drawn."""

    colour: str
    marker: str
    name: str


# Okabe and Ito's colours, which colour-blind readers can tell apart.
LOOKS = {
    "word": Look("#009E73", "D", "word"),
    "token": Look("#0072B2", "o", "token feature"),
    "sentence": Look("#D55E00", "s", "sentence feature"),
}


_LABEL_WIDTH = 44


_MOST_LINES = 2


GREY = "#666666"


def label_lines(finding: "FeatureFinding", *, width: int = _LABEL_WIDTH) -> str:
    """The finding's name on two lines at most, with the number of its members."""
    more = f" (+{len(finding.members)})" if finding.members else ""
    lines = textwrap.wrap(finding.label + more, width)
    if len(lines) > _MOST_LINES:
        kept = textwrap.shorten(
            finding.label, _MOST_LINES * width - len(more) - 2, placeholder=" …"
        )
        lines = textwrap.wrap(kept + more, width)
    # Dollar signs would begin a formula.
    return "\n".join(lines).replace("$", r"\$")
