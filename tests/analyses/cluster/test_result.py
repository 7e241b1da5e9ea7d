"""What a clustering answers: who is where, what shows a cluster, and how it is written down."""

import json
from dataclasses import replace

import numpy as np
import pytest
from matplotlib import pyplot as plt

from corpuscope.analyses.cluster.descriptions import ClusterFeature
from corpuscope.analyses.cluster.finding import AxisFeature, Cluster, Placed
from corpuscope.analyses.cluster.partition import Partition
from corpuscope.analyses.cluster.result import ClusterResult
from corpuscope.analyses.cluster.stability import Curve, Structure
from corpuscope.labels.named_store import NamedStore
from tests.analyses.worlds import Made, write

NAN = float("nan")
ROWS = np.array([0, 1, 2, 4, 5, 6])
"""Rows of the store that took part; the third of them has no cluster."""

WORDS = ("tide harbour mast", "tide mast rope", "zinc lamp", "never asked",
         "oak elm birch", "fern moss tide", "tide mast harbour")  # fmt: skip


def feature(name: int | str) -> ClusterFeature:
    kind = "word" if isinstance(name, str) else "token"
    return ClusterFeature(name, kind, "x", NAN, "here", 0.8, 0.1, 0.7, NAN, True, 0)


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> ClusterResult:
    made = [Made(words.split(), {1} if row in (0, 5) else {2}, peaks={1: 1, 2: 2})
            for row, words in enumerate(WORDS)]  # fmt: skip
    for one in made[2:4]:
        one.features.clear()
    source = NamedStore(write(tmp_path_factory.mktemp("result") / "s", made))
    whole = Partition(
        labels=np.array([0, 0, 1, 1, 0]),
        fit=np.array([0.5, 0.05, 0.4, 0.1, 0.3]),
        centrality=np.array([0.2, 0.9, 0.3, 0.8, 0.1]),
        near=np.array([[1, 4], [0, 4], [3, -1], [2, -1], [0, 1]]),
        affinity=np.array([[0.5, 0.2], [0.5, 0.2], [0.4, 0], [0.4, 0], [0.2, 0.2]], np.float32),
    )
    placed = Placed(ROWS, np.array([0, 0, -1, 1, 1, 0]), np.array([0, 1, 3, 4, 5]), whole)
    clusters = (
        Cluster(0, 3, "sea", "d0", "ships", (feature(2),), (feature("mast"), feature(1)), 0.9, 1),
        Cluster(1, 2, "trees", "d1", None, (), (), NAN, 0),
    )
    return ClusterResult(
        clusters, ("ships", "trees"), (AxisFeature(2, "x", "here", "ships", 1.5, 0.4),),
        (Curve(2, NAN, 0.8, 0.7),), Structure(0.5, 0.1, 0.05), 0.25, placed, source,
        seed=3, n_evidence=2, parameters={"along": "ships"}, store="s", digest="f00",
        n_documents=6, warnings=("careful",),
    )  # fmt: skip


def test_each_document_has_its_cluster_or_none(found: ClusterResult) -> None:
    assert len(found) == found.n_clusters == 2
    assert found.ids.tolist() == ["d0", "d1", "d2", "d4", "d5", "d6"]
    assert found.assignments == {"d0": 0, "d1": 0, "d2": None, "d4": 1, "d5": 1, "d6": 0}


def test_the_map_has_a_place_for_all_that_have_a_cluster(found: ClusterResult) -> None:
    assert np.isnan(found.layout).all(axis=1).tolist() == [
        False, False, True, False, False, False,
    ]  # fmt: skip
    again = replace(found)
    np.testing.assert_array_equal(again.layout, found.layout)
    assert not np.allclose(replace(found, seed=4).layout[0], found.layout[0])


def test_documents_are_a_table(found: ClusterResult) -> None:
    table = found.documents()
    assert table["id"].tolist() == found.ids.tolist()
    assert table["cluster"].tolist() == [0, 0, -1, 1, 1, 0]
    assert table["fit"].round(3).fillna(-1).tolist() == [0.5, 0.05, -1, 0.4, 0.1, 0.3]
    np.testing.assert_array_equal(table[["x", "y"]].to_numpy(), found.layout)


def test_evidence_is_the_most_typical_first_and_nothing_twice(found: ClusterResult) -> None:
    # d6 has the words of d0, which is more typical.
    assert [(one.id, one.strength) for one in found.evidence(0)] == [("d1", 0.9), ("d0", 0.2)]
    assert [one.id for one in found.evidence(1)] == ["d5", "d4"]
    assert [one.id for one in replace(found, n_evidence=1).evidence(1)] == ["d5"]


def test_evidence_shows_where_features_peak_and_where_words_are(found: ClusterResult) -> None:
    first, second = found.evidence(0)
    assert [first.text[a:b] for a, b in first.spans] == ["rope", "mast"]
    assert [second.text[a:b] for a, b in second.spans] == ["mast", "harbour"]
    assert [one.spans for one in found.evidence(1)] == [(), ()]


def test_clusters_are_a_table(found: ClusterResult) -> None:
    table = found.to_frame()
    assert table["label"].tolist() == ["sea", "trees"]
    assert table["size"].tolist() == [3, 2]
    assert table["pole"].fillna("none").tolist() == ["ships", "none"]
    assert table["n_ambiguous"].tolist() == [1, 0]
    empty = replace(found, clusters=()).to_frame()
    assert empty.columns.tolist() == table.columns.tolist()
    assert len(empty) == 0


def test_json_has_everything_and_no_nan(found: ClusterResult) -> None:
    told = json.loads(json.dumps(found.to_json(), allow_nan=False))
    assert told["analysis"] == "cluster"
    assert told["store"] == {"path": "s", "digest": "f00"}
    assert (told["n_documents"], told["n_clusters"], told["warnings"]) == (6, 2, ["careful"])
    assert told["along"] == ["ships", "trees"]
    assert told["axis"][0]["likeness"] == told["axis"][0]["similarity"] == 1.5
    assert told["curves"][0]["eigengap"] is None
    assert told["structure"] == {"explained": 0.5, "by_chance": 0.1, "p_value": 0.05}
    first, second = told["clusters"]
    assert first["beside"] == first["other_features"]
    assert first["n_loose"] == first["n_ambiguous"] == 1
    assert [one["id"] for one in first["evidence"]] == ["d1", "d0"]
    assert second["stability"] is None
    assert told["assignments"] == found.assignments
    assert told["unassigned"] == ["d2"]
    # Below a fit of .1.
    assert told["ambiguous"] == told["loose"] == ["d1"]
    assert told["layout"]["d2"] == [None, None]
    assert told["layout"]["d4"] == pytest.approx(found.layout[3].tolist())


def test_the_plot_is_of_these_documents(found: ClusterResult) -> None:
    plt.switch_backend("Agg")
    ax = found.plot()
    assert [len(one.get_offsets()) for one in ax.collections] == [3, 2]
    assert "ships; trees" in ax.get_title(loc="left")
