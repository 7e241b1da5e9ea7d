"""The table of features says what every other command says."""

from pathlib import Path

import numpy as np

from corpuscope.export.features import PresentCounts, feature_table
from corpuscope.labels.named_store import NamedStore
from corpuscope.store.pieces import pieces
from tests.export.worlds import odd_store
from tests.store.worlds import random_records, write


def test_counts_are_those_of_the_presence_matrix(tmp_path: Path) -> None:
    source = NamedStore(
        [
            write(tmp_path / "a.scope", random_records(50)),
            write(tmp_path / "b.scope", random_records(9, seed=3)),
        ]
    )
    counts = PresentCounts(source)
    present = np.concatenate([counts.add(piece) for piece in pieces(source.as_one, [])])
    expected = np.asarray(source.presence(None).sum(axis=0))
    np.testing.assert_array_equal(counts.counts, expected)
    assert present.sum() == expected.sum()


def test_labels_are_those_that_are_shown_beside_those_of_the_dictionary(tmp_path: Path) -> None:
    source = NamedStore(odd_store(tmp_path / "a.scope"))
    table = feature_table(source, np.array([0, 2, 1, 1, 1, 1]))
    assert table["feature"].tolist() == [0, 1, 2, 3, 4, 5]
    assert table["kind"].tolist() == ["token"] * 4 + ["sentence"] * 2
    assert table["label"].tolist() == [
        "greeting", "greeting", "feature 2", "feature 3", 'the "all"', "number",
    ]  # fmt: skip
    assert table["label_source"].tolist()[1:4] == ["llm: m", "number", "number"]
    assert table["dictionary_label"].tolist()[:4] == ["greeting", "greeting", None, ""]
    assert table["score"].tolist()[0] == 0.9
    assert table["rate"].tolist()[:3] == [0, 2 / 3, 1 / 3]
    assert table["density"].tolist() == [0.1, 0.0, 0.2, 0.3, 0.4, 0.5]
