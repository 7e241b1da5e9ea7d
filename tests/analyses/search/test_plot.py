"""A bar for each hit, made of what its features gave."""

from collections.abc import Mapping

import pytest
from matplotlib import pyplot as plt
from matplotlib.colors import to_hex

from corpuscope.analyses.search.finding import Hit, HitFeature
from corpuscope.analyses.search.plot import plot_search


@pytest.fixture(autouse=True)
def _no_screen() -> None:
    plt.switch_backend("Agg")


def hit(rank: int, shares: Mapping[int, float], *, given: float = 2.0, text: str = "a text") -> Hit:
    features = tuple(
        HitFeature(number, f"name {number}", "here", 1.0, 1.0, share, (0, 1))
        for number, share in shares.items()
    )
    return Hit(rank, f"d{rank}", 0.5, text, features, given, (), (), {})


GREY = "#bbbbbb"


def bars(ax: plt.Axes, place: int) -> list[tuple[str, float, float]]:
    """Colour, left end and width of the parts of a bar."""
    return [
        (to_hex(one.get_facecolor()), round(one.get_x(), 6), round(one.get_width(), 6))
        for one in ax.patches
        if round(one.get_y() + one.get_height() / 2) == place and one.get_width()
    ]


def test_a_bar_is_grey_for_all_that_was_given_and_coloured_for_the_first_features() -> None:
    ax = plot_search([hit(1, {4: 0.25, 9: 0.5}), hit(2, {4: 0.1}, given=1.0)], asked="joy", ax=None)
    (grey, *told), (other_grey, other) = bars(ax, 0), bars(ax, 1)
    assert grey == (GREY, 0, 2)
    # The larger share first.
    assert [(left, width) for _, left, width in told] == [(0, 1), (1, 0.5)]
    assert (other_grey, other[1:]) == ((GREY, 0, 1), (0, 0.1))
    assert other[0] == told[1][0] != told[0][0]
    names = [text.get_text() for text in ax.get_legend().get_texts()]
    assert names == ["name 9", "name 4"]
    assert ax.get_title(loc="left") == "joy"
    assert ax.get_xlabel()


def test_six_features_that_gave_most_to_all_hits_are_told() -> None:
    ax = plot_search(
        [hit(1, {number: 0.01 * number for number in range(1, 9)}), hit(2, {1: 0.5})],
        asked="joy", ax=None,
    )  # fmt: skip
    names = [text.get_text() for text in ax.get_legend().get_texts()]
    assert names == ["name 1", "name 8", "name 7", "name 6", "name 5", "name 4"]
    assert len(bars(ax, 0)) == 1 + 6
    looks = {(to_hex(one.get_facecolor()), one.get_hatch()) for one in ax.patches}
    assert len(looks) == 7


def test_a_dozen_hits_are_shown_by_rank_and_text_first_on_top() -> None:
    hits = [hit(rank, {}, text=f"number {rank}") for rank in range(1, 15)]
    hits[1] = hit(2, {}, text="costs\n $5   and " + "word " * 20)
    ax = plot_search(hits, asked="$x$ " + "y " * 60, ax=None)
    labels = [label.get_text() for label in ax.get_yticklabels()]
    assert len(labels) == 12
    assert labels[0] == "1  number 1"
    assert labels[1].startswith(r"2  costs \$5 and word word")
    assert labels[1].endswith("…")
    assert len(labels[1]) < 55
    assert ax.get_title(loc="left").startswith(r"\$x\$ y")
    top, bottom = ax.get_ylim()[1], ax.get_ylim()[0]
    assert top < 0 < 11 < bottom
    assert ax.get_legend() is None


def test_axes_can_be_given_and_hits_be_missing() -> None:
    _, given = plt.subplots()
    assert plot_search([], asked="joy", ax=given) is given
    assert given.get_yticklabels() == []
