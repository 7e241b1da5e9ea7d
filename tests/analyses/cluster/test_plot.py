"""The map has a point for each document, a ring for each cluster; curves stand beside it."""

import numpy as np
import pytest
from matplotlib import pyplot as plt
from matplotlib.colors import to_hex

from corpuscope.analyses.cluster import plot as module
from corpuscope.analyses.cluster.finding import Cluster
from corpuscope.analyses.cluster.plot import plot_cluster
from corpuscope.analyses.cluster.stability import Curve

LABELS = np.array([0, 0, 0, 1, 1, -1])
PLACES = np.array(
    [[0, 0], [1, 4], [5, 2], [8, 8], [9, 6], [np.nan, np.nan]], dtype=np.float32
)  # fmt: skip
CURVES = [Curve(2, 0.4, 0.9, 0.8), Curve(3, 0.1, 0.7, 0.5)]


@pytest.fixture(autouse=True)
def _no_screen() -> None:
    plt.switch_backend("Agg")


def cluster(number: int, size: int, label: str) -> Cluster:
    return Cluster(number, size, label, "", None, (), (), 0.9, 0)


TWO = [cluster(0, 1234, "ships at $5"), cluster(1, 2, "a b " * 40)]


def drawn(clusters: list[Cluster], curves: list[Curve], *, along: tuple[str, ...] = (),
          ax: plt.Axes | None = None) -> plt.Axes:  # fmt: skip
    return plot_cluster(clusters, curves, labels=LABELS, layout=PLACES, along=along, ax=ax)


def test_documents_are_points_in_the_colour_of_their_cluster() -> None:
    ax = drawn(TWO, [])
    points = [np.asarray(one.get_offsets()).tolist() for one in ax.collections]
    assert points == [PLACES[:3].tolist(), PLACES[3:5].tolist()]
    colours = [to_hex(one.get_facecolor()[0]) for one in ax.collections]
    assert len(set(colours)) == 2
    rings = {one.get_text(): one.get_position() for one in ax.texts}
    # The median of each coordinate.
    assert rings == {"0": (1, 2), "1": (8.5, 7)}
    assert [to_hex(one.get_bbox_patch().get_edgecolor()) for one in ax.texts] == colours


def test_the_legend_gives_number_name_and_size() -> None:
    first, second = (one.get_text() for one in drawn(TWO, []).get_legend().get_texts())
    assert first == r"0  ships at \$5 (1,234)".replace("  ", " ")
    assert second.startswith("1 a b a b")
    assert second.endswith("… (2)")
    assert len(second) < 70


def test_the_title_names_the_axis() -> None:
    assert drawn(TWO, []).get_title(loc="left") == "along all features"
    assert drawn(TWO, [], along=("joy", "rage")).get_title(loc="left") == "along joy; rage"
    long = drawn(TWO, [], along=("word " * 40,)).get_title(loc="left")
    assert len(long) <= 90
    assert long.endswith("…")


def test_curves_stand_beside_the_map_where_several_numbers_were_tried() -> None:
    ax = drawn(TWO, CURVES)
    map_, curves = ax.figure.axes
    assert map_ is ax
    stability, gap, chosen = curves.lines
    assert stability.get_xydata().tolist() == [[2, 0.9], [3, 0.7]]
    assert gap.get_xydata().tolist() == [[2, 0.4], [3, 0.1]]
    assert chosen.get_xdata() == [2, 2]
    assert "number of clusters" in curves.get_xlabel()
    assert len(curves.get_legend().get_texts()) == 2
    assert curves.get_ylim()[0] == 0


def test_between_poles_there_is_no_gap_to_draw() -> None:
    nan = float("nan")
    curves = drawn(TWO, [Curve(2, nan, 0.9, 0.8), Curve(3, nan, 0.7, 0.5)]).figure.axes[1]
    assert len(curves.lines) == 2
    assert len(curves.get_legend().get_texts()) == 1


def test_one_number_has_no_curve_and_axes_that_are_given_have_the_map_alone() -> None:
    assert len(drawn(TWO, CURVES[:1]).figure.axes) == 1
    figure, given = plt.subplots()
    assert drawn(TWO, CURVES, ax=given) is given
    assert figure.axes == [given]


def test_of_many_documents_some_are_drawn_but_the_ring_is_in_the_middle_of_all(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "_MOST_DRAWN", 4)
    ax = drawn(TWO, [])
    # Rows 0, 1, 3 and 5.
    assert [len(one.get_offsets()) for one in ax.collections] == [2, 1]
    assert ax.texts[0].get_position() == (1, 2)


def test_many_clusters_differ_in_colour_or_sign() -> None:
    every = np.arange(16)
    places = np.stack([every, every], axis=1).astype(np.float32)
    clusters = [cluster(number, 1, f"c{number}") for number in range(16)]
    ax = plot_cluster(clusters, [], labels=every, layout=places, along=(), ax=None)
    looks = {
        (to_hex(one.get_facecolor()[0]), one.get_paths()[0].vertices.tobytes())
        for one in ax.collections
    }
    assert len(looks) == 16
