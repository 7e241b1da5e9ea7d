"""A point for each pair, unexpected ones in their own colour, and the first of them told."""

import numpy as np
import pytest
from matplotlib import pyplot as plt
from matplotlib.colors import to_hex

from corpuscope.analyses.correlate.finding import PairFinding
from corpuscope.analyses.correlate.plot import plot_correlate

NAN = float("nan")


@pytest.fixture(autouse=True)
def _no_screen() -> None:
    plt.switch_backend("Agg")


def pair(rank: float, npmi: float, *, unexpected: bool, a: str = "a", b: str = "b") -> PairFinding:
    return PairFinding(
        1, 2, "token", "token", a, b, 0.9, 0.9, "here", "here", (), 20, 0.9, 0.1, 0.1, 0.05, npmi,
        (npmi - 0.1, npmi + 0.1), npmi, 3.0, NAN, 0.001, 0.01, True, 0.2, rank, unexpected, {},
        NAN,
    )  # fmt: skip


FAR = [pair(0.1 * at, 0.4, unexpected=True, a=f"far {at}") for at in range(3)]
NEAR = [pair(0.9, 0.6, unexpected=False), pair(NAN, 0.5, unexpected=False)]


def test_pairs_lie_at_their_likeness_and_npmi() -> None:
    ax = plot_correlate([*NEAR, *FAR], FAR, unexpected_below=0.75, ax=None)
    grey, orange = ax.collections
    assert np.asarray(orange.get_offsets()).tolist() == [[0.1 * at, 0.4] for at in range(3)]
    assert np.asarray(grey.get_offsets())[0].tolist() == [0.9, 0.6]
    assert to_hex(grey.get_facecolor()[0]) != to_hex(orange.get_facecolor()[0])
    (line,) = ax.lines
    assert line.get_xdata() == [0.75, 0.75]
    assert ax.get_ylabel() == "NPMI"
    assert ax.get_xlabel()
    counts = [text.get_text() for text in ax.get_legend().get_texts()]
    assert [text.rpartition(" ")[2] for text in counts] == ["(2)", "(3)"]


def test_eight_unexpected_findings_are_numbered_and_named_in_the_title() -> None:
    found = [NEAR[0], *(pair(0.05 * at, 0.3, unexpected=True, a="$x$", b="y" * 80 if at else "z")
                        for at in range(10))]  # fmt: skip
    ax = plot_correlate(found, found, unexpected_below=0.8, ax=None)
    assert [text.get_text() for text in ax.texts] == [str(number) for number in range(1, 9)]
    assert ax.texts[2].xy == pytest.approx((0.1, 0.3))
    lines = ax.get_title(loc="left").split("\n")
    assert lines[0] == r"1 \$x\$ × z"
    assert len(lines) == 8
    assert lines[1].startswith("2 ")
    assert all(len(line) <= 72 for line in lines)


def test_without_pairs_it_says_so_and_axes_can_be_given() -> None:
    _, given = plt.subplots()
    ax = plot_correlate([], [], unexpected_below=0.8, ax=given)
    assert ax is given
    assert ax.get_legend() is None
    (text,) = ax.texts
    assert text.get_text()
    assert plot_correlate(FAR, [], unexpected_below=0.8, ax=None).get_legend() is not None
